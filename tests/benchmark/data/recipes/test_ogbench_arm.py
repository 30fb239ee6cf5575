"""The oracles of the arm: what is kept of the simulation, and episodes that can be repeated."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.data.recipes.ogbench_arm import ArmOraclePlayer, cube_stays_visible
from benchmark.data.recipes.recipe import Recording


def _rng(episode: int) -> np.random.Generator:
    return np.random.default_rng([0, episode])


@pytest.fixture(scope="module")
def cube() -> ArmOraclePlayer:
    pytest.importorskip("ogbench", reason="needs the package ogbench")
    return ArmOraclePlayer("cube-single-v0", 120)


@pytest.fixture(scope="module")
def cube_episode(cube: ArmOraclePlayer) -> Recording:
    return cube.play(_rng(1))


def test_the_oracle_moves_the_cube_to_where_it_should(cube_episode: Recording) -> None:
    assert cube_episode.rewards.sum() == 1, "one takes about 88 steps"
    before, after = cube_episode.infos["qpos"][[0, -1], 14:16]
    assert np.linalg.norm(after - before) > 0.04


def test_the_state_of_the_simulation_is_that_of_the_observation(cube_episode: Recording) -> None:
    observations = np.asarray(cube_episode.observations)
    qpos = cube_episode.infos["qpos"]
    assert (observations.shape, qpos.shape) == ((121, 28), (121, 21))
    assert cube_episode.actions.shape == (120, 5) and np.abs(cube_episode.actions).max() <= 1
    assert np.allclose(observations[:, :6], qpos[:, :6], atol=1e-5), "angles of the arm's joints"
    # The package shows ten times the cube's distance from the middle of the table.
    shown = 10 * (qpos[:, 14:17] - [0.425, 0, 0])
    assert np.allclose(observations[:, 19:22], shown, atol=1e-4)


def test_an_episode_of_the_arm_depends_on_its_seed_alone(
    cube: ArmOraclePlayer, cube_episode: Recording
) -> None:
    other, again = cube.play(_rng(2)), cube.play(_rng(1))
    assert np.array_equal(cube_episode.observations, again.observations)
    assert np.array_equal(cube_episode.actions, again.actions)
    assert np.array_equal(cube_episode.infos["qpos"], again.infos["qpos"])
    assert not np.array_equal(cube_episode.observations, other.observations)


def test_buttons_are_kept_as_they_are_at_each_observation() -> None:
    pytest.importorskip("ogbench", reason="needs the package ogbench")
    recording = ArmOraclePlayer("puzzle-3x3-v0", 80).play(_rng(0))
    observations, states = np.asarray(recording.observations), recording.infos["button_states"]
    assert (observations.shape, states.shape) == ((81, 55), (81, 9))
    # Of each button the package shows two numbers for its state, its position and its velocity.
    shown = observations[:, 19:].reshape(81, 9, 4)[:, :, :2].argmax(axis=2)
    assert np.array_equal(shown, states)
    changes = np.abs(np.diff(states, axis=0)).sum(axis=1)
    assert recording.rewards.sum() >= 1, "a press takes about 32 steps"
    assert len(np.flatnonzero(changes)) >= recording.rewards.sum()


@pytest.mark.parametrize(
    ("y", "z", "visible"),
    [
        (0.0, 0.02, True),
        (0.28, 0.02, True),
        (0.29, 0.02, False),  # Beside the table on one side.
        (-0.29, 0.02, True),
        (-0.3, 0.02, False),  # On the other, where the drawer is.
        (-0.3, 0.07, True),  # In it.
        (-0.3, 0.09, False),
    ],
)
def test_a_cube_may_be_out_of_sight_in_the_drawer_only(y: float, z: float, visible: bool) -> None:
    qpos = np.zeros((3, 25))
    qpos[1, 15:17] = y, z
    assert cube_stays_visible(qpos) == visible


def test_a_scene_without_its_cube_is_played_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {bad: np.full((2, 25), 0.5 if bad else 0.0) for bad in (True, False)}
    played = iter([True, True, False])
    player = object.__new__(ArmOraclePlayer)
    player._env_id = "scene-v0"

    def once(rng: np.random.Generator) -> Recording:
        return Recording(
            np.zeros((2, 1)), np.zeros((1, 1)), np.zeros(1), {"qpos": rows[next(played)]}
        )

    monkeypatch.setattr(player, "_play_once", once)
    assert (player.play(_rng(0)).infos["qpos"] == 0).all()
    assert next(played, None) is None


@pytest.mark.parametrize(
    ("env_id", "low", "high"),
    [("cube-single-v0", 0, 0), ("cube-double-v0", 0, 0.25), ("scene-v0", 0.5, 0.5)],
)
def test_cubes_are_stacked_as_often_as_published(env_id: str, low: float, high: float) -> None:
    player = object.__new__(ArmOraclePlayer)
    player._env_id = env_id
    drawn = [player._stacking(_rng(episode)) for episode in range(50)]
    assert low <= min(drawn) <= max(drawn) <= high
    assert len(set(drawn)) == (50 if low < high else 1)
