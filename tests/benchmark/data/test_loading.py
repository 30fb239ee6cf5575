"""What is read, and what is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.data import content_hash, load, loading, prepare
from benchmark.data.recorded_scores import recorded_scores
from benchmark.errors import BadDatasetError, DatasetError
from benchmark.interface import Dataset
from benchmark.tasks.environments import task_info
from benchmark.tasks.published_sets import PUBLISHED_SETS, Sizes
from tests.benchmark.data.synthetic_datasets import (
    ACTION,
    DOOR,
    DOOR_TASK,
    OBSERVATION,
    UMAZE,
    door_episode,
    load_task,
    prepare_task,
    write,
)


def test_a_recorded_dataset_is_described(small_umaze: Path) -> None:
    loaded = load_task(UMAZE, "local")
    assert loaded.metadata == {
        "id": "mage/maze2d/umaze-v0",
        "kind": "collected here",
        "author": "MAGE-bench",
        "description": loaded.metadata["description"],
        "recorded_episodes": 5,
        "recorded_steps": 5000,
        "hash": content_hash(loaded.dataset),
        "episodes": 5,
        "steps": 5000,
        "recorded_scores": recorded_scores(loaded.dataset, UMAZE),
    }
    assert str(loaded.metadata["description"]).startswith("Collected on this machine by MAGE-bench")
    assert loaded.dataset.observations.shape == (5000, 4)


@pytest.mark.parametrize(
    ("spec", "once"),
    [
        (None, False),
        ("no JSON", False),
        ("[]", False),
        ('{"kwargs": {"remove_task_when_completed": false}}', False),
        ('{"kwargs": {"remove_task_when_completed": true}}', True),
        ('{"id": "FrankaKitchen-v1", "kwargs": {}}', True),
    ],
)
def test_whether_the_kitchen_rewarded_a_sub_task_once(spec: str | None, once: bool) -> None:
    assert loading._rewards_once({} if spec is None else {"env_spec": spec}) == once


def test_rewards_that_the_kitchen_gave_once_are_kept() -> None:
    rewards = np.array([0.0, 1.0, 0.0, 1.0])
    write(DOOR, door_episode(0, 4, rewards=rewards), env_spec='{"kwargs": {}}')
    task = replace(DOOR_TASK, relabel="kitchen", max_score=4.0)
    assert load_task(task).dataset.rewards.tolist() == rewards.tolist()


def test_the_arrays_are_those_of_the_episodes() -> None:
    episodes = [door_episode(0, 4), door_episode(1, 7)]
    write(DOOR, *episodes)
    loaded = load_task(DOOR_TASK)
    dataset = loaded.dataset
    assert dataset.observations.shape == (11, OBSERVATION)
    assert dataset.actions.shape == (11, ACTION)
    assert {array.dtype for array in (dataset.observations, dataset.actions)} == {np.dtype("f4")}
    rewards = np.concatenate([each.rewards for each in episodes])
    assert np.allclose(dataset.rewards, rewards)
    assert np.allclose(dataset.observations[4:], np.asarray(episodes[1].observations)[:-1])
    assert np.flatnonzero(dataset.timeouts).tolist() == [3, 10]
    assert not dataset.terminals.any()
    assert loaded.metadata["kind"] == "altered"  # The published set has 25 episodes.


def test_a_terminated_episode_ends_in_a_terminal() -> None:
    last = np.arange(6) == 5
    write(DOOR, door_episode(0, terminations=last, truncations=~last & last))
    dataset = load_task(DOOR_TASK).dataset
    assert dataset.terminals[-1]
    assert not dataset.timeouts.any()


def test_a_datasets_own_reference_scores_come_along() -> None:
    write(DOOR, door_episode(0), ref_min_score=-50.0, ref_max_score=3000.0)
    assert load_task(DOOR_TASK).metadata["reference_scores"] == [-50, 3000]


def test_actions_are_clipped_as_the_environment_clips_them() -> None:
    actions = np.zeros((6, ACTION), np.float32)
    actions[1, 3], actions[4, 5:8] = 1.25, -1.5
    write(DOOR, door_episode(0, actions=actions))
    loaded = load_task(DOOR_TASK)
    assert loaded.metadata["clipped_actions"] == pytest.approx(2 / 6)
    assert np.array_equal(loaded.dataset.actions, np.clip(actions, -1, 1))
    # Where the bounds are others, other actions lie beyond them: only the one of -1.5.
    wide = replace(task_info(DOOR_TASK), action_low=np.full(ACTION, -0.5, "f4"))
    wide = replace(wide, action_high=np.full(ACTION, 2, "f4"))
    loaded = load(DOOR_TASK, wide, "auto")
    assert loaded.metadata["clipped_actions"] == pytest.approx(1 / 6)
    assert loaded.dataset.actions[1, 3] == 1.25 and loaded.dataset.actions[4, 5] == -0.5


def test_shares_are_of_what_was_recorded_and_sizes_of_what_agents_see() -> None:
    actions = np.zeros((4, ACTION), np.float32)
    actions[0, 0], actions[2, 1], actions[3] = 1.5, 1.0, -1.5
    rewards = np.array([0.0, 1, 0, 1])
    write(DOOR, door_episode(0, 4, actions=actions, rewards=rewards))
    # The goal is reached after two steps; actions of two in four lay beyond their bounds.
    metadata = load_task(replace(DOOR_TASK, relabel="antmaze")).metadata
    assert (metadata["episodes"], metadata["steps"]) == (1, 2)
    assert (metadata["recorded_episodes"], metadata["recorded_steps"]) == (1, 4)
    assert metadata["clipped_actions"] == 0.5


def test_episodes_are_read_a_few_at_a_time_and_none_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert loading._EPISODES_AT_ONCE == 100
    monkeypatch.setattr(loading, "_EPISODES_AT_ONCE", 2)
    write(DOOR, *(door_episode(index, 2, rewards=np.full(2, index)) for index in range(5)))
    assert load_task(DOOR_TASK).dataset.rewards.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_the_hash_is_the_start_of_that_of_all_arrays_one_after_the_other(
    tiny_dataset: Dataset,
) -> None:
    arrays = (
        tiny_dataset.observations,
        tiny_dataset.actions,
        tiny_dataset.rewards,
        tiny_dataset.terminals,
        tiny_dataset.timeouts,
    )
    whole = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    assert content_hash(tiny_dataset) == whole[:16]


def test_the_hash_tells_one_changed_number(tiny_dataset: Dataset) -> None:
    rewards = tiny_dataset.rewards.copy()
    rewards[7] += 1
    assert content_hash(replace(tiny_dataset, rewards=rewards)) != content_hash(tiny_dataset)


def test_what_is_not_there() -> None:
    with pytest.raises(
        DatasetError,
        match=r"D4RL/door/human-v2 is not in .*; get it: python -m benchmark.datasets fetch adroit",
    ):
        load_task(DOOR_TASK)


def test_published_data_is_published_data_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(DOOR, door_episode(0, 4), door_episode(1, 7))
    with pytest.raises(BadDatasetError) as caught:
        prepare_task(DOOR_TASK, "minari")
    assert caught.value.reason == (
        f"dataset {DOOR}, for adroit-door-human, is not the published data (altered, 2 episodes; "
        "published set: 25 episodes)"
    )
    assert "--data auto, or --dataset adroit-door-human=D4RL/door/human-v2" in caught.value.remedy
    assert "delete" not in str(caught.value)
    monkeypatch.setitem(PUBLISHED_SETS, DOOR, Sizes(2, 11))
    assert prepare_task(DOOR_TASK, "minari").metadata["kind"] == "published"


def test_what_is_not_published_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    write("my/door-v0", door_episode(0), author="me", description="Of\n  mine.")
    lines: list[str] = []
    loaded = prepare(DOOR_TASK, task_info(DOOR_TASK), "my/door-v0", lines.append)
    assert lines == [
        "adroit-door-human: my/door-v0 is used: own data, 1 episode; published set: 25 episodes"
    ]
    assert (loaded.metadata["author"], loaded.metadata["description"]) == ("me", "Of mine.")
    other = "D4RL/door/cloned-v2"
    write(other, door_episode(0))
    prepare(DOOR_TASK, task_info(DOOR_TASK), other, lines.append)
    assert lines[-1].endswith("; it was made for adroit-door-cloned, not for this task")
    write(DOOR, door_episode(0))
    monkeypatch.setitem(PUBLISHED_SETS, DOOR, Sizes(1, 6))
    prepare(DOOR_TASK, task_info(DOOR_TASK), "auto", lines.append)
    assert len(lines) == 2


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float32, np.bool_])
def test_flags_of_any_type_are_learned_from_alike(kind: type[np.generic]) -> None:
    last = np.arange(6) == 5
    flags = {"terminations": last.astype(kind), "truncations": np.zeros(6, kind)}
    write(DOOR, door_episode(0, **flags), door_episode(1))
    dataset = load_task(DOOR_TASK).dataset
    assert (dataset.terminals.dtype, dataset.timeouts.dtype) == (np.bool_, np.bool_)
    assert np.flatnonzero(dataset.terminals).tolist() == [5]
    assert np.flatnonzero(dataset.timeouts).tolist() == [11]


def test_recorded_episodes_are_scored_by_the_datasets_own_references() -> None:
    write(DOOR, door_episode(0, rewards=np.full(6, 0.5)), ref_min_score=1.0, ref_max_score=5.0)
    # A return of 3 is half-way from 1 to 5.
    assert load_task(DOOR_TASK).metadata["recorded_scores"] == {"mean": 50.0, "best": 50.0}
