"""Planning top-down in as few calls as possible: K passes, each over the tokens of one scale.

At batch 1 the time goes into calling the library, not into arithmetic. So what does not depend on
the state is worked out beforehand; a scale's tokens meet keys and values that are kept (VAR, Tian
et al. 2024); and the calls are recorded once and then played back without Python. Names end in
their shape: B environments, S observation size, W width, H heads, d width of a head, C code size,
L latent positions, V codes, l tokens of one scale, T of all.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mage.model.frozen import FrozenQuantizer
from mage.model.planner import Condition, Planner

Inputs = tuple[Tensor, ...]

# Torch looks at the first plays before it settles how to play.
_PLAYED_TO_OPTIMISE = 2


@dataclass(frozen=True)
class _Block:
    """Weights and biases of one block of the transformer."""

    before_attention: tuple[Tensor, Tensor]
    queries_keys_values: tuple[Tensor, Tensor]
    project: tuple[Tensor, Tensor]
    before_feed_forward: tuple[Tensor, Tensor]
    widen: tuple[Tensor, Tensor]
    narrow: tuple[Tensor, Tensor]


class PlanMaker:
    """Makes plans with a planner's weights as they are now."""

    @torch.no_grad()
    def __init__(self, planner: Planner) -> None:
        transformer = planner.transformer
        self._config = planner.config
        self._planner = planner
        self._places_TW = transformer.places_TW.clone()
        # The bias of what embeds codes; the first scale has no codes.
        self._places_TW[transformer.starts[1] :] += transformer.embed_codes.bias
        self._conditioned = self._places_TW.new_ones(len(self._places_TW), 1)
        if not self._config.condition_finer_scales:
            self._conditioned[transformer.starts[1] :] = 0
        self._embed_codes = transformer.embed_codes.weight.detach()
        self._blocks = [_weights_of(block) for block in transformer.blocks]
        self._before_head, self._head = _pair(transformer.head[0]), _pair(transformer.head[1])
        self._mask_TT = transformer.mask
        self._starts = transformer.starts
        self._quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
        self._recorded: dict[int, Callable[..., Tensor]] = {}

    def generate(self, condition: Condition, generator: torch.Generator | None) -> Tensor:
        """A plan for each condition: the latent (B, L, C) summed over all scales.

        The first call with a number of environments takes some tenths of a second more.

        Args:
            condition: of B environments.
            generator: draws the tokens where the temperature is above 0.
        """
        inputs = self._inputs(condition, generator)
        batch = len(condition.observation_BS)
        if batch not in self._recorded:
            self._recorded[batch] = self._record(inputs)
        latent_BLC: Tensor = self._recorded[batch](*inputs)
        return latent_BLC

    @torch.no_grad()
    def tokens(self, condition: Condition, generator: torch.Generator | None) -> Tensor:
        """The tokens (B, T) of a plan for each condition; for many at once."""
        scales = self._scales(*self._inputs(condition, generator))
        return torch.cat([tokens_Bl for tokens_Bl, _ in scales], 1)

    def sketches(self, condition: Condition, generator: torch.Generator | None) -> Iterator[Tensor]:
        """The plan as it grows: the latent (B, L, C) summed over the scales so far, K times."""
        return (latent for _, latent in self._scales(*self._inputs(condition, generator)))

    def _inputs(self, condition: Condition, generator: torch.Generator | None) -> Inputs:
        """What is known of all tokens (B, T, W) beforehand; and noise, unless there is none."""
        embedded_BW = self._planner.embed(condition).detach()
        x_BTW = embedded_BW[:, None] * self._conditioned + self._places_TW
        noise_BTV = self._noise(len(x_BTW), generator)
        return (x_BTW,) if noise_BTV is None else (x_BTW, noise_BTV)

    def _record(self, inputs: Inputs) -> Callable[..., Tensor]:
        """All calls that a plan takes, for inputs of these shapes, to be played back."""
        with warnings.catch_warnings(), torch.no_grad():
            # Deprecated for `torch.compile`, which needs a C++ compiler and half a minute.
            warnings.simplefilter("ignore")
            played: Callable[..., Tensor] = torch.jit.trace(
                lambda *inputs: list(self._scales(*inputs))[-1][1], inputs, check_trace=False
            )
            for _ in range(_PLAYED_TO_OPTIMISE):
                played(*inputs)
        return played

    def _scales(
        self, x_BTW: Tensor, noise_BTV: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Scale by scale the tokens (B, l) and the latent (B, L, C) summed so far."""
        config = self._config
        cache = self._new_cache(x_BTW)
        seen_BtW = x_BTW[:, :0]
        total_BCL = x_BTW.new_zeros(x_BTW.shape[0], config.code_size, config.scales[-1])
        for scale in range(len(config.scales)):
            start, end = self._starts[scale : scale + 2]
            x_BlW = self._at_scale(scale, x_BTW, total_BCL)
            if config.cache:
                logits_BlV = self.logits(x_BlW, cache, start)
            else:
                seen_BtW = torch.cat([seen_BtW, x_BlW], 1)
                mask_tt = self._mask_TT[:end, :end]
                logits_BlV = self.logits(seen_BtW, cache, 0, mask_tt)[:, start:]
            if noise_BTV is not None:
                logits_BlV = logits_BlV + noise_BTV[:, start:end]
            tokens_Bl = logits_BlV.argmax(-1)
            codes_BlC = F.embedding(tokens_Bl, self._quantizer.codebook)
            total_BCL = total_BCL + self._quantizer.up(codes_BlC, scale)
            yield tokens_Bl, total_BCL.transpose(1, 2)

    def _at_scale(self, scale: int, x_BTW: Tensor, total_BCL: Tensor) -> Tensor:
        """Embedded tokens (B, l, W) of a scale, which see the sum of all coarser ones."""
        start, end = self._starts[scale : scale + 2]
        x_BlW = x_BTW[:, start:end]
        if scale == 0:
            return x_BlW
        return x_BlW + F.linear(self._quantizer.down(total_BCL, scale), self._embed_codes)

    def logits(
        self, x_BlW: Tensor, cache: list[Tensor], start: int, mask: Tensor | None = None
    ) -> Tensor:
        """Logits (B, l, V) of tokens that go on from those in the cache.

        Args:
            x_BlW: embedded tokens, of one scale unless there is a mask.
            cache: for each block, keys and values (2, B, H, T, d); those of these tokens go in.
            start: tokens that are in the cache.
            mask: (l, start + l) what each token may see; None for all.
        """
        batch, length, width = x_BlW.shape
        x_NW = x_BlW.reshape(-1, width)  # N = B l: a linear map of two dimensions is one call.
        for block, kept in zip(self._blocks, cache, strict=True):
            qkv_NX = F.linear(_normal(x_NW, block.before_attention), *block.queries_keys_values)
            qkv = qkv_NX.view(batch, length, 3, self._config.heads, -1).permute(2, 0, 3, 1, 4)
            kept.narrow(3, start, length).copy_(qkv[1:])
            keys, values = kept.narrow(3, 0, start + length).unbind(0)
            attended = F.scaled_dot_product_attention(qkv[0], keys, values, attn_mask=mask)
            merged_NW = attended.transpose(1, 2).reshape(-1, width)
            x_NW = x_NW + F.linear(merged_NW, *block.project)
            wide = F.linear(_normal(x_NW, block.before_feed_forward), *block.widen)
            x_NW = x_NW + F.linear(F.silu(wide), *block.narrow)
        logits = F.linear(_normal(x_NW, self._before_head), *self._head)
        return logits.view(batch, length, -1)

    def _new_cache(self, like: Tensor) -> list[Tensor]:
        config, tokens = self._config, self._starts[-1]
        shape = (2, like.shape[0], config.heads, tokens, config.width // config.heads)
        return [like.new_empty(shape) for _ in self._blocks]

    def _noise(self, batch: int, generator: torch.Generator | None) -> Tensor | None:
        """Gumbel noise (B, T, V), with which the likeliest token is a draw (Gumbel 1954)."""
        temperature = self._config.temperature
        if temperature == 0:
            return None
        places = self._places_TW
        uniform_BTV = torch.rand(
            (batch, len(places), len(self._quantizer.codebook)),
            generator=generator,
            device=places.device,
        )
        return -temperature * torch.log(-torch.log(uniform_BTV.clamp_(1e-9, 1 - 1e-7)))


def _normal(x_NW: Tensor, weight_and_bias: tuple[Tensor, Tensor]) -> Tensor:
    return F.layer_norm(x_NW, x_NW.shape[1:], *weight_and_bias)


def _pair(module: nn.Module) -> tuple[Tensor, Tensor]:
    weight, bias = module.weight, module.bias
    assert isinstance(weight, Tensor) and isinstance(bias, Tensor)
    return weight.detach(), bias.detach()


def _weights_of(block: nn.Module) -> _Block:
    feed_forward = block.get_submodule("feed_forward")
    return _Block(
        before_attention=_pair(block.get_submodule("before_attention")),
        queries_keys_values=_pair(block.get_submodule("queries_keys_values")),
        project=_pair(block.get_submodule("project")),
        before_feed_forward=_pair(feed_forward.get_submodule("0")),
        widen=_pair(feed_forward.get_submodule("1")),
        narrow=_pair(feed_forward.get_submodule("3")),
    )
