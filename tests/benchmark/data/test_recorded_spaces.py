"""What agents are told of a dataset by its spaces, and which spaces are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.data.checks import BadDataError
from benchmark.data.recorded_spaces import (
    differing_spaces,
    info_of,
    parts_text,
    recorded_spaces,
    spaces_of_dataset,
)
from benchmark.tasks import TASKS
from benchmark.tasks.task import RecordedSpaces
from tests.benchmark.data.reach_world import Reach, write_reach
from tests.benchmark.data.synthetic_datasets import door_episode, write

BOX, ACTION = gym.spaces.Box(-np.inf, np.inf, (3,)), gym.spaces.Box(-2, 1, (2,))


def test_parts_are_in_gymnasiums_order() -> None:
    space = Reach().observation_space
    parts, spaces = recorded_spaces(space, ACTION)
    assert list(parts.items()) == [("arm/position", 2), ("arm/speed", 1), ("goal", 2)]
    assert spaces == RecordedSpaces(5, (-2.0, -2.0), (1.0, 1.0))
    assert parts_text(parts, spaces) == "arm/position (2), arm/speed (1), goal (2) -> 5 numbers"
    assert gym.spaces.flatten_space(space).shape == (5,)


def test_an_array_has_no_parts() -> None:
    parts, spaces = recorded_spaces(gym.spaces.Box(-1, 1, (3, 3)), ACTION)
    assert (parts, spaces.observation_size) == ({}, 9)
    assert parts_text(parts, spaces) == "an array of 9 numbers"


@pytest.mark.parametrize(
    ("space", "problem"),
    [
        (gym.spaces.Discrete(4), r"its observations are of the space Discrete\(4\)"),
        (gym.spaces.Text(5), "its observations are of the space Text"),
        (
            gym.spaces.Graph(BOX, None),
            "its observations are of the space Graph",
        ),
        (
            gym.spaces.Box(0, 255, (8, 8, 3), np.uint8),
            r"its observations are an image of shape \(8, 8, 3\)",
        ),
        (
            gym.spaces.Dict({"a": BOX, "b": gym.spaces.Dict({"word": gym.spaces.Text(5)})}),
            "the part b/word of its observations is of the space Text",
        ),
        (
            gym.spaces.Dict({"a": BOX, "eye": gym.spaces.Box(0, 255, (8, 8), np.uint8)}),
            r"the part eye of its observations is an image of shape \(8, 8\)",
        ),
        (gym.spaces.Dict({}), "observations of no parts"),
    ],
)
def test_observations_that_are_no_numbers_are_named(space: Any, problem: str) -> None:
    with pytest.raises(BadDataError, match=problem) as error:
        recorded_spaces(space, ACTION)
    assert "docs/your-own-task.md" in str(error.value.remedy)


@pytest.mark.parametrize(
    ("space", "problem"),
    [
        (gym.spaces.Discrete(4), r"its actions are of the space Discrete\(4\)"),
        (gym.spaces.MultiDiscrete([2, 2]), "its actions are of the space MultiDiscrete"),
        (gym.spaces.Box(-1, 1, (2, 3)), r"its actions have the shape \(2, 3\)"),
        (gym.spaces.Box(0, 4, (2,), np.int64), r"its actions are whole numbers \(int64\)"),
        (gym.spaces.Box(-np.inf, 1, (2,)), "its actions have no bounds"),
        (
            gym.spaces.Box(np.array([-1.0, 2.0]), np.array([1.0, 2.0]), dtype=np.float64),
            "its actions have a column that is always 2",
        ),
    ],
)
def test_actions_that_no_agent_gives_are_named(space: Any, problem: str) -> None:
    with pytest.raises(BadDataError, match=problem) as error:
        recorded_spaces(BOX, space)
    assert "RescaleAction" in str(error.value.remedy)


def test_differences_of_data_and_environment_are_told() -> None:
    data = {"a": 2, "b": 1}, RecordedSpaces(3, (-1.0, -1.0), (1.0, 1.0))
    assert not list(differing_spaces(data, data))
    other = {"a": 2}, RecordedSpaces(2, (-1.0, -1.0), (1.0, 3.0))
    assert list(differing_spaces(data, other)) == [
        "observations are a (2), b (1) -> 3 numbers in the data, a (2) -> 2 numbers in the "
        "environment",
        "action 1 goes from -1 to 1 in the data, from -1 to 3 in the environment",
    ]
    fewer = data[0], RecordedSpaces(3, (-1.0,), (1.0,))
    assert list(differing_spaces(data, fewer)) == [
        "actions have 2 numbers in the data, 1 in the environment"
    ]


def test_without_an_evaluation_sizes_are_those_of_the_data() -> None:
    door = replace(TASKS["adroit-door-human"], env_id="no-such-environment")
    write(door.dataset, door_episode(0))
    info = info_of(door, evaluated=False)
    assert (info.name, info.observation_size, info.max_steps) == (door.name, 39, 200)
    assert info.action_high.tolist() == [9.0] * 28, "what the made-up dataset says"


def test_spaces_of_a_dataset_are_read_without_its_environment() -> None:
    write_reach("my/reach-v0", env=None)
    parts, spaces = spaces_of_dataset("my/reach-v0")
    assert (list(parts), spaces.observation_size) == (["arm/position", "arm/speed", "goal"], 5)
    task = replace(
        *(TASKS["adroit-door-human"],),
        dataset="my/reach-v0",
        env_id="no-such-environment",
        observation_parts={"goal": 2, "arm/speed": 1},
    )
    assert info_of(task, "my/reach-v0", evaluated=False).observation_size == 3
    with pytest.raises(
        BadDataError, match="has no part gaol in its observations, but arm/position"
    ):
        spaces_of_dataset("my/reach-v0", {"gaol": 2})


def test_parts_that_agents_do_not_see_may_be_anything() -> None:
    space = gym.spaces.Dict({"state": BOX, "word": gym.spaces.Text(5)})
    parts, spaces = recorded_spaces(space, ACTION, {"state": 3})
    assert (parts, spaces.observation_size) == ({"state": 3}, 3)
