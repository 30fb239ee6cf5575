"""The losses of stage 2 (MAGE, training objective).

    L      = L_CE + w_inv L_inv + w_cond L_cond            `stage_two_losses`
    L_CE   = - sum_k log p(m_k | m_1 .. m_k-1, s_0, R_0)   `cross_entropy`
    L_inv  = |I(Z, s_0) - a_0|^2                           `inverse_loss`
    L_cond = |D'(Z, R_0)_0 - (R_0, s_0)|^2                 `condition_loss`

m_k are the tokens of scale k, Z is the latent that the tokens of all K scales add up to, I the
inverse dynamics and D' the decoder with its adapter. Where tokens are sampled, a Gumbel softmax
lets L_inv and L_cond reach the transformer through them (`gumbel_softmax`). Squares are means over
numbers, L_CE is one over scales, and L_inv one over the recorded and the sampled plan.

Names end in their shape: B windows, S observation size, X numbers of it that plans hold, A action
size, L latent positions, C code size, D numbers per step, l tokens of one scale, T of all, V codes.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer, weighted_mean
from mage.token_dataset import Batch

Losses = dict[str, Tensor]


def stage_two_losses(planner: Planner, quantizer: FrozenQuantizer, batch: Batch) -> Losses:
    """L = L_CE + w_inv L_inv + w_cond L_cond, and each of the three by name.

    Args:
        planner: with a trained autoencoder.
        quantizer: of this autoencoder.
        batch: recorded plans.
    """
    config = planner.config
    # Teacher forcing: the codes of the recorded scales say what is read at the next ones.
    codes = quantizer.codes_of(batch.tokens_BT)
    # Of some windows it sees no return, so that it can also plan without one.
    seen = hide_returns(batch.condition, config.condition_dropout)
    logits_BTV = planner.transformer(planner.embed(seen), quantizer.next_inputs(codes))
    latent_BLC = quantizer.latent(codes)
    inverse = inverse_loss(planner, latent_BLC, batch)
    if config.gumbel:
        # A plan of drawn tokens, those of each scale given the recorded coarser ones; L_inv is the
        # mean over both plans.
        samples_BTV = gumbel_softmax(logits_BTV, config.gumbel_temperature)
        sampled = (samples_BTV @ quantizer.codebook).split(quantizer.scales, 1)
        latent_BLC = quantizer.latent(sampled)
        of_sampled = inverse_loss(planner, latent_BLC, batch)
        inverse = 0.5 * (inverse + of_sampled) if config.inverse_on_recorded else of_sampled
    real = [quantizer.down(batch.real_BL[:, None], k)[..., 0] for k in range(len(quantizer.scales))]
    entropy = cross_entropy(logits_BTV, batch.tokens_BT, real)
    condition = condition_loss(planner, latent_BLC, seen)
    loss = entropy + config.inverse_weight * inverse + config.condition_weight * condition
    return {"loss": loss, "cross_entropy": entropy, "inverse": inverse, "condition": condition}


def hide_returns(condition: Condition, share: float) -> Condition:
    """The same, but a share of them, drawn at random, ask for no return (Ho and Salimans 2022)."""
    kept_B1 = (torch.rand_like(condition.known_B1) >= share).to(condition.known_B1)
    return condition._replace(known_B1=condition.known_B1 * kept_B1)


def cross_entropy(logits_BTV: Tensor, tokens_BT: Tensor, real: Sequence[Tensor]) -> Tensor:
    """L_CE: the mean over scales of the mean over tokens.

    So the blueprint, of few tokens, counts as much as the details.

    Args:
        logits_BTV: of all scales.
        tokens_BT: of the recorded plans.
        real: for each scale the share (B, l) of its tokens that is no padding, by which they count.
    """
    scales = [real_Bl.shape[1] for real_Bl in real]
    entropy_BT = F.cross_entropy(logits_BTV.transpose(1, 2), tokens_BT, reduction="none")
    parts = zip(entropy_BT.split(scales, 1), real, strict=True)
    return torch.stack([weighted_mean(*part) for part in parts]).mean()


def inverse_loss(
    planner: Planner, latent_BLC: Tensor, batch: Batch, *, regularised: bool = False
) -> Tensor:
    """L_inv: how far the first action that is read from a plan is from the recorded one."""
    actions_BA = planner.inverse_dynamics(latent_BLC, batch.condition, regularised=regularised)
    return F.mse_loss(actions_BA, batch.actions_BA)


def condition_loss(planner: Planner, latent_BLC: Tensor, condition: Condition) -> Tensor:
    """L_cond: how far the first step of the decoded plan is from (R_0, s_0), as windows hold them.

    0 where windows hold neither. Plans that no return was asked for may begin with any.
    """
    return_B1, first_BX = condition.return_B1, condition.observation_BS[:, planner.planned]
    all_BX = torch.ones_like(first_BX)
    parts = {"return": (return_B1, condition.known_B1), "observation": (first_BX, all_BX)}
    wanted = [parts[part] for part in planner.config.sequence if part in parts]
    if not wanted or not planner.config.condition_weight:
        return latent_BLC.new_zeros(())
    target_BD, counts_BD = (torch.cat(columns, 1) for columns in zip(*wanted, strict=True))
    # Actions, where they are modelled, come last.
    first_BD = planner.decode(latent_BLC, return_B1)[:, 0, : target_BD.shape[1]]
    return (counts_BD * (first_BD - target_BD) ** 2).mean()


def gumbel_softmax(logits: Tensor, temperature: float) -> Tensor:
    """One-hot samples (..., V) with the gradient of their relaxation (Jang et al. 2017).

    As `torch.nn.functional.gumbel_softmax`, whose noise takes several times as long to draw.
    """
    noise = -torch.log(-torch.log(torch.rand_like(logits).clamp_(1e-9, 1 - 1e-7)))
    soft = ((logits + noise) / temperature).softmax(-1)
    hard = F.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft.dtype)
    return hard + soft - soft.detach()
