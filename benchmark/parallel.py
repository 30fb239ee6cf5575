"""Ray, and nothing but Ray: runs many trials side by side; each one ends in a record."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ray
from ray import tune

import benchmark
from benchmark.record import Record, RunSpec, record_path, write_record
from benchmark.trial import failure, new_record, output_to, run_trial

# Ray runs nothing but our trials: it needs no page of its own, and hardly any shared memory.
_RAY_OPTIONS: dict[str, Any] = {
    "address": "local",
    "_node_ip_address": "127.0.0.1",
    "include_dashboard": False,
    "log_to_driver": False,
    "logging_level": "ERROR",
    "object_store_memory": 100 * 2**20,
}
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    # Else a run without a share of a GPU, such as one on `cuda:1`, would see none.
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
# Ray asks whoever connects for a token; unless given one, it writes one to the home folder.
_TOKEN = secrets.token_hex(32)


def run_all(
    runs: Sequence[RunSpec],
    out: Path,
    device: str,
    workers: int,
    report: Callable[[str], None] | None = None,
) -> list[Record]:
    """Runs trials, each in a process of its own, and writes their records.

    A trial whose process dies gets a record from here; the others go on. What Ray has to say goes
    to `ray.log` in the output folder.

    Args:
        runs: the cells of the grid.
        out: the output folder.
        device: name of a torch device.
        workers: trials at a time.
        report: is told each result in one line; standard output by default.

    Returns:
        The records, in the order in which the runs ended.
    """
    out = out.resolve()
    files = tempfile.mkdtemp(prefix="mage-ray-", dir="/tmp")  # Names of sockets must stay short.
    with output_to(out / "ray.log") as terminal, _environment():
        tell = report or (lambda line: print(line, file=terminal, flush=True))
        recorder = _Recorder(runs, out, tell)
        try:
            ray.init(num_cpus=workers, _temp_dir=files, **_RAY_OPTIONS)
            _tuner(recorder, device, workers, files).fit()
        finally:
            ray.shutdown()
            shutil.rmtree(files, ignore_errors=True)
    return recorder.records


class _Recorder(tune.Callback):
    """Sees each run end: tells the user, and writes the record that a dead process could not."""

    def __init__(self, runs: Sequence[RunSpec], out: Path, report: Callable[[str], None]) -> None:
        self.runs = runs
        self.out = out
        self.records: list[Record] = []
        self._report = report

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray keeps a copy to resume from; here it is the records that do this.

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        path = record_path(self.out, self.runs[trial.config["index"]])
        self._take(Record.from_json(path.read_text(encoding="utf-8")))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        run = self.runs[trial.config["index"]]
        error = str(trial.get_pickled_error())
        why = failure(
            self.out, run, f"the process of the run died: {error.strip().splitlines()[0]}"
        )
        record = new_record(run, traceback=error, **why)
        write_record(self.out, record)
        self._take(record)

    def _take(self, record: Record) -> None:
        self.records.append(record)
        self._report(f"[{len(self.records)}/{len(self.runs)}] {describe(record)}")


def describe(record: Record) -> str:
    """One line for people on how a run ended."""
    run = record.run
    ending = record.status if record.score is None else f"score {record.score:.1f}"
    reason = f": {record.reason}" if record.reason else ""
    minutes = record.seconds.get("total", 0.0) / 60
    return f"{run.task} {run.agent} seed {run.seed}: {ending}{reason} ({minutes:.1f} min)"


def _tuner(recorder: _Recorder, device: str, workers: int, files: str) -> tune.Tuner:
    trial = tune.with_parameters(_trial, runs=recorder.runs, out=recorder.out, device=device)
    return tune.Tuner(
        tune.with_resources(trial, {"cpu": 1, "gpu": _gpu_share(device, workers)}),
        param_space={"index": tune.grid_search(list(range(len(recorder.runs))))},
        tune_config=tune.TuneConfig(max_concurrent_trials=workers),
        run_config=tune.RunConfig(storage_path=f"{files}/tune", verbose=0, callbacks=[recorder]),
    )


def _trial(config: dict[str, int], runs: Sequence[RunSpec], out: Path, device: str) -> None:
    write_record(out, run_trial(runs[config["index"]], out, device))


def _gpu_share(device: str, workers: int) -> float:
    """Part of a GPU that Ray sets aside for a trial; one given by number is not for Ray to give."""
    if device != "cuda":
        return 0.0
    import torch

    trials_per_gpu = -(-workers // torch.cuda.device_count())
    return 1.0 / trials_per_gpu


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Sets what Ray and its processes read from the environment, and puts it back."""
    root = str(Path(benchmark.__file__).resolve().parent.parent)
    wanted = {
        **_ENVIRONMENT,
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
    }
    if "RAY_AUTH_TOKEN_PATH" not in os.environ:
        wanted["RAY_AUTH_TOKEN"] = os.environ.get("RAY_AUTH_TOKEN", _TOKEN)
    if "MINARI_DATASETS_PATH" in os.environ:
        wanted["MINARI_DATASETS_PATH"] = str(Path(os.environ["MINARI_DATASETS_PATH"]).resolve())
    before = dict(os.environ)
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
