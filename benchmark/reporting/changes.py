"""What changed between two folders of results, as a table and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmark.agents.builtin import display_name
from benchmark.records.text import counted, listed
from benchmark.reporting.difference_table import ONE_IN_TWENTY
from benchmark.reporting.formats import Table
from benchmark.reporting.tables import number, with_interval
from benchmark.statistics.compare import CHANGED, Change
from benchmark.statistics.reference_scales import OWN, RETURN, SUCCESS
from benchmark.statistics.uncertainty import CANNOT_TELL, ONE_SEED, UNPAIRED, VERDICTS


def change_table(changes: list[Change]) -> Table:
    """All cells, those that have changed in bold."""
    return Table(
        name="changes",
        caption=f"{_scores(changes)}: mean over seeds in the old and in the new folder, and the "
        "95 % interval of the difference, over training seeds and episodes, which are paired where "
        "both folders played the same. Bold: zero lies outside it.",
        header=["task", "agent", "old", "new", "new - old", "episodes", "new is"],
        rows=[
            [
                *(change.title, display_name(change.agent)),
                *(number(mean, change.decimals) for mean in (change.old, change.new)),
                *(_difference(change), change.basis or "-", change.verdict),
            ]
            for change in changes
        ],
        bold=frozenset((row, 6) for row, change in enumerate(changes) if change.verdict in CHANGED),
        text_columns=2,
        long=True,
    )


def _difference(change: Change) -> str:
    if not change.basis:
        return "-"
    return with_interval(change.new - change.old, change.low, change.high, change.decimals)


def _scores(changes: list[Change]) -> str:
    scales = {change.scale for change in changes} - {None}
    if scales == {RETURN}:
        return "Undiscounted return"
    words = "Normalised score" if OWN in scales else "D4RL-normalised score"
    if SUCCESS in scales:
        words = "Success in percent" if scales <= {SUCCESS, RETURN} else "Score"
    return f"{words}, or return where a row says so" if RETURN in scales else words


def remarks(changes: list[Change]) -> Iterator[str]:
    """What a reader has to know of the comparison, one sentence each."""
    verdicts = Counter(change.verdict for change in changes if change.basis)
    counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in VERDICTS)
    yield f"{counted(verdicts.total(), 'cell')} compared: {counts}."
    if verdicts[CANNOT_TELL]:
        yield ONE_IN_TWENTY
    if single := [_name(change) for change in changes if change.basis == ONE_SEED]:
        yield (
            f"One training seed, so that nothing can be told: {listed(single)}. Another seed might "
            "change the score by more; run two or more (--seeds 3) in both folders."
        )
    if unpaired := [_name(change) for change in changes if change.basis == UNPAIRED]:
        yield f"Not on the same episodes, so that they are not paired: {listed(unpaired)}."
    for change in changes:
        if change.differ:
            differ = "; ".join(change.differ)
            yield f"{_name(change)} was not run under the same conditions: {differ}."


def _name(change: Change) -> str:
    return f"{change.title} / {display_name(change.agent)}"
