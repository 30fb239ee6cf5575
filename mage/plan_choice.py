"""Choosing among sampled plans by the value of where they lead.

As in Diffusion Veteran (Lu et al., ICLR 2025, arXiv 2503.00535), whose planner samples many plans
and follows the one that a value prefers. The value here is the return model's: of all states that a
plan holds, the mean of what is a high return from each.

Names end in their shape: n environments, m plans for each, L latent positions, C code size, P steps
of a plan, S observation size.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mage.model.planner import Condition, Planner


def repeated(condition: Condition, count: int) -> Condition:
    """The conditions of n environments, each m times in a row (n m)."""
    if count == 1:
        return condition
    return Condition(*(part.repeat_interleave(count, 0) for part in condition))


@torch.no_grad()
def best_plans(planner: Planner, latents_NLC: Tensor, condition: Condition, count: int) -> Tensor:
    """The rows (n,) of the plans to follow.

    Args:
        planner: with a return model; its plans hold observations.
        latents_NLC: N = n m plans, those of an environment in a row.
        condition: `repeated`, that they were made for.
        count: m.
    """
    windows_NPD = planner.decode(latents_NLC, condition.return_B1)
    observations_NPS = planner.planned_observations(windows_NPD, condition.observation_BS)
    # Where a plan starts is the same for all.
    values_NP = planner.returns.high_return(observations_NPS[:, 1:].flatten(0, 1))
    values_nm = values_NP.view(-1, count, observations_NPS.shape[1] - 1).mean(2)
    first_n = count * torch.arange(len(values_nm), device=values_nm.device)
    return first_n + values_nm.argmax(1)
