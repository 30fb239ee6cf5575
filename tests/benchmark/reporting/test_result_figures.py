"""Figures as a report and a notebook show them."""

from __future__ import annotations

from dataclasses import replace

from benchmark import plots
from benchmark.reporting.result_figures import (
    curve_figure,
    score_figure,
    titled_groups,
    whole_first,
)
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, in_two_mazes

DATA = {"id": "own/maze-v0", "kind": "collected here"}


def test_panels_are_called_as_in_tables_and_have_no_average() -> None:
    records = [replace(record, dataset=DATA) for record in in_two_mazes()]
    frames = collate(records)
    styles = plots.agent_styles(frames.runs["agent"])
    for draw in (score_figure, curve_figure):
        titles = [ax.get_title().replace("\n", " ") for ax in draw(frames, styles).axes]
        assert titles[:2] == [
            *("maze2d-umaze (collected here)", "maze2d-medium (collected here)"),
        ]
        assert not any("average" in title for title in titles)


def test_all_tasks_together_come_first() -> None:
    other = [completed("kitchen-complete", agent, 0, 3.0) for agent in ("mage", "diffuser")]
    plain = collate([*in_two_mazes(), *other]).plain
    frame, _, _ = titled_groups(plain)
    ordered = whole_first(plain, frame)
    assert sorted(ordered["group"]) == sorted(frame["group"])
    assert ordered["group"].iloc[0].startswith("all")
