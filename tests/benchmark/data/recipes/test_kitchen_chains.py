"""The Kitchen recipe: which sub-tasks are done, and how they are rewarded."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.data import prepare
from benchmark.data.recipes import RECIPES, kitchen_chains
from benchmark.data.recipes.kitchen_chains import KITCHENS, KitchenPlayer
from benchmark.data.recipes.kitchen_skills import SKILLS
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info

WANTED = ("microwave", "kettle", "light switch", "slide cabinet")
COMPLETE, PARTIAL, MIXED = KITCHENS


@pytest.fixture(scope="module")
def player() -> KitchenPlayer:
    return COMPLETE.player()


def test_three_datasets_are_collected() -> None:
    known = [
        (each.id, each.task, each.episodes, each.version, each.wanted_share, each.max_steps)
        for each in KITCHENS
    ]
    assert known == [
        ("mage/kitchen/complete-v0", "kitchen-complete", 40, 0, 1.0, 280),
        ("mage/kitchen/partial-v0", "kitchen-partial", 300, 0, 0.2, 450),
        ("mage/kitchen/mixed-v0", "kitchen-mixed", 300, 0, 0.0, 450),
    ]
    numbers = (
        kitchen_chains.ACTION_NOISE,
        kitchen_chains.JITTER,
        kitchen_chains.SPEEDS,
        kitchen_chains.LINGER,
    )
    assert numbers == (0.1, 0.012, (0.8, 1.1), (3, 12))


class Dice:
    """Draws what it was told."""

    def __init__(self, share: float = 0.0) -> None:
        self._share = share

    def random(self) -> float:
        return self._share

    def integers(self, low: int, high: int = 0) -> int:
        return {(2**31, 0): 55, (3, 12): 7, (34, 0): 33}[low, high]

    def uniform(self, low: float, high: float) -> float:
        return {(0.8, 1.1): 0.9}[low, high]


def test_what_is_wanted_is_done_as_often_as_the_share_says() -> None:
    player = KitchenPlayer.__new__(KitchenPlayer)
    player._wanted_share, player._wanted = 0.2, WANTED
    player._others = [("kettle",)] * 33 + [("microwave",)]
    rng: Any = Dice(0.19)
    assert player._choose(rng) == WANTED
    rng = Dice(0.2)
    assert player._choose(rng) == ("microwave",)


class Counting:
    """An environment whose observations and rewards count its steps."""

    def reset(self, seed: int) -> Any:
        self.seed, self._step = seed, 0
        return {"observation": np.zeros(59)}, {}

    def step(self, action: np.ndarray) -> Any:
        self._step += 1
        return {"observation": np.full(59, self._step)}, 10.0 * self._step, False, False, {}


def test_every_step_of_an_episode_is_recorded_up_to_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    player, env, rng = KitchenPlayer.__new__(KitchenPlayer), Counting(), Dice()
    player.env, player._max_steps = env, 3  # type: ignore[assignment]

    def perform(arm: Any, tasks: Any, linger: int) -> None:
        assert (tasks, linger) == (["kettle"], 7)
        ends = [arm[1](np.full(9, step, np.float32)) for step in (1, 2, 3)]
        assert ends == [False, False, True], "the third is the last that there may be"
        assert arm[0] is env and arm[3] is rng
        style = arm[2]
        assert (style.noise, style.jitter, style.speed) == (0.1, 0.012, 0.9)

    monkeypatch.setattr(kitchen_chains, "Arm", lambda *given: given)
    monkeypatch.setattr(kitchen_chains, "perform", perform)
    recording = player.play_tasks(["kettle"], rng)  # type: ignore[arg-type]
    assert env.seed == 55
    observations: Any = recording.observations
    assert observations["observation"][:, 0].tolist() == [0, 1, 2, 3]
    assert recording.actions[:, 8].tolist() == [1, 2, 3]
    assert recording.rewards.tolist() == [10, 20, 30]
    assert {observations["observation"].dtype, recording.rewards.dtype} == {np.dtype("f4")}


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


def test_mixed_never_does_all_that_is_wanted() -> None:
    player, rng = MIXED.player(), np.random.default_rng(0)
    assert len(player._others) == 34, "35 ways to take 4 of 7, without the wanted one"
    wanted = set(TASKS["kitchen-mixed"].env_kwargs["tasks_to_complete"])
    drawn = [player._choose(rng) for _ in range(1_000)]
    assert max(Counter(len(wanted & set(tasks)) for tasks in drawn)) == 3
    assert {task for tasks in drawn for task in tasks} == set(SKILLS)
    order = list(SKILLS)
    assert all(sorted(tasks, key=order.index) == list(tasks) for tasks in drawn)


def test_the_dataset_fits_the_task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(RECIPES, COMPLETE.id, replace(COMPLETE, episodes=1))
    task = TASKS["kitchen-complete"]
    dataset = prepare(task, task_info(task), "local", lambda line: None).dataset
    assert dataset.observations.shape[1] == 59
    assert dataset.episode_returns().tolist() == [4], "each sub-task is rewarded once"
    assert dataset.terminals[-1]
