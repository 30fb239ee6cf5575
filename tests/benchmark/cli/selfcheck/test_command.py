"""The figures as people read them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.selfcheck.command import app, resume_rows, speed_rows
from benchmark.cli.selfcheck.resuming import Resumed
from benchmark.cli.selfcheck.speed import Speed
from benchmark.data import load
from benchmark.data.recipes import RECIPES
from benchmark.errors import UserError
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info

UMAZE = "mage/maze2d/umaze-v0"


def test_speed_is_given_in_ratios() -> None:
    rows = speed_rows(
        Speed(one_worker=100, two_workers=55, first_step=12.34, bare=60, run=63, scores=2)
    )
    measured = [row[1] for row in rows]
    assert measured == ["100 s", "55 s", "1.82", "12.3 s", "60 s", "5.0%", "1.7%"]


def test_weights_that_differ_stand_out() -> None:
    assert resume_rows(Resumed(lost=5.1, at=1234, same=True))[2][1] == "yes"
    rows = resume_rows(Resumed(lost=5.1, at=1234, same=False))
    assert [row[1] for row in rows] == ["5 s", "1,234", "NO"]


def test_a_machine_that_has_no_data_collects_it_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(RECIPES, UMAZE, replace(RECIPES[UMAZE], episodes=5))

    def measure(folder: Path, steps: int) -> Speed:
        task = TASKS["maze2d-umaze"]
        episodes = load(task, task_info(task), "local").metadata["episodes"]
        raise UserError(f"{episodes} episodes are there; that is all")

    monkeypatch.setattr("benchmark.cli.selfcheck.speed.measure_speed", measure)
    result = CliRunner().invoke(app, [])
    assert f"maze2d-umaze: collecting {UMAZE}" in result.stdout
    assert result.stderr == "error: 5 episodes are there; that is all\n"
    assert result.exit_code == 2
