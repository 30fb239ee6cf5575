"""What changed between two folders of results, as a table and in words."""

from __future__ import annotations

from collections.abc import Iterator

from benchmark.agents.builtin import display_name
from benchmark.records.text import counted, listed
from benchmark.reporting.formats import Table
from benchmark.reporting.tables import number
from benchmark.statistics.compare import CHANGED, EPISODES, Change


def change_table(changes: list[Change]) -> Table:
    """All cells, those that have changed in bold."""
    return Table(
        name="changes",
        caption="D4RL-normalised score: mean over seeds in the old and in the new folder, and "
        "Welch's 95 % interval of the difference. Bold: zero lies outside it.",
        header=["task", "agent", "old", "new", "new - old", "interval over", "verdict"],
        rows=[
            [
                *(change.title, display_name(change.agent), number(change.old), number(change.new)),
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
    difference = number(change.new - change.old)
    return f"{difference} [{number(change.low)}, {number(change.high)}]"


def remarks(changes: list[Change]) -> Iterator[str]:
    """What a reader has to know of the comparison, one sentence each."""
    changed = [change for change in changes if change.verdict in CHANGED]
    compared = [change for change in changes if change.basis]
    yield f"{counted(len(compared), 'cell')} compared, {len(changed)} changed by more than noise."
    if len(compared) > len(changed):
        yield "Of cells that have not changed, one in twenty is called changed by chance."
    if over := [_name(change) for change in changes if change.basis == EPISODES]:
        yield (
            f"Too few seeds, so that the interval is over evaluation episodes: {listed(over)}. It "
            "does not cover training seeds: another seed may change the score by more."
        )
    for change in changes:
        if change.differ:
            differ = "; ".join(change.differ)
            yield f"{_name(change)} was not run under the same conditions: {differ}."


def _name(change: Change) -> str:
    return f"{change.title} / {display_name(change.agent)}"
