"""What a perturbation does to an environment, and what is no perturbation."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.evaluation.perturbations import KINDS, Perturbation, parse_perturbation
from benchmark.tasks import TASKS


class Lined(gym.Env[Any, Any]):
    """Remembers the actions, which lie between -1 and 3; observes the number of steps."""

    observation_space = gym.spaces.Box(0, 100, (1,), np.float32)
    action_space = gym.spaces.Box(np.array([-1, -1], np.float32), np.array([3, 3], np.float32))

    def __init__(self, ends_after: int = 100) -> None:
        self.ends_after = ends_after

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.played: list[Any] = []
        return np.zeros(1, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.played.append(action)
        steps = len(self.played)
        return np.full(1, steps, np.float32), 1.0, steps >= self.ends_after, False, {}


def perturbed(env: Lined, kind: str, size: float) -> gym.Env[Any, Any]:
    return KINDS[kind].wrapper(env, size)


ONE = np.array([1.0, 2.0], np.float32)


def test_noise_is_a_share_of_half_the_range_within_the_bounds() -> None:
    env = Lined()
    noisy = perturbed(env, "action-noise", 0.1)
    noisy.reset(seed=3)
    for _ in range(4000):
        noisy.step(ONE)
    played = np.array(env.played)
    assert played.std(0) == pytest.approx([0.2, 0.2], rel=0.05)
    assert played.mean(0) == pytest.approx(ONE, abs=0.02)
    loud = perturbed(env, "action-noise", 5)
    loud.reset(seed=3)
    for _ in range(50):
        loud.step(ONE)
    assert np.min(env.played) == -1 and np.max(env.played) == 3
    assert env.played[0].dtype == np.float32


@pytest.mark.parametrize("kind", ["action-noise", "start"])
def test_the_seed_of_an_episode_decides(kind: str) -> None:
    env = Lined()
    disturbed = perturbed(env, kind, KINDS[kind].default)
    played = []
    for seed in (3, 3, 4):
        disturbed.reset(seed=seed)
        disturbed.step(ONE)
        played.append(np.array(env.played))
    assert np.array_equal(played[0], played[1]) and not np.array_equal(played[0], played[2])
    disturbed.reset()  # As when an episode has ended beside others.
    disturbed.step(ONE)
    assert not np.array_equal(env.played, played[2])


def test_an_action_is_played_late_and_the_middle_before_it() -> None:
    env = Lined()
    late = perturbed(env, "delay", 2)
    for _ in range(2):  # A second episode starts anew.
        late.reset(seed=0)
        for number in (1.0, 2.0, 3.0):
            late.step(np.full(2, number, np.float32))
        assert [action.tolist() for action in env.played] == [[1, 1], [1, 1], [1, 1]]
        late.step(ONE)
        assert env.played[-1].tolist() == [2, 2]


def test_an_episode_begins_after_random_actions() -> None:
    env = Lined()
    started = perturbed(env, "start", 7)
    observation, _ = started.reset(seed=5)
    assert observation.tolist() == [7] and len(env.played) == 7
    assert np.std(env.played) > 0.5


def test_one_that_ends_among_them_begins_as_it_is() -> None:
    env = Lined(ends_after=3)
    observation, _ = perturbed(env, "start", 7).reset(seed=5)
    assert observation.tolist() == [0] and env.played == []


def test_an_environment_of_a_task_has_it() -> None:
    env = Perturbation("start", 5).make(TASKS["maze2d-umaze"])
    plain, _ = Perturbation("delay", 1).make(TASKS["maze2d-umaze"]).reset(seed=1)
    moved, _ = env.reset(seed=1)
    assert moved.shape == plain.shape and not np.array_equal(moved, plain)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("action-noise=0.25", "action-noise=0.25"),
        ("action-noise", "action-noise=0.1"),
        ("start", "start=10"),
        ("delay=3", "delay=3"),
    ],
)
def test_a_name_stands_for_its_default_size(text: str, name: str) -> None:
    assert parse_perturbation(text).name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "wind=1",
            "unknown perturbation 'wind=1'; valid: action-noise=0.1, start=10, delay=1, and other "
            "sizes",
        ),
        ("delay=0", "has no valid size; valid: a whole number of steps above 0, at most 1,000"),
        ("delay=1.5", "has no valid size; valid: a whole number of steps above 0"),
        ("start=5000", "at most 1,000, such as start=10"),
        ("action-noise=much", "valid: a number above 0, at most 10, such as action-noise=0.1"),
        ("action-noise=nan", "valid: a number above 0"),
        ("action-noise=", "valid: a number above 0"),
    ],
)
def test_what_is_none_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_perturbation(text)
    assert message in str(refused.value)
