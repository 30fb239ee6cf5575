"""Ray, started and ended without a trace: for the runner of trials and the search for settings."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import ray
from ray._private.node import Node
from ray.job_config import JobConfig

from benchmark.errors import UserError, one_line
from benchmark.records.capacity import usable_memory
from benchmark.records.disk import socket_temp
from benchmark.records.files import output_to
from benchmark.running.curves.tracker_choice import VARIABLES
from benchmark.running.stopping import shielded

# Ray runs nothing but our trials: it needs no page of its own, and hardly any shared memory.
_SHARED_MEMORY = 100 * 2**20
_OWN_CLUSTER: dict[str, Any] = {
    "address": "local",
    "_node_ip_address": "127.0.0.1",
    "include_dashboard": False,
    "object_store_memory": _SHARED_MEMORY,
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
    # On top of the command's own; Ray would add 15, and latency is measured in trials.
    "RAY_worker_niceness": "0",
    # Seconds for a process to start, not 60 and 30: on a busy machine it needs more.
    "RAY_worker_register_timeout_seconds": "600",
    "RAY_gcs_server_port_wait_time_s": "600",
}
_CONNECT_SECONDS = 10.0
_STARTS = 5  # So often it is tried.
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


class _JobOfThisCode(JobConfig):
    """Ray puts the current folder before all others where its processes import from.

    There may lie another checkout, or a `mage.py`; what this process imports from is in PYTHONPATH.
    """

    def _runtime_env_has_working_dir(self) -> bool:
        return True  # Ray then leaves the path as it is.


@contextlib.contextmanager
def ray_session(
    log: Path, *, cores: int = 1, gpus: int = 0, address: str | None = None
) -> Iterator[Session]:
    """Starts Ray, or connects to one that runs, and leaves nothing behind.

    Args:
        log: gets all that Ray has to say.
        cores: that an own Ray hands out to trials.
        gpus: that it hands out; as many as torch sees, which Ray need not see by itself.
        address: of a running cluster, `auto` or `host:port`; None starts one on this machine.

    Raises:
        UserError: if there is no cluster at `address`, or Ray does not start here.
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
            with shielded():
                if address is None:
                    _start(folder, cores, gpus, log)
                else:
                    _connect(address)
            yield Session(folder, terminal)
        finally:
            ray.shutdown()
            shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, cores: int, gpus: int, log: Path) -> None:
    """Starts Ray, again if its processes were too slow.

    They have 30 s, which no option changes; on a machine that is busy just then it is too little.
    """
    for left in reversed(range(_STARTS)):
        try:
            _start_once(folder, cores, gpus)
            return
        except SystemExit:  # Ray's answer to SIGTERM while it starts.
            raise KeyboardInterrupt from None
        except Exception as error:
            if left and "timed out" in str(error):
                _end_processes(error)
                continue
            raise UserError(
                f"Ray does not start on this machine ({one_line(error)}); see {log}; valid: a "
                "machine with free memory, a writable /tmp, and time for other processes"
            ) from error


def _end_processes(error: Exception) -> None:
    """Ends what a Ray that did not start has started; Ray would leave that until this process ends.

    Nothing but the traceback knows it.
    """
    for frame, _ in traceback.walk_tb(error.__traceback__):
        node = frame.f_locals.get("self")
        if isinstance(node, Node):
            node.kill_all_processes(check_alive=False, allow_graceful=False)


def _start_once(folder: Path, cores: int, gpus: int) -> None:
    ray.init(
        num_cpus=cores,
        num_gpus=gpus,
        # Ray itself would go by what control groups allow, but not by what is free.
        _memory=max(usable_memory() - _SHARED_MEMORY, 2**20),
        _temp_dir=str(folder),
        job_config=_JobOfThisCode(),
        **_OWN_CLUSTER,
        **_QUIET,
    )


def check_address(address: str) -> None:
    """Refuses what is no address of a cluster.

    Raises:
        UserError: for it.
    """
    host, _, port = address.rpartition(":")
    valid_port = re.fullmatch(r"\d{1,5}", port, re.ASCII) and 0 < int(port) < 2**16
    if address != "auto" and not (host and "/" not in host and valid_port):
        raise _no_cluster(address, "this is no address")


def _connect(address: str) -> None:
    check_address(address)
    try:
        if address != "auto":  # Ray itself would wait for a cluster that is not there.
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
        ray.init(
            address,
            job_config=_JobOfThisCode(runtime_env={"env_vars": _for_trials()}),
            **_QUIET,
        )
    except SystemExit:
        raise KeyboardInterrupt from None
    except Exception as error:  # Whatever somebody else's cluster makes Ray raise.
        raise _no_cluster(address, one_line(error)) from error


def _no_cluster(address: str, reason: str) -> UserError:
    return UserError(
        f"no Ray cluster at --address {address} ({reason}); valid: auto or host:port of one that "
        "runs; start one with `ray start --head`, or leave the option out"
    )


def _for_trials() -> dict[str, str]:
    values = {**_FOR_TRIALS, "PYTHONPATH": os.pathsep.join(_import_path())}
    values |= {name: os.environ[name] for name in VARIABLES if name in os.environ}
    if "MINARI_DATASETS_PATH" in os.environ:
        values["MINARI_DATASETS_PATH"] = str(Path(os.environ["MINARI_DATASETS_PATH"]).resolve())
    return values


def _import_path() -> list[str]:
    """Where trials import from: this code, then the folders where this process looks first."""
    root, here = str(Path(__file__).resolve().parents[2]), str(Path.cwd())
    first = [here] if {"", here} & set(sys.path) else []
    return [root, *first, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]


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
