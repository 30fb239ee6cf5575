"""Which return scores 0 and which 100, and whether all scores of a task mean the same.

A dataset's own reference returns come first where its rewards are the evaluation's (see
`Task.scored_by`), so that runs of one task on two datasets may be on two scales. Scores of two
scales have no mean, and no difference. Where there are no references, scores are returns: they
compare agents on their task, and nothing is worked out of them and those of other tasks.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from benchmark.errors import UserError
from benchmark.records.record import RETURNS, SUCCESSES, Record
from benchmark.records.text import counted
from benchmark.tasks import TASKS

D4RL, OWN, RETURN, SUCCESS = SCALES = ("D4RL", "own references", "return", "success")
"""What the scores of a task are: normalised by D4RL's references, or by those of a dataset or a
user's task; or undiscounted returns; or 100 for each episode that succeeds."""
DECIMALS = 1
"""Of a printed score, and so of what counts as equally good."""
_MOST_DECIMALS = 6


@dataclass(frozen=True)
class ScaleUse:
    """The scale that the scores of a run are on.

    Attributes:
        task: of the run.
        zero: return that scores 0; NaN where nothing is known of the task.
        hundred: return that scores 100.
        dataset: id of what was learnt from, which may have brought the scale.
        returns: whether scores are returns.
        successes: whether they are successes in percent.
    """

    task: str
    zero: float
    hundred: float
    dataset: str
    returns: bool = False
    successes: bool = False

    @property
    def scale(self) -> tuple[str, str]:
        """Both returns, to as many digits as make a difference."""
        if self.returns or self.successes:
            return self.kind, self.kind
        return _digits(self.zero, self.hundred)

    @property
    def kind(self) -> str:
        """One of `SCALES`."""
        if self.returns or self.successes:
            return RETURN if self.returns else SUCCESS
        table = TASKS[self.task].references if self.task in TASKS else None
        unknown = math.isnan(self.zero)  # As of older records; other tasks had no reports then.
        return D4RL if unknown or (table and _digits(*table) == self.scale) else OWN


def scale_use(record: Record) -> ScaleUse:
    """The scale of a record that has a score."""
    own, name = record.dataset.get("reference_scores"), record.run.task
    zero, hundred = record.references or own or (math.nan, math.nan)
    if name in TASKS and not record.references:  # A record of before.
        zero, hundred = TASKS[name].scored_by(own).references or (zero, hundred)
    dataset = str(record.dataset.get("id") or "unknown")
    scale = record.scale
    return ScaleUse(
        name, float(zero), float(hundred), dataset, scale == RETURNS, scale == SUCCESSES
    )


def task_scales(runs: pd.DataFrame) -> dict[str, str]:
    """Task -> which of `SCALES` its scores are on; without a score it is the table's.

    Args:
        runs: from `score_frames.run_frame`.
    """
    scored = runs[runs["scored"]].groupby("task")["scale"].first().to_dict()
    return {str(task): scored.get(task, _of_table(str(task))) for task in runs["task"].unique()}


def _of_table(task: str) -> str:
    return SUCCESS if task in TASKS and TASKS[task].score_is_success else D4RL


def score_decimals(scores: pd.Series, scale: str) -> int:
    """How many decimals the scores of a task are printed with: of returns, three digits that count.

    Args:
        scores: of all runs of the task.
        scale: one of `SCALES`.
    """
    largest = scores.abs().max()
    if scale != RETURN or not 0 < largest < math.inf:
        return DECIMALS
    return min(max(DECIMALS, 2 - math.floor(math.log10(largest))), _MOST_DECIMALS)


def _digits(zero: float, hundred: float) -> tuple[str, str]:
    return f"{zero:.6g}", f"{hundred:.6g}"


def check_scales(uses: Iterable[ScaleUse]) -> None:
    """Makes sure that the scores of each task are on one scale.

    Raises:
        UserError: if they are not.
    """
    counts = Counter(uses)
    scales: dict[str, set[tuple[str, str]]] = {}
    for use in counts:
        scales.setdefault(use.task, set()).add(use.scale)
    for task, several in scales.items():
        if len(several) > 1:
            uses_of_task = "; ".join(
                f"{_scale_text(use)} in {counted(runs, 'run')} on {use.dataset}"
                for use, runs in counts.items()
                if use.task == task
            )
            raise UserError(
                f"{task} has scores on different reference scales, which the datasets bring with "
                f"them: a return of {uses_of_task}. They have neither a mean nor a difference: "
                "keep runs of each scale in a folder of their own (--out), and compare runs on one "
                "dataset (--dataset)"
            )


def _scale_text(use: ScaleUse) -> str:
    if use.returns:
        return "any size is its own score, without references,"
    if use.successes:
        return "any size scores 100 if the episode succeeds, and else 0,"
    return f"{use.zero:g} scores 0 and {use.hundred:g} scores 100"
