"""Known answers: what recorded episodes score, cut as long as an evaluation is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.data.recorded_scores import recorded_scores
from benchmark.interface import Dataset
from benchmark.tasks import TASKS, Task

HOPPER = replace(TASKS["hopper-medium"], max_steps=4, min_score=0.0, max_score=10.0)


def episodes(*rewards: list[float]) -> Dataset:
    steps = sum(map(len, rewards))
    timeouts = np.zeros(steps, bool)
    timeouts[np.cumsum([len(one) for one in rewards]) - 1] = True
    return Dataset(
        observations=np.zeros((steps, 2), np.float32),
        actions=np.zeros((steps, 1), np.float32),
        rewards=np.concatenate(rewards).astype(np.float32),
        terminals=np.zeros(steps, bool),
        timeouts=timeouts,
    )


def test_episodes_that_an_evaluation_has_time_for_count_as_they_are() -> None:
    data = episodes([1, 2], [0, 0, 0, 5], [1])
    assert recorded_scores(data, HOPPER) == {"mean": pytest.approx(30.0), "best": 50.0}


def test_longer_episodes_are_cut_and_a_rest_counts_for_the_best_alone() -> None:
    # Whole pieces have returns of 4 and 8, the rest of the first episode 9, the short episode 0.
    data = episodes([1, 1, 1, 1, 9], [2, 2, 2, 2], [0])
    assert recorded_scores(data, HOPPER) == {"mean": pytest.approx(40.0), "best": 90.0}


@pytest.mark.parametrize("task", ["multi2d-umaze", "ogbench-pointmaze-medium-navigate"])
def test_a_goal_of_hindsight_is_always_reached_and_says_nothing(task: str) -> None:
    row: Task = TASKS[task]
    assert recorded_scores(episodes([1.0]), row) is None
