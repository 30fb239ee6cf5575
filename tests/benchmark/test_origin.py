"""Where a number comes from is told truly."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark import origin


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of its own with a copy of the module in it."""
    (tmp_path / "benchmark").mkdir()
    shutil.copy(origin.__file__, tmp_path / "benchmark" / "origin.py")
    git(tmp_path, "init", "-q")
    return tmp_path


def commit_seen_from(checkout: Path) -> str:
    code = "import origin; print(origin.commit())"
    command = [sys.executable, "-c", code]
    folder = checkout / "benchmark"
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_the_commit_is_told_and_changed_code_too(checkout: Path) -> None:
    git(checkout, "add", "benchmark")
    git(checkout, "commit", "-qm", "first")
    head = git(checkout, "rev-parse", "HEAD")
    assert commit_seen_from(checkout) == head
    (checkout / "table.md").write_text("a result is no code")
    assert commit_seen_from(checkout) == head
    with (checkout / "benchmark" / "origin.py").open("a") as file:
        file.write("# changed\n")
    assert commit_seen_from(checkout) == f"{head}-dirty"


def test_somebody_elses_checkout_is_not_ours(checkout: Path) -> None:
    (checkout / "theirs.txt").touch()
    git(checkout, "add", "theirs.txt")
    git(checkout, "commit", "-qm", "theirs")
    assert commit_seen_from(checkout) == "None"


def test_versions_memory_and_machine() -> None:
    assert origin.versions()["python"].startswith("3.")
    assert 1 < origin.peak_memory_mb() < 1_000_000
    machine = origin.machine("cpu")
    assert machine["device"] == "cpu" and machine["processor"] and machine["cores"] >= 1
