"""The debugger at an agent's error: in which frame it opens, and how it was left."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from benchmark.agents.registry import agent_class
from benchmark.records.record import RunSpec
from benchmark.running.post_mortem import debug_error

FAILING = """
import json


class Failing(Pusher):
    def __init__(self): pass

    def fit(self, text):
        where = "in the agent"
        json.loads(text)
"""


@pytest.fixture
def run(agent_file: Path) -> RunSpec:
    agent_file.write_text(agent_file.read_text() + FAILING)
    source = f"{agent_file}:Failing"
    return RunSpec("maze2d-umaze", "failing", 0, "smoke", 1, 1, source=source)


def debugged(run: RunSpec, work: Any, commands: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr("sys.stdin", io.StringIO(commands))
    with pytest.raises(ValueError, match="Expecting") as caught:
        work("{")
    return debug_error(run, caught.value)


@pytest.mark.parametrize(
    ("commands", "quits"),
    [("c\n", False), ("continue\n", False), ("q\n", True), ("quit\n", True), ("exit\n", True)],
)
def test_it_opens_in_the_agents_frame_and_quitting_is_no_going_on(
    run: RunSpec,
    commands: str,
    quits: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fit = agent_class(str(run.source))().fit  # type: ignore[call-arg]
    assert debugged(run, fit, f"p where\ndown\np s\n{commands}", monkeypatch) == quits
    printed = capsys.readouterr().out
    assert printed.startswith("maze2d-umaze/failing/seed-0 has failed; in the debugger:")
    assert "'in the agent'" in printed, "the frame that has the error is one of a library"
    assert "'{'" in printed, "the frame below can be seen too"


def test_the_end_of_input_quits(run: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = agent_class(str(run.source))().fit  # type: ignore[call-arg]
    assert debugged(run, fit, "", monkeypatch)


def test_an_error_outside_the_agent_opens_where_it_was_raised(
    run: RunSpec, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert debugged(run, json.loads, "p s\nq\n", monkeypatch)
    assert "'{'" in capsys.readouterr().out
    Path(str(run.source).rpartition(":")[0]).unlink()  # A class that cannot be had is none.
    assert debugged(run, json.loads, "p s\nq\n", monkeypatch)
