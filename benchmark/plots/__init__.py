"""Aggregates -> pictures.

Every drawing function takes numbers and, if wanted, the axes to draw on, and returns the axes;
those that end in `_figure` return a whole figure with a panel per task or group.
No figure goes through pyplot, so that no display is needed and nothing global is changed.
"""

from __future__ import annotations

from benchmark.plots.aggregate_figures import (
    improvement_figure,
    interval_figure,
    latency_figure,
    profile_figure,
)
from benchmark.plots.calibration_figures import asking_figure
from benchmark.plots.codebook_figures import codebook_figure
from benchmark.plots.curve_figures import curve_figure, learning_curves
from benchmark.plots.planning_figures import planning_figure
from benchmark.plots.scores import score_dots, score_figure
from benchmark.plots.search_figures import search_figure
from benchmark.plots.style import (
    MOST_TOGETHER,
    NORMALISED_SCORE,
    STYLE,
    Styles,
    agent_styles,
    figure_bytes,
    score_label,
)

__all__ = [
    "MOST_TOGETHER",
    "NORMALISED_SCORE",
    "STYLE",
    "Styles",
    "agent_styles",
    "asking_figure",
    "codebook_figure",
    "curve_figure",
    "figure_bytes",
    "improvement_figure",
    "interval_figure",
    "latency_figure",
    "learning_curves",
    "planning_figure",
    "profile_figure",
    "score_dots",
    "score_figure",
    "score_label",
    "search_figure",
]
