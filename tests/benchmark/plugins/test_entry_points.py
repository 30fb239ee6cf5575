"""Entry points of installed packages: all of a group, and what they lead to."""

from __future__ import annotations

from importlib.metadata import EntryPoint, distributions
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.plugins import entry_points
from benchmark.plugins.entry_points import loaded, plug_ins


def _install(folder: Path, package: str, text: str) -> None:
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(text)


def test_those_of_one_group_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    _install(tmp_path, "one", "[my.group]\na = os:sep\n[other]\nb = os:sep\n")
    _install(tmp_path, "torn", "[my.group]\nno equals sign\n")
    found = {one.name: one for one in plug_ins("my.group")}
    assert set(found) == {"a", "?"} and found["a"].package == "one"
    assert found["?"].problem and "entry_points.txt cannot be read" in found["?"].problem


def test_what_cannot_be_imported_is_one_message() -> None:
    assert loaded(EntryPoint("a", "os:curdir", "my.group"), "agent") == "."
    with pytest.raises(UserError, match="agent 'a' cannot be imported from gone.*repair or unins"):
        loaded(EntryPoint("a", "gone", "my.group"), "agent")


def test_files_are_read_anew_once_a_package_comes_or_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    assert plug_ins("my.group") == []
    read = []
    monkeypatch.setattr(entry_points, "distributions", lambda: read.append(1) or distributions())
    assert plug_ins("my.group") == [] and read == []
    _install(tmp_path, "late", "[my.group]\na = os:sep\n")
    assert [one.package for one in plug_ins("my.group")] == ["late"] and read == [1]
