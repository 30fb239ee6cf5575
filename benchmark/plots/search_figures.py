"""A search for settings: score against the order of the samples, and against each setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from benchmark.plots.style import GRID, panels, plain_log_axis

_COMPLETED, _EARLY, _PRESENT = "#0173b2", "0.55", "#d55e00"  # For colour-blind readers, too.
_KINDS: dict[str, dict[str, Any]] = {
    "completed": {"marker": "o", "color": _COMPLETED, "label": "all its steps"},
    "stopped": {"marker": "o", "color": _EARLY, "fillstyle": "none", "label": "ended early"},
    "failed": {"marker": "x", "color": _EARLY, "label": "failed later"},
}
_FIRST: dict[str, Any] = {"marker": "*", "color": _PRESENT, "markersize": 9}
_FIRST |= {"label": "present settings"}
_BEST: dict[str, Any] = {"color": _COMPLETED, "linewidth": 1, "drawstyle": "steps-post"}
_BEST |= {"label": "best so far"}
_POINT: dict[str, Any] = {"linestyle": "none", "markersize": 4}
_HEIGHT = 1.6  # Inches of a panel.
_LONG = 6  # Letters of a choice, above which it is written aslant.


def search_figure(
    samples: pd.DataFrame, settings: pd.DataFrame, space: Mapping[str, Sequence[Any]]
) -> Figure:
    """How a search went: two panels for its progress, and one for each setting.

    Args:
        samples: those that have a score, in the order of their numbers; columns `sample` (its
            number; 1 are the present settings), `status`, `score` and `seconds` (of training).
        settings: a column for each setting, with the same rows.
        space: setting -> its declaration; see `benchmark.interface.Agent`.
    """
    progress = {
        "number of the sample": samples["sample"],
        "minutes of training so far": samples["seconds"].cumsum() / 60,
    }

    def draw(title: str, ax: Axes) -> None:
        if title in progress:
            whole = samples["score"].where(samples["status"] == "completed")
            ax.plot(progress[title], whole.cummax().ffill(), **_BEST)
            _points(samples, progress[title], ax)
        else:
            _against_setting(samples, settings[title], space[title][0], ax)
        ax.grid(**GRID)
        ax.set(ylabel="score on tuning episodes")

    kinds = [kind for status, kind in _KINDS.items() if (samples["status"] == status).any()]
    marks = [Line2D([], [], **(_POINT | kind)) for kind in (_FIRST, *kinds)]
    return panels([*progress, *space], draw, _HEIGHT, [Line2D([], [], **_BEST), *marks])


def _points(scored: pd.DataFrame, places: pd.Series, ax: Axes) -> None:
    """A mark for every sample: by how it ended, and one of its own for the present settings."""
    for status, kind in _KINDS.items():
        rows = scored["status"].eq(status) & scored["sample"].ne(1)
        ax.plot(places[rows], scored.loc[rows, "score"], **(_POINT | kind))
    first = scored["sample"].eq(1)
    ax.plot(places[first], scored.loc[first, "score"], **(_POINT | _FIRST), zorder=4)


def _against_setting(scored: pd.DataFrame, values: pd.Series, form: str, ax: Axes) -> None:
    if form == "choice":
        texts = values.astype(str)
        choices = list(dict.fromkeys(texts.sort_values()))
        places = texts.map(choices.index).astype(float)
        ax.set_xticks(range(len(choices)), choices)
        if max(map(len, choices)) > _LONG:
            ax.tick_params(axis="x", rotation=30)
        ax.set_xlim(-0.5, len(choices) - 0.5)
    else:
        places = values.astype(float)
        if form == "loguniform" and (places > 0).all():
            plain_log_axis(ax)
        elif form == "int":
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        else:
            ax.xaxis.set_major_locator(MaxNLocator(4))
    if form != "choice" and np.ptp(places) == 0:
        ax.margins(x=0.5)
    _points(scored, places, ax)
