"""Agents that execute the actions of a plan, or follow its positions.

Shapes: n environments, A action size, O observation size.
"""

from __future__ import annotations

from baselines.diffusion.base import DiffusionAgent
from benchmark.interface import FloatArray, Settings, TaskInfo


class PlanExecutor(DiffusionAgent):
    """Executes the first actions of each plan, or lets a controller follow its positions."""

    def __init__(self, task: TaskInfo, settings: Settings, device: str) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        if self.config.position_gain and len(task.position_columns) != task.action_size:
            raise ValueError(
                f"position_gain={self.config.position_gain:g} on {task.name}, whose actions do not "
                "push its position; valid: 0"
            )

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
