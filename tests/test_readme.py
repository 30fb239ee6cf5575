"""The README and the pages in `docs/` do what they say."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from typer.testing import CliRunner

from benchmark.cli.report import app as report
from benchmark.cli.run import app, default_folder
from benchmark.records.files import read_records
from tests.commands import ROOT, run

README = ROOT / "README.md"


def _code(page: Path) -> str:
    """The first program on a page, which is an agent."""
    code, *_ = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return str(code)


def test_the_baseline_is_short() -> None:
    assert len(_code(README).splitlines()) < 48


def test_agents_run_as_printed(small_umaze: Path, tmp_path: Path) -> None:
    pages = {"nearest": "README.md", "weighted": "docs/writing-an-agent.md"}
    for name, page in pages.items():
        (tmp_path / f"{name}.py").write_text(_code(ROOT / page), encoding="utf-8")
    agents = "nearest.py:NearestNeighbour,weighted.py:WeightedCloning"
    options = ("--tasks", "maze2d-umaze", "--data", "local", "--preset", "smoke", "--out", "out")
    finished = run(*options, "--agents", agents, cwd=tmp_path)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    records = {record.run.agent: record.status for record in read_records(tmp_path / "out")}
    assert records == dict.fromkeys(pages, "completed")
    summary = (tmp_path / "out/report/summary.md").read_text()
    assert all(name in summary for name in pages)


def test_commands_as_printed_do_not_meet_the_records_that_are_kept_here() -> None:
    printed = re.findall(
        r"^python -m benchmark\.(run|sanity)\b(.*?)(?:#.*)?$", README.read_text("utf-8"), re.M
    )
    assert len(printed) >= 6
    for command, words in printed:
        options = dict(re.findall(r"--(out|suite|tasks|preset) ([^\s]+)", words))
        tasks = "sanity" if command == "sanity" else options.get("tasks", "").strip("'")
        by_default = default_folder(options.get("suite"), tasks, options.get("preset", "quick"))
        folder = ROOT / options.get("out", by_default)
        assert "--resume" in words or not (folder / "runs").exists(), f"{command}{words}"


def _cells(row: str) -> list[str]:
    """Of a row of a table, without marks and what the data is."""
    return [re.sub(r"\s\(.*\)$|[*`]", "", cell.strip()) for cell in row.strip("|").split("|")]


def test_the_table_of_results_is_what_the_records_say() -> None:
    folder = str(ROOT / "results/quick")
    printed = CliRunner().invoke(report, ["--compare", folder, folder]).stdout
    rows = [_cells(row) for row in printed.splitlines() if row.startswith("|")]
    scored = {(task, agent): (old, verdict) for task, agent, old, *_, verdict in rows}
    table = re.search(r"^\| task \| MAGE .*?(?=\n\n)", README.read_text("utf-8"), re.M | re.S)
    assert table
    (_, *agents), _, *lines = (_cells(row) for row in table[0].splitlines())
    assert len(lines) == 12 and len(agents) == 6
    for task, *cells in lines:
        for agent, cell in zip(agents, cells, strict=True):
            assert scored[task, agent] == (cell.split(" ± ")[0], "cannot tell")


def test_every_option_is_explained() -> None:
    (command,) = app.registered_commands
    options = {
        name.replace("list_all", "list").replace("_", "-")
        for name in inspect.signature(command.callback).parameters  # type: ignore[arg-type]
    }
    explained = set(re.findall(r"`--([a-z-]+)", README.read_text(encoding="utf-8")))
    assert options <= explained, options - explained
