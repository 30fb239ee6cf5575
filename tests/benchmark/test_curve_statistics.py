from __future__ import annotations

import math

import pandas as pd

from benchmark.curve_statistics import (
    codebook_frame,
    curve_frame,
    essential_points,
    mean_curve_frame,
)
from tests.benchmark.made_up import completed, failed

UMAZE = "maze2d-umaze"


def test_curves_hold_finite_scores_of_completed_runs_as_share_of_the_budget() -> None:
    curve = [{"step": 20, "loss": 1.0}, {"step": 50, "score": 4.0}, {"step": 80, "score": math.nan}]
    records = [completed(UMAZE, "mage", 0, 1.0, curve=curve, steps=200), failed(UMAZE, "bc", 0)]
    (row,) = curve_frame(records).to_dict("records")
    assert (row["share"], row["score"], row["agent"]) == (25.0, 4.0, "mage")


def test_mean_curve_only_where_every_seed_has_a_point() -> None:
    records = [
        completed(
            UMAZE, "mage", 0, 1.0, curve=[{"step": 50, "score": 1.0}, {"step": 100, "score": 3.0}]
        ),
        completed(UMAZE, "mage", 1, 1.0, curve=[{"step": 100, "score": 5.0}]),
    ]
    (row,) = mean_curve_frame(curve_frame(records)).to_dict("records")
    assert (row["share"], row["score"]) == (100.0, 4.0)


def measured(step: int, use: float, **more: float) -> dict[str, float]:
    names = {"codebook_use": use, "codebook_use_1": use, "codebook_use_2": use / 2}
    perplexities = {"codebook_perplexity_1": 100 * use, "codebook_perplexity_2": 50 * use}
    return {"step": step, "loss": 1.0, **names, **perplexities, **more}


def test_codebook_by_scale_over_seeds_while_it_is_learnt() -> None:
    records = [
        completed(
            UMAZE, "mage", seed, 1.0, curve=[{"step": 1}, measured(50, use), measured(90, use)]
        )
        for seed, use in enumerate((0.2, 0.4))
    ]
    frame = codebook_frame([*records, completed(UMAZE, "bc", 0, 1.0), failed(UMAZE, "dt", 0)])
    expected = {"benchmark": "maze2d", "task": UMAZE, "agent": "mage", "share": 50.0, "seeds": 2}
    # After step 50 nothing changes: the codebook is not learnt any more.
    expected = pd.DataFrame([{**expected, "scale": 1}, {**expected, "scale": 2}])
    expected = expected.assign(use=[30.0, 15.0], perplexity=[30.0, 15.0])
    pd.testing.assert_frame_equal(frame, expected[frame.columns])


def test_no_agent_with_a_codebook_gives_no_rows() -> None:
    assert codebook_frame([completed(UMAZE, "bc", 0, 1.0)]).empty


def test_essential_points_give_the_same_frames() -> None:
    curve = [
        {"step": 1, "loss": 1.0},
        measured(2, 0.1),
        measured(3, 0.1),
        measured(4, 0.1, score=5),
    ]
    kept = essential_points(curve)
    assert [point["step"] for point in kept] == [2, 4]
    assert not any("loss" in point for point in kept)
    whole, slim = (completed(UMAZE, "mage", 0, 1.0, curve=each) for each in (curve, kept))
    for frame in (curve_frame, codebook_frame):
        pd.testing.assert_frame_equal(frame([whole]), frame([slim]))
