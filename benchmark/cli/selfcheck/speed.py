"""How fast the harness is: two workers against one, and with it against without it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.cli.selfcheck.processes import bare_run, command, in_new_process

_GRID_STEPS, _GRID_RUNS = 600, 4


@dataclass(frozen=True)
class Speed:
    """What was measured.

    Attributes:
        one_worker: seconds of a grid of four runs, one at a time.
        two_workers: seconds of the same grid, two at a time.
        first_step: seconds from the command to the first gradient step.
        bare: seconds of training and evaluation of one run without the harness.
        run: seconds of the same in a run of the command.
        scores: seconds of these that went into scores for the learning curve.
    """

    one_worker: float
    two_workers: float
    first_step: float
    bare: float
    run: float
    scores: float


def measure_speed(folder: Path, steps: int) -> Speed:
    """Measures on this machine, which should have nothing else to do.

    Args:
        folder: for the output; the long run's stays in `long/`.
        steps: gradient steps of the long run, which should take a minute or more.
    """
    alone = in_new_process(bare_run, steps)
    long = command(folder / "long", steps, seeds=1, workers=1)
    one = command(folder / "one", _GRID_STEPS, seeds=_GRID_RUNS, workers=1)
    two = command(folder / "two", _GRID_STEPS, seeds=_GRID_RUNS, workers=2)
    seconds = long.records[0].seconds
    return Speed(
        one.seconds, two.seconds, long.first_step, alone, seconds["total"], seconds["curve"]
    )
