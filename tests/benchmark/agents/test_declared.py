"""What other people's classes declare: what becomes plain, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.agents import registry
from benchmark.agents.declared import (
    declared_rows,
    declared_settings,
    plain_settings,
    rows_of_task,
)
from benchmark.agents.registry import AgentChoice, variant_settings
from benchmark.agents.settings import resolve_settings
from benchmark.errors import UserError
from benchmark.interface import TaskSettings
from benchmark.tasks import TASKS


class Bare:
    """Has the verbs of an agent."""

    def fit(self) -> None: ...

    reset = act = save = load = fit


def test_numbers_of_numpy_become_pythons() -> None:
    settings = {
        **{"count": np.int64(3), "rate": np.float32(0.5), "on": np.bool_(True), "text": "a"},
        **{"many": np.array([1, 2]), "nested": {"a": [np.int8(1), (np.float64(2.0),)]}},
        **{"none": None, "tuple": (1, 2)},
    }
    plain = plain_settings(settings, "here")
    assert plain == {
        **{"count": 3, "rate": 0.5, "on": True, "text": "a", "many": [1, 2]},
        **{"nested": {"a": [1, (2.0,)]}, "none": None, "tuple": (1, 2)},
    }
    assert [type(plain[name]) for name in ("count", "rate", "on")] == [int, float, bool]
    json.dumps(plain)


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value",
    [
        *(Path("/x"), object(), {1, 2}, b"bytes", float("nan"), np.float32("nan"), 1j),
        *(2**63, -(2**63), [10**5000], {1: "a"}, [Path("/x")]),
        *(np.array([None, object()]), len, LOOP),
    ],
    # Not their texts: an object has another one in each process of a test run.
    ids=map(str, range(15)),
)
def test_what_no_record_can_hold_is_refused(value: object) -> None:
    with pytest.raises(UserError, match="^here: setting 'file' is .*no record can hold; valid"):
        plain_settings({"rate": 1, "file": value}, "here")


@pytest.mark.parametrize("settings", [None, 3, ["rate"], {1: 2}])
def test_settings_that_are_no_table_are_refused(settings: object) -> None:
    with pytest.raises(UserError, match="^here: .* is no dict from names of settings"):
        plain_settings(settings, "here")


def agent_with(monkeypatch: pytest.MonkeyPatch, **attributes: Any) -> AgentChoice:
    monkeypatch.setattr(registry, "_registered", {"odd": type("Odd", (Bare,), attributes)})
    return AgentChoice("odd")


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"presets": 3}, "presets of Odd is 3; valid: a dict from names to settings"),
        (
            {"presets": {"quik": {}}},
            "unknown name in presets of Odd 'quik'; valid: .*did you mean 'quick'",
        ),
        ({"presets": {"smoke": 3}}, "settings of odd from preset smoke of odd: 3 is no dict"),
        (
            {"presets": {"smoke": {"file": Path("/x")}}},
            "settings of odd from preset smoke of odd: setting 'file' is .*/x",
        ),
        (
            {"task_settings": [TaskSettings("maze2d", {"rate": {1}}, "a trial")]},
            r"settings of odd from a trial: setting 'rate' is \{1\}",
        ),
        ({"presets": {"smoke": {"steps": True}}}, "steps True of odd in preset 'smoke'; valid"),
        ({"task_settings": 3}, "task_settings of Odd hold 3; expected rows"),
    ],
)
def test_odd_attributes_are_refused_before_anything_is_trained(
    monkeypatch: pytest.MonkeyPatch, attributes: dict[str, Any], message: str
) -> None:
    odd = agent_with(monkeypatch, **attributes)
    with pytest.raises(UserError, match=message):
        resolve_settings(odd, TASKS["maze2d-umaze"], "smoke")


def test_odd_variants_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    agent_with(monkeypatch, variants={"small": {"width": np.int64(8)}, "bad": {"file": Path("/x")}})
    assert variant_settings("odd.small") == {"width": 8}
    with pytest.raises(UserError, match="variant odd.bad: setting 'file'"):
        variant_settings("odd.bad")
    agent_with(monkeypatch, variants=["small"])
    with pytest.raises(UserError, match=r"variants of Odd is \['small'\]; valid: a dict"):
        variant_settings("odd.small")


def test_steps_of_numpy_are_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = agent_with(monkeypatch, presets={"smoke": {"steps": np.int64(7)}})
    settings = resolve_settings(odd, TASKS["maze2d-umaze"], "smoke")
    assert (settings.steps, type(settings.steps)) == (7, int)


def test_rows_count_in_an_order() -> None:
    rows = [
        TaskSettings("maze2d-*", {}, "in smoke", "smoke"),
        TaskSettings("maze2d", {}, "first"),
        TaskSettings("*", {}, "second"),
        TaskSettings("multi2d", {}, "elsewhere"),
    ]
    agent = type("Agent", (Bare,), {"task_settings": rows})
    checked = declared_rows(agent, ("smoke", "quick"))
    sources = [row.source for row in rows_of_task(checked, "maze2d-umaze", "maze2d", "smoke")]
    assert sources == ["first", "second", "in smoke"]
    assert declared_rows(type("Heir", (agent,), {}), ("smoke",)) == ()
    assert declared_settings(agent, "presets", ("smoke",)) == {}
