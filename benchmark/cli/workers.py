"""How many runs go on at a time: options, and what they mean."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.errors import UserError
from benchmark.records.capacity import usable_cores

_MOST = 1024  # Each is a process; a slip of the finger is to take no machine down.

WorkersOption = Annotated[
    int | None,
    typer.Option(help="Runs at a time; 0: in this process, without Ray [default: cores]."),
]
SamplesOption = Annotated[int | None, typer.Option(help="Samples at a time [default: cores].")]
DebuggerOption = Annotated[
    bool, typer.Option("--pdb", help="Open pdb where an agent fails; means --workers 0.")
]


def worker_count(workers: int | None, *, debugger: bool = False, fewest: int = 0) -> int:
    """How many runs at a time: what the user says, or one for each core that there is for us.

    Args:
        workers: what the user says; None if nothing.
        debugger: whether one is to open, for which runs have to be in this process.
        fewest: that are valid: 1 where there is no way without Ray.

    Raises:
        UserError: for a number that is not valid.
    """
    if workers is None:
        return 0 if debugger else usable_cores()
    if not fewest <= workers <= _MOST:
        problem = "too few" if workers < fewest else "more than any machine runs at a time"
        problem += ", as this command goes on Ray alone" * (workers == 0)
        raise UserError(
            f"--workers {workers} is {problem}; valid: {fewest} to {_MOST}; leave it out for one "
            "run on each core"
        )
    return workers
