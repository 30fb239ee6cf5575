"""The Maze2D recipe: what is recorded, and that the goal stays hidden."""

from __future__ import annotations

from pathlib import Path

import minari
import numpy as np
import pytest

from benchmark.datasets.views import cell_centre
from benchmark.recipes.point_maze import EPISODE_STEPS, PointMazePlayer
from benchmark.recipes.recipe import Recording
from benchmark.recipes.ways import Ways
from benchmark.tasks import TASKS

UMAZE = TASKS["maze2d-umaze"]


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    player = PointMazePlayer(UMAZE)
    return [player.play(np.random.default_rng([0, index])) for index in range(6)]


def test_it_goes_everywhere_and_is_rewarded_near_the_hidden_goal_only(
    recordings: list[Recording],
) -> None:
    positions = np.concatenate([each.observations[1:, :2] for each in recordings])
    rewards = np.concatenate([each.rewards for each in recordings])
    ways = Ways(UMAZE.env_kwargs["maze_map"])
    assert {ways.cell_of(position) for position in positions} >= set(ways.free_cells)
    distances = np.linalg.norm(positions - cell_centre(UMAZE, (1, 1)), axis=1)
    assert np.array_equal(rewards == 1, distances <= 0.45)
    assert 0.02 < rewards.mean() < 0.3


def test_actions_are_noisy_and_inside_their_bounds(recordings: list[Recording]) -> None:
    for each in recordings:
        assert each.actions.shape == (EPISODE_STEPS, 2)
        assert np.abs(each.actions).max() <= 1
        assert each.actions.std() > 0.4


def test_an_episode_depends_on_nothing_but_its_generator(recordings: list[Recording]) -> None:
    alone = PointMazePlayer(UMAZE).play(np.random.default_rng([0, 5]))
    assert np.array_equal(alone.observations, recordings[5].observations)
    assert np.array_equal(alone.actions, recordings[5].actions)


def test_the_dataset_says_what_it_is(small_umaze: Path) -> None:
    dataset = minari.load_dataset("mage/maze2d/umaze-v0")
    assert "not D4RL's data" in dataset.storage.metadata["description"]
    assert dataset.observation_space.shape == (4,), "the goal is not in it"
    assert dataset.env_spec.id == "PointMaze_UMaze-v3"
