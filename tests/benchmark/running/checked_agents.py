"""An agent that passes all checks, to be given single faults, and how one is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice
from benchmark.interface import build_config
from benchmark.running.synthetic_task import Subject


@dataclass(frozen=True)
class GoodConfig:
    rate: float = 0.01


class Good:
    """Fits actions by a line, by gradient steps; acts with noise that `reset` starts anew."""

    presets: Mapping[str, Any] = {name: {"steps": 5} for name in ("smoke", "quick", "paper")}

    def __init__(self, task: Any, settings: Any, device: str) -> None:
        self.task, self.config = task, build_config(GoodConfig, settings)
        self.resumed: Any = None

    def fit(self, dataset: Any, *, steps: int, seed: int, progress: Any) -> None:
        dataset.check_fits(self.task)
        self.begin(seed)
        if self.resumed is not None:
            state, self.resumed = self.resumed, None
            self.take_over(state)
        while self.step < steps:
            self.take_step(dataset)
            progress(self.step, {"loss": self.loss, "later": lambda: self.loss})

    def begin(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.weights = self.rng.normal(0, 0.1, (self.task.observation_size, self.task.action_size))
        self.step = 0

    def take_step(self, dataset: Any) -> None:
        rows = self.rng.integers(len(dataset), size=16)
        seen = dataset.observations[rows]
        error = seen @ self.weights - dataset.actions[rows]
        self.weights = self.weights - self.config.rate * seen.T @ error / len(rows)
        self.step, self.loss = self.step + 1, float((error**2).mean())

    def reset(self, n_envs: int) -> None:
        self.noise = np.random.default_rng(0)

    def act(self, observations: Any, last_rewards: Any) -> Any:
        actions = observations @ self.weights
        actions += 0.01 * self.noise.standard_normal(actions.shape)
        return np.clip(actions, self.task.action_low, self.task.action_high).astype(np.float32)

    def save(self, folder: Path) -> None:
        np.save(folder / "weights.npy", self.weights)

    def load(self, folder: Path) -> None:
        self.weights = np.load(folder / "weights.npy")

    def training_state(self) -> dict[str, Any]:
        rng = self.rng.bit_generator.state
        return {"weights": self.weights, "step": self.step, "rng": rng}

    def resume(self, state: Mapping[str, Any]) -> None:
        self.resumed = state

    def take_over(self, state: Mapping[str, Any]) -> None:
        self.weights, self.step = state["weights"], state["step"]
        self.rng.bit_generator.state = state["rng"]


def subject_of(agent: type[Any], monkeypatch: Any) -> Subject:
    """An agent to be checked, registered as `odd`."""
    monkeypatch.setattr(registry, "_registered", {"odd": agent})
    return Subject(AgentChoice("odd"))
