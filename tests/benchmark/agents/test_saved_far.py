"""Trained agents come from a URL as from a folder, and need no environment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import fsspec
import numpy as np
import pytest

from baselines.yardsticks.reference_policies import MeanAction
from benchmark.agents.saved import load_agent, save_agent
from benchmark.errors import UserError
from benchmark.interface import Dataset, HindsightGoals, TaskInfo
from benchmark.records.record import RunSpec

RUN = RunSpec("adroit-pen-human", "mean", 0, "smoke", 1, 1)


def test_an_agent_comes_from_a_url(
    tmp_path: Path, tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    task = replace(tiny_task, hindsight=HindsightGoals((4, 5), (0, 1), 0.5, 0.25))
    agent = MeanAction(task).fit(tiny_dataset, steps=1)
    save_agent(agent, RUN, tmp_path / "seed-0", task)
    far = fsspec.filesystem("memory")
    far.put(str(tmp_path / "seed-0"), "/far/seed-0", recursive=True)
    seen, none = np.zeros((2, tiny_task.observation_size), np.float32), np.zeros(2, np.float32)
    loaded = load_agent("memory://far/seed-0")
    loaded.reset(2)
    np.testing.assert_equal(vars(loaded._task), vars(task))  # type: ignore[attr-defined]
    np.testing.assert_array_equal(loaded.act(seen, none), agent.act(seen, none))
    with pytest.raises(UserError, match="from memory://far: there is no agent.json in it; expect"):
        load_agent("memory://far")
    for path in far.find("/far/seed-0/weights"):
        far.pipe(path, b"no JSON")
    with pytest.raises(UserError, match="from memory://far/seed-0 .JSONDecodeError"):
        load_agent("memory://far/seed-0")
