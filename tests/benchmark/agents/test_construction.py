"""An agent that cannot be made says which setting is wrong, and who had set it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.agents import registry
from benchmark.agents.construction import make_agent
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import AgentSettings, resolve_settings
from benchmark.agents.settings_file import read_settings_file
from benchmark.errors import UserError
from benchmark.interface import TaskInfo
from benchmark.tasks import TASKS

AGENT = AgentChoice("mage")

SETTINGS = AgentSettings(
    5,
    {"width": 30, "heads": 4, "rate": 0.1},
    {"width": "file of settings best.json", "heads": "preset quick of odd", "rate": "a trial"},
)


def agent_that(problem: BaseException | None) -> type:
    class Odd:
        def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
            self.given = task, settings, device
            if problem is not None:
                raise problem

        def fit(self) -> None: ...

        reset = act = save = load = fit

    return Odd


def test_an_agent_is_made(monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo) -> None:
    monkeypatch.setattr(registry, "_registered", {"odd": agent_that(None)})
    agent: Any = make_agent(AgentChoice("odd"), tiny_task, SETTINGS, "cuda")
    assert agent.given == (tiny_task, SETTINGS.values, "cuda")


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (
            ValueError("unknown setting 'width' for Odd; known: heads, rate"),
            "unknown setting 'width' for Odd; known: heads, rate; width = 30 is from file of "
            "settings best.json; correct it there",
        ),
        (
            ValueError("heads=4 is no divisor\nof width=30; valid: more"),
            "heads=4 is no divisor of width=30; valid: more; width = 30 is from file of settings "
            "best.json; heads = 4 is from preset quick of odd; correct it there",
        ),
        (
            ValueError("it is odd; see rate"),
            "it is odd; see rate; rate = 0.1 is from a trial; correct it there, or set it "
            "otherwise with --set or in a file of settings (--config)",
        ),
        (
            TypeError("widths are wrong"),
            "TypeError: widths are wrong; its settings are from file of settings best.json, preset "
            "quick of odd, a trial; correct it there",
        ),
        (SystemExit(3), "SystemExit: 3; its settings are from "),
        (AssertionError(), "AssertionError; its settings are from "),
        (ValueError(), "ValueError; its settings are from "),
    ],
)
def test_one_that_cannot_be_made_says_who_had_set_what(
    monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo, problem: BaseException, message: str
) -> None:
    monkeypatch.setattr(registry, "_registered", {"odd": agent_that(problem)})
    with pytest.raises(UserError) as refused:
        make_agent(AgentChoice("odd"), tiny_task, SETTINGS, "cpu")
    assert str(refused.value).startswith(f"agent 'odd' cannot be made for tiny: {message}")


def test_where_a_tasks_settings_do_not_suit_the_users_his_file_is_the_way_out(
    tmp_path: Path,
) -> None:
    path = tmp_path / "own.json"
    own: dict[str, object] = {"inverse_from": "action", "sequence": ["observation", "action"]}
    path.write_text(json.dumps({"agents": {"mage": own}}))
    task, user = TASKS["maze2d-large"], read_settings_file(path)
    info = TaskInfo(task.name, 4, -np.ones(2, "f4"), np.ones(2, "f4"), task.max_steps)
    with pytest.raises(UserError) as refused:
        make_agent(AGENT, info, resolve_settings(AGENT, task, "quick", user=user), "cpu")
    assert str(refused.value).endswith(
        "where inverse_from is action, which has none; shares = (0.15, 0.05, 0.65) is from tuning "
        "seeds, docs/tuning/point-mazes.md; correct it there, or set it otherwise with --set or "
        "in a file of settings (--config)"
    )
    path.write_text(json.dumps({"agents": {"mage": {**own, "shares": [0.2, 0.05, 0]}}}))
    user = read_settings_file(path)
    assert make_agent(AGENT, info, resolve_settings(AGENT, task, "quick", user=user), "cpu")
