"""What surrounds Ray: the environment of its processes, where they import from, and addresses."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.running import ray_session
from benchmark.running.ray_session import check_address

ROOT = Path(__file__).resolve().parents[3]


def test_trials_get_one_thread_this_code_and_the_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MINARI_DATASETS_PATH", "data")
    monkeypatch.setenv("PYTHONPATH", "/own")
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    monkeypatch.setenv("WANDB_API_KEY", "a machine has its own")
    monkeypatch.setattr(sys, "path", ["/bin", "/libraries"])
    assert ray_session._for_trials() == {
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_CHDIR_TO_TRIAL_DIR": "0",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}/own",
        "MINARI_DATASETS_PATH": str(tmp_path / "data"),
        "WANDB_PROJECT": "mine",
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


@pytest.mark.parametrize(
    ("errors", "starts"),
    [
        (["The current node timed out during startup."] * 4, 5),
        (["The current node timed out during startup."] * 5, None),
        (["no room"], None),
    ],
)
def test_a_ray_that_was_too_slow_is_started_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, errors: list[str], starts: int | None
) -> None:
    left, tried = list(errors), []

    def init(**options: Any) -> None:
        tried.append(options["num_cpus"])
        if left:
            raise RuntimeError(left.pop())

    monkeypatch.setattr(ray_session.ray, "init", init)
    if starts is None:
        with pytest.raises(UserError, match=f"Ray does not start on this machine .*{errors[0]}"):
            ray_session._start(tmp_path, 3, 0, tmp_path / "log")
    else:
        ray_session._start(tmp_path, 3, 0, tmp_path / "log")
    assert tried == [3] * (starts or len(errors))


@pytest.mark.parametrize("here", ["", "{here}"])
def test_trials_look_where_the_command_looks_and_for_this_code_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, here: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f"/a{os.pathsep}/b")
    monkeypatch.setattr(sys, "path", [here.format(here=tmp_path), "/libraries"])
    assert ray_session._import_path() == [str(ROOT), str(tmp_path), "/a", "/b"]


@pytest.mark.parametrize("address", ["auto", "host:1", "10.0.0.1:65535", "[::1]:6379"])
def test_addresses_of_clusters(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize(
    "address", ["", "nohost", ":6379", "host:", "host:x", "host:0", "host:65536", "ray://host:1"]
)
def test_what_is_no_address_is_refused_in_words(address: str) -> None:
    with pytest.raises(UserError) as error:
        check_address(address)
    message = f"no Ray cluster at --address {address} (this is no address); valid: auto or "
    assert str(error.value).startswith(message)


def test_an_own_ray_has_what_it_is_given_and_what_is_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: dict[str, Any] = {}
    monkeypatch.setattr(ray_session.ray, "init", lambda **options: started.update(options))
    monkeypatch.setattr(ray_session, "usable_memory", lambda: 3 * 2**30)
    ray_session._start(tmp_path, 5, 2, tmp_path / "ray.log")
    assert (started["num_cpus"], started["num_gpus"]) == (5, 2)
    assert started["_memory"] == 3 * 2**30 - started["object_store_memory"]
    monkeypatch.setattr(ray_session, "usable_memory", lambda: 0)
    ray_session._start(tmp_path, 5, 2, tmp_path / "ray.log")
    assert started["_memory"] > 0


def test_a_ray_that_does_not_start_is_one_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(error: BaseException) -> None:
        def init(*arguments: Any, **options: Any) -> None:
            raise error

        monkeypatch.setattr(ray_session.ray, "init", init)

    fail(RuntimeError("no\nport"))
    with pytest.raises(UserError, match=r"Ray does not start .*\(no port\); see .*ray.log; "):
        ray_session._start(tmp_path, 1, 0, tmp_path / "ray.log")
    with pytest.raises(UserError, match=r"no Ray cluster at --address auto \(no port\)"):
        ray_session._connect("auto")
    fail(SystemExit(15))
    with pytest.raises(KeyboardInterrupt):
        ray_session._start(tmp_path, 1, 0, tmp_path / "ray.log")
    with pytest.raises(KeyboardInterrupt):
        ray_session._connect("auto")
