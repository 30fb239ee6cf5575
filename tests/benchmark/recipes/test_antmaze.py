"""The AntMaze recipe: the controller gets to the goal, the data wanders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets import load, prepare
from benchmark.environments import make_environment, task_info
from benchmark.recipes import RECIPES
from benchmark.recipes.antmaze import ACTION_NOISE, AntController, AntMazePlayer
from benchmark.recipes.recipe import Recording
from benchmark.tasks import TASKS, Task

UMAZE = TASKS["antmaze-umaze"]


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
    ways = AntController(UMAZE).ways
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
        assert ways.cell_of(goal[0]) == (1, 1), "as in the evaluation"
        distances = np.linalg.norm(each.observations["achieved_goal"] - goal, axis=1)[1:]
        assert np.array_equal(each.rewards > 0, distances <= 0.45)


def test_starts_differ_and_the_ant_gets_about(recordings: list[Recording]) -> None:
    ways = AntController(UMAZE).ways
    visited = [
        [ways.cell_of(position) for position in each.observations["achieved_goal"]]
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
    assert loaded.about["id"] == recipe.id
