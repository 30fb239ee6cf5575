"""Each run as plain values, and the command that does it again.

The printed commands are parsed as `benchmark.run` does it, and give the run that they are of.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.options import parse_agents
from benchmark.cli.run import app
from benchmark.records.record import RunSpec
from benchmark.running.grid import Grid, plan_runs
from benchmark.statistics.details import Shared, details_frame, earlier_ends, rerun
from benchmark.tasks import TASKS
from benchmark.tasks.suites import select_tasks
from tests.benchmark.synthetic_records import completed, failed

UMAZE = "maze2d-umaze"
SPEC = RunSpec("maze2d-umaze", "random", 0, "smoke", steps=20, episodes=2)


def test_equal_values_share_one_place() -> None:
    shared = Shared()
    assert shared({"a": [1]}) is shared({"a": [1]})
    assert shared({"a": 1}) == {"a": 1}
    assert shared(None) is None


def test_one_row_per_record_in_table_order() -> None:
    records = [failed(UMAZE, "bc", 0, traceback="boom"), completed(UMAZE, "mage", 1, 2.0)]
    frame = details_frame(records)
    assert list(frame["run"]) == [f"{UMAZE}/mage/seed-1", f"{UMAZE}/bc/seed-0"]
    assert list(frame["traceback"]) == [None, "boom"]
    assert "--agents mage --seeds 1, " in frame["command"][0]
    assert "--data minari " in frame["command"][0], "the data of the record"
    assert frame["dataset"][0]["hash"] == "aaaa"


def test_every_column_is_its_own() -> None:
    told = {
        **{"traceback": "a trace", "config": {"a": 1}, "parameters": 77, "seconds": {"fit": 2.5}},
        **{"dataset": {"id": "an id"}, "peak_memory_mb": 12.5, "versions": {"python": "3"}},
        **{"commit": "a commit", "machine": {"gpu": "a card"}, "started": "a date"},
        **{"resumed_at": [30], "clipped_actions": 0.25},
    }
    record = completed(UMAZE, "mage", 4, 1.0, steps=200, steps_taken=40, episodes=7, **told)
    spec = replace(record.run, data="local", max_minutes=1.5, source="a.py:A", settings={"b": 2})
    (row,) = details_frame([replace(record, run=spec)]).to_dict("records")
    assert "--steps 200" in row.pop("command")
    assert '"b": 2' in row.pop("settings_line")
    assert row == {
        **told,
        **{"run": f"{UMAZE}/mage/seed-4", "budget": 200, "steps_taken": 40, "episodes": 7},
        **{"data": "local", "max_minutes": 1.5, "source": "a.py:A", "ended_before": []},
    }


def test_whole_numbers_stay_whole_beside_missing_ones() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0, parameters=10), failed(UMAZE, "bc", 0)]
    parameters = details_frame(records)["parameters"]
    assert parameters[0] == 10
    assert isinstance(parameters[0], int)
    assert parameters[1] is None


def test_no_records_give_an_empty_frame() -> None:
    frame = details_frame([])
    assert frame.empty
    assert "command" in frame.columns


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Grid]:
    """What the command would do, in place of doing it; relative paths are below `tmp_path`."""
    grids: list[Grid] = []

    def note(grid: Grid, *_: object, **__: object) -> int:
        grids.append(grid)
        return 0

    monkeypatch.setattr("benchmark.cli.run.run_comparison", note)
    monkeypatch.chdir(tmp_path)
    return grids


def again(run: RunSpec, planned: list[Grid]) -> list[RunSpec]:
    """The runs that the lines for a shell ask for."""
    lines = rerun(run, {})
    if lines.settings is not None:
        subprocess.run(["sh", "-c", lines.settings], check=True)
    python, dash_m, module, *options = shlex.split(lines.command)
    assert (python, dash_m, module) == ("python", "-m", "benchmark.run")
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    return plan_runs(planned[-1])


def recorded(run: RunSpec) -> RunSpec:
    """A run as its record tells it: there a tuple is a list."""
    return RunSpec(**json.loads(json.dumps(asdict(run))))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seed": 7},
        {"steps": 33, "episodes": 5, "data": "local", "max_minutes": 1.5},
        {"preset": "paper", "steps": 1, "episodes": 100},
        {"settings": {"a": 0.1, "b": [1, 2], "c": None, "d": "it's a \\n $HOME `x` <b> % ü"}},
    ],
)
def test_command_gives_the_same_run(changes: dict[str, object], planned: list[Grid]) -> None:
    run = replace(SPEC, **changes)  # type: ignore[arg-type]
    assert again(run, planned) == [run]


def test_command_of_planned_runs_gives_them(planned: list[Grid]) -> None:
    grid = Grid([TASKS["maze2d-medium"]], parse_agents("mage,mage.k1"), [3], "quick")
    for run in plan_runs(grid):
        assert run.settings
        assert [*map(recorded, again(run, planned))] == [recorded(run)]


def test_command_of_a_task_in_a_file(tmp_path: Path, planned: list[Grid]) -> None:
    file = tmp_path / "tasks.py"
    file.write_text(
        "from benchmark import Task, register_task\n\n"
        "register_task(Task('of-file', 'own', 'own/data-v0', 'Pendulum-v1', 200, -9.0, 0.0))\n"
    )
    (run,) = plan_runs(Grid(select_tasks(None, [str(file)]), parse_agents("bc"), [0], "smoke"))
    assert run.task_source == str(file) and run.task_hash
    assert [*map(recorded, again(run, planned))] == [recorded(run)]


def test_command_of_an_agent_in_a_file(agent_file: Path, planned: list[Grid]) -> None:
    agents = parse_agents(f"{agent_file}:Pusher")
    (run,) = plan_runs(Grid([TASKS["maze2d-umaze"]], agents, [0], "smoke"))
    assert again(run, planned) == [run]


@pytest.mark.parametrize(
    ("dataset", "option"),
    [
        ({"kind": "published", "id": "D4RL/pointmaze/umaze-v2"}, " --data minari "),
        ({"kind": "collected here", "id": "mage/maze2d/umaze-v0"}, " --data local "),
        *(
            ({"kind": kind, "id": "some/set-v0"}, " --dataset maze2d-umaze=some/set-v0 ")
            for kind in ("re-creation", "altered", "own data")
        ),
    ],
)
def test_the_data_is_the_recorded_whatever_auto_would_choose(
    dataset: dict[str, str], option: str
) -> None:
    command = rerun(SPEC, dataset).command
    assert option in command and command.count("--data") == 1
    # What is not known of old records is left to the rule that they were run by.
    assert "--data" not in rerun(SPEC, {"id": "D4RL/pointmaze/umaze-v2"}).command


def test_only_what_differs_from_the_preset_is_named() -> None:
    command = rerun(SPEC, {}).command
    assert command == (
        "python -m benchmark.run --tasks maze2d-umaze --agents random --seeds 0, --preset smoke "
        "--steps 20 --out results/rerun/maze2d-umaze/random/seed-0"
    )


def test_names_cannot_leave_their_argument() -> None:
    run = replace(SPEC, agent="x; rm -rf $HOME", settings={"a": "'; rm -rf ~; '"})
    lines = rerun(run, {})
    assert lines.settings is not None
    assert "x; rm -rf $HOME" in shlex.split(lines.command)
    assert shlex.split(lines.settings)[-2:] == [">", "settings.json"]


def test_command_of_a_run_that_has_no_data_but_a_choice() -> None:
    command = rerun(replace(SPEC, data="my/maze-v0"), {}).command
    assert f" --dataset {SPEC.task}=my/maze-v0 " in command and "--data " not in command


def test_a_run_that_went_on_after_its_end_is_done_again_in_as_many_commands(
    planned: list[Grid],
) -> None:
    parts = [{"from": 0, "steps": 10}, {"from": 4, "steps": 10}, {"from": 10, "steps": 20}]
    record = replace(completed(UMAZE, "mage", 0, 1.0), run=SPEC, trained_with=parts)
    assert earlier_ends(record) == [10]
    first, then = rerun(SPEC, {}, [10]).command.split("\n")
    for line, steps, resumes in ((first, 10, False), (then, 20, True)):
        result = CliRunner().invoke(app, shlex.split(line)[3:])
        assert result.exit_code == 0, result.output
        assert plan_runs(planned[-1]) == [replace(SPEC, steps=steps)]
        assert line.endswith("--resume") == resumes
    (row,) = details_frame([record]).to_dict("records")
    assert row["ended_before"] == [10] and row["command"].count("--resume") == 1


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"from": 0}, {"from": 4}],  # As older versions wrote it.
        [{"from": 0, "steps": 20}, {"from": 4, "steps": 20}],
        [{"from": 0, "steps": 10}, {"from": 4, "steps": 20}],
    ],
)
def test_a_run_that_was_only_interrupted_had_not_ended(parts: list[dict[str, int]]) -> None:
    record = replace(completed(UMAZE, "mage", 0, 1.0), run=SPEC, trained_with=parts)
    assert earlier_ends(record) == []


def test_settings_of_the_command_line_are_in_the_command(planned: list[Grid]) -> None:
    options = ["--tasks", UMAZE, "--agents", "iql", "--preset", "smoke", "--seeds", "0,"]
    sets = ["--set", "iql.expectile=0.9", "--set", "iql.hidden_sizes=[8, 8]"]
    assert CliRunner().invoke(app, [*options, *sets]).exit_code == 0
    (run,) = plan_runs(planned[-1])
    assert run.settings["expectile"] == 0.9
    assert again(run, planned) == [run]
