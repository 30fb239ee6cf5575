"""A run that had a score and goes on, with more gradient steps or more time: what it had stays."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from benchmark.errors import TooNewError
from benchmark.records.record import SCORED_STATUSES, Record, RunSpec

_WENT_ON = "when it went on"


def record_to_keep(path: Path, record: Record) -> Record:
    """What to write of a run: its record, or the one before, if it now failed when it went on.

    Such a run had ended with a score; what it has is not lost. The reason of the record that is
    kept says what happened.

    Args:
        path: of the record before, if there is any.
        record: of the run, as it has now ended.
    """
    before = None
    if record.status not in SCORED_STATUSES:
        before = ended_before(path, record.run)
    if before is None:
        return record
    taken = "" if record.steps is None else f" at gradient step {record.steps:,}"
    ended = "ended well" if before.status == "completed" else "had no more time"
    return replace(
        before,
        reason=f"it {ended}; {_WENT_ON} to {record.run.steps:,} gradient steps, it "
        f"{record.status}{taken}: {record.reason}",
        remedy=record.remedy,
    )


def ended_before(path: Path, run: RunSpec) -> Record | None:
    """The record of a run that had a score before it was asked for more; None if it had none.

    It completed with fewer gradient steps, or was capped after less time.
    """
    try:
        before = Record.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, TooNewError):
        return None
    return before if goes_on(run, before) else None


def goes_on(asked: RunSpec, record: Record) -> bool:
    """Whether a run that has ended with a score is asked for more than it has."""
    return has_more_steps(asked, record) or _has_more_time(asked, record)


def has_more_steps(asked: RunSpec, record: Record) -> bool:
    """Whether a run that completed is asked for more gradient steps."""
    return record.status == "completed" and asked.steps > record.run.steps


def _has_more_time(asked: RunSpec, record: Record) -> bool:
    return record.status == "capped" and minutes_of(asked) > minutes_of(record.run)


def minutes_of(run: RunSpec) -> float:
    """Minutes that a run may take; infinite where there is no limit."""
    return math.inf if run.max_minutes is None else run.max_minutes


def failed_to_go_on(record: Record) -> bool:
    """Whether a record is the one before of a run that failed when it went on."""
    return record.reason is not None and f"; {_WENT_ON} to " in record.reason
