"""Which return scores 0 and which 100, and whether all scores of a task mean the same.

A dataset's own reference returns come first where its rewards are the evaluation's (see
`Task.scored_by`), so that runs of one task on two datasets may be on two scales. Scores of two
scales have no mean, and no difference.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from benchmark.errors import UserError
from benchmark.records.record import Record
from benchmark.records.text import counted
from benchmark.tasks import TASKS


@dataclass(frozen=True)
class ScaleUse:
    """The scale that the scores of a run are on.

    Attributes:
        task: of the run.
        zero: return that scores 0; NaN where nothing is known of the task.
        hundred: return that scores 100.
        dataset: id of what was learnt from, which may have brought the scale.
    """

    task: str
    zero: float
    hundred: float
    dataset: str

    @property
    def scale(self) -> tuple[str, str]:
        """Both returns, to as many digits as make a difference."""
        return f"{self.zero:.6g}", f"{self.hundred:.6g}"


def scale_use(record: Record) -> ScaleUse:
    """The scale of a record that has a score."""
    own, name = record.dataset.get("reference_scores"), record.run.task
    zero, hundred = own or (math.nan, math.nan)
    if name in TASKS:
        task = TASKS[name].scored_by(own)
        zero, hundred = task.min_score, task.max_score
    return ScaleUse(name, float(zero), float(hundred), str(record.dataset.get("id") or "unknown"))


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
                f"{use.zero:g} scores 0 and {use.hundred:g} scores 100 "
                f"in {counted(runs, 'run')} on {use.dataset}"
                for use, runs in counts.items()
                if use.task == task
            )
            raise UserError(
                f"{task} has scores on different reference scales, which the datasets bring with "
                f"them: a return of {uses_of_task}. They have neither a mean nor a difference: "
                "keep runs of each scale in a folder of their own (--out), and compare runs on one "
                "dataset (--dataset)"
            )
