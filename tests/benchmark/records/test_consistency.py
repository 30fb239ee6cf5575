"""What a record says of its evaluation in one field has to agree with the others."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from benchmark.records.consistency import contradiction
from tests.benchmark.synthetic_records import completed, failed

RECORD = completed(
    *("maze2d-umaze", "mage", 0, 20.0),
    scores=[10.0, 30.0],
    returns=[1.0, 3.0],
    successes=[False, True],
    lengths=[300, 300],
    episode_seeds=[7, 8],
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"score": 20.000001},
        {"score": 0.0, "scores": [0.0, -0.0]},
        {"score": -0.1, "scores": [-0.3, 0.1]},
        {"score": math.nan, "scores": [math.nan, 1.0]},
        {"score": math.inf, "scores": [math.inf, 1.0]},
        {"score": None, "scores": []},
        {"returns": [], "successes": [], "lengths": [], "episode_seeds": []},
    ],
)
def test_what_agrees_with_itself(changes: dict[str, Any]) -> None:
    assert contradiction(replace(RECORD, **changes)) is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"score": 99.0}, "its score is 99, but the mean of its scores 20"),
        ({"score": 0.0}, "its score is 0, but the mean of its scores 20"),
        ({"score": math.nan}, "its score is nan, but the mean of its scores 20"),
        ({"scores": [10.0, math.nan]}, "its score is 20, but the mean of its scores nan"),
        ({"scores": [10.0, 31.0]}, "its score is 20, but the mean of its scores 20.5"),
        ({"scores": [20.0]}, "it has 1 scores of 2 episodes"),
        ({"scores": []}, "it has 0 scores of 2 episodes"),
        ({"run": replace(RECORD.run, episodes=20)}, "it has 2 scores of 20 episodes"),
        (
            {
                "run": replace(RECORD.run, episodes=0),
                **{
                    name: []
                    for name in ("scores", "returns", "successes", "lengths", "episode_seeds")
                },
            },
            "it has a score, but none of an episode",
        ),
        ({"returns": [1.0]}, "it has 1 returns of 2 episodes"),
        ({"successes": [True] * 3}, "it has 3 successes of 2 episodes"),
        ({"lengths": [1]}, "it has 1 lengths of 2 episodes"),
        ({"episode_seeds": [7]}, "it has 1 episode_seeds of 2 episodes"),
    ],
)
@pytest.mark.parametrize("status", ["completed", "capped"])
def test_what_does_not(changes: dict[str, Any], problem: str, status: str) -> None:
    assert contradiction(replace(RECORD, status=status, **changes)) == problem


def test_a_run_that_was_not_scored_claims_nothing() -> None:
    assert contradiction(failed("maze2d-umaze", "mage", 0, score=3.0)) is None


def test_texts_in_the_place_of_numbers_are_none() -> None:
    with pytest.raises(TypeError):
        contradiction(replace(RECORD, scores=["10", "30"]))  # type: ignore[list-item]
