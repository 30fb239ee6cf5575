"""Every agent stands columns whose spread float32 cannot hold, or not beside what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import agent_class, find_agent
from benchmark.agents.settings import resolve_settings
from benchmark.interface import Dataset, TaskInfo
from benchmark.tasks import TASKS
from tests.goal_tasks import suited_to

ELSEWHERE = replace(TASKS["maze2d-umaze"], name="elsewhere", benchmark="none")
HUGE = 3.4e38  # The largest number of float32 is 3.403e38.


def _extreme(tiny_dataset: Dataset) -> Dataset:
    rng, steps = np.random.default_rng(0), np.arange(len(tiny_dataset))
    columns = [
        HUGE * rng.choice([-1, 1], len(steps)),
        HUGE * np.where(steps % 2, 1, -1),
        HUGE * rng.uniform(0.9, 1, len(steps)),
        np.where(steps == 40, HUGE, rng.standard_normal(len(steps))),
        1e20 * rng.standard_normal(len(steps)),
        np.full(len(steps), -HUGE),
        np.full(len(steps), 1e10),
        1e8 + 8 * (steps % 2),
        1e-30 * rng.standard_normal(len(steps)),
        1.4e-45 * (steps % 2),  # The smallest number of float32.
    ]
    more = np.stack(columns, axis=1).astype(np.float32)
    assert np.isfinite(more).all()
    return replace(
        tiny_dataset, observations=np.concatenate([tiny_dataset.observations, more], axis=1)
    )


@pytest.mark.parametrize("name", BUILTIN)
def test_its_losses_and_actions_are_numbers(
    name: str, tiny_dataset: Dataset, tiny_task: TaskInfo
) -> None:
    data = _extreme(tiny_dataset)
    task = replace(suited_to(name, tiny_task), observation_size=data.observations.shape[1])
    settings = resolve_settings(find_agent(name), ELSEWHERE, "smoke").values
    agent = agent_class(name)(task, settings, "cpu")

    def progress(step: int, losses: Mapping[str, Any]) -> None:
        for loss, value in losses.items():
            assert np.isfinite(value() if callable(value) else value), f"{loss} at step {step}"

    agent.fit(data, steps=4, seed=0, progress=progress)
    agent.reset(3)
    for row in range(2):
        actions = agent.act(data.observations[row : row + 3].copy(), np.zeros(3, np.float32))
        assert np.isfinite(actions).all()
