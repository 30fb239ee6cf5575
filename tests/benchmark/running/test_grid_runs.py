"""The runs of a grid: their order, and what each is given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmark.agents.settings_file import SettingsFile
from benchmark.cli.options import parse_agents
from benchmark.plugins.source_files import source_hash
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


def test_a_run_takes_its_settings_from_task_variant_and_file(agent_file: Path) -> None:
    user = SettingsFile(agents={"mage": {"width": 12}, "mage.k1": {"heads": 3}})
    agents = parse_agents("mage,mage.k1")
    whole, one_scale = plan_runs(
        Grid([TASKS["maze2d-umaze"]], agents, [0], "smoke", settings_file=user)
    )
    assert (whole.settings["width"], whole.settings["best_of"]) == (12, 16)
    assert one_scale.settings == {**whole.settings, "scales": (16,), "heads": 3}


def test_a_run_says_how_many_settings_were_tried_for_its_own(agent_file: Path) -> None:
    user = SettingsFile(samples={"maze2d-umaze": {"mage": 16}})
    agents = parse_agents("mage,mage.k1,bc")
    runs = plan_runs(Grid([TASKS["maze2d-umaze"]], agents, [0], "smoke", settings_file=user))
    assert [run.samples for run in runs] == [16, 16, None], "a variant has those of its agent"


def test_options_override_the_preset(agent_file: Path) -> None:
    run = plan_runs(grid(agent_file, steps=3, episodes=1))[0]
    assert (run.steps, run.episodes) == (3, 1)


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
        source_hash=source_hash(agent_file),
    )
    assert [run.seed for run in runs] == [6, 6, 4, 4] * 2
