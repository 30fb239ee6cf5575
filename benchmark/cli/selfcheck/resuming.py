"""What a killed command costs: the run is resumed, and compared with one that nobody disturbed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmark.cli.selfcheck.processes import RUN_TASK, command, start
from benchmark.errors import UserError
from benchmark.records.files import RunFiles
from benchmark.running.checkpoint import checkpoint_metadata

_RUN = f"{RUN_TASK}/noting/seed-0"
_WEIGHTS = "weights/planner.safetensors"


@dataclass(frozen=True)
class Resumed:
    """What was measured.

    Attributes:
        lost: seconds of training that had to be done again.
        at: gradient step from which the run went on.
        same: whether it ended with the weights of the undisturbed run.
    """

    lost: float
    at: int
    same: bool


def measure_resume(folder: Path, undisturbed: Path, steps: int) -> Resumed:
    """Kills a command a few seconds after a checkpoint, and resumes it.

    Args:
        folder: for its output.
        undisturbed: the folder of a run of as many steps.
        steps: gradient steps.

    Raises:
        UserError: if it ends before it could be killed.
    """
    files = RunFiles(folder / "out", _RUN)
    checkpoint = files.checkpoint / "state.json"
    with start(folder, steps, 1, 1) as process:
        while not checkpoint.exists():
            _check_runs(process.poll() is None, steps)
            time.sleep(0.1)
        # The last of a training costs nothing to go on from.
        metadata = checkpoint_metadata(files.checkpoint)
        _check_runs(metadata is not None and metadata["step"] < steps, steps)
        time.sleep(5.0)
        lost = time.time() - checkpoint.stat().st_mtime
        process.kill()
    # It leaves a checkpoint at its end, too.
    _check_runs(not files.record.exists(), steps)
    (record,) = command(folder, steps, 1, 1, "--resume").records
    weights = [RunFiles(run / "out", _RUN).agent / _WEIGHTS for run in (folder, undisturbed)]
    same = weights[0].read_bytes() == weights[1].read_bytes()
    return Resumed(lost, record.resumed_at[-1], same)


def _check_runs(goes_on: bool, steps: int) -> None:
    if not goes_on:
        raise UserError(
            "the run was over before its first checkpoint, which is kept after a minute; give more "
            f"--steps than {steps}"
        )
