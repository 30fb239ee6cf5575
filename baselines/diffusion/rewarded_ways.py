"""What Diffusion Veteran learns of recorded steps: plans, and pairs of states for the actions.

Shapes: N recorded steps, B plans, H states of a plan, P pairs for each, D = A + O columns, the
action before the observation.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from baselines.shared.window_sampler import WindowSampler
from benchmark.interface import Dataset


def ways_to_reward(dataset: Dataset, longest: int) -> Dataset:
    """The ways that lead to a reward, each an episode that ends there; every step costs 1.

    Past its end a window repeats the last state: plans stay where the reward is. What led to no
    reward, or to one later than `longest` steps, is left out. A rewarded row is an episode of its
    own where the row before it is rewarded too.

    Args:
        dataset: recorded steps, whose rewards are 0 on the way and positive at its end.
        longest: steps of a way.

    Returns:
        Some of the steps, in the order they were recorded; `dataset` itself if none is rewarded.
    """
    rewarded = dataset.rewards > 0
    if not rewarded.any():
        return dataset
    ends = dataset.terminals | dataset.timeouts
    costs = np.where(rewarded, 0, -1).astype(np.float32)
    cut = Dataset(dataset.observations, dataset.actions, costs, rewarded, ends & ~rewarded)
    kept = rewarded[cut.last_rows] & (cut.last_rows - np.arange(len(cut)) < longest)
    return Dataset(
        cut.observations[kept],
        cut.actions[kept],
        cut.rewards[kept],
        cut.terminals[kept],
        cut.timeouts[kept],
    )


class PlansAndPairs:
    """Windows of H steps for the planner, each with P windows of 2 for the inverse dynamics.

    The two come from datasets of their own: actions are learned from whatever was recorded.
    """

    def __init__(self, plans: WindowSampler, pairs: WindowSampler, pairs_each: int) -> None:
        """Joins two samplers.

        Args:
            plans: of windows of H steps.
            pairs: of windows of 2 steps.
            pairs_each: P.
        """
        self._plans, self._pairs, self._pairs_each = plans, pairs, pairs_each

    def sample(self, rng: np.random.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draws B of each.

        Returns:
            (B, H + 2 P, D) normalised steps, the plan's before those of the pairs; (B,) values of
            the plans.
        """
        plans, values = self._plans.sample(rng, size)
        pairs, _ = self._pairs.sample(rng, size * self._pairs_each)
        return torch.cat([plans, pairs.reshape(size, -1, pairs.shape[2])], dim=1), values
