"""What an agent may declare to be searched, and what its settings are now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from benchmark.agents.builtin import LEARNING_AGENTS
from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import resolve_settings
from benchmark.errors import UserError
from benchmark.interface import TaskInfo
from benchmark.running.search_space import current_values, search_space
from benchmark.tasks import TASKS
from tests.goal_tasks import suited_to


def declaring(space: object) -> type[Any]:
    return type("Declaring", (), {"search_space": space})


@pytest.mark.parametrize(
    "declared",
    [
        ("uniform", 0, 0.5),
        ("loguniform", 1e-4, 1),
        ["int", 1, 4],
        ("choice", [1]),
        ("choice", ((),)),
    ],
)
def test_these_declarations_are_valid(declared: object) -> None:
    assert search_space("mine", declaring({"rate": declared})) == {"rate": declared}


@pytest.mark.parametrize(
    "declared",
    [
        ("uniform", 1, 0),
        ("uniform", "a", "b"),
        ("normal", 0, 1),
        ("uniform", 1),
        ("loguniform", 0, 1),
        ("int", 1, 1),
        ("int", 0.5, 2),
        ("choice", ()),
        ("choice", 1, 2),
        ("choice", "abc"),
        (1, 2),
        "uniform",
        3,
    ],
)
def test_other_declarations_are_refused(declared: object) -> None:
    with pytest.raises(UserError, match="agent 'mine': setting 'rate' is declared as .*valid form"):
        search_space("mine", declaring({"rate": declared}))


@pytest.mark.parametrize("space", [None, {}, ("rate",)])
def test_an_agent_without_a_space_learns_how_to_declare_one(space: object) -> None:
    message = "agent 'mine' declares no settings to search; .*search_space = {\"learning_rate\":"
    with pytest.raises(UserError, match=message):
        search_space("mine", declaring(space))


@pytest.mark.parametrize("end", [0, -1], ids=["lowest", "highest"])
@pytest.mark.parametrize("name", LEARNING_AGENTS)
def test_the_benchmarks_own_agents_take_what_they_declare(
    name: str, end: int, tiny_task: TaskInfo
) -> None:
    agent_cls = agent_class(name)
    elsewhere = replace(TASKS["maze2d-umaze"], name="elsewhere", benchmark="none")
    settings = resolve_settings(AgentChoice(name), elsewhere, "quick").values
    task = suited_to(name, tiny_task)
    agent = agent_cls(task, settings, "cpu")
    space = search_space(name, agent_cls)
    assert 3 <= len(space) <= 8
    present = current_values(name, getattr(agent, "config", None), settings, space)
    assert list(present) == list(space)
    ends = {
        setting: rest[0][end] if form == "choice" else rest[end]
        for setting, (form, *rest) in space.items()
    }
    agent_cls(task, {**settings, **ends}, "cpu")


# A plan of 8 steps, the shortest to try, is used up before its eighth, and 0 has no logarithm: such
# present values are tried as the first sample alone.
OUTSIDE = {("dv", "replan_every"), ("dv", "horizon"), ("rebrac", "critic_penalty")}


@pytest.mark.parametrize("name", LEARNING_AGENTS)
def test_what_is_set_for_a_task_is_among_what_is_tried(name: str) -> None:
    outside = set()
    for task in TASKS.values():
        settings = resolve_settings(AgentChoice(name), task, "quick").values
        for setting, (form, *rest) in search_space(name, agent_class(name)).items():
            if (value := settings.get(setting)) is not None:
                inside = value in rest[0] if form == "choice" else rest[0] <= value <= rest[1]
                outside |= set() if inside else {(name, setting)}
    assert outside == {place for place in OUTSIDE if place[0] == name}


def test_who_is_asked_alike_is_searched_alike() -> None:
    mage, rvs = (agent_class(name).search_space for name in ("mage", "rvs"))  # type: ignore[attr-defined]
    for setting in ("advantage_asked", "persistence", "best_of"):
        assert rvs[setting] == mage[setting]


@dataclass(frozen=True)
class Config:
    rate: float = 0.5
    size: int | None = None


SPACE: Mapping[str, Any] = {"rate": ("uniform", 0, 1)}


def test_present_values_are_the_resolved_ones() -> None:
    assert current_values("mine", Config(), {}, SPACE) == {"rate": 0.5}
    assert current_values("mine", None, {"rate": 0.1, "more": 2}, SPACE) == {"rate": 0.1}
    assert current_values("mine", Config(), {"rate": 0.1}, SPACE) == {"rate": 0.5}, "as it made it"
    assert current_values("mine", Config(), {}, {"size": ("choice", (1, 2))}) == {"size": None}


def test_a_setting_without_a_present_value_is_refused() -> None:
    with pytest.raises(UserError, match="names 'rate', which has no present value; known: none;"):
        current_values("mine", None, {}, SPACE)


def test_a_range_needs_a_number_to_start_from() -> None:
    with pytest.raises(UserError, match="'size' is None now, which is no number; declare it as"):
        current_values("mine", Config(), {}, {"size": ("int", 1, 2)})
