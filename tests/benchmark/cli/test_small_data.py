"""Tasks that have a smaller dataset beside the one of the published size."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from benchmark.cli.data import app
from benchmark.data.minari_folder import folder_of
from benchmark.data.recipes import RECIPES
from benchmark.tasks import TASKS

UMAZE = "mage/maze2d/umaze-v0"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_smaller_dataset_is_listed_and_collected(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[str] = []
    task = replace(TASKS["maze2d-umaze"], small_recipe="mage/small/umaze-v0")
    small = replace(RECIPES[UMAZE], id="mage/small/umaze-v0", episodes=2)
    monkeypatch.setitem(TASKS, task.name, task)
    monkeypatch.setitem(RECIPES, small.id, small)
    result = run("collect", "maze2d-umaze", "--small")
    assert result.exit_code == 0, result.output
    assert "mage/small/umaze-v0  2 episodes, 2,000 steps" in result.output
    rows = [line.split() for line in run("list", "maze2d-umaze").output.splitlines()[2:4]]
    assert rows[0][:4] == ["maze2d-umaze", task.dataset, UMAZE, "download"]
    assert rows[1][:6] == [
        *("maze2d-umaze", "(small)", "-", "mage/small/umaze-v0", "cached", "(local)")
    ]
    # It is checked and described, too, though the other one is not there.
    checked = run("check", "maze2d-umaze")
    assert checked.exit_code == 0 and "not there" not in checked.output
    assert re.match(r"ok +maze2d-umaze +mage/small/umaze-v0  2 episodes", checked.output)
    described = run("describe", "maze2d-umaze", "--out", "pictures")
    assert described.exit_code == 0 and "mage/small/umaze-v0, hash" in described.output
    file = folder_of("mage/small/umaze-v0") / "data" / "main_data.hdf5"
    file.write_bytes(file.read_bytes()[:5000])
    damaged = run("check", "maze2d-umaze")
    assert damaged.exit_code == 2 and "mage/small/umaze-v0, for maze2d-umaze, is damaged" in (
        damaged.output
    )
    monkeypatch.setattr("benchmark.data.recipes.collect", lambda one, *_: collected.append(one.id))
    run("collect", "maze2d-medium", "--small")
    assert collected == ["mage/maze2d/medium-v0"], "one that has no smaller one has its own"
