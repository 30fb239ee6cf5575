"""Records -> what is told of each single run beside its numbers: how it was made, and can be again.

Most of it is the same for many runs; `Shared` keeps equal values in memory once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from benchmark.records.record import Record
from benchmark.statistics.rerun import rerun
from benchmark.statistics.score_frames import in_table_order

_SPEC = ("episodes", "data", "max_minutes", "source")
_RECORD = (
    *("traceback", "config", "parameters", "dataset", "seconds", "peak_memory_mb", "versions"),
    *("commit", "machine", "started", "resumed_at"),
)
SHARED_FIELDS = ("traceback", "config", "dataset", "versions", "machine")
"""Fields of a record that many have in common."""
_COLUMNS = ("run", "settings_line", "command", "budget", "steps_taken", *_SPEC, *_RECORD)


class Shared:
    """Gives equal plain values one place in memory: 10,000 runs differ in few settings."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def __call__(self, value: Any) -> Any:
        """The first value that was equal to this one; values are of the kinds that JSON has."""
        return self._kept.setdefault(json.dumps(value), value)


def details_frame(records: Iterable[Record]) -> pd.DataFrame:
    """One row per record, in table order, of plain values.

    Returns:
        Columns `run` (its name), `settings_line` and `command` (see `rerun.Rerun`), `budget` and
        `steps_taken` (gradient steps); `episodes`, `data`, `max_minutes` and `source` of the
        run's spec; `traceback`, `config`, `parameters`, `dataset`, `seconds`, `peak_memory_mb`,
        `versions`, `commit`, `machine`, `started` and `resumed_at` of its record.
    """
    shared = Shared()
    rows = []
    for record in in_table_order(records):
        again = rerun(record.run)
        row = {"run": record.run.name, "command": again.command, "budget": record.run.steps}
        row |= {"settings_line": shared(again.settings), "steps_taken": record.steps}
        row |= {name: getattr(record.run, name) for name in _SPEC}
        rows.append(row | {name: getattr(record, name) for name in _RECORD})
    # As objects: with missing numbers among them, whole ones would become fractions.
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype=object)
