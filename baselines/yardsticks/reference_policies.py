"""Policies that learn nothing, or next to nothing: what a score has to be read against.

Paper: none; D4RL's scores call a random policy 0 (Fu et al. 2020).
Implementation: here; there is nothing to wrap.
Deviations: none.
Checked against: made-up data with known answers
(`tests/baselines/yardsticks/test_reference_policies.py`).

Shapes: n environments, A action size.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from benchmark.agent_base import AgentBase
from benchmark.interface import (
    NO_SETTINGS,
    Dataset,
    FloatArray,
    Progress,
    Settings,
    TaskInfo,
    build_config,
)

_FILE = "policy.json"


@dataclass(frozen=True)
class ReferenceConfig:
    """A reference policy has no settings."""


class ReferencePolicy(AgentBase):
    """Learns all that it will at once, without gradient steps.

    Attributes:
        config: has no settings.
    """

    takes_gradient_steps = False
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 1},
        "quick": {"steps": 1},
        "paper": {"steps": 1},
    }

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task)
        self.config = build_config(ReferenceConfig, settings)
        self._memory: dict[str, Any] = {}

    @abstractmethod
    def _learned(self, dataset: Dataset, seed: int) -> dict[str, Any]:
        """All that acting needs, as JSON can hold it."""

    def _fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
        self._memory = self._learned(dataset, seed)

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        (folder / _FILE).write_text(json.dumps(self._memory), encoding="utf-8")

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        self._memory = json.loads((folder / _FILE).read_text(encoding="utf-8"))


class RandomPolicy(ReferencePolicy):
    """Actions drawn uniformly between the task's bounds, the same ones after every reset."""

    parameter_count = 0

    def _learned(self, dataset: Dataset, seed: int) -> dict[str, Any]:
        return {"seed": seed}

    def _reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._rng = np.random.default_rng(self._memory["seed"])

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        shape = (len(observations), self._task.action_size)
        actions = self._rng.uniform(self._task.action_low, self._task.action_high, shape)
        return actions.astype(np.float32)


class MeanAction(ReferencePolicy):
    """The mean of the recorded actions, whatever it observes."""

    @property
    def parameter_count(self) -> int:
        """A."""
        return self._task.action_size

    def _learned(self, dataset: Dataset, seed: int) -> dict[str, Any]:
        return {"action": dataset.actions.mean(axis=0, dtype=np.float64).tolist()}

    def _reset(self, n_envs: int) -> None:
        """Forgets nothing: there is nothing to remember."""

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        action = np.asarray(self._memory["action"], np.float32)
        clipped = np.clip(action, self._task.action_low, self._task.action_high)
        return np.repeat(clipped[None], len(observations), axis=0)
