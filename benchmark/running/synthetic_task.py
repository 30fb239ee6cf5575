"""a synthetic task for agents that are checked: small, and with what real data has at its edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.agent_base import no_progress
from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import resolve_settings
from benchmark.errors import UnsuitableTaskError
from benchmark.interface import Agent, Dataset, FloatArray, HindsightGoals, Progress, TaskInfo
from benchmark.tasks import TASKS

STEPS = 4  # Gradient steps of a short training.
ACTING_STEPS = 5  # More than the smoke presets look back or plan ahead.

SHOWN_GOAL = HindsightGoals((2, 3), (0, 1), radius=0.5)
"""Two of the synthetic task's observed numbers, for an agent that needs to be shown a goal."""

ROW = replace(TASKS["maze2d-umaze"], name="elsewhere", benchmark="none")
"""A row of the table of tasks of which no agent's `task_settings` speak."""


class Subject:
    """The agent that is checked; it is made anew as often as a check wants.

    Args:
        choice: as the user asked for it.
        device: name of the torch device that it is made for.

    Attributes:
        name: of the agent.
        task: that it is made for.
        dataset: that it learns from.
    """

    def __init__(self, choice: AgentChoice, device: str = "cpu") -> None:
        self.name, self._choice, self._device = choice.name, choice, device
        self.task, self.dataset = synthetic_task(), synthetic_dataset()
        if self._needs_a_goal():
            self.task = replace(self.task, hindsight=SHOWN_GOAL)

    def _needs_a_goal(self) -> bool:
        try:
            self.agent()
        except UnsuitableTaskError:
            return True
        except Exception:  # Other people's class may raise anything; a check tells of it.
            return False
        return False

    def settings(self, row: Any = ROW, preset: str = "smoke") -> dict[str, Any]:
        """What it is made with on a row of the table of tasks."""
        settings = resolve_settings(self._choice, row, preset)
        return settings.values

    def agent(self, task: TaskInfo | None = None, values: Mapping[str, Any] | None = None) -> Agent:
        """A new one, by default for the synthetic task and with the settings of `smoke`."""
        chosen = agent_class(self._choice.source or self._choice.name)
        values = self.settings() if values is None else values
        return chosen(self.task if task is None else task, values, self._device)

    def fit(
        self,
        agent: Agent,
        *,
        dataset: Dataset | None = None,
        steps: int = STEPS,
        seed: int = 0,
        progress: Progress = no_progress,
    ) -> Agent:
        """Trains an agent, by default for a moment on the synthetic dataset, and returns it."""
        data = self.dataset if dataset is None else dataset
        agent.fit(data, steps=steps, seed=seed, progress=progress)
        return agent

    def fitted(self) -> Agent:
        """A new one after a short training."""
        return self.fit(self.agent())


def play(agent: Agent, task: TaskInfo, n_envs: int = 3, size: float = 1) -> FloatArray:
    """What an agent does in an environment that does not react.

    Args:
        agent: after `fit` or `load`.
        task: that it was made for.
        n_envs: episodes side by side.
        size: standard deviation of what it observes.

    Returns:
        (steps, n, A) actions.
    """
    rng = np.random.default_rng(1)
    agent.reset(n_envs)
    actions, rewards = [], np.zeros(n_envs, np.float32)
    for _ in range(ACTING_STEPS):
        observations = size * rng.standard_normal((n_envs, task.observation_size))
        actions.append(agent.act(observations.astype(np.float32), rewards))
        rewards = rng.random(n_envs).astype(np.float32)
    return np.stack(actions)


def saved_files(agent: Agent, folder: Path) -> dict[str, bytes]:
    """The content of the files that an agent writes into a folder, which is made, or below it."""
    folder.mkdir()
    agent.save(folder)
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def synthetic_task() -> TaskInfo:
    """Four observed numbers and two actions, whose bounds are not symmetric."""
    return TaskInfo(
        name=ROW.name,
        observation_size=4,
        action_low=np.array([-1, -0.5], np.float32),
        action_high=np.array([1, 2], np.float32),
        max_steps=30,
        return_scale=10.0,
        target_return=8.0,
        position_columns=(0, 1),
    )


def random_episodes() -> Dataset:
    """Four episodes of 30 steps, with actions between -1 and 1; the last one is a timeout."""
    rng = np.random.default_rng(0)
    rows, ends = np.arange(120), np.arange(120) % 30 == 29
    return Dataset(
        observations=rng.standard_normal((120, 4)).astype(np.float32),
        actions=rng.uniform(-1, 1, (120, 2)).astype(np.float32),
        rewards=(rng.random(120) < 0.2).astype(np.float32),
        terminals=ends & (rows < 90),
        timeouts=ends & (rows >= 90),
    )


def synthetic_dataset() -> Dataset:
    """The same within the task's bounds, and with a column that never changes, as real data has."""
    plain = random_episodes()
    observations = plain.observations.copy()
    observations[:, 3] = 7.0
    actions = plain.actions * np.array([1, 1.25], np.float32) + np.array([0, 0.75], np.float32)
    return replace(plain, observations=observations, actions=actions)


def learnable_dataset() -> Dataset:
    """The same, where what is done and what is rewarded can be told from what is observed."""
    dataset = synthetic_dataset()
    seen = dataset.observations
    actions = np.where(seen[:, :2] > 0, [1, 2], [-1, -0.5]).astype(np.float32)
    return replace(dataset, actions=actions, rewards=(seen[:, 2] > 0.5).astype(np.float32))
