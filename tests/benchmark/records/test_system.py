"""Where a number comes from is told truly."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.records import system
from benchmark.records.capacity import usable_cores
from benchmark.records.parts import Origin


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of its own with a copy of the module in it."""
    (tmp_path / "benchmark" / "records").mkdir(parents=True)
    shutil.copy(system.__file__, tmp_path / "benchmark" / "records" / "system.py")
    git(tmp_path, "init", "-q")
    return tmp_path


def commit_seen_from(checkout: Path) -> str:
    code = "import system; print(system.commit())"
    command = [sys.executable, "-c", code]
    folder = checkout / "benchmark" / "records"
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
    with (checkout / "benchmark" / "records" / "system.py").open("a") as file:
        file.write("# changed\n")
    assert commit_seen_from(checkout) == f"{head}-dirty"


def test_code_in_a_folder_of_a_larger_repository_is_ours_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "third" / "mage-bench"
    for name in ("benchmark/records", "mage"):
        (inner / name).mkdir(parents=True)
    shutil.copy(system.__file__, inner / "benchmark" / "records" / "system.py")
    (inner / "mage" / "losses.py").write_text("1")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    head = git(tmp_path, "rev-parse", "HEAD")
    # As git has them while it runs a hook of another checkout.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_LITERAL_PATHSPECS", "1")
    assert commit_seen_from(inner) == head
    (inner / "mage" / "losses.py").write_text("2")
    assert commit_seen_from(inner) == f"{head}-dirty"


def test_somebody_elses_checkout_is_not_ours(checkout: Path) -> None:
    (checkout / "theirs.txt").touch()
    git(checkout, "add", "theirs.txt")
    git(checkout, "commit", "-qm", "theirs")
    assert commit_seen_from(checkout) == "None"


@pytest.mark.parametrize(
    "file",
    ["mage/searched.json", "baselines/carp/agent.py", "benchmark/page.css", "constraints.txt"],
)
def test_settings_and_agents_are_code_too(checkout: Path, file: str) -> None:
    (checkout / file).parent.mkdir(parents=True, exist_ok=True)
    (checkout / file).write_text("1")
    git(checkout, "add", "benchmark", file)
    git(checkout, "commit", "-qm", "first")
    (checkout / file).write_text("2")
    assert commit_seen_from(checkout) == git(checkout, "rev-parse", "HEAD") + "-dirty"


@pytest.mark.parametrize("file", ["results/records.json", "tests/test_own.py", "mage.json"])
def test_a_file_that_is_no_code_changes_nothing(checkout: Path, file: str) -> None:
    (checkout / file).parent.mkdir(exist_ok=True)
    (checkout / file).write_text("1")
    git(checkout, "add", "benchmark", file)
    git(checkout, "commit", "-qm", "first")
    (checkout / file).write_text("2")
    (checkout / file).with_name("new.py").touch()
    assert commit_seen_from(checkout) == git(checkout, "rev-parse", "HEAD")


@pytest.mark.parametrize("shown", ["all", "no"])
@pytest.mark.parametrize(
    "file",
    # The first is imported in the place of the module `mage.config`, the second is looked up.
    ["mage/config/__init__.py", "benchmark/agents/measured_costs/quick-new.json", "mage/new.css"],
)
def test_a_new_file_among_the_code_changes_it_but_what_git_ignores_does_not(
    checkout: Path, file: str, shown: str
) -> None:
    (checkout / ".gitignore").write_text("*.ipynb\n")
    git(checkout, "add", "benchmark/records/system.py", ".gitignore")
    git(checkout, "commit", "-qm", "first")
    git(checkout, "config", "status.showUntrackedFiles", shown)
    for ignored in ("mage/__pycache__/config.pyc", "baselines/try.ipynb"):
        (checkout / ignored).parent.mkdir(parents=True)
        (checkout / ignored).touch()
    head = git(checkout, "rev-parse", "HEAD")
    assert commit_seen_from(checkout) == head
    (checkout / file).parent.mkdir(parents=True, exist_ok=True)
    (checkout / file).touch()
    assert commit_seen_from(checkout) == f"{head}-dirty"


def test_versions_memory_and_machine() -> None:
    versions = system.versions()
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert (versions["torch"], versions["numpy"]) == (version("torch"), np.__version__)
    assert {"d3rlpy", "diffusers", "minari", "gymnasium", "mujoco", "ray"} <= set(versions)
    machine = system.machine("cpu")
    assert machine["processor"] and machine["system"] == platform.platform()
    assert (machine["device"], machine["cores"]) == ("cpu", usable_cores())
    assert machine["niceness"] == os.nice(0)
    assert "gpu" not in machine


def test_every_record_says_what_it_was_made_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "versions", lambda: {"a": "1"})
    monkeypatch.setattr(system, "commit", lambda: "abc")
    assert system.origin("antmaze") == Origin("antmaze", {"a": "1"}, "abc")


def test_a_library_that_is_not_there_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "LIBRARIES", ("not-there-at-all", "numpy"))
    assert list(system.versions()) == ["python", "numpy"]


def test_the_gpu_is_the_one_that_was_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: f"Chip of {device}")
    assert system.machine("cuda:1")["gpu"] == "Chip of cuda:1"
    assert system.machine("cuda")["gpu"] == "Chip of cuda"


def _gone(path: Path, encoding: str) -> str:
    raise OSError


def test_what_linux_tells_of_memory_is_in_kibibytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda path, encoding: "VmPeak:\t 9 kB\nVmHWM:\t 3 kB\n")
    assert (system.peak_memory(), system.peak_memory_mb()) == (3 * 1024, 3 / 1024)


# ru_maxrss is bytes on macOS and KiB elsewhere (man getrusage).
@pytest.mark.parametrize(("platform", "peak"), [("freebsd", 7 * 1024), ("darwin", 7)])
def test_elsewhere_memory_is_what_the_system_counts(
    monkeypatch: pytest.MonkeyPatch, platform: str, peak: int
) -> None:
    monkeypatch.setattr(Path, "read_text", _gone)
    monkeypatch.setattr(system.sys, "platform", platform)
    monkeypatch.setattr("resource.getrusage", lambda who: SimpleNamespace(ru_maxrss=7))
    assert system.peak_memory() == peak


def test_a_system_without_that_file_resets_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_text", lambda path, text, encoding: _gone(path, encoding))
    assert not system.reset_peak_memory()


def test_memory_is_not_told_by_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", _gone)
    monkeypatch.setitem(sys.modules, "resource", None)
    assert system.peak_memory() is None and system.peak_memory_mb() is None


def test_the_processor_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "processor\t: 0\nmodel name\t: Chip: 5\nmodel name\t: Chip 6\n"
    monkeypatch.setattr(Path, "read_text", lambda path, encoding: text)
    assert system.machine("cpu")["processor"] == "Chip: 5"

    def gone(path: Path, encoding: str) -> str:
        raise OSError

    monkeypatch.setattr(Path, "read_text", gone)
    monkeypatch.setattr(system.platform, "processor", lambda: "")
    assert system.machine("cpu")["processor"] == platform.machine()
