"""Findings about the machine: what is there, and what is said of trouble."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.running import machine_check
from benchmark.running.machine_check import data, devices, drawing, environments, folders
from benchmark.tasks import TASKS


def _by_name(look: Any) -> dict[str, Any]:
    return {finding.name: finding for finding in look()}


def test_devices_cores_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda number: f"GPU-{number}")
    monkeypatch.setattr(machine_check, "usable_memory", lambda: 3 * 2**30)
    found = _by_name(devices)
    assert found["devices"].text.startswith("cpu, cuda:0 (GPU-0), cuda:1 (GPU-1)")
    assert found["cores"].text.endswith("OMP_NUM_THREADS is 3")
    assert (found["memory"].text, found["memory"].remedy) == ("3.0 GiB free", None)
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(machine_check, "usable_memory", lambda: 2**30)
    found = _by_name(devices)
    assert found["cores"].text.endswith("OMP_NUM_THREADS is not set")
    memory = found["memory"]
    assert memory.remedy == "a run takes about 2 GiB: free some" and not memory.needed


def test_folders_are_named_with_their_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(machine_check, "free_mib", lambda folder: 1536)
    found = _by_name(folders)
    assert list(found) == ["datasets", "cache", "results", "temporary"]
    assert found["datasets"].text == f"{tmp_path / 'minari'} (not there yet), 1.5 GiB free"
    assert found["results"].text.startswith(str(tmp_path / "results"))
    assert not [finding for finding in found.values() if finding.remedy]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_or_is_full_has_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = OSError(errno.EROFS, "Read-only file system")
    monkeypatch.setattr(machine_check, "why_not_written", lambda folder: refused)
    found = _by_name(folders)
    assert found["results"].text.endswith("cannot be written (Read-only file system)")
    assert found["results"].remedy == "choose another with --out FOLDER, or put that right"
    assert {name for name, finding in found.items() if finding.needed} == {"temporary"}
    monkeypatch.setattr(machine_check, "why_not_written", lambda folder: None)
    monkeypatch.setattr(machine_check, "free_mib", lambda folder: 150)
    assert [name for name, finding in _by_name(folders).items() if finding.remedy] == ["temporary"]


def test_data_is_counted(small_umaze: Path) -> None:
    (finding,) = data()
    assert finding.text.startswith("79 download, 2 cached; python -m benchmark.datasets list")


def test_an_environment_of_each_benchmark_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(task: Any) -> Any:
        made.append(task.name)
        if task.benchmark == "kitchen":
            raise RuntimeError("no joint")
        spaces = (SimpleNamespace(shape=(size,)) for size in (4, 2))
        seen, done = spaces
        return SimpleNamespace(close=lambda: None, observation_space=seen, action_space=done)

    monkeypatch.setattr("benchmark.tasks.environments.make_environment", make)
    monkeypatch.setattr("benchmark.tasks.extras.find_spec", lambda name: None)
    found = _by_name(environments)
    assert list(found) == list(dict.fromkeys(task.benchmark for task in TASKS.values()))
    assert made[0] == "adroit-pen-human" and len(made) == len(found) - 2
    arm = found["ogbench-arm"]
    assert "needs the package ogbench, which is not installed" in arm.text and not arm.needed
    assert arm.remedy == "pip install -c constraints.txt -e '.[ogbench]'"
    assert found["maze2d"].text == "maze2d-umaze can be made: observations of 4, actions of 2"
    assert found["kitchen"].text == "kitchen-complete cannot be made (RuntimeError: no joint)"
    assert found["kitchen"].needed and not found["maze2d"].needed


def test_where_nothing_can_be_drawn_only_videos_are_not_possible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(task: Any) -> None:
        raise UserError("no driver; valid: MUJOCO_GL=egl")

    monkeypatch.setattr("benchmark.running.machine_check.check_drawing", refuse)
    (finding,) = drawing()
    assert finding.remedy == "no driver; valid: MUJOCO_GL=egl" and not finding.needed
    monkeypatch.setattr("benchmark.running.machine_check.check_drawing", lambda task: None)
    (finding,) = drawing()
    assert finding.remedy is None
