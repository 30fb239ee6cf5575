"""What is printed of findings, and that nothing that is broken ends the examination."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmark.cli import examination
from benchmark.cli.examination import examine
from benchmark.running.installation import Finding

FINE = Finding("python", "3.11.7")
NOTE = Finding("moviepy", "not installed", "pip install moviepy")
WRONG = Finding("torch", "not installed", "pip install torch", needed=True)


def _examined(
    monkeypatch: pytest.MonkeyPatch, *findings: Finding | Exception
) -> tuple[int, list[str]]:
    def look() -> Iterator[Finding]:
        for finding in findings:
            if isinstance(finding, Exception):
                raise finding
            yield finding

    monkeypatch.setattr(examination, "_sections", lambda: iter([("Packages", look)]))
    lines: list[str] = []
    return examine(lines.append), lines


def test_runs_are_possible_without_what_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    code, lines = _examined(monkeypatch, FINE, NOTE)
    assert code == 0
    assert [line.split() for line in lines] == [
        ["Packages"],
        ["ok", "python", "3.11.7"],
        ["note", "moviepy", "not", "installed"],
        ["->", "pip", "install", "moviepy"],
        ["runs", "are", "possible"],
    ]


def test_what_is_wrong_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    code, lines = _examined(monkeypatch, FINE, WRONG)
    assert code == 1
    assert lines[2].split() == ["wrong", "torch", "not", "installed"]
    assert lines[3].split() == ["->", "pip", "install", "torch"]
    assert lines[-1] == "\nno run is possible before this is put right: torch"


def test_what_cannot_be_looked_at_is_wrong_too(monkeypatch: pytest.MonkeyPatch) -> None:
    code, lines = _examined(monkeypatch, FINE, OSError("lost"))
    assert code == 1
    assert lines[2].split()[:2] == ["wrong", "packages"]
    assert "could not be looked at (OSError: lost)" in lines[2]
