"""Evaluation environments: flat observations, fixed goals, nothing left behind."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets.views import cell_centre
from benchmark.environments import flatten, make_environment, task_info
from benchmark.tasks import TASKS

SIZES = {
    "adroit-pen-human": (45, 24),
    "adroit-door-human": (39, 28),
    "adroit-hammer-human": (46, 26),
    "adroit-relocate-human": (39, 30),
    "kitchen-complete": (59, 9),
    "antmaze-umaze": (31, 8),
    "maze2d-medium": (4, 2),
    "multi2d-large": (6, 2),
    "halfcheetah-simple": (17, 6),
    "hopper-medium": (11, 3),
    "walker2d-expert": (17, 6),
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name: str) -> None:
    info = task_info(TASKS[name])
    assert (info.observation_size, info.action_size) == SIZES[name]
    assert (info.action_low < info.action_high).all()


def test_parts_are_joined_in_the_order_asked_for() -> None:
    observation = {"b": np.array([[3.0], [4.0]]), "a": np.array([[1.0, 2.0], [5.0, 6.0]])}
    assert flatten(observation, ("b", "a")).tolist() == [[3, 1, 2], [4, 5, 6]]
    assert flatten(np.ones(3), ()).tolist() == [1, 1, 1]


def test_the_hidden_goal_is_the_same_in_every_episode() -> None:
    task = TASKS["maze2d-umaze"]
    env = make_environment(task)
    starts = set()
    for seed in range(20):
        observation, _ = env.reset(seed=seed)
        assert np.array_equal(env.unwrapped.goal, cell_centre(task, (1, 1)))
        starts.add(tuple(np.round(observation[:2]).tolist()))
    env.close()
    assert len(starts) > 3, "starts are random"


def test_the_shown_goal_changes_and_stays_through_an_episode() -> None:
    env = make_environment(TASKS["multi2d-umaze"])
    first, _ = env.reset(seed=0)
    later = env.step(np.ones(2, np.float32))[0]
    other, _ = env.reset(seed=1)
    env.close()
    assert np.array_equal(first[4:], later[4:])
    assert not np.array_equal(first[4:], other[4:])


def test_an_ant_starts_and_ends_where_the_map_says() -> None:
    env = make_environment(TASKS["antmaze-umaze"])
    observation, _ = env.reset(seed=0)
    env.close()
    assert np.abs(observation[:2] - [-4, -4]).max() <= 1.0
    assert np.abs(observation[29:] - [-4, 4]).max() <= 1.0


def test_mazes_leave_no_files_behind() -> None:
    def left() -> int:
        return len(list(Path(tempfile.gettempdir()).glob("ant_maze*.xml")))

    before = left()
    make_environment(TASKS["maze2d-umaze"]).close()
    assert left() <= before
