"""What is said of recorded data that is not what it should be, and the hash of its content."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.data.checks import (
    CONTENT_HASH,
    BadDataError,
    ContentHash,
    checked_observations,
    may_be_recorded,
)
from benchmark.interface import TaskInfo
from benchmark.tasks import TASKS
from tests.benchmark.data.synthetic_datasets import ACTION, OBSERVATION, door_episode

INFO = TaskInfo("door", OBSERVATION, -np.ones(ACTION, "f4"), np.ones(ACTION, "f4"), 200)


def _check(task: str = "adroit-door-human", info: TaskInfo = INFO, **changes: Any) -> None:
    episode = door_episode(0, **changes)
    checked_observations(3, episode, TASKS[task], info)


def _with(value: float, *shape: int) -> np.ndarray:
    array = np.zeros(shape)
    array.flat[5] = value
    return array


def test_good_data_passes() -> None:
    _check()
    _check(rewards=np.arange(6))
    _check(terminations=np.arange(6) == 5)
    _check(truncations=(np.arange(6) == 5).astype(np.uint8))
    _check(rewards=np.full(6, 3e38))


def test_a_goal_that_relabelling_puts_in_need_not_be_recorded() -> None:
    info = replace(INFO, goal_columns=(37, 38))
    sizes = {
        name: [size for size in range(50) if may_be_recorded(size, TASKS[name], info)]
        for name in ("multi2d-umaze", "antmaze-umaze")
    }
    assert sizes == {"multi2d-umaze": [37, 39], "antmaze-umaze": [39]}
    own = replace(TASKS["antmaze-umaze"], relabel=lambda task, episode, rng: [episode])
    assert may_be_recorded(7, own, info) and not may_be_recorded(None, own, info)
    for size in (37, 39):
        observations = np.zeros((7, size))
        _check("multi2d-umaze", info, observations=observations, rewards=np.zeros(6))
    with pytest.raises(BadDataError, match=r"observations of shape \(7, 38\), not \(7, 39\)"):
        _check("multi2d-umaze", info, observations=np.zeros((7, 38)), rewards=np.zeros(6))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"observations": np.zeros((6, OBSERVATION))}, r"observations of shape \(6, 39\), not \(7"),
        ({"observations": np.zeros((7, 3))}, r"observations of shape \(7, 3\), not \(7, 39\)"),
        # One number a step would be copied into all columns.
        ({"observations": np.zeros(7)}, r"observations of shape \(7,\), not \(7, 39\)"),
        ({"observations": np.zeros((7, 1))}, r"observations of shape \(7, 1\), not \(7, 39\)"),
        ({"observations": np.float64(3)}, r"observations of shape \(\), not \(7, 39\)"),
        ({"rewards": np.float64(3)}, r"observations of shape \(7, 39\), not \(2, 39\)"),
        ({"actions": np.zeros((6, 27))}, r"actions of shape \(6, 27\), not \(6, 28\)"),
        ({"actions": np.zeros((5, ACTION))}, r"actions of shape \(5, 28\), not \(6, 28\)"),
        ({"rewards": np.zeros((6, 1))}, r"rewards of shape \(6, 1\), not \(6,\)"),
        ({"truncations": np.zeros(5, bool)}, r"truncations of shape \(5,\), not \(6,\)"),
        ({"terminations": np.zeros(7, bool)}, r"terminations of shape \(7,\), not \(6,\)"),
        ({"rewards": np.zeros(0)}, "no steps"),
        ({"rewards": np.array(["a"] * 6)}, "rewards of type <U1, not numbers"),
        ({"rewards": np.zeros(6, complex)}, "rewards of type complex128, not numbers"),
        ({"actions": np.zeros((6, ACTION), bool)}, "actions of type bool, not numbers"),
        ({"observations": np.full((7, 39), "a")}, "observations of type <U1, not numbers"),
        ({"observations": _with(np.nan, 7, OBSERVATION)}, "observations that are not finite"),
        ({"actions": _with(np.inf, 6, ACTION)}, "actions that are not finite"),
        ({"rewards": _with(-np.inf, 6)}, "rewards that are not finite"),
        ({"rewards": _with(1e39, 6)}, "rewards that are not finite, or too large for float32"),
        ({"observations": _with(-1e39, 7, OBSERVATION)}, "observations .* too large for float32"),
        ({"terminations": np.full(6, 2)}, "terminations that are neither 0 nor 1"),
        ({"truncations": np.full(6, "a")}, "truncations of type <U1, not numbers"),
        (
            {"terminations": np.arange(6) == 2},
            r"an end before its last step \(terminations, step 2\)",
        ),
        (
            {"truncations": np.isin(np.arange(6), (4, 5))},
            r"an end before its last step \(truncations, step 4\)",
        ),
    ],
)
def test_bad_data_is_named(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadDataError, match=f"is not what it should be: episode 3 has {problem}"):
        _check(**changes)


@pytest.mark.parametrize(
    ("task", "sizes", "problem"),
    [
        ("multi2d-umaze", (2, 2, 4), r"observation of shape \(7, 2\) in .*, not \(7, 4\)"),
        ("multi2d-umaze", (3, 2, 3), r"observation of shape \(7, 3\) in its"),
        ("multi2d-umaze", (6, 2, 0), r"observation of shape \(7, 6\) in its"),
        (
            "antmaze-umaze",
            (28, 1, 2),
            r"achieved_goal of shape \(7, 1\) in .*, not",
        ),
        ("antmaze-umaze", (27, 3, 1), r"achieved_goal of shape \(7, 3\) in its"),
        ("antmaze-umaze", (27, 2, 1), r"desired_goal of shape \(7, 1\) in its"),
    ],
)
def test_parts_that_are_only_together_as_long_as_they_should_be(
    task: str, sizes: tuple[int, ...], problem: str
) -> None:
    names = ("observation", "achieved_goal", "desired_goal")
    parts = {name: np.zeros((7, size)) for name, size in zip(names, sizes, strict=True)}
    episode = door_episode(0, observations=parts, rewards=np.zeros(6))
    size = sum(TASKS[task].observation_parts.values())
    with pytest.raises(BadDataError, match=f"episode 3 has {problem}"):
        checked_observations(3, episode, TASKS[task], replace(INFO, observation_size=size))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"desired_goal": np.zeros(7)}, r"desired_goal of shape \(7,\) in its .*, not \(7, 2\)"),
        ({"desired_goal": np.zeros(2)}, r"desired_goal of shape \(2,\) in its"),
        ({"desired_goal": 3.0}, r"desired_goal of shape \(\) in its observations, not \(7, 2\)"),
        ({"desired_goal": np.zeros((6, 2))}, r"desired_goal of shape \(6, 2\) in its"),
        ({"desired_goal": np.zeros((7, 2, 2))}, r"desired_goal of shape \(7, 2, 2\) in its"),
        ({"observation": {"a": np.zeros((7, 4))}}, "no observation in .*, but .*, observation/a$"),
        ({"desired_goal": None}, "no desired_goal in its observations, but more, observation$"),
    ],
)
def test_parts_that_cannot_be_put_together_are_named(change: dict[str, Any], problem: str) -> None:
    parts = {"observation": np.zeros((7, 4)), "desired_goal": np.zeros((7, 2)), **change}
    given = {name: part for name, part in parts.items() if part is not None}
    episode = door_episode(0, observations={**given, "more": np.zeros(3)}, rewards=np.zeros(6))
    with pytest.raises(BadDataError, match=f"^is not what it should be: episode 3 has {problem}"):
        checked_observations(3, episode, TASKS["multi2d-umaze"], replace(INFO, observation_size=6))


def test_parts_are_put_together_in_the_order_of_the_task() -> None:
    parts = {"desired_goal": np.full((7, 2), 2), "observation": np.full((7, 27), 1)}
    episode = door_episode(
        0,
        observations={**parts, "achieved_goal": np.zeros((7, 2))},
        actions=np.zeros((6, 8)),
        rewards=np.zeros(6),
    )
    info = TaskInfo("ant", 31, -np.ones(8, "f4"), np.ones(8, "f4"), 9)
    flat = checked_observations(0, episode, TASKS["antmaze-umaze"], info)
    np.testing.assert_array_equal(flat, np.tile(np.repeat([0.0, 1.0, 2.0], (2, 27, 2)), (7, 1)))


# Bounds of -1 to 1 and 0 to 4: half as far again beyond them are -2 to 2 and -2 to 6.
WIDE = TaskInfo("two", 2, np.array([-1, 0], "f4"), np.array([1, 4], "f4"), 9)


@pytest.mark.parametrize("action", [(-2, 0), (2, 0), (0, -2), (0, 6)])
def test_actions_may_lie_half_the_range_beyond_their_bounds(action: tuple[float, float]) -> None:
    actions = np.zeros((6, 2))
    actions[3] = action
    _check(info=WIDE, observations=np.zeros((7, 2)), actions=actions)
    actions[3] = 1.01 * np.array(action)
    with pytest.raises(BadDataError, match="far outside its bounds of"):
        _check(info=WIDE, observations=np.zeros((7, 2)), actions=actions)


@pytest.mark.parametrize(
    ("task", "reward", "expected"),
    [
        ("kitchen-mixed", 5, "0, 1, 2, 3, 4$"),
        ("kitchen-mixed", 0.5, "0, 1, 2, 3, 4$"),
        ("antmaze-umaze", -1, "0, 1$"),
    ],
)
def test_rewards_that_no_such_task_gives(task: str, reward: float, expected: str) -> None:
    with pytest.raises(BadDataError, match=f"a reward of {reward}; expected one of {expected}"):
        _check(task, rewards=_with(reward, 6))


def test_rewards_that_such_a_task_gives() -> None:
    _check("kitchen-mixed", rewards=np.array([0, 1, 2, 3, 4, 4]))
    _check("antmaze-umaze", rewards=np.array([0, 1, 0, 1, 0, 1]))
    _check("antmaze-umaze", rewards=np.zeros(6))
    with pytest.raises(BadDataError, match="a reward of 7"):
        _check("antmaze-umaze", rewards=np.array([0, 1, 7, 1, 0, 8]))
    # Rewards of their own take the place of these.
    for name in ("maze2d-umaze", "multi2d-umaze"):
        _check(name, rewards=np.array([0, 1, 0.13, -2, 0, 8]))
    _check("hopper-medium", rewards=np.array([-1.5, 0, 2, 3, 4, 5e3]))


def _episode(**changes: Any) -> Any:
    arrays = {
        "observations": np.array([[1, 2], [3, 4]], np.float32),
        "actions": np.array([[0.5]]),
        "rewards": np.array([7.0]),
        "terminations": np.array([True]),
        "truncations": np.array([False]),
    }
    return SimpleNamespace(**{**arrays, **changes})


def _hash(*episodes: Any) -> str:
    content = ContentHash()
    for episode in episodes:
        content.add(episode)
    return content.hexdigest()


def test_the_hash_is_over_names_types_shapes_and_bytes() -> None:
    # Written out, as datasets that were collected earlier carry such a hash.
    written = (
        b"observations <f4 (2, 2);" + np.array([1, 2, 3, 4], np.float32).tobytes(),
        b"actions <f8 (1, 1);" + np.array([0.5]).tobytes(),
        b"rewards <f8 (1,);" + np.array([7.0]).tobytes(),
        b"terminations |b1 (1,);\x01",
        b"truncations |b1 (1,);\x00",
    )
    assert _hash(_episode()) == hashlib.sha256(b"".join(written)).hexdigest()
    assert CONTENT_HASH == "content_sha256"


def test_parts_of_observations_are_taken_in_the_order_of_their_names() -> None:
    parts = {"b": {"y": np.zeros(2), "x": np.ones(2)}, "a": np.zeros(2)}
    turned = {"a": parts["a"], "b": {"x": np.ones(2), "y": np.zeros(2)}}
    assert _hash(_episode(observations=parts)) == _hash(_episode(observations=turned))
    swapped = {"b": parts["a"], "a": parts["b"]}
    assert _hash(_episode(observations=parts)) != _hash(_episode(observations=swapped))


def test_any_change_changes_it() -> None:
    first, second = _episode(), _episode(rewards=np.array([8.0]))
    hashes = [
        _hash(first),
        _hash(first, first),
        _hash(first, second),
        _hash(second, first),
        _hash(_episode(observations=np.array([[1, 2, 3, 4]], np.float32))),
        _hash(_episode(observations=np.array([[1, 2], [3, 4]], np.float64))),
        _hash(_episode(observations=np.array([[1, 3], [2, 4]], np.float32))),
        _hash(_episode(terminations=np.array([False]))),
        _hash(_episode(truncations=np.array([True]))),
        _hash(_episode(actions=np.array([[0.25]]))),
    ]
    assert len(set(hashes)) == len(hashes)


def test_memory_in_another_order_is_the_same_content() -> None:
    turned = np.asfortranarray(np.array([[1, 2], [3, 4]], np.float32))
    assert _hash(_episode(observations=turned)) == _hash(_episode())
