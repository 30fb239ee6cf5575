"""The Kitchen recipe: which sub-tasks are done, and how they are rewarded."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.datasets import load, prepare
from benchmark.environments import task_info
from benchmark.recipes import RECIPES
from benchmark.recipes.kitchen import KITCHENS, KitchenPlayer
from benchmark.recipes.kitchen_skills import SKILLS
from benchmark.tasks import TASKS

WANTED = ("microwave", "kettle", "light switch", "slide cabinet")
COMPLETE, PARTIAL, MIXED = KITCHENS


@pytest.fixture(scope="module")
def player() -> KitchenPlayer:
    return COMPLETE.player()


def _rises(rewards: np.ndarray) -> list[float]:
    """What the rewards are when they first get so high."""
    return [value for value in np.unique(np.maximum.accumulate(rewards)).tolist() if value]


def test_the_four_wanted_sub_tasks_are_done_in_order(player: KitchenPlayer) -> None:
    recording = player.play(np.random.default_rng([0, 0]))
    assert _rises(recording.rewards) == [1, 2, 3, 4]
    assert recording.rewards[-1] == 4, "done sub-tasks count at every step"
    steps = len(recording.actions)
    assert 150 < steps < 280
    assert recording.actions.shape == (steps, 9)
    assert recording.observations["observation"].shape == (steps + 1, 59)


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "done"), [(COMPLETE, 4), (MIXED, 3)])
def test_nearly_every_episode_does_what_it_should(recipe: object, done: int) -> None:
    player = recipe.player()  # type: ignore[attr-defined]
    most = [player.play(np.random.default_rng([0, index])).rewards.max() for index in range(40)]
    assert max(most) == done
    if recipe is COMPLETE:
        assert np.mean(np.equal(most, 4)) >= 0.95


def test_an_episode_depends_on_nothing_but_its_generator(player: KitchenPlayer) -> None:
    first, again = (player.play_tasks(["kettle"], np.random.default_rng(5)) for _ in range(2))
    fresh = COMPLETE.player().play_tasks(["kettle"], np.random.default_rng(5))
    for other in (again, fresh):
        assert np.array_equal(other.actions, first.actions)
        assert np.array_equal(other.observations["observation"], first.observations["observation"])
    other = player.play_tasks(["kettle"], np.random.default_rng(6))
    assert not np.array_equal(other.actions[:20], first.actions[:20])


@pytest.mark.parametrize(("recipe", "low", "high"), [(COMPLETE, 1, 1), (PARTIAL, 0.15, 0.25)])
def test_the_share_of_episodes_that_do_what_is_wanted(
    recipe: object, low: float, high: float
) -> None:
    player, rng = recipe.player(), np.random.default_rng(0)  # type: ignore[attr-defined]
    drawn = [tuple(player._choose(rng)) for _ in range(1_000)]
    assert low <= np.mean([tasks == WANTED for tasks in drawn]) <= high


def test_mixed_never_does_all_that_is_wanted() -> None:
    player, rng = MIXED.player(), np.random.default_rng(0)
    wanted = set(TASKS["kitchen-mixed"].env_kwargs["tasks_to_complete"])
    drawn = [player._choose(rng) for _ in range(1_000)]
    assert max(Counter(len(wanted & set(tasks)) for tasks in drawn)) == 3
    assert {task for tasks in drawn for task in tasks} == set(SKILLS)
    order = list(SKILLS)
    assert all(sorted(tasks, key=order.index) == list(tasks) for tasks in drawn)


def test_the_dataset_fits_the_task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(RECIPES, COMPLETE.id, replace(COMPLETE, episodes=1))
    task = TASKS["kitchen-complete"]
    prepare(task, task_info(task), "local", lambda line: None)
    dataset = load(task, task_info(task), "local").dataset
    assert dataset.observations.shape[1] == 59
    assert dataset.episode_returns().tolist() == [4], "each sub-task is rewarded once"
    assert dataset.terminals[-1]
