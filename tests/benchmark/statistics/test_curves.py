from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from benchmark.statistics.curves import (
    codebook_frame,
    curve_frame,
    essential_points,
    mean_curve_frame,
)
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def test_curves_hold_finite_scores_of_completed_runs_as_share_of_the_budget() -> None:
    curve = [{"step": 20, "loss": 1.0}, {"step": 50, "score": 4.0}, {"step": 80, "score": math.nan}]
    # A run that had no time for all its steps has come as far of its budget as it has.
    short = replace(
        completed(UMAZE, "mage", 3, 1.0, curve=curve, steps=200, steps_taken=100), status="capped"
    )
    assert curve_frame([short, failed(UMAZE, "bc", 0, curve=curve)]).to_dict("records") == [
        {
            **{"benchmark": "maze2d", "task": UMAZE, "agent": "mage", "seed": 3},
            **{"share": 25.0, "score": 4.0},
        }
    ]


@pytest.mark.parametrize("score", [0.0, -0.0])
def test_zero_is_a_score_and_none_is_none(score: float) -> None:
    curve: Any = [{"step": 50, "score": score}, {"step": 100, "score": None}]
    frame = curve_frame([completed(UMAZE, "mage", 0, 1.0, curve=curve)])
    assert frame[["share", "score"]].to_numpy().tolist() == [[50.0, 0.0]]


def test_mean_curve_only_where_every_seed_of_the_agent_has_a_point() -> None:
    curves = {
        (UMAZE, "mage", 0): [{"step": 50, "score": 1.0}, {"step": 100, "score": 3.0}],
        (UMAZE, "mage", 1): [{"step": 100, "score": 5.0}],
        # One seed of another agent, and one on another task, are all that there is.
        (UMAZE, "bc", 1): [{"step": 50, "score": 7.0}],
        (MEDIUM, "mage", 2): [{"step": 50, "score": 9.0}],
    }
    records = [completed(*run, 1.0, curve=curve) for run, curve in curves.items()]
    means = mean_curve_frame(curve_frame(records))
    assert set(means.itertuples(index=False, name=None)) == {
        ("maze2d", UMAZE, "mage", 100.0, (3.0 + 5.0) / 2, 3.0, 5.0),
        ("maze2d", UMAZE, "bc", 50.0, 7.0, 7.0, 7.0),
        ("maze2d", MEDIUM, "mage", 50.0, 9.0, 9.0, 9.0),
    }
    columns = ["benchmark", "task", "agent", "share", "score", "low", "high"]
    assert list(means.columns) == columns


def measured(step: int, use: float, **more: float) -> dict[str, float]:
    names = {"codebook_use": use, "codebook_use_1": use, "codebook_use_2": use / 2}
    perplexities = {"codebook_perplexity_1": 10 * use, "codebook_perplexity_2": 20 * use}
    return {"step": step, "loss": 1.0, **names, **perplexities, **more}


def test_codebook_by_scale_over_seeds_while_it_is_learnt() -> None:
    records = [
        completed(
            *(UMAZE, "mage", seed, 1.0),
            curve=[{"step": 1}, measured(50, use), measured(90, use)],
            steps=200,
        )
        for seed, use in enumerate((0.2, 0.4))
    ]
    frame = codebook_frame([*records, completed(UMAZE, "bc", 0, 1.0), failed(UMAZE, "dt", 0)])
    expected = {"benchmark": "maze2d", "task": UMAZE, "agent": "mage", "share": 25.0, "seeds": 2}
    # After step 50 nothing changes: the codebook is not learnt any more.
    expected = pd.DataFrame([{**expected, "scale": 1}, {**expected, "scale": 2}])
    expected = expected.assign(use=[30.0, 15.0], perplexity=[3.0, 6.0])
    pd.testing.assert_frame_equal(frame, expected[frame.columns])


def test_a_point_that_tells_nothing_of_the_codebook_is_no_change() -> None:
    curve = [measured(10, 0.2), {"step": 20, "loss": 1.0}, measured(30, 0.2), measured(40, 0.4)]
    frame = codebook_frame([completed(UMAZE, "mage", 0, 1.0, curve=curve)])
    first = frame[frame["scale"] == 1]
    assert first[["share", "use"]].to_numpy().tolist() == [[10.0, 20.0], [40.0, 40.0]]
    assert [point["step"] for point in essential_points(curve)] == [10, 40]


def test_no_agent_with_a_codebook_gives_no_rows() -> None:
    assert codebook_frame([completed(UMAZE, "bc", 0, 1.0)]).empty


def test_what_other_agents_call_as_mage_does_is_no_codebook() -> None:
    curve = [{"step": 50, "codebook_use_1": 3.0}]
    own = completed(UMAZE, "mage", 1, 1.0, curve=curve)
    own = replace(own, run=replace(own.run, source="my/agent.py:Agent"))
    others = [completed(UMAZE, name, 0, 1.0, curve=curve) for name in ("own", "magenta", "bc")]
    assert codebook_frame([own, *others]).empty
    variant = completed(UMAZE, "mage.k1", 0, 1.0, curve=[measured(50, 0.2)])
    assert list(codebook_frame([variant])["use"]) == [20.0, 10.0]


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
