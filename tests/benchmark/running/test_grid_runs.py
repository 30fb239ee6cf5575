"""The runs of a grid: their order, and whose word counts for their settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from benchmark.agents import registry
from benchmark.agents.settings_file import Overrides
from benchmark.cli.options import parse_agents
from benchmark.records.record import RunSpec
from benchmark.running.grid import Grid, plan_runs
from benchmark.tasks import TASKS


def grid(agent_file: Path, **options: object) -> Grid:
    agents = parse_agents(f"{agent_file}:Pusher,{agent_file}:Lazy")
    tasks = [TASKS["maze2d-umaze"], TASKS["maze2d-medium"]]
    return Grid(tasks, agents, [0, 1], "smoke", **options)  # type: ignore[arg-type]


def test_every_agent_has_one_seed_before_any_has_two(agent_file: Path) -> None:
    names = [run.name for run in plan_runs(grid(agent_file))]
    assert names == [
        f"maze2d-{t}/{a}/seed-{s}"
        for t in ("umaze", "medium")
        for s in (0, 1)
        for a in ("pusher", "lazy")
    ]


def test_a_run_takes_its_budget_from_the_agent(agent_file: Path) -> None:
    run = plan_runs(grid(agent_file))[0]
    assert (run.steps, run.episodes, run.settings) == (12, 2, {"gain": 2.0})
    assert run.source == f"{agent_file}:Pusher"


def test_the_task_can_set_an_agent_apart(agent_file: Path) -> None:
    task = replace(TASKS["maze2d-umaze"], settings={"pusher": {"gain": 3.0, "steps": 7}})
    pusher, lazy, *_ = plan_runs(replace(grid(agent_file), tasks=[task]))
    assert (pusher.steps, pusher.settings) == (7, {"gain": 3.0})
    assert (lazy.steps, lazy.settings) == (12, {"gain": 2.0})


def test_a_variant_has_its_agents_settings_but_for_its_own() -> None:
    task = replace(TASKS["maze2d-umaze"], settings={"mage": {"stride": 3, "scales": (1, 4)}})
    overrides = Overrides(agents={"mage": {"width": 12}, "mage.k1": {"heads": 3}})
    whole, one_scale = plan_runs(
        Grid([task], parse_agents("mage,mage.k1"), [0], "smoke", overrides=overrides)
    )
    assert whole.settings["scales"] == (1, 4)
    assert one_scale.settings == {**whole.settings, "scales": (8,), "heads": 3}


def test_options_override_the_preset(agent_file: Path) -> None:
    run = plan_runs(grid(agent_file, steps=3, episodes=1))[0]
    assert (run.steps, run.episodes) == (3, 1)


# Whose word counts, the last one most. Each says something of its own setting and of all after it.
LAYERS = (
    "the agent's preset",
    "the task",
    "the task in this preset",
    "the user",
    "the user on this task",
    "the variant",
    "the user of the variant",
    "the user of the variant on this task",
)


def _said_by(layer: str) -> dict[str, str]:
    first = LAYERS.index(layer)
    return {f"setting {number}": layer for number in range(first, len(LAYERS))}


WRONG = {f"setting {number}": "somebody who was not asked" for number in range(len(LAYERS))}


class Layered:
    """An agent of which everybody has something to say."""

    presets: ClassVar[dict[str, Any]] = {"smoke": _said_by(LAYERS[0]), "quick": WRONG}
    variants: ClassVar[dict[str, Any]] = {"small": _said_by(LAYERS[5]), "big": WRONG}

    def fit(self) -> None: ...

    reset = act = save = load = fit


def test_the_last_word_on_a_setting_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {"layered": Layered})
    of_task = {
        "layered": _said_by(LAYERS[1]),
        "layered/smoke": _said_by(LAYERS[2]),
        **dict.fromkeys(("layered/quick", "layered.small", "layered.small/smoke", "bc"), WRONG),
    }
    overrides = Overrides(
        agents={
            "layered": _said_by(LAYERS[3]),
            "layered.small": _said_by(LAYERS[6]),
            "layered.big": WRONG,
            "bc": WRONG,
        },
        tasks={
            "maze2d-umaze": {
                "layered": _said_by(LAYERS[4]),
                "layered.small": _said_by(LAYERS[7]),
                "layered.big": WRONG,
            },
            "maze2d-large": {"layered": WRONG, "layered.small": WRONG},
        },
    )
    grid = Grid(
        [replace(TASKS["maze2d-umaze"], settings=of_task)],
        parse_agents("layered,layered.small"),
        [0],
        "smoke",
        overrides=overrides,
    )
    agent, variant = plan_runs(grid)
    assert list(agent.settings.values()) == [*LAYERS[:5], *[LAYERS[4]] * 3]
    assert list(variant.settings.values()) == list(LAYERS)
    assert list(variant.settings) == [f"setting {number}" for number in range(8)]


def test_a_run_holds_all_that_was_asked_for(agent_file: Path) -> None:
    asked = replace(
        grid(agent_file, data="local", steps=3, episodes=5, max_minutes=7.5), seeds=[6, 4]
    )
    runs = plan_runs(asked)
    assert runs[3] == RunSpec(
        "maze2d-umaze",
        "lazy",
        4,
        "smoke",
        3,
        5,
        "local",
        {"gain": 2.0},
        f"{agent_file}:Lazy",
        7.5,
    )
    assert [run.seed for run in runs] == [6, 6, 4, 4] * 2
