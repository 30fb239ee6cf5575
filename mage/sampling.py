"""Planning top-down in as few calls as possible: K passes, each over the tokens of one scale.

At batch 1 the time goes into calling the library, not into arithmetic. So what does not depend on
the state is worked out beforehand; a scale's tokens meet keys and values that are kept (VAR, Tian
et al. 2024); and the calls are recorded once and then played back without Python. Names end in
their shape: B environments, S observation size, W width, H heads, d width of a head, C code size,
L latent positions, V codes, l tokens of one scale, T of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer
from mage.model.transformer import split_heads
from mage.packed_linear import can_pack, pack_weights, round_weights
from mage.plan_choice import best_plans, repeated
from mage.playback import playable

Inputs = tuple[Tensor, ...]


class PlanSampler:
    """Samples plans with a planner's weights as they are now.

    Args:
        planner: trained; its settings are those of the plans.
        weights: of the transformer's linear maps, as `acting_weights` in `MAGEConfig`.
    """

    @torch.no_grad()
    def __init__(self, planner: Planner, weights: str = "fp32") -> None:
        self._config = planner.config
        self._planner = planner
        self._is_read = planner.config.inverse_from != "condition"
        self._guided = planner.config.guidance != 1
        # Details follow from coarser scales; to guide them too costs as much as these, for nothing.
        self._guided_scales = max(1, len(planner.config.scales) - 1)
        # A copy without gradients, which recorded calls may hold.
        self._transformer = deepcopy(planner.transformer).requires_grad_(False)
        self._places_TW = self._transformer.fold_places()
        if weights == "fp16" and self._places_TW.device.type == "cpu":
            self._use_half_weights()
        self._quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
        self._recorded: dict[int, Callable[..., Tensor]] = {}  # By the number of environments.

    def _use_half_weights(self) -> None:
        """Rounds what each pass reads; packs it where recorded calls are to read it on the CPU."""
        for part in (self._transformer.blocks, self._transformer.head):
            round_weights(part)
            if self._config.playback == "traced" and can_pack():
                pack_weights(part)

    def generate(self, condition: Condition, generator: torch.Generator | None) -> Tensor:
        """A plan for each condition: the latent (B, L, C) summed over all scales.

        The first call with a number of environments takes some tenths of a second more.

        Args:
            condition: of B environments.
            generator: draws the tokens where the temperature is above 0.
        """
        if not self._is_read:
            return self._no_plan(condition)
        condition = repeated(condition, self._config.candidates)
        inputs = self._drawn_inputs(condition, generator)
        batch = len(inputs[0])
        if batch not in self._recorded:
            with torch.no_grad():
                plan = _Plan(self._transformer, self._latent)
                self._recorded[batch] = playable(plan, inputs, self._config.playback)
        (plan_BLC,) = self._chosen([self._recorded[batch](*inputs)], condition)
        return plan_BLC

    def _chosen(self, latents: Sequence[Tensor], condition: Condition) -> Sequence[Tensor]:
        """Of several plans for each environment, the best, at each of some stages of its growth."""
        if self._config.candidates == 1:
            return latents
        best_B = best_plans(self._planner, latents[-1], condition, self._config.candidates)
        return [latents_NLC[best_B] for latents_NLC in latents]

    @torch.no_grad()
    def tokens(self, condition: Condition, generator: torch.Generator | None) -> Tensor:
        """The tokens (B, T) of a plan for each condition; for many at once."""
        scales = self._scales(*self._drawn_inputs(condition, generator))
        return torch.cat([tokens_Bl for tokens_Bl, _ in scales], 1)

    def sketches(self, condition: Condition, generator: torch.Generator | None) -> Sequence[Tensor]:
        """The plan as it grows: the latent (B, L, C) summed over the scales so far, K times."""
        condition = repeated(condition, self._config.candidates)
        scales = self._scales(*self._drawn_inputs(condition, generator))
        return self._chosen([latent for _, latent in scales], condition)

    def plan(self, condition: Condition, noise_BTV: Tensor | None) -> Tensor:
        """The latent (B, L, C) that `generate` gives, call by call, as others can record them.

        Args:
            condition: of B environments.
            noise_BTV: from `gumbel_noise`, or None; see `noise_shape`.
        """
        if not self._is_read:
            return self._no_plan(condition)
        return self._latent(*self._inputs(condition, noise_BTV))

    def _no_plan(self, condition: Condition) -> Tensor:
        """Zeros (B, L, C), where no action is read from a plan."""
        shape = len(condition.observation_BS), self._config.scales[-1], self._config.code_size
        return condition.observation_BS.new_zeros(shape)

    def _drawn_inputs(self, condition: Condition, generator: torch.Generator | None) -> Inputs:
        return self._inputs(condition, self._noise(len(condition.observation_BS), generator))

    def _inputs(self, condition: Condition, noise_BTV: Tensor | None) -> Inputs:
        """What is known of all tokens beforehand (B, T, W); and noise, unless there is none.

        Known are each token's place and the condition; the sum of coarser scales comes later. For
        guidance there are twice as many, (2 B, T, W): those that are asked for a return and, in
        the same order, those that are not, as one batch.
        """
        if self._guided:
            pairs = zip(condition, condition.asking_nothing(), strict=True)
            condition = Condition(*map(torch.cat, pairs))
        x_BTW = self._planner.embed(condition).detach() + self._places_TW
        return (x_BTW,) if noise_BTV is None else (x_BTW, noise_BTV)

    def _latent(self, *inputs: Tensor) -> Tensor:
        """The latent (B, L, C) after the last scale, for `_inputs`."""
        *_, (_, latent_BLC) = self._scales(*inputs)
        return latent_BLC

    def _scales(
        self, x_BTW: Tensor, noise_BTV: Tensor | None = None
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Scale by scale the tokens (B, l) and the latent (B, L, C) summed so far.

        Args:
            x_BTW: of B plans; where they are guided, of 2 B.
            noise_BTV: of B plans.
        """
        config, starts = self._config, self._transformer.starts
        cache = self._empty_cache(x_BTW)
        seen_BtW = x_BTW[:, :0]
        plans = x_BTW.shape[0] // (2 if self._guided else 1)
        total_BCL = x_BTW.new_zeros(plans, config.code_size, config.scales[-1])
        for scale in range(len(config.scales)):
            start, end = starts[scale : scale + 2]
            guided = self._guided and scale < self._guided_scales
            if not guided:
                x_BTW, seen_BtW = x_BTW[:plans], seen_BtW[:plans]
                cache = [kept[:, :plans] for kept in cache]
            # A scale reads the sum of the coarser ones ...
            x_BlW = self._at_scale(scale, x_BTW, total_BCL)
            # ... and sees their tokens, and its own.
            if config.cache:
                logits_BlV = self._logits(x_BlW, cache)
            else:
                seen_BtW = torch.cat([seen_BtW, x_BlW], 1)
                mask_tt = self._transformer.mask[:end, :end]
                logits_BlV = self._logits(seen_BtW, self._empty_cache(seen_BtW), mask_tt)[:, start:]
            if guided:
                # Away from a plan for any return, towards one for what is asked for, and beyond.
                asked_BlV, any_BlV = logits_BlV[:plans], logits_BlV[plans:]
                logits_BlV = torch.lerp(any_BlV, asked_BlV, config.guidance)
            # With Gumbel noise added, the likeliest token is one drawn by its chances.
            if noise_BTV is not None:
                logits_BlV = logits_BlV + noise_BTV[:, start:end]
            # All its tokens are drawn at once, and their codes added to the plan.
            tokens_Bl = logits_BlV.argmax(-1)
            codes_BlC = F.embedding(tokens_Bl, self._quantizer.codebook)
            total_BCL = self._quantizer.add_scale(total_BCL, codes_BlC, scale)
            yield tokens_Bl, total_BCL.transpose(1, 2)

    def _at_scale(self, scale: int, x_BTW: Tensor, total_BCL: Tensor) -> Tensor:
        """Embedded tokens (B, l, W) of a scale, which read the sum of all coarser ones."""
        start, end = self._transformer.starts[scale : scale + 2]
        x_BlW = x_BTW[:, start:end]
        if scale == 0:
            return x_BlW
        inputs_BlC = self._quantizer.down(total_BCL, scale)
        read_BlW = F.linear(inputs_BlC, self._transformer.embed_codes.weight)
        # Both plans of a guided pair go on from the same tokens.
        return x_BlW + read_BlW.repeat(x_BlW.shape[0] // read_BlW.shape[0], 1, 1)

    def _logits(self, x_BlW: Tensor, cache: list[Tensor], mask: Tensor | None = None) -> Tensor:
        """Logits (B, l, V) of tokens that go on from those in the cache.

        Args:
            x_BlW: embedded tokens, of one scale unless there is a mask.
            cache: for each block, keys and values (2, B, H, t, d) of t tokens; those of these
                tokens are put behind them.
            mask: (l, t + l) what each token may see; None for all.
        """
        batch, length, width = x_BlW.shape
        x_NW = x_BlW.reshape(-1, width)  # N = B l: a linear map of two dimensions is one call.

        def attend(qkv_NX: Tensor, block: int) -> Tensor:
            # The new tokens' keys and values join those kept of coarser scales, which all are seen.
            qkv = split_heads(qkv_NX, batch, length, self._config.heads)
            cache[block] = torch.cat([cache[block], qkv[1:]], 3)
            keys, values = cache[block].unbind(0)
            attended = F.scaled_dot_product_attention(qkv[0], keys, values, attn_mask=mask)
            return attended.transpose(1, 2).reshape(-1, width)

        for number, block in enumerate(self._transformer.blocks):
            x_NW = block(x_NW, partial(attend, block=number))
        logits_NV: Tensor = self._transformer.head(x_NW)
        return logits_NV.view(batch, length, -1)

    def _empty_cache(self, like: Tensor) -> list[Tensor]:
        """For each block, keys and values (2, B, H, 0, d) of no tokens yet."""
        config = self._config
        shape = (2, like.shape[0], config.heads, 0, config.width // config.heads)
        return [like.new_empty(shape) for _ in self._transformer.blocks]

    @property
    def noise_shape(self) -> tuple[int, int] | None:
        """(T, V) of the random numbers of one plan; None where nothing is drawn."""
        if self._config.temperature == 0 or not self._is_read:
            return None
        return len(self._places_TW), len(self._quantizer.codebook)

    def gumbel_noise(self, uniform_BTV: Tensor) -> Tensor:
        """Noise with which the likeliest token is a draw (Gumbel 1954), from numbers in [0, 1)."""
        uniform_BTV = uniform_BTV.clamp(1e-9, 1 - 1e-7)
        return -self._config.temperature * torch.log(-torch.log(uniform_BTV))

    def _noise(self, batch: int, generator: torch.Generator | None) -> Tensor | None:
        if self.noise_shape is None:
            return None
        size, device = (batch, *self.noise_shape), self._places_TW.device
        return self.gumbel_noise(torch.rand(size, generator=generator, device=device))


class _Plan(nn.Module):
    """The calls of a plan as a module: torch records packed weights only as parts of one."""

    def __init__(self, transformer: nn.Module, latent: Callable[..., Tensor]) -> None:
        super().__init__()
        self.transformer, self._latent = transformer, latent

    def forward(self, *inputs: Tensor) -> Tensor:
        return self._latent(*inputs)
