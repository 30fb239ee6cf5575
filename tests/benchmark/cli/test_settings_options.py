"""Settings on the command line: checked before work starts, and part of the run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmark.cli import run, tune
from benchmark.running.grid import Grid, plan_runs

OPTIONS = ["--tasks", "maze2d-umaze", "--agents", "iql,mage.k1", "--preset", "smoke"]


def test_they_are_settings_of_the_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    grids: list[Grid] = []
    monkeypatch.setattr(run, "run_comparison", lambda grid, *_: grids.append(grid) or 0)
    file = tmp_path / "own.json"
    file.write_text('{"agents": {"iql": {"expectile": 0.6, "tau": 0.1}}}')
    sets = ["--set", "iql.expectile=0.9", "--set", "mage.layers=2", "--set", "iql.steps=7"]
    result = CliRunner().invoke(run.app, [*OPTIONS, "--config", str(file), *sets])
    assert result.exit_code == 0, result.output
    iql, mage = plan_runs(grids[0])
    assert (iql.settings["expectile"], iql.settings["tau"], iql.steps) == (0.9, 0.1, 7)
    assert mage.settings["layers"] == 2


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("iql.expectil=0.9", "unknown setting 'expectil' .* did you mean 'expectile'.* from --set"),
        ("iql.expectile=high", "expectile='high' of IQLConfig is of the wrong type; .* from --set"),
        ("iql.expectile=2", "expectile=2 .* from --set; correct it there"),
        ("bc.batch_size=3", "agent 'bc' is not in this run"),
    ],
)
def test_a_wrong_one_is_refused_before_work_starts(
    tmp_path: Path, setting: str, message: str
) -> None:
    out = tmp_path / "out"
    for more in ([], ["--dry-run"]):
        options = [*OPTIONS, "--out", str(out), "--set", setting, *more]
        result = CliRunner().invoke(run.app, options)
        assert result.exit_code == 2
        assert re.search(message, result.output) and not out.exists()


@pytest.mark.slow
def test_a_search_keeps_them_and_names_those_that_it_did_not_search(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    searches: list[Any] = []

    def search(search: Any, *_: Any) -> list[Any]:
        searches.append(search)
        return [object(), object()]

    monkeypatch.setattr(tune, "run_and_write_search", search)
    monkeypatch.setattr(tune, "summary", lambda *_: "")
    monkeypatch.setattr(tune, "write_pictures", lambda *_: [])
    monkeypatch.setattr(tune, "ranking", lambda samples: samples)
    options = ["--agent", "iql", "--task", "maze2d-umaze", "--preset", "smoke", "--samples", "2"]
    sets = ["--set", "iql.hidden_sizes=[8, 8]", "--set", "iql.expectile=0.9"]
    result = CliRunner().invoke(tune.app, [*options, *sets, "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert searches[0].run.settings["hidden_sizes"] == [8, 8]
    assert searches[0].present["expectile"] == 0.9
    assert " --set 'iql.hidden_sizes=[8, 8]' --config " in " ".join(result.output.split())
