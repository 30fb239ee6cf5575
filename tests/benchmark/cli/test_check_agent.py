"""The command that checks an agent: a line for each check, what to do, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.check_agent import app
from benchmark.running.conformance import CHECKS

GOOD = "from tests.benchmark.running.checked_agents import Good\n\n\nclass Mine(Good):\n    pass\n"


def test_a_file_with_one_agent_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(GOOD)
    result = CliRunner().invoke(app, ["mine.py"])
    assert result.exit_code == 0, result.output
    *lines, empty, count = result.output.splitlines()
    assert lines == [f"ok        {check.name}" for check in CHECKS]
    assert (empty, count) == ("", f"mine: {len(CHECKS)} ok, 0 failed, 0 skipped")


def test_what_fails_is_said_with_what_to_do(agent_file: Path) -> None:
    result = CliRunner().invoke(app, [f"{agent_file}:Lazy"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    failed = next(i for i, line in enumerate(lines) if "reports each gradient step once" in line)
    assert lines[failed].startswith("failed    ")
    assert lines[failed].endswith("of 4 steps it reported [1, 2, 3]")
    assert lines[failed + 1].startswith(" " * 10 + "-> call progress(step, losses) after each of")
    assert any(line.startswith("skipped   goes on after an interruption") for line in lines)


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        ("IQL", "unknown agent 'IQL'; did you mean 'iql'? (python -m benchmark.run --list prints"),
        ("bc,iql", "'bc,iql' names 2 agents; valid: one, such as bc; check one after the other"),
        ("my_agents.py", "agent 'my_agents.py' is a file of several agents; valid: my_agents.py:"),
        (
            "my_agents.py:Mute",
            "agent 'my_agents.py:Mute' lacks reset, act, save, load; an agent is",
        ),
        ("gone.py", "agent 'gone.py': no Python file"),
        ("", "names no agent; valid: a comma list such as mage,bc"),
    ],
)
def test_what_is_no_agent_is_one_message(
    agent: str, message: str, agent_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(agent_file.parent)
    result = CliRunner().invoke(app, [agent])
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
