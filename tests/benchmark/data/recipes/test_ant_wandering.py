"""The AntMaze recipe: the controller gets to the goal, the data wanders."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.data import load, prepare
from benchmark.data.recipes import RECIPES
from benchmark.data.recipes.ant_wandering import (
    ACTION_NOISE,
    ANT_MAZES,
    ARRIVED,
    AntController,
    AntMazePlayer,
)
from benchmark.data.recipes.recipe import Recording
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment, task_info
from benchmark.tasks.mazes import ANT_CELL_SIZE

UMAZE = TASKS["antmaze-umaze"]


def test_three_sizes_are_collected() -> None:
    assert [(each.id, each.task, each.episodes, each.goal_share) for each in ANT_MAZES] == [
        ("mage/antmaze/umaze-v0", "antmaze-umaze", 300, 0.5),
        ("mage/antmaze/medium-v0", "antmaze-medium-play", 500, 0.25),
        ("mage/antmaze/large-v0", "antmaze-large-play", 500, 0.25),
    ]
    assert (ANT_CELL_SIZE, ACTION_NOISE, ARRIVED) == (4, 0.2, 0.4)


class Walking:
    """In the place of the gait: notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[float, bool]] = []
        self.resets = 0

    def reset(self) -> None:
        self.resets += 1

    def act(self, state: np.ndarray, direction: float, standing: bool) -> np.ndarray:
        assert state.tolist() == list(range(2, 29)), "without x and y"
        self.told.append((direction, standing))
        return np.full(8, 0.5)


def _controller() -> tuple[AntController, Walking]:
    controller, walking = AntController(UMAZE), Walking()
    controller._walker = walking  # type: ignore[assignment]
    return controller, walking


def _state(x: float, y: float) -> np.ndarray:
    return np.array([x, y, *range(2, 29)], float)


def test_the_ant_stands_at_a_quarter_and_goes_on_when_it_has_drifted_off() -> None:
    controller, walking = _controller()
    for distance in (0.26, 0.24, 0.41, 0.43, 0.26):
        controller.act(_state(-4 + distance, 4), np.array([-4.0, 4.0]))
    controller.act(_state(-3.9, 4), np.array([-4.0, 4.0]), stop=False)
    assert [standing for _, standing in walking.told] == [False, True, True, False, False, False]
    controller.act(_state(-3.9, 4), np.array([-4.0, 4.0]))
    controller.reset()
    controller.act(_state(-3.7, 4), np.array([-4.0, 4.0]))
    assert [standing for _, standing in walking.told[-2:]] == [True, False], "a new episode"
    assert walking.resets == 1


@pytest.mark.parametrize(
    ("position", "target", "heading"),
    [
        # In the same cell, straight on.
        ((-5.0, 4.0), (-3.0, 5.0), (2, 1)),
        # From (3, 1) the way to (1, 1) leads east; half a unit too far north or south.
        ((-4.0, -3.5), (-4.0, 4.0), (1, -0.5)),
        ((-3.0, -4.5), (-4.0, 4.0), (1, 0.5)),
        # From (3, 3) it leads north; a unit too far east.
        ((5.0, -4.0), (-4.0, 4.0), (-1, 1)),
        # Nearly there, in the cell beside it; a little farther off it keeps to the middle.
        ((-2.2, 4.9), (-1.5, 3.6), (0.7, -1.3)),
        ((-2.2, 4.9), (-1.5, 3.5), (1, -0.9)),
        # Over the wall between both ends of the u, back to the cell that it came from.
        ((-4.5, -1.9), (-4.0, 4.0), (0.5, -2.1)),
    ],
)
def test_the_ant_keeps_to_the_middle_of_the_way(
    position: tuple[float, float], target: tuple[float, float], heading: tuple[float, float]
) -> None:
    controller, walking = _controller()
    controller.act(_state(*position), np.array(target))
    assert walking.told[0][0] == pytest.approx(math.atan2(heading[1], heading[0]))


class Placed:
    """An environment that puts the ant where it was told, whatever the action."""

    def __init__(self, *xs: float) -> None:
        self._xs = xs
        self.unwrapped = self
        self.actions: list[np.ndarray] = []

    def _seen(self) -> dict[str, np.ndarray]:
        x = self._xs[len(self.actions)]
        return {
            "achieved_goal": np.array([x, 0.0]),
            "desired_goal": np.array([7.0, 0.0]),
            "observation": np.arange(27.0) + x,
        }

    def reset(self, seed: int) -> Any:
        self.seed = seed
        return self._seen(), {}

    def step(self, action: np.ndarray) -> Any:
        self.actions.append(action)
        return self._seen(), 10.0 * len(self.actions), False, False, {}


def test_the_ant_goes_from_place_to_place_and_stays_at_the_goal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The first place is at 1, reached from 0.4 off; then comes the goal, at 7, which it keeps.
    env = Placed(0.0, 0.59, 0.61, 6.9, 7.0)
    monkeypatch.setattr("benchmark.data.recipes.ant_wandering.make_environment", lambda task: env)
    player = AntMazePlayer(replace(UMAZE, max_steps=4), 0.5)
    asked: list[tuple[float, float, bool]] = []

    def act(state: np.ndarray, target: np.ndarray, stop: bool) -> np.ndarray:
        assert state[2:].tolist() == (np.arange(27.0) + state[0]).tolist()
        asked.append((state[0], target[0], stop))
        return np.full(8, 0.9)

    controller: Any = SimpleNamespace(act=act, reset=lambda: asked.clear())
    player._controller = controller
    places = iter([np.array([1.0, 0.0]), None])

    def new_target(goal: np.ndarray, rng: object) -> np.ndarray:
        place = next(places)
        return goal if place is None else place

    monkeypatch.setattr(player, "_new_target", new_target)
    dice: Any = SimpleNamespace(
        integers=lambda end: {2**31: 99}[end], standard_normal=lambda size: np.linspace(-2, 1.5, 8)
    )
    recording = player.play(dice)
    assert asked == [(0, 1, False), (0.59, 1, False), (0.61, 7, True), (6.9, 7, True)]
    assert env.seed == 99
    # 0.9 and a fifth of the noise, at most 1.
    expected = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1, 1, 1])
    assert np.allclose(recording.actions, expected) and recording.actions.shape == (4, 8)
    assert recording.rewards.tolist() == [10, 20, 30, 40]
    observations: Any = recording.observations
    seen = observations["achieved_goal"][:, 0]
    assert seen.tolist() == pytest.approx([0, 0.59, 0.61, 6.9, 7])
    assert observations["observation"][:, 0].tolist() == pytest.approx(seen.tolist())
    assert {each.dtype for each in (recording.actions, recording.rewards, seen)} == {np.dtype("f4")}


def test_targets_are_the_goal_now_and_then_and_else_around_another_cell() -> None:
    player = AntMazePlayer.__new__(AntMazePlayer)
    player._goal_share, player._controller = 0.25, AntController(UMAZE)
    player._places = [(1, 2), (2, 3), (3, 1)]
    goal = np.zeros(2)
    dice: Any = SimpleNamespace(
        integers=lambda end: {3: 1}[end],
        uniform=lambda low, high, size: {(-1.0, 1.0, 2): np.array([0.5, -0.25])}[low, high, size],
    )
    dice.random = lambda: 0.24
    assert player._new_target(goal, dice) is goal
    dice.random = lambda: 0.25
    # The cell (2, 3) lies around (4, 0).
    assert player._new_target(goal, dice).tolist() == [4.5, -0.25]


def test_it_is_recorded_in_the_evaluations_maze_with_starts_everywhere_but_at_the_goal() -> None:
    player = AntMazePlayer(UMAZE, 0.5)
    maze: Any = player.env
    assert maze.maze.maze_map[1:4] == [
        [1, "g", "r", "r", 1],
        [1, 1, 1, "r", 1],
        [1, "r", "r", "r", 1],
    ]
    assert maze.continuing_task and not maze.reset_target
    assert player._places == [(1, 2), (1, 3), (2, 3), (3, 1), (3, 2), (3, 3)]
    maze.close()


def _successes(task: Task, episodes: int, seed: int = 3_000_000) -> list[bool]:
    """Whether the controller gets to the goal of the evaluation, with the recipe's noise."""
    env, controller, successes = make_environment(task), AntController(task), []
    for episode in range(episodes):
        rng = np.random.default_rng([seed, episode])
        observation, _ = env.reset(seed=seed + episode)
        controller.reset()
        ended, cut, reward = False, False, 0.0
        while not (ended or cut):
            state = observation.astype(float)
            action = controller.act(state[:29], state[29:]) + ACTION_NOISE * rng.standard_normal(8)
            observation, reward, ended, cut, _ = env.step(np.clip(action, -1, 1).astype(np.float32))
        successes.append(reward > 0)
    env.close()
    return successes


def test_the_controller_gets_to_the_goal() -> None:
    assert all(_successes(UMAZE, 3))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"),
    [("antmaze-umaze", 0.95), ("antmaze-medium-play", 0.90), ("antmaze-large-play", 0.85)],
)
def test_the_controller_nearly_always_gets_to_the_goal(name: str, least: float) -> None:
    assert np.mean(_successes(TASKS[name], 60)) >= least


def test_the_controller_stays_at_the_goal() -> None:
    task = replace(UMAZE, env_kwargs={**UMAZE.env_kwargs, "continuing_task": True})
    env, controller = make_environment(task), AntController(task)
    observation, _ = env.reset(seed=1)
    rewards = []
    for _ in range(500):
        action = controller.act(observation[:29].astype(float), observation[29:].astype(float))
        observation, reward, *_ = env.step(action.astype(np.float32))
        rewards.append(reward)
    env.close()
    first = rewards.index(1)
    assert first < 400
    assert np.mean(rewards[first:]) > 0.9


@pytest.fixture(scope="module")
def recordings() -> list[Recording]:
    player = AntMazePlayer(replace(UMAZE, max_steps=200), 0.5)
    return [player.play(np.random.default_rng([0, index])) for index in range(4)]


def test_the_goal_is_shown_and_rewarded(recordings: list[Recording]) -> None:
    paths = AntController(UMAZE).paths
    for each in recordings:
        assert isinstance(each.observations, dict)
        shapes = {name: part.shape for name, part in each.observations.items()}
        assert shapes == {
            "observation": (201, 27),
            "achieved_goal": (201, 2),
            "desired_goal": (201, 2),
        }
        assert (each.actions.shape, each.rewards.shape) == ((200, 8), (200,))
        goal = each.observations["desired_goal"]
        assert (goal == goal[0]).all()
        assert paths.cell_of(goal[0]) == (1, 1), "as in the evaluation"
        distances = np.linalg.norm(each.observations["achieved_goal"] - goal, axis=1)[1:]
        assert np.array_equal(each.rewards > 0, distances <= 0.45)


def test_starts_differ_and_the_ant_gets_about(recordings: list[Recording]) -> None:
    paths = AntController(UMAZE).paths
    visited = [
        [paths.cell_of(position) for position in each.observations["achieved_goal"]]
        for each in recordings
    ]
    assert len({cells[0] for cells in visited}) > 1
    assert all(cells[0] != (1, 1) for cells in visited)
    assert np.mean([len(set(cells)) for cells in visited]) >= 2


def test_an_episode_depends_on_nothing_but_its_generator(recordings: list[Recording]) -> None:
    alone = AntMazePlayer(replace(UMAZE, max_steps=200), 0.5).play(np.random.default_rng([0, 3]))
    for name, part in alone.observations.items():
        assert np.array_equal(part, recordings[3].observations[name])
    assert np.array_equal(alone.actions, recordings[3].actions)


def test_the_dataset_fits_the_task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recipe = RECIPES["mage/antmaze/umaze-v0"]
    monkeypatch.setitem(RECIPES, recipe.id, replace(recipe, episodes=1))
    prepare(UMAZE, task_info(UMAZE), "local", lambda line: None)
    loaded = load(
        TASKS["antmaze-umaze-diverse"], task_info(TASKS["antmaze-umaze-diverse"]), "local"
    )
    assert loaded.dataset.observations.shape == (len(loaded.dataset), 31)
    assert loaded.metadata["id"] == recipe.id
