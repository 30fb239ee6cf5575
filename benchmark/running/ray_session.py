"""Ray, started and ended without a trace: for the runner of trials and the search for settings."""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import ray
from ray.exceptions import RayTaskError

from benchmark.errors import UserError, one_line
from benchmark.records.disk import socket_temp
from benchmark.records.files import output_to
from benchmark.running.compute import Needs

# Ray runs nothing but our trials: it needs no page of its own, and hardly any shared memory.
_OWN_CLUSTER: dict[str, Any] = {
    "address": "local",
    "_node_ip_address": "127.0.0.1",
    "include_dashboard": False,
    "object_store_memory": 100 * 2**20,
}
_QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
# What the processes of trials read from their environment.
_FOR_TRIALS = {
    # Else a run without a share of a GPU, such as one on `cuda:1`, would see none.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_FOR_DRIVER = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
}
_CONNECT_SECONDS = 10.0
# Ray asks whoever connects for a token; unless given one, it writes one to the home folder.
_TOKEN = secrets.token_hex(32)


@dataclass(frozen=True)
class Session:
    """A running Ray.

    Attributes:
        folder: for its files, removed at the end.
        terminal: where standard output went before Ray's output was sent to a log.
    """

    folder: Path
    terminal: TextIO

    def print_line(self, line: str) -> None:
        """Prints a line on the terminal."""
        print(line, file=self.terminal, flush=True)


@contextlib.contextmanager
def ray_session(cpus: int, log: Path, address: str | None = None) -> Iterator[Session]:
    """Starts Ray, or connects to one that runs, and leaves nothing behind.

    Args:
        cpus: that an own Ray hands out to trials.
        log: gets all that Ray has to say.
        address: of a running cluster, `auto` or `host:port`; None starts one on this machine.

    Raises:
        UserError: if there is no cluster at `address`.
    """
    parent, chosen = socket_temp(), tempfile.gettempdir()
    folder = Path(tempfile.mkdtemp(prefix="mage-ray-", dir=parent))
    with output_to(log) as terminal, _environment(own=address is None):
        if str(parent) != chosen:
            line = (
                f"Ray's files go to {parent}: below {chosen} its sockets' names would be too long"
            )
            print(line, file=terminal, flush=True)
        try:
            if address is None:
                ray.init(num_cpus=cpus, _temp_dir=str(folder), **_OWN_CLUSTER, **_QUIET)
            else:
                _connect(address)
            yield Session(folder, terminal)
        finally:
            ray.shutdown()
            shutil.rmtree(folder, ignore_errors=True)


def _connect(address: str) -> None:
    try:
        if address != "auto":  # Ray itself would wait for a cluster that is not there.
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
        ray.init(address, runtime_env={"env_vars": _for_trials()}, **_QUIET)
    except (OSError, ValueError) as error:
        raise UserError(
            f"no Ray cluster at --address {address} ({one_line(error)}); valid: auto or host:port "
            "of one that runs; start one with `ray start --head`, or leave the option out"
        ) from error


def _for_trials() -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    values = {**_FOR_TRIALS, "PYTHONPATH": path}
    if "MINARI_DATASETS_PATH" in os.environ:
        values["MINARI_DATASETS_PATH"] = str(Path(os.environ["MINARI_DATASETS_PATH"]).resolve())
    return values


@contextlib.contextmanager
def _environment(own: bool) -> Iterator[None]:
    """Sets what Ray and its processes read from the environment, and puts it back."""
    values = {**_for_trials(), **_FOR_DRIVER}
    if own and "RAY_AUTH_TOKEN_PATH" not in os.environ:
        values["RAY_AUTH_TOKEN"] = os.environ.get("RAY_AUTH_TOKEN", _TOKEN)
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def trial_error(trial: Any) -> tuple[str, str]:
    """What ended a trial of Ray Tune, in one line, and all that is known of it."""
    if trial.pickled_error_file is None:
        return "Ray could not run it; see ray.log", ""
    # Ray's own way of reading it looks where it has not been copied to yet.
    error = pickle.loads(Path(trial.pickled_error_file).read_bytes())
    if isinstance(error, RayTaskError):
        return f"{type(error.cause).__name__}: {one_line(error.cause)}", str(error)
    return f"its process died: {str(error).strip().splitlines()[0]}", str(error)


def gpu_memory_gb(device: str) -> float | None:
    """Memory of one GPU that Ray is to share out; one given by number is not for Ray to give."""
    if device != "cuda":
        return None
    import torch  # Not needed without a GPU.

    return float(torch.cuda.get_device_properties(0).total_memory) / 2**30


def ray_resources(needs: Needs, gpu_gb: float | None) -> dict[str, float]:
    """What Ray sets aside for a run.

    Never more than the machine has: Ray would wait for it for ever.

    Args:
        needs: of the run.
        gpu_gb: memory of one GPU; None for a run without one.
    """
    resources = {"CPU": float(min(needs.threads, os.cpu_count() or 1))}
    resources["memory"] = min(needs.memory_gb * 2**30, 0.5 * total_memory())
    if gpu_gb is not None:
        # In whole hundredths, upwards: what is left over is of no use to anybody.
        resources["GPU"] = min(1.0, -(-100 * needs.gpu_memory_gb // gpu_gb) / 100)
    return resources


def total_memory() -> int:
    """Main memory of this machine in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
