"""What this process may use: affinity, both versions of control groups, and what is free."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.records import capacity
from benchmark.records.capacity import usable_cores, usable_memory
from tests.commands import environment

GB = 2**30


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with 8 cores and 16 GiB free, whose files can be written; no limits yet."""
    monkeypatch.setattr(capacity, "_GROUPS", tmp_path / "groups")
    monkeypatch.setattr(capacity, "_OF_PROCESS", tmp_path / "own")
    monkeypatch.setattr(capacity, "_MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    write(tmp_path / "meminfo", f"MemTotal: 1 kB\nMemAvailable:   {16 * 2**20} kB\n")
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_without_limits_it_is_the_machine(system: Path) -> None:
    assert (usable_cores(), usable_memory()) == (8, 16 * GB)


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max 100000", 8), ("400000 100000", 4), ("250000 100000", 2), ("50000 100000", 1)],
)
@pytest.mark.parametrize("where", ["slice/job", "slice", "."])
def test_a_quota_of_version_2_counts_at_every_level(
    system: Path, quota: str, cores: int, where: str
) -> None:
    write(system / "own", "0::/slice/job\n")
    write(system / "groups" / where / "cpu.max", quota)
    assert usable_cores() == cores


@pytest.mark.parametrize("name", ["cpu", "cpu,cpuacct"])
def test_a_quota_of_version_1_counts(system: Path, name: str) -> None:
    # In a container, the path is that of the host, which is not there.
    write(system / "own", "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n0::/\n")
    write(system / "groups" / name / "cpu.cfs_quota_us", "300000\n")
    write(system / "groups" / name / "cpu.cfs_period_us", "100000\n")
    assert usable_cores() == 3
    write(system / "groups" / name / "cpu.cfs_quota_us", "-1\n")
    assert usable_cores() == 8


def test_the_least_of_all_limits_counts(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(system / "own", "0::/job\n")
    write(system / "groups/job/cpu.max", "300000 100000")
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {5, 7})
    assert usable_cores() == 2


def test_memory_that_a_group_of_version_2_has_left(system: Path) -> None:
    write(system / "own", "0::/job\n")
    group = system / "groups/job"
    write(group / "memory.max", f"{2 * GB}\n")
    write(group / "memory.current", f"{int(1.5 * GB)}\n")
    assert usable_memory() == GB / 2
    write(group / "memory.stat", f"anon 7\ninactive_file {GB}\n")
    assert usable_memory() == 1.5 * GB, "files that are cached can be given up"
    write(group / "memory.max", "max\n")
    assert usable_memory() == 16 * GB


def test_memory_that_a_group_of_version_1_has_left(system: Path) -> None:
    write(system / "own", "9:name=systemd:/\n4:memory:/docker/x\n")
    write(system / "groups/memory/memory.limit_in_bytes", f"{4 * GB}\n")
    write(system / "groups/memory/memory.usage_in_bytes", f"{3 * GB}\n")
    write(system / "groups/memory/memory.stat", f"total_inactive_file {GB}\n")
    assert usable_memory() == 2 * GB


def test_memory_is_never_less_than_nothing(system: Path) -> None:
    write(system / "own", "0::/\n")
    write(system / "groups/memory.max", "1000\n")
    write(system / "groups/memory.current", "2000\n")
    assert usable_memory() == 0


def test_systems_that_tell_nothing(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (system / "meminfo").unlink()
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert usable_cores() == 6
    assert usable_memory() == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    monkeypatch.delattr(os, "sysconf")
    assert usable_cores() == 1
    assert usable_memory() > 2**60


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs affinity")
def test_a_process_that_is_bound_to_a_core_uses_one() -> None:
    ask = (
        "from benchmark.cli.workers import worker_count; from benchmark.records import system; "
        "print(worker_count(None), worker_count(5), system.machine('cpu')['cores'])"
    )
    command = ["taskset", "-c", "0", sys.executable, "-c", ask]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    assert done.stdout.split() == ["1", "5", "1"], done.stderr
