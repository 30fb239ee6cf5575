"""The oracle of the point mazes: known ways, and episodes that depend on their seeds alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.data.recipes import ogbench_mazes
from benchmark.data.recipes.ogbench_mazes import MazeOraclePlayer
from benchmark.data.recipes.recipe import Recording

pytest.importorskip("ogbench", reason="needs the package ogbench")

STEPS = 200


def _rng(episode: int) -> np.random.Generator:
    return np.random.default_rng([0, episode])


@pytest.fixture(scope="module")
def navigate() -> MazeOraclePlayer:
    return MazeOraclePlayer("pointmaze-medium-v0", False, STEPS)


@pytest.fixture(scope="module")
def stitch() -> MazeOraclePlayer:
    return MazeOraclePlayer("pointmaze-medium-v0", True, STEPS)


@pytest.mark.parametrize(("size", "free", "vertices"), [("medium", 26, 21), ("giant", 86, 46)])
def test_goals_are_cells_that_are_no_corridor(size: str, free: int, vertices: int) -> None:
    player = MazeOraclePlayer(f"pointmaze-{size}-v0", False, 1)
    assert (len(player._free), len(player._vertices)) == (free, vertices)
    assert set(player._vertices) < set(player._free)


def test_an_episode_depends_on_its_seed_alone(navigate: MazeOraclePlayer) -> None:
    before = np.random.get_state()[1]  # noqa: NPY002
    first, other, again = (navigate.play(_rng(episode)) for episode in (5, 6, 5))
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    fresh = MazeOraclePlayer("pointmaze-medium-v0", False, STEPS).play(_rng(5))
    for same in (again, fresh):
        assert np.array_equal(first.observations, same.observations)
        assert np.array_equal(first.actions, same.actions)
        assert np.array_equal(first.rewards, same.rewards)
    assert not np.array_equal(first.observations, other.observations)


def _moves(recording: Recording) -> Any:
    assert isinstance(recording.observations, np.ndarray)
    return np.diff(recording.observations, axis=0)


def test_a_row_leads_to_the_next(navigate: MazeOraclePlayer) -> None:
    recording = navigate.play(_rng(0))
    assert recording.observations.shape == (STEPS + 1, 2)  # type: ignore[union-attr]
    assert recording.actions.shape == (STEPS, 2)
    assert np.abs(recording.actions).max() <= 1
    # The point moves by 0.2 times the action, unless a wall stops it.
    as_told = np.isclose(_moves(recording), 0.2 * recording.actions, atol=1e-3).all(axis=1)
    assert as_told.mean() > 0.6


def test_without_noise_it_goes_from_goal_to_goal(
    navigate: MazeOraclePlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ogbench_mazes, "ACTION_NOISE", 0.0)
    recordings = [navigate.play(_rng(episode)) for episode in range(4)]
    for recording in recordings:
        assert np.linalg.norm(recording.actions, axis=1) == pytest.approx(1, abs=1e-3)
    assert sum(recording.rewards.sum() for recording in recordings) >= 4
    assert all(set(recording.rewards) <= {0, 1} for recording in recordings)


def test_stitched_episodes_stay_at_a_goal_four_cells_away(stitch: MazeOraclePlayer) -> None:
    # The oracle makes for the middle of a cell, and a goal in its corner may stay out of reach.
    for episode in range(1, 4):
        recording = stitch.play(_rng(episode))
        maze: Any = stitch.env
        places = np.asarray(recording.observations)
        cells = maze.get_oracle_subgoal(places[0], maze.cur_goal_xy)[1]
        assert cells[maze.xy_to_ij(places[0])] in (0, 4)
        assert recording.rewards.sum() == 1, "it is reached once"
        reached = int(np.flatnonzero(recording.rewards)[0])
        distances = np.linalg.norm(places[1:] - maze.cur_goal_xy, axis=1)
        assert distances[reached] <= 1.0 < distances[:reached].min(initial=9.0)
        assert (distances[reached:] < 3.0).all(), "it stays there"


def test_a_teleport_is_as_random_as_the_seed() -> None:
    player = MazeOraclePlayer("pointmaze-teleport-v0", False, 600)
    first, again = player.play(_rng(3)), player.play(_rng(3))
    assert np.array_equal(first.observations, again.observations)
    assert np.abs(_moves(first)).max() > 4, "none was taken"
