"""What commands do for tasks of datasets; whole commands are in `tests/test_own_datasets.py`."""

from __future__ import annotations

import pytest
import typer

from benchmark.cli.own_data import check_evaluation, chosen_tasks, derived_tasks_text
from benchmark.errors import UserError
from benchmark.running.grid import Grid
from benchmark.tasks import TASKS
from tests.benchmark.data.reach_world import write_reach


def test_tasks_of_the_table_need_nothing_derived() -> None:
    tasks = chosen_tasks("maze2d", [], "auto")
    assert [task.benchmark for task in tasks] == ["maze2d"] * 3
    assert derived_tasks_text(tasks) == ""
    check_evaluation(Grid(tasks, [], [0], "smoke"), video=True)


def test_a_dry_run_downloads_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        chosen_tasks(None, ["minari:my/away-v0"], "auto", dry_run=True)
    assert "minari:my/away-v0 is not there: it would be downloaded" in capsys.readouterr().out
    assert chosen_tasks(None, ["minari:my/away-v0", "maze2d-umaze"], "auto", dry_run=True) == [
        TASKS["maze2d-umaze"]
    ]
    with pytest.raises(UserError, match="unknown value of --data 'remote'"):
        chosen_tasks(None, ["minari:my/away-v0"], "remote")


def test_what_was_derived_is_told_task_by_task() -> None:
    write_reach("my/reach-v0")
    tasks = chosen_tasks(None, ["minari:my/*", "maze2d-umaze"], "auto")
    title, first, *rows = derived_tasks_text(tasks).splitlines()
    assert (title, first) == ("Tasks from datasets", "my-reach-v0 (from minari:my/reach-v0)")
    assert [row.split()[0] for row in rows] == [
        *("environment", "observation", "action", "episode", "scores", "returns")
    ]
