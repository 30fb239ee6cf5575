"""The losses of stage 2, each as the paper states it (MAGE, training objective).

    L      = L_CE + w_inv L_inv + w_cond L_cond            `stage_two_losses`
    L_CE   = - sum_k log p(m_k | m_1 .. m_k-1, s_0, R_0)   `cross_entropy`
    L_inv  = |I(Z, s_0) - a_0|^2                           `inverse_loss`
    L_cond = |D'(Z, R_0)_0 - (R_0, s_0)|^2                 `condition_loss`

m_k are the tokens of scale k, Z is the latent that the tokens of all K scales add up to, I the
inverse dynamics and D' the decoder with its adapter. Where tokens are sampled, a Gumbel softmax
lets L_inv and L_cond reach the transformer through them (`gumbel_softmax`).

Names end in their shape: B windows, S observation size, A action size, L latent positions, C code
size, D numbers per step, l tokens of one scale, T of all, V codes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer
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
    logits_BTV = planner.transformer(planner.embed(batch.condition), quantizer.next_inputs(codes))
    latent_BLC = quantizer.latent(codes)
    inverse = inverse_loss(planner, latent_BLC, batch)
    if config.gumbel:
        # The plan as the transformer would draw it; L_inv is the mean over both plans.
        samples_BTV = gumbel_softmax(logits_BTV, config.gumbel_temperature)
        sampled = (samples_BTV @ quantizer.codebook).split(quantizer.scales, 1)
        latent_BLC = quantizer.latent(sampled)
        inverse = 0.5 * (inverse + inverse_loss(planner, latent_BLC, batch))
    entropy = cross_entropy(logits_BTV, batch.tokens_BT, quantizer.scales)
    condition = condition_loss(planner, latent_BLC, batch.condition)
    loss = entropy + config.inverse_weight * inverse + config.condition_weight * condition
    return {"loss": loss, "cross_entropy": entropy, "inverse": inverse, "condition": condition}


def cross_entropy(logits_BTV: Tensor, tokens_BT: Tensor, scales: tuple[int, ...]) -> Tensor:
    """L_CE: the mean over scales of the mean over tokens.

    So the blueprint, of few tokens, counts as much as the details.
    """
    parts = zip(logits_BTV.split(scales, 1), tokens_BT.split(scales, 1), strict=True)
    return torch.stack(
        [
            F.cross_entropy(logits_BlV.flatten(0, 1), tokens_Bl.flatten())
            for logits_BlV, tokens_Bl in parts
        ]
    ).mean()


def inverse_loss(
    planner: Planner, latent_BLC: Tensor, batch: Batch, *, dropout: bool = False
) -> Tensor:
    """L_inv: how far the first action that is read from a plan is from the recorded one."""
    actions_BA = planner.inverse_dynamics(latent_BLC, batch.condition, dropout=dropout)
    return F.mse_loss(actions_BA, batch.actions_BA)


def condition_loss(planner: Planner, latent_BLC: Tensor, condition: Condition) -> Tensor:
    """L_cond: how far the first step of the decoded plan is from (R_0, s_0), as windows hold them.

    0 where windows hold neither.
    """
    first_BS = condition.observation_BS
    held_BS = planner.to_window(first_BS[:, None], first_BS)[:, 0]
    parts = {"return": condition.return_B1, "observation": held_BS}
    targets = [parts[part] for part in planner.config.sequence if part in parts]
    if not targets or not planner.config.condition_weight:
        return latent_BLC.new_zeros(())
    target_BD = torch.cat(targets, 1)
    # Actions, where they are modelled, come last.
    first_BD = planner.decode(latent_BLC, condition.return_B1)[:, 0, : target_BD.shape[1]]
    return F.mse_loss(first_BD, target_BD)


def gumbel_softmax(logits: Tensor, temperature: float) -> Tensor:
    """One-hot samples (..., V) with the gradient of their relaxation (Jang et al. 2017).

    As `torch.nn.functional.gumbel_softmax`, whose noise takes several times as long to draw.
    """
    noise = -torch.log(-torch.log(torch.rand_like(logits).clamp_(1e-9, 1 - 1e-7)))
    soft = ((logits + noise) / temperature).softmax(-1)
    hard = F.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft.dtype)
    return hard + soft - soft.detach()
