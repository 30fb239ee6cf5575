"""Agents of installed packages: a bad one is in nobody's way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.agents.plug_ins import agent_plug_ins
from benchmark.agents.registry import agent_class, agent_names, find_agent
from benchmark.cli.options import parse_agents
from benchmark.cli.run import app
from benchmark.errors import UserError

Install = Callable[..., None]
AGENT = """
class Whole:
    def __init__(self, task, settings, device): ...
    def fit(self): ...
    reset = act = save = load = fit
class Partial:
    def fit(self): ...
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Puts a package with these entry points where Python looks for them."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(package: str, *points: str, code: str = AGENT) -> None:
        (tmp_path / f"{package}_code.py").write_text(code, encoding="utf-8")
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = "\n".join(["[mage_bench.agents]", *points])
        (info / "entry_points.txt").write_text(f"{lines}\n")

    yield install
    for name in [name for name in sys.modules if name.endswith("_code")]:
        del sys.modules[name]


def problems() -> dict[str, tuple[str, str]]:
    return {one.name: (one.package, str(one.problem)) for one in agent_plug_ins() if one.problem}


def test_bad_plug_ins_are_listed_and_the_others_can_be_used(install: Install) -> None:
    install("good", "good = good_code:Whole")
    install("caps", "MyNet = caps_code:Whole")
    install("taker", "iql = taker_code:Whole")
    install("failing", "failing = failing_code:Whole", code="import not_there_at_all")
    install("quitting", "quitting = quitting_code:Whole", code="raise SystemExit(3)")
    install("partial", "partial = partial_code:Partial")
    install("gone", "gone = nowhere.at_all:Whole")
    install("odd", "odd = no place at all!")
    install("everyone", "all = everyone_code:Whole")

    assert set(problems()) == {"MyNet", "iql", "all"}, "as far as is known without importing"
    assert agent_class("good").__name__ == "Whole"
    assert agent_class("iql").__module__.startswith("baselines"), "the benchmark's own stays"

    listing = CliRunner().invoke(app, ["--list"])
    assert listing.exit_code == 0, listing.output
    names = next(line for line in listing.output.splitlines() if line.startswith("  mage, "))
    bad = {"MyNet", "failing", "quitting", "partial", "gone", "odd", "all"}
    assert not bad & {name.strip() for name in names.split(",")}
    assert {"good", "iql"} <= {name.strip() for name in names.split(",")}
    table = listing.output.partition("Plug-ins that cannot be used\n")[2].partition("Presets")[0]
    for words in (
        ("MyNet", "caps", "is malformed"),
        ("iql", "taker", "taken by baselines"),
        ("all", "everyone", "stands for every registered agent"),
        ("failing", "failing", "ModuleNotFoundError: No module named 'not_there_at_all'"),
        ("quitting", "quitting", "SystemExit: 3"),
        ("partial", "partial", "lacks reset, act, save, load"),
        ("gone", "gone", "No module named 'nowhere'"),
        ("odd", "odd", "cannot be imported"),
    ):
        assert any(all(word in line for word in words) for line in table.splitlines()), words


def test_every_agent_are_those_that_can_be_used(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("good", "good = good_code:Whole")
    install("failing", "failing = failing_code:Whole", code="1 / 0")
    install("taker", "iql = taker_code:Whole")
    names = [agent.name for agent in parse_agents("all")]
    assert "good" in names and "failing" not in names and names.count("iql") == 1
    told = capsys.readouterr().err
    assert "left out: agent 'failing' of failing: " in told and "ZeroDivisionError" in told
    assert "left out: agent 'iql' of taker: its name is taken by" in told


def test_only_asking_for_a_bad_one_fails(install: Install) -> None:
    install("caps", "MyNet = caps_code:Whole")
    install("failing", "failing = failing_code:Whole", code="1 / 0")
    install("one", "twice = one_code:Whole")
    install("two", "twice = two_code:Whole")
    assert find_agent("bc").name == "bc"
    with pytest.raises(UserError, match="'MyNet' of the package caps cannot be used: .*malformed"):
        find_agent("MyNet")
    message = "of the package one cannot be used: its name is that of one and two; uninstall"
    with pytest.raises(UserError, match=message):
        find_agent("twice")
    with pytest.raises(UserError, match="'failing' cannot be imported .*ZeroDivisionError.*repair"):
        agent_class("failing")
    refused = CliRunner().invoke(app, ["--tasks", "maze2d-umaze", "--agents", "bc,MyNet"])
    assert refused.exit_code == 2 and "error: agent 'MyNet' of the package caps" in refused.stderr


def test_a_file_of_entry_points_that_cannot_be_read_is_named(install: Install) -> None:
    install("torn", "no equals sign")
    install("good", "good = good_code:Whole")
    assert "good" in agent_names()
    assert problems()["?"][0] == "torn" and "entry_points.txt cannot" in problems()["?"][1]


def test_what_is_installed_twice_is_no_clash(install: Install, tmp_path: Path) -> None:
    install("same", "same = same_code:Whole")
    twin = tmp_path / "same-1.1.dist-info"
    twin.mkdir()
    for file in (tmp_path / "same-1.0.dist-info").iterdir():
        (twin / file.name).write_bytes(file.read_bytes())
    assert agent_names().count("same") == 1 and not problems()
