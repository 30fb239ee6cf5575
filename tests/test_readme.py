"""README.md and the pages in `docs/` do what they say."""

from __future__ import annotations

import inspect
import re
import runpy
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.app import COMMANDS
from benchmark.cli.report import app as report
from benchmark.cli.run import app, default_folder
from benchmark.records.files import read_records
from tests.commands import ROOT, run_here

README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _programs(page: str) -> list[str]:
    """The Python code on a page, piece by piece."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_the_readme_and_its_agent_are_short() -> None:
    assert 120 <= len(README.read_text(encoding="utf-8").splitlines()) <= 150
    agent, python = _programs("README.md")
    assert len(agent.split("@register")[1].splitlines()) <= 15
    assert len(python.split("\n\n")[1].splitlines()) <= 6


def test_programs_run_as_printed(
    short_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None
) -> None:
    monkeypatch.chdir(tmp_path)
    # One after another in this process: starting others takes most of the time.
    monkeypatch.setattr("benchmark.api.comparing.worker_count", lambda workers: 0)
    pages = {"nearest": "README.md", "weighted": "docs/writing-an-agent.md"}
    for name, page in pages.items():
        (tmp_path / f"{name}.py").write_text(_programs(page)[0], encoding="utf-8")
    agents = "mage,nearest.py:NearestNeighbour,weighted.py:WeightedCloning"
    options = ("--tasks", "maze2d-umaze", "--data", "local", "--preset", "smoke")
    finished = run_here(*options, "--out", "results/demo", "--agents", agents)
    assert finished.exit_code == 0, finished.output
    records = {r.run.agent: r.status for r in read_records(tmp_path / "results/demo")}
    assert records == dict.fromkeys(["mage", *pages], "completed")
    summary = (tmp_path / "results/demo/report/summary.md").read_text()
    assert all(name in summary for name in pages)
    printed = [_programs("README.md")[1], *_programs("docs/python.md")]
    assert len(printed) == 5
    for program in printed:
        names: dict[str, object] = {}
        exec(program, names)
        assert names.get("files", [1])
        assert hasattr(names.get("agent", pytest), "act") == ("agent" in names)


@pytest.mark.slow
def test_the_notebook_runs_from_cell_to_cell(
    small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("benchmark.plots.figure_bytes", lambda figure, kind: kind.encode())
    cells = runpy.run_path(str(ROOT / "docs/examples/notebook.py"), run_name="__main__")
    scores = cells["results"].scores
    assert scores["agent"].tolist() == ["mage", "bc", "pushing"]
    assert scores["mean"].notna().all() and callable(cells["agent"].act)


def _printed_commands(command: str) -> list[str]:
    """What follows a command wherever a page prints it on a line of its own."""
    pattern = rf"^(?:python -m benchmark\.|mage-bench ){command}\b(.*?)(?:#.*)?$"
    return [words for page in PAGES for words in re.findall(pattern, page.read_text("utf-8"), re.M)]


def test_commands_as_printed_do_not_meet_the_records_that_are_kept_here() -> None:
    printed = [(name, words) for name in ("run", "sanity") for words in _printed_commands(name)]
    assert len(printed) >= 6
    for command, words in printed:
        options = dict(re.findall(r"--(out|suite|tasks|preset) ([^\s]+)", words))
        tasks = "sanity" if command == "sanity" else options.get("tasks", "").strip("'")
        by_default = default_folder(options.get("suite"), tasks, options.get("preset", "quick"))
        folder = ROOT / options.get("out", by_default)
        is_read = {"--resume", "--dry-run"} & set(words.split())
        assert is_read or not (folder / "runs").exists(), f"{command}{words}"


def test_what_is_printed_can_be_typed() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for page in PAGES:
        blocks = "\n".join(re.findall(r"```\w*\n(.*?)```", page.read_text("utf-8"), re.DOTALL))
        for word in re.findall(r"^make ([a-z-]+)", blocks, re.M):
            assert word in targets, f"{page.name}: make {word}"
        for word in re.findall(r"^mage-bench ([a-z-]+)", blocks, re.M):
            assert word in COMMANDS, f"{page.name}: mage-bench {word}"


def _cells(row: str) -> list[str]:
    """Of a row of a table, without marks and what the data is."""
    return [re.sub(r"\s\(.*\)$|[*`]", "", cell.strip()) for cell in row.strip("|").split("|")]


def test_the_table_of_results_is_what_the_records_say() -> None:
    folder = str(ROOT / "results/quick")
    printed = CliRunner().invoke(report, ["--compare", folder, folder]).stdout
    rows = [_cells(row) for row in printed.splitlines() if row.startswith("|")]
    means = {(task, agent): mean for task, agent, mean, *_ in rows[2:]}
    table = re.search(r"^\| task \| MAGE .*?(?=\n\n)", README.read_text("utf-8"), re.M | re.S)
    assert table
    (_, *agents), _, *lines = (_cells(row) for row in table[0].splitlines())
    assert len(lines) * len(agents) == len(means)
    for task, *cells in lines:
        for agent, cell in zip(agents, cells, strict=True):
            assert means[task, agent] == cell.split()[0]


def test_every_option_and_command_is_explained() -> None:
    (command,) = app.registered_commands
    options = {
        name.replace("list_all", "list").rstrip("_").replace("_", "-")
        for name in inspect.signature(command.callback).parameters  # type: ignore[arg-type]
    }
    page = (ROOT / "docs/command.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"`--([a-z-]+)", page))
    assert options <= explained, options - explained
    assert set(COMMANDS) <= set(re.findall(r"`([a-z-]+)`", page))
