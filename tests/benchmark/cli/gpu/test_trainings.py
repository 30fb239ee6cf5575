"""Trainings side by side, and one that is interrupted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import AgentSettings
from benchmark.cli.gpu import trainings
from benchmark.cli.gpu.trainings import interrupted, side_by_side
from benchmark.errors import UserError
from benchmark.evaluation.device_costs import workload
from benchmark.evaluation.training_time import Workload
from benchmark.interface import TaskInfo


def test_it_goes_on_and_ends_as_one_that_was_not_interrupted() -> None:
    figures = dict(interrupted(workload(AgentChoice("bc"), "smoke", "cpu"), 0.02))
    assert figures["went on from step"] == figures["of"] // 2
    assert figures["largest difference of an action"] == 0


class Forgetful:
    """Takes all steps again, whatever it is given."""

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        self.size = task.action_size

    def fit(self, dataset: Any, *, steps: int, seed: int, progress: Any) -> None:
        for step in range(steps):
            np.linalg.inv(np.eye(60))
            progress(step + 1, {})

    def training_state(self) -> dict[str, Any]:
        return {}

    def resume(self, state: Any) -> None: ...

    reset = act = save = load = resume


def test_one_that_begins_again_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo
) -> None:
    monkeypatch.setattr(registry, "_registered", {"forgetful": Forgetful})
    settings = AgentSettings(100, {}, {})
    load = Workload(AgentChoice("forgetful"), ("maze2d-umaze",), tiny_task, settings)
    with pytest.raises(UserError, match=r"it went on with step \[1\], and not with \d+"):
        list(interrupted(load, 0.01))


def test_the_gain_is_that_of_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[int] = []

    def seconds(pool: Any, work: Any, count: int) -> float:
        counts.append(count)
        return {1: 2.0, 2: 2.0, 4: 5.0}[count]

    monkeypatch.setattr(trainings, "_wall_seconds", seconds)
    gains = dict(side_by_side(AgentChoice("bc"), "smoke", "cpu", 0.01, (1, 2, 4)))
    assert gains == {"1 at once": 1.0, "2 at once": 2.0, "4 at once": 1.6}
    assert counts == [4, 1, 2, 4], "the first trainings, which import, do not count"
