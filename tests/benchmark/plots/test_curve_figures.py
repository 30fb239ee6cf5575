"""Learning curves: lines, bands, names at the ends, and small multiples for many agents."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import imread

from benchmark import plots
from benchmark.plots.curve_figures import moved_apart
from benchmark.records.record import Record
from benchmark.statistics.curves import curve_frame, mean_curve_frame
from tests.benchmark.synthetic_records import completed

UMAZE = "maze2d-umaze"

Drawn = tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[str, str]]]


def curves(records: list[Record]) -> Drawn:
    frame = curve_frame(records)
    return frame, mean_curve_frame(frame), plots.agent_styles(frame["agent"])


def many(agents: int, tasks: int = 1) -> Drawn:
    """Curves of agents that end at ten times their number."""
    return curves(
        [
            completed(
                *(f"maze2d-{task}", f"agent-{agent}", 0, 1.0),
                curve=[{"step": 50, "score": 0.0}, {"step": 100, "score": 10.0 * agent}],
            )
            for task in range(tasks)
            for agent in range(agents)
        ]
    )


def test_curves_have_a_line_for_the_mean_and_a_band_over_seeds() -> None:
    records = [
        completed(
            *(UMAZE, "mage", seed, 1.0),
            curve=[{"step": 60, "score": 5.0 + seed}, {"step": 100, "score": 7.0 - seed}],
        )
        for seed in (0, 1)
    ]
    ax = plots.learning_curves(*curves(records))
    (mean,) = ax.lines
    assert mean.get_xydata().tolist() == [[60.0, 5.5], [100.0, 6.5]]
    (band,) = (c for c in ax.collections if not isinstance(c, LineCollection))
    corners = {tuple(point) for point in band.get_paths()[0].vertices}
    assert corners == {(60.0, 5.0), (60.0, 6.0), (100.0, 6.0), (100.0, 7.0)}
    assert ax.get_xlim() == (59, 101)  # From the first point.


def test_drawing_uses_the_axes_it_is_given() -> None:
    ax = Figure().subplots()
    assert plots.learning_curves(*curves([completed(UMAZE, "mage", 0, 1.0)]), ax=ax) is ax


def test_seeds_without_a_common_point_are_drawn_one_by_one() -> None:
    records = [
        completed(UMAZE, "mage", seed, 1.0, curve=[{"step": step, "score": 1.0 + seed}])
        for seed, step in enumerate((40, 100))
    ]
    (ax,) = plots.curve_figure(*curves(records)).axes
    assert not ax.lines
    lines = [c.get_segments() for c in ax.collections if isinstance(c, LineCollection)]
    assert [segment.tolist() for segment in lines[-1]] == [[[40, 1]], [[100, 2]]]
    assert [text.xy for text in ax.texts] == [(100, 2)]


def test_every_agent_is_named_at_the_end_of_its_line() -> None:
    ax = plots.learning_curves(*many(8))
    called = {text.get_text(): text.xy for text in ax.texts}
    assert called == {f"agent-{number}": (100, 10 * number) for number in range(8)}
    places = [text.xyann for text in ax.texts]
    assert {x for x, _ in places} == {1.06}
    assert all(low < high for (_, low), (_, high) in pairwise(places)), "in the order of the ends"


@pytest.mark.parametrize(
    ("wanted", "heights", "places"),
    [
        ([0.2, 0.8], [0.1, 0.1], [0.2, 0.8]),
        ([0.5, 0.5], [0.1, 0.1], [0.45, 0.55]),
        # Kept inside.
        ([0.0, 0.0, 1.0], [0.1, 0.1, 0.1], [0.05, 0.15, 0.95]),
        # A text of two lines keeps the others farther away.
        ([0.5, 0.5], [0.2, 0.1], [0.425, 0.575]),
        # No room: the lowest still begins inside.
        ([0.5, 0.5], [0.8, 0.8], [0.4, 1.2]),
        ([], [], []),
    ],
)
def test_texts_are_moved_apart_no_farther_than_they_must(
    wanted: list[float], heights: list[float], places: list[float]
) -> None:
    assert moved_apart(np.array(wanted), np.array(heights)).tolist() == pytest.approx(places)


@pytest.mark.parametrize(("agents", "parts"), [(8, 1), (9, 2), (17, 3)])
def test_many_agents_share_several_panels(agents: int, parts: int) -> None:
    figure = plots.curve_figure(*many(agents, tasks=2))
    assert len(figure.axes) == 2 * parts
    named = [{text.get_text() for text in ax.texts} for ax in figure.axes]
    assert set().union(*named[:parts]) == set().union(*named[parts:])
    assert sum(map(len, named[:parts])) == agents and max(map(len, named)) <= 8
    assert len({ax.get_ylim() for ax in figure.axes}) == 1, "whoever has a colour"
    for ax, names in zip(figure.axes, named, strict=True):
        grey = next(c for c in ax.collections if isinstance(c, LineCollection))
        assert len(ax.lines) == len(names) and len(grey.get_segments()) == agents - len(names)


def test_panels_of_several_say_which_agents_they_have() -> None:
    titles = [ax.get_title() for ax in plots.curve_figure(*many(9)).axes]
    assert titles == ["maze2d-0\nagent-0 to agent-4", "maze2d-0\nagent-5 to agent-8"]


def test_nothing_reaches_the_edge() -> None:
    figure = plots.curve_figure(*many(6, tasks=3))
    assert len(figure.axes) == 3
    picture = imread(io.BytesIO(plots.figure_bytes(figure, "png")))[..., :3]
    edges = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    assert all((edge == 1.0).all() for edge in edges)


def test_dollar_signs_are_no_formula() -> None:
    figure = plots.curve_figure(*curves([completed(UMAZE, "cheap$er$_{", 0, 1.0)]))
    assert plots.figure_bytes(figure, "png")
