"""Agents that execute the actions of a plan, or follow its positions.

Shapes: n environments, T steps of a plan, D numbers of a step (the action before the observation),
A action size, O observation size.
"""

from __future__ import annotations

import numpy as np

from baselines.diffusion.base import DiffusionAgent
from benchmark.interface import NO_SETTINGS, FloatArray, Settings, TaskInfo


class PlanExecutor(DiffusionAgent):
    """Executes the first actions of each plan, or lets a controller follow its positions."""

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        if self.config.position_gain and len(task.position_columns) != task.action_size:
            raise ValueError(
                f"position_gain={self.config.position_gain:g} on {task.name}, whose actions do not "
                "push its position; valid: 0"
            )

    def random_plans(self, n_envs: int, seed: int) -> FloatArray:
        """See `benchmark.interface.PlanFollower`; steps (n, T, D) in the task's units.

        Every number lies in its recorded range.
        """
        low, high = self._normaliser.low.cpu().numpy(), self._normaliser.high.cpu().numpy()
        size = (n_envs, self._planned.shape[1], len(low))
        plans = np.random.default_rng(seed).uniform(low, high, size)
        return plans.astype(np.float32)

    def _actions(self, observations: FloatArray, step: int) -> FloatArray:
        if self.config.position_gain:
            return self._follow(observations, step + 1)
        planned: FloatArray = self._planned[:, step, : self._task.action_size]
        return planned

    def _follow(self, observations: FloatArray, step: int) -> FloatArray:
        """(n, A) actions that lead from observations (n, O) to where the plan is at a step."""
        columns = self._task.position_columns
        positions = self._planned[:, :, self._task.action_size :][:, :, columns]
        last = positions.shape[1] - 1
        before, part = divmod(step, self.config.stride)
        here, there = (positions[:, min(before + k, last)] for k in (0, 1))
        target = here + (part / self.config.stride) * (there - here)
        actions: FloatArray = self.config.position_gain * (target - observations[:, columns])
        return actions
