"""The Maze2D recipe: what is recorded, and that the goal stays hidden."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import minari
import numpy as np
import pytest

from benchmark.data.recipes.point_wandering import (
    ACTION_NOISE,
    EPISODE_STEPS,
    LONGEST_HOLD,
    POINT_MAZES,
    PointMazePlayer,
    WaypointController,
)
from benchmark.data.recipes.recipe import Recording
from benchmark.data.recipes.shortest_paths import ShortestPaths
from benchmark.tasks import TASKS
from benchmark.tasks.mazes import cell_centre

UMAZE = TASKS["maze2d-umaze"]


def test_three_sizes_are_collected() -> None:
    assert [(each.id, each.task, each.episodes, each.version) for each in POINT_MAZES] == [
        ("mage/maze2d/umaze-v0", "maze2d-umaze", 200, 0),
        ("mage/maze2d/medium-v0", "maze2d-medium", 400, 0),
        ("mage/maze2d/large-v0", "maze2d-large", 800, 0),
    ]
    assert (ACTION_NOISE, LONGEST_HOLD, EPISODE_STEPS) == (0.5, 100, 1000)


# D4RL's controller: 10 times the way to go, less the velocity. The cell (1, 1) lies around (-1, 1).
@pytest.mark.parametrize(
    ("state", "target", "action"),
    [
        ((-1.0, 1.0, 0.2, -0.1), (-0.95, 1.03), (0.3, 0.4)),
        # On the way to the cell (3, 1) the next is (1, 2), around (0, 1): 9.7 - 0.4 and -0.2.
        ((-0.97, 1.02, 0.4, 0.0), (-1.0, -1.0), (1.0, -0.2)),
        ((0.9, -1.0, 0.0, 2.0), (0.7, -0.99), (-1.0, -1.0)),
    ],
)
def test_the_controller_heads_for_the_next_cell_or_for_the_target_in_its_own(
    state: tuple[float, ...], target: tuple[float, ...], action: tuple[float, ...]
) -> None:
    found = WaypointController(UMAZE).act(np.array(state), np.array(target))
    assert found == pytest.approx(np.array(action))


class Dice:
    """Draws what it was told, and notes between which ends."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = list(numbers)
        self.asked: list[tuple[int, ...]] = []

    def integers(self, *ends: int) -> int:
        self.asked.append(ends)
        return self._numbers.pop(0)

    def standard_normal(self, size: int) -> np.ndarray:
        assert size == 2
        return np.array([0.5, -3.0])

    def uniform(self, low: float, high: float, size: int) -> np.ndarray:
        assert (low, high, size) == (-0.25, 0.25, 2)
        return np.array([0.1, -0.2])


class Moved:
    """An environment that puts the point where it was told, whatever the action."""

    def __init__(self, *places: tuple[float, float]) -> None:
        self._places = [np.array([*place, 0.0, 0.0]) for place in places]
        self.unwrapped = self

    def reset(self, seed: int) -> Any:
        self.seed, self._step = seed, 0
        return {"observation": self._places[0]}, {}

    def step(self, action: np.ndarray) -> Any:
        self._step += 1
        return {"observation": self._places[self._step]}, 0.0, False, False, {}


def test_a_place_is_held_for_a_while_that_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    here = (1.0, 0.0)
    # At the third step it has arrived, holds for 3 steps though it drifts away, then for 1.
    places = [(1.2, 0.0), (1.11, 0.0), (1.0, -0.1), (1.3, 0.0), *[here] * 4]
    env = Moved(*places)
    monkeypatch.setattr("benchmark.data.recipes.point_wandering.make_environment", lambda task: env)
    player, dice = PointMazePlayer(UMAZE, 7), Dice(77, 3, 1, 100)
    targets: list[int] = []

    def new_target(rng: object) -> np.ndarray:
        targets.append(env._step)
        return np.array(here)

    monkeypatch.setattr(player, "_new_target", new_target)
    recording = player.play(dice)  # type: ignore[arg-type]
    assert env.seed == 77
    assert dice.asked == [(2**31,), (1, 101), (1, 101), (1, 101)]
    assert targets == [0, 4, 5]
    assert recording.observations[:, :2].tolist() == np.array(places, np.float32).tolist()
    # 10 times the way, and half of the noise: -2 -> -1 + 0.25; at the place itself 0 + 0.25.
    first, last = recording.actions[[0, -1]].tolist()
    assert first == [-0.75, -1] and last == [0.25, -1]
    assert recording.actions.shape == (7, 2)
    assert recording.rewards.tolist() == [0] * 7, "the hidden goal is elsewhere"


def test_targets_are_drawn_around_the_centres_of_free_cells() -> None:
    player = SimpleNamespace(_controller=WaypointController(UMAZE))
    dice: Any = Dice(3)
    # Of seven free cells the fourth is (2, 3), around (1, 0).
    target = PointMazePlayer._new_target(player, dice)  # type: ignore[arg-type]
    assert target == pytest.approx(np.array([1.1, -0.2]))
    assert dice.asked == [(7,)]


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    player = PointMazePlayer(UMAZE)
    return [player.play(np.random.default_rng([0, index])) for index in range(6)]


def test_it_goes_everywhere_and_is_rewarded_near_the_hidden_goal_only(
    recordings: list[Recording],
) -> None:
    positions = np.concatenate([each.observations[1:, :2] for each in recordings])
    rewards = np.concatenate([each.rewards for each in recordings])
    paths = ShortestPaths(UMAZE.env_kwargs["maze_map"])
    assert {paths.cell_of(position) for position in positions} >= set(paths.free_cells)
    goal = np.array(cell_centre(UMAZE.env_kwargs["maze_map"], (1, 1)))
    distances = np.linalg.norm(positions - goal, axis=1)
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
    description = dataset.storage.metadata["description"]
    assert "not D4RL's data" in description
    assert "cell (1, 1)" in description and "noise 0.5, holds of 1 to 100 steps" in description
    space = dataset.observation_space
    assert space.shape == (4,), "the goal is not in it"
    assert (space.low == -np.inf).all() and (space.high == np.inf).all()
    assert dataset.env_spec.id == "PointMaze_UMaze-v3"
