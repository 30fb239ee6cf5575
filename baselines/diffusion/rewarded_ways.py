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


def ways_to_reward(dataset: Dataset, longest: int, beyond: int) -> Dataset:
    """The ways that lead to a reward, each an episode; every step until the reward costs 1.

    A way goes on for a while where it is rewarded, or a plan would end at the edge of the goal, and
    who follows it outside. Past its end a window repeats the last state: plans stay there. What led
    to no reward, or to one later than `longest` steps, is left out; a rewarded row that belongs to
    no way is one of its own.

    Args:
        dataset: recorded steps, whose rewards are 0 on the way and positive at its end.
        longest: steps of a way until the reward.
        beyond: steps that it goes on where it is rewarded.

    Returns:
        Some of the steps, in the order they were recorded; `dataset` itself if none is rewarded.
    """
    rewarded = dataset.rewards > 0
    if not rewarded.any():
        return dataset
    rows, ends = np.arange(len(dataset)), dataset.terminals | dataset.timeouts
    goes_on = rewarded & ~ends & np.append(rewarded[1:], False)  # The next row is rewarded too.
    arrives = rewarded & ~np.append(False, goes_on[:-1])
    steps_inside = rows - np.maximum.accumulate(np.where(arrives, rows, 0))
    is_end = rewarded & (~goes_on | (steps_inside >= beyond))
    costs = np.where(rewarded, 0, -1).astype(np.float32)
    cut = Dataset(dataset.observations, dataset.actions, costs, is_end, ends & ~is_end)
    kept = rewarded[cut.last_rows] & (cut.returns_to_go(1.0) > -longest)
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
