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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from baselines.shared.trained_agent import TrainedAgent
from benchmark.interface import Dataset, FloatArray, Metrics, Settings, TaskInfo

_FILE = "policy.json"


@dataclass(frozen=True)
class ReferenceConfig:
    """A reference policy has no settings."""


@dataclass
class StepCounter:
    """Takes no gradient step, but accounts for the budget it is given.

    Attributes:
        step: steps of the budget that are spent.
    """

    step: int = 0

    def train_step(self) -> Metrics:
        """Spends one step."""
        self.step += 1
        return {"loss": 0.0}

    def state(self) -> dict[str, Any]:
        """See `benchmark.trainer.Learner`."""
        return {"step": self.step}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.trainer.Learner`."""
        self.step = state["step"]


class ReferencePolicy(TrainedAgent):
    """Learns all that it will at once, and then counts steps."""

    config_class = ReferenceConfig
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 1},
        "quick": {"steps": 1},
        "paper": {"steps": 1},
    }

    def __init__(self, task: TaskInfo, settings: Settings, device: str) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        self._memory: dict[str, Any] = {}

    @abstractmethod
    def _learned(self, dataset: Dataset, seed: int) -> dict[str, Any]:
        """All that acting needs, as JSON can hold it."""

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> StepCounter:
        self._memory = self._learned(dataset, seed)
        return StepCounter()

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

    def reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._rng = np.random.default_rng(self._memory["seed"])

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
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

    def reset(self, n_envs: int) -> None:
        """Forgets nothing: there is nothing to remember."""

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        action = np.asarray(self._memory["action"], np.float32)
        clipped = np.clip(action, self._task.action_low, self._task.action_high)
        return np.repeat(clipped[None], len(observations), axis=0)
