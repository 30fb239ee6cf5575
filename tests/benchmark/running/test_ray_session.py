"""What surrounds Ray: the environment of its processes, what ended a trial, and whose GPU it is."""

from __future__ import annotations

import os
import pickle
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ray.exceptions import RayTaskError

from benchmark.running import ray_session
from benchmark.running.compute import Needs
from benchmark.running.ray_session import (
    gpu_memory_gb,
    ray_resources,
    total_memory,
    trial_error,
)

ROOT = Path(__file__).resolve().parents[3]


def test_trials_get_one_thread_this_code_and_the_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINARI_DATASETS_PATH", "data")
    monkeypatch.setenv("PYTHONPATH", "/own")
    assert ray_session._for_trials() == {
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_CHDIR_TO_TRIAL_DIR": "0",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}/own",
        "MINARI_DATASETS_PATH": str(tmp_path / "data"),
    }
    monkeypatch.delenv("MINARI_DATASETS_PATH")
    monkeypatch.delenv("PYTHONPATH")
    values = ray_session._for_trials()
    assert values["PYTHONPATH"] == str(ROOT) and "MINARI_DATASETS_PATH" not in values


@pytest.mark.parametrize("own", [True, False])
def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch, own: bool) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    with suppress(ValueError), ray_session._environment(own):
        assert os.environ["OMP_NUM_THREADS"] == "1"
        assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
        assert ("RAY_AUTH_TOKEN" in os.environ) == own, "somebody else's cluster has its own"
        os.environ["NEW"] = "1"
        raise ValueError
    assert dict(os.environ) == before


def test_a_token_of_the_user_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_AUTH_TOKEN_PATH", raising=False)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "mine")
    with ray_session._environment(own=True):
        assert os.environ["RAY_AUTH_TOKEN"] == "mine"


def _trial(tmp_path: Path, error: Exception | None) -> Any:
    if error is None:
        return SimpleNamespace(pickled_error_file=None)
    file = tmp_path / "error"
    file.write_bytes(pickle.dumps(error))
    return SimpleNamespace(pickled_error_file=str(file))


def test_what_ended_a_trial_is_told_in_one_line(tmp_path: Path) -> None:
    raised = RayTaskError("fit", "Traceback: all of it", ValueError("two\n lines"))
    reason, trace = trial_error(_trial(tmp_path, raised))
    assert reason == "ValueError: two lines" and "Traceback: all of it" in trace
    died = trial_error(_trial(tmp_path, OSError("\nkilled by signal 9\nmore")))
    assert died == ("its process died: killed by signal 9", "\nkilled by signal 9\nmore")
    assert trial_error(_trial(tmp_path, None)) == ("Ray could not run it; see ray.log", "")


def test_only_a_gpu_that_is_given_without_a_number_is_for_ray_to_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    properties = {0: SimpleNamespace(total_memory=3 * 2**30), 1: SimpleNamespace(total_memory=1)}
    monkeypatch.setattr("torch.cuda.get_device_properties", properties.get)
    assert gpu_memory_gb("cuda") == 3
    assert [gpu_memory_gb(name) for name in ("cpu", "cuda:0", "mps")] == [None] * 3


def test_resources_are_never_more_than_there_is() -> None:
    resources = ray_resources(Needs(threads=10_000, memory_gb=1e6), None)
    assert resources == {"CPU": os.cpu_count(), "memory": total_memory() / 2}


def test_resources_are_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.running.ray_session.os.cpu_count", lambda: 8)
    monkeypatch.setattr("benchmark.running.ray_session.total_memory", lambda: 32 * 2**30)
    assert ray_resources(Needs(3, 1.5), None) == {"CPU": 3.0, "memory": 1.5 * 2**30}
    assert ray_resources(Needs(9, 16.5), None) == {"CPU": 8.0, "memory": 16 * 2**30}
    monkeypatch.setattr("benchmark.running.ray_session.os.cpu_count", lambda: None)
    assert ray_resources(Needs(9), None)["CPU"] == 1


@pytest.mark.parametrize(
    ("gpu_gb", "needed", "share"),
    [
        *((80.0, 4.0, 0.05), (16.0, 4.0, 0.25), (2.0, 4.0, 1.0), (4.0, 4.0, 1.0)),
        # Upwards in hundredths: 4 / 7 is 0.571; 10 / 80 is 0.125.
        *((7.0, 4.0, 0.58), (80.0, 10.0, 0.13)),
    ],
)
def test_runs_share_a_gpu_by_its_memory(gpu_gb: float, needed: float, share: float) -> None:
    assert ray_resources(Needs(gpu_memory_gb=needed), gpu_gb)["GPU"] == share
