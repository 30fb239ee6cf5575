"""What a row of the table of tasks says, and whose word counts."""

from __future__ import annotations

from dataclasses import asdict, replace

import gymnasium as gym
import numpy as np
import pytest

from benchmark.tasks import TASKS, Task
from benchmark.tasks.task import flatten, named_parts
from tests.benchmark.tasks import literals

TASK = Task("made-up", "none", "data-v0", "Env-v0", 100, min_score=-20.0, max_score=60.0)


def test_a_row_says_little_unless_told_to() -> None:
    values = asdict(TASK)
    required = {
        "name": "made-up",
        "benchmark": "none",
        "dataset": "data-v0",
        "env_id": "Env-v0",
        "max_steps": 100,
        "min_score": -20,
        "max_score": 60,
    }
    assert values == {**required, **literals.PLAIN}


def test_all_rows_are_in_the_table_under_their_names() -> None:
    assert len(TASKS) == 12 + 3 + 6 + 3 + 3 + 9 + 20 + 25
    assert all(task.name == name for name, task in TASKS.items())


def test_the_score_is_a_straight_line_through_both_references() -> None:
    # 80 between the references: each 1 of the return is 1.25.
    assert [TASK.score_of(value) for value in (-40, -20, 0, 60, 100)] == [-25, 0, 25, 100, 150]


def test_a_datasets_own_reference_scores_come_first_where_its_rewards_are_the_evaluations() -> None:
    own = TASK.scored_by((-50.0, 3000.0))
    assert (own.min_score, own.max_score) == (-50, 3000)
    assert own == replace(TASK, min_score=-50.0, max_score=3000.0)
    assert TASK.scored_by(None) == TASK


@pytest.mark.parametrize("relabel", ["kitchen", "antmaze", "maze2d", "multi2d"])
def test_relabelled_rewards_keep_the_tables_reference_scores(relabel: str) -> None:
    task = replace(TASK, relabel=relabel)
    assert task.scored_by((0.0, 446.8)) == task


def test_parts_are_joined_in_the_order_asked_for() -> None:
    observation = {"b": np.array([[3.0], [4.0]]), "a": np.array([[1.0, 2.0], [5.0, 6.0]])}
    assert flatten(observation, ("b", "a"), leading=1).tolist() == [[3, 1, 2], [4, 5, 6]]
    assert flatten({"b": [1.0, 2.0], "a": [3.0], "c": [4.0]}, ("a", "b")).tolist() == [3, 1, 2]
    assert flatten(np.ones(3), ()).tolist() == [1, 1, 1]


def test_parts_of_dicts_inside_a_dict_have_a_name_each() -> None:
    arm = {"speed": np.array([[5.0], [6.0]]), "angle": np.ones((2, 2, 2))}
    episode = {"goal": np.array([[7.0], [8.0]]), "arm": arm}
    assert list(named_parts(episode)) == ["arm/angle", "arm/speed", "goal"]
    assert flatten(episode, leading=1).tolist() == [[1, 1, 1, 1, 5, 7], [1, 1, 1, 1, 6, 8]]
    assert flatten(episode, ("goal", "arm/speed"), leading=1).tolist() == [[7, 5], [8, 6]]
    first = {"goal": np.array([7.0]), "arm": {"angle": np.ones((2, 2)), "speed": 5.0}}
    assert flatten(first).tolist() == [1, 1, 1, 1, 5, 7], "one observation, one number for a speed"
    assert flatten(np.zeros((3, 2, 2)), leading=1).shape == (3, 4)


def test_the_order_of_parts_is_gymnasiums() -> None:
    inner = gym.spaces.Dict({"b": gym.spaces.Box(0, 1, (2,)), "a": gym.spaces.Box(0, 1, (1, 3))})
    space = gym.spaces.Dict({"z": gym.spaces.Box(0, 1), "m": inner, "c/d": gym.spaces.Box(0, 1)})
    assert list(named_parts(space)) == ["c/d", "m/a", "m/b", "z"]
    observation = space.sample()
    assert np.array_equal(flatten(observation), gym.spaces.flatten(space, observation))
