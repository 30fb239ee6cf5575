"""Frames -> the figures that a report shows, with tasks and groups called as in its tables."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from benchmark import plots
from benchmark.statistics import aggregates
from benchmark.statistics.costs import score_by_latency
from benchmark.statistics.curves import mean_curve_frame
from benchmark.statistics.frames import Frames
from benchmark.statistics.provenance import task_title, task_titles
from benchmark.statistics.reference_scales import task_scales
from benchmark.statistics.score_frames import AVERAGE


def score_figure(part: Frames, styles: plots.Styles) -> Figure:
    """The score of every agent, a panel for each task.

    Args:
        part: of one benchmark, or of several; some run has a score.
        styles: from `plots.agent_styles`.
    """
    titles = task_titles(part.runs)
    scores = part.scores[part.scores["task"] != AVERAGE]
    return plots.score_figure(titled(scores, titles), titled(part.runs, titles), styles)


def curve_figure(part: Frames, styles: plots.Styles) -> Figure:
    """Learning curves of every agent, a panel for each task; see `score_figure`."""
    curves = titled(part.curves, task_titles(part.runs))
    label = plots.score_label(task_scales(part.runs).values())
    return plots.curve_figure(curves, mean_curve_frame(curves), styles, label)


def titled(frame: pd.DataFrame, titles: Mapping[str, str]) -> pd.DataFrame:
    """A frame whose tasks are called as in tables."""
    return frame.assign(task=frame["task"].map(titles))


def titled_groups(plain: Frames) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What is drawn of all tasks together, with groups called as in tables.

    Args:
        plain: without variants.

    Returns:
        Frames as of `aggregate_frame`, `profile_frame` and `score_by_latency`.
    """
    titles = _group_titles(plain)
    profiled = list(filter(aggregates.has_profile, plain.groups))
    points = score_by_latency(plain.aggregates, plain.latency)
    frame, shares, points = (
        part.assign(group=part["group"].map(titles))
        for part in (plain.aggregates, aggregates.profile_frame(profiled), points)
    )
    return frame, shares, points


def whole_first(plain: Frames, frame: pd.DataFrame) -> pd.DataFrame:
    """One of `titled_groups`, with the rows of all tasks before those of each benchmark."""
    whole = frame["group"].eq(_group_titles(plain).get(aggregates.ALL_TASKS))
    return pd.concat([frame[whole], frame[~whole]])


def _group_titles(plain: Frames) -> dict[str, str]:
    """What to call the numbers of each benchmark, and of all tasks, by what their data is."""
    titles, runs = {}, plain.runs
    for group in plain.groups:
        is_whole = group.name == aggregates.ALL_TASKS
        own = runs if is_whole else runs[runs["benchmark"] == group.name]
        titles[group.name] = task_title(group.name, own.loc[own["scored"], "kind"])
    return titles
