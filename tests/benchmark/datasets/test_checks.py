"""What is said of recorded data that is not what it should be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.datasets.checks import BadDataError, check_episode, reference_scores
from benchmark.environments import task_info
from benchmark.tasks import TASKS
from tests.benchmark.datasets.made_up import ACTION, OBSERVATION, door_episode

DOOR = TASKS["adroit-door-human"]


def _check(task: str = "adroit-door-human", **changes: Any) -> None:
    episode = door_episode(0, **changes)
    info = task_info(DOOR)
    check_episode(3, episode, np.asarray(episode.observations), TASKS[task], info)


def _with(value: float, *shape: int) -> np.ndarray:
    array = np.zeros(shape)
    array.flat[5] = value
    return array


def test_good_data_passes() -> None:
    _check()
    _check(rewards=np.arange(6))
    _check(actions=_with(1.9, 6, ACTION))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"observations": np.zeros((6, OBSERVATION))}, r"observations of shape \(6, 39\), not \(7"),
        ({"actions": np.zeros((6, 27))}, r"actions of shape \(6, 27\), not \(6, 28\)"),
        ({"actions": np.zeros((5, ACTION))}, r"actions of shape \(5, 28\), not \(6, 28\)"),
        ({"rewards": np.zeros((6, 1))}, r"rewards of shape \(6, 1\), not \(6,\)"),
        ({"truncations": np.zeros(5, bool)}, r"truncations of shape \(5,\), not \(6,\)"),
        ({"rewards": np.zeros(0)}, "no steps"),
        ({"rewards": np.array(["a"] * 6)}, "rewards of type <U1, not numbers"),
        ({"observations": _with(np.nan, 7, OBSERVATION)}, "observations that are not finite"),
        ({"actions": _with(np.inf, 6, ACTION)}, "actions that are not finite"),
        ({"rewards": _with(-np.inf, 6)}, "rewards that are not finite"),
        ({"actions": _with(2.01, 6, ACTION)}, "actions far outside the action space"),
        ({"terminations": np.arange(6) == 2}, r"an end before its last step \(terminations, step"),
    ],
)
def test_bad_data_is_named(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadDataError, match=f"is not what it should be: episode 3 has {problem}"):
        _check(**changes)


@pytest.mark.parametrize(
    ("task", "reward", "expected"),
    [("kitchen-mixed", 5, "0, 1, 2, 3, 4"), ("antmaze-umaze", -1, "0, 1")],
)
def test_rewards_that_no_such_task_gives(task: str, reward: float, expected: str) -> None:
    with pytest.raises(BadDataError, match=f"a reward of {reward}; expected one of {expected}"):
        _check(task, rewards=_with(reward, 6))


def test_a_dataset_may_have_reference_scores() -> None:
    assert reference_scores({}) is None
    assert reference_scores({"ref_min_score": 1, "ref_max_score": None}) is None
    assert reference_scores({"ref_min_score": -3, "ref_max_score": 5.5}) == (-3, 5.5)


@pytest.mark.parametrize("scores", [(5, 5), (5, -1), (0, float("nan"))])
def test_reference_scores_that_cannot_be_used(scores: tuple[float, float]) -> None:
    metadata = {"ref_min_score": scores[0], "ref_max_score": scores[1]}
    with pytest.raises(BadDataError, match="has reference scores .* expected the first to be less"):
        reference_scores(metadata)
