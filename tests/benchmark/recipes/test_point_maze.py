"""The Maze2D recipe: the same seed gives the same arrays, and the goal stays hidden."""

from __future__ import annotations

from pathlib import Path

import minari
import numpy as np

from benchmark.recipes.point_maze import EPISODE_STEPS, WaypointController, wander
from benchmark.suites import SUITES
from benchmark.tasks import TASKS
from benchmark.views import cell_centre

UMAZE = TASKS["maze2d-umaze"]


def test_the_same_seed_gives_the_same_arrays() -> None:
    first, again, other = (wander(UMAZE, 1_500, seed) for seed in (1, 1, 2))
    assert [len(episode.actions) for episode in first] == [EPISODE_STEPS, 500]
    for one, two in zip(first, again, strict=True):
        assert np.array_equal(one.observations, two.observations)
        assert np.array_equal(one.actions, two.actions)
    assert not np.array_equal(first[0].actions, other[0].actions)


def test_it_goes_everywhere_and_is_rewarded_near_the_hidden_goal_only() -> None:
    episodes = wander(UMAZE, 6_000, seed=0)
    positions = np.concatenate([episode.observations[1:, :2] for episode in episodes])
    rewards = np.concatenate([episode.rewards for episode in episodes])
    controller = WaypointController(UMAZE)
    assert {controller.cell_of(position) for position in positions} >= set(controller.free_cells)
    distances = np.linalg.norm(positions - cell_centre(UMAZE, (1, 1)), axis=1)
    assert np.array_equal(rewards == 1, distances <= 0.45)
    assert 0.02 < rewards.mean() < 0.3


def test_actions_are_noisy_and_inside_their_bounds() -> None:
    (episode,) = wander(UMAZE, 1_000, seed=0)
    assert np.abs(episode.actions).max() <= 1
    assert episode.actions.std() > 0.4


def test_ways_through_the_maze_are_shortest() -> None:
    for name in SUITES["maze2d"]:
        controller = WaypointController(TASKS[name])
        flow = controller._flow_to(controller.free_cells[0])
        assert set(flow) == set(controller.free_cells), "every free cell can be reached"
    flow = WaypointController(UMAZE)._flow_to((1, 1))
    cell, way = (3, 1), [(3, 1)]
    while cell != (1, 1):
        cell = flow[cell]
        way.append(cell)
    assert way == [(3, 1), (3, 2), (3, 3), (2, 3), (1, 3), (1, 2), (1, 1)]


def test_the_dataset_says_what_it_is(small_umaze: Path) -> None:
    dataset = minari.load_dataset("mage/maze2d/umaze-v0")
    assert "not D4RL's data" in dataset.storage.metadata["description"]
    assert dataset.observation_space.shape == (4,), "the goal is not in it"
    assert dataset.recover_environment().spec.id == "PointMaze_UMaze-v3"
