"""Pictures of a search for settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmark.plots import figure_bytes, search_figure

SAMPLES = pd.DataFrame(
    [
        (1, "completed", 5.0, 60.0),
        (2, "stopped", 9.0, 30.0),
        (3, "completed", 7.0, 60.0),
        (5, "failed", 1.0, 30.0),
        (6, "completed", 6.0, 60.0),
    ],
    columns=["sample", "status", "score", "seconds"],
)
SETTINGS = pd.DataFrame(
    {
        "rate": [1e-3, 1e-4, 1e-2, 2e-3, 3e-3],
        "width": [8, 16, 8, 32, 64],
        "scales": ["[1, 2]", "[1, 2]", "[1, 2, 4]", "[1]", "[1]"],
        "dropout": [0.1] * 5,
    }
)
SPACE: dict[str, Any] = {
    "rate": ("loguniform", 1e-4, 1e-2),
    "width": ("int", 8, 64),
    "scales": ("choice", ((1, 2), (1, 2, 4))),
    "dropout": ("uniform", 0, 1),
}


def test_a_search_has_panels_for_its_progress_and_each_setting() -> None:
    figure = search_figure(SAMPLES, SETTINGS, SPACE)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["number of the sample", "minutes of training so far", *SPACE]
    assert [ax.get_xscale() for ax in figure.axes[2:]] == ["log", "linear", "linear", "linear"]
    assert figure_bytes(figure, "png").startswith(b"\x89PNG")


def test_each_kind_of_ending_has_a_mark_of_its_own() -> None:
    figure = search_figure(SAMPLES, SETTINGS, SPACE)
    best, completed, stopped, failed, present = figure.axes[0].lines
    assert best.get_xydata().tolist() == [[1, 5], [2, 5], [3, 7], [5, 7], [6, 7]], "all steps only"
    assert completed.get_xydata().tolist() == [[3, 7], [6, 6]]
    assert stopped.get_xydata().tolist() == [[2, 9]]
    assert failed.get_xydata().tolist() == [[5, 1]]
    assert present.get_xydata().tolist() == [[1, 5]] and present.get_marker() == "*"
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [
        *("best so far", "present settings", "all its steps", "ended early", "failed later")
    ]
    rows = SAMPLES["status"] == "completed"
    whole = search_figure(SAMPLES[rows], SETTINGS[rows], SPACE)
    assert len(whole.legends[0].get_texts()) == 3


def test_time_is_what_all_samples_took_so_far() -> None:
    _, completed, *_ = search_figure(SAMPLES, SETTINGS, SPACE).axes[1].lines
    assert completed.get_xdata().tolist() == [2.5, 4.0]


def test_values_stand_at_their_places_and_choices_beside_each_other() -> None:
    rate, _, scales, dropout = search_figure(SAMPLES, SETTINGS, SPACE).axes[2:]
    assert rate.lines[0].get_xdata().tolist() == [1e-2, 3e-3]
    assert [label.get_text() for label in scales.get_xticklabels()] == [
        *("[1, 2, 4]", "[1, 2]", "[1]")
    ]
    assert scales.lines[0].get_xdata().tolist() == [0, 2]
    assert np.ptp(dropout.get_xlim()) > 0


def test_a_present_value_that_no_logarithm_has_is_shown() -> None:
    zero = SETTINGS.assign(rate=[0.0, 1e-4, 1e-2, 2e-3, 3e-3])
    ax = search_figure(SAMPLES, zero, SPACE).axes[2]
    assert ax.get_xscale() == "linear" and ax.lines[-1].get_xdata().tolist() == [0.0]
