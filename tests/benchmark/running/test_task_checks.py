"""Tasks that do not keep what the benchmark needs of them are noticed, each by one check."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import minari
import numpy as np
import pytest
from minari.data_collector import EpisodeBuffer

from benchmark.running.conformance import FAILED, PASSED, SKIPPED
from benchmark.running.task_checks import TASK_CHECKS, check_task
from benchmark.tasks import Task

Box = gym.spaces.Box


class Walk(gym.Env[Any, Any]):
    """Walks along a line from a random start; it can be bad in several ways."""

    observation_space = Box(-99, 99, (2,))

    def __init__(self, fault: str = "") -> None:
        self._fault = fault
        self.action_space = Box(-np.inf, np.inf, (1,)) if fault == "unbounded" else Box(-1, 1, (1,))

    def _observation(self) -> Any:
        infinite = self._fault == "infinite" and self._step == 2
        return np.array([self._place, np.inf if infinite else 5], np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        draw = np.random.random() if self._fault == "unseeded" else self.np_random.random()  # noqa: NPY002
        self._place, self._step = (0.5 if self._fault == "fixed" else draw), 0
        return self._observation(), {}

    def step(self, action: Any) -> Any:
        self._step += 1
        self._place += 0.1 * float(action[0])
        reward: Any = np.nan if self._fault == "rewards" and self._step == 3 else -1.0
        info = {} if self._fault == "silent" and self._step == 2 else {"success": self._step > 3}
        return self._observation(), reward, False, self._fault == "short" and self._step == 4, info


WALK = Task("walk", "own", "own/walk-v0", Walk, 6, min_score=-6.0, max_score=0.0)


def collect(rewards: float = -1.0, columns: tuple[float, float] = (0.5, 5.0)) -> None:
    """Two recorded episodes of 6 steps."""
    flags = np.arange(6) == 5
    episodes = [
        EpisodeBuffer(
            observations=np.full((7, 2), columns, np.float32),
            actions=np.zeros((6, 1), np.float32),
            rewards=np.full(6, rewards),
            terminations=np.zeros(6, bool),
            truncations=flags,
        )
        for _ in range(2)
    ]
    spaces = {"observation_space": Walk.observation_space, "action_space": Box(-1, 1, (1,))}
    minari.create_dataset_from_buffers(WALK.dataset, episodes, **spaces)


def failed(task: Task, episodes: int = 3) -> dict[str, str]:
    """What fails, by the function that looks."""
    answers = check_task(task, episodes)
    return {one.check.look.__name__: one.seen for one in answers if one.status == FAILED}


@pytest.mark.filterwarnings("ignore")
def test_a_good_task_passes_all_checks() -> None:
    collect()
    answers = list(check_task(WALK, 3))
    assert [(answer.status, answer.seen) for answer in answers] == [(PASSED, "")] * len(TASK_CHECKS)
    assert [answer.check for answer in answers] == list(TASK_CHECKS)


@pytest.mark.filterwarnings("ignore")
def test_seeds_are_told_apart_however_few_episodes_a_policy_plays() -> None:
    assert not {"repeats_a_seed", "differs_between_seeds"} & set(failed(WALK, 1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("fault", "check", "seen"),
    [
        ("unbounded", "has_vectors", "its actions have the bounds [[-inf], [inf]]"),
        ("infinite", "has_vectors", "the observation after step [2] is not finite"),
        ("unseeded", "repeats_a_seed", "its observations differ after another episode"),
        ("fixed", "differs_between_seeds", "three seeds start alike"),
        ("short", "keeps_its_horizon", "an episode is cut after 4 steps; max_steps=6"),
        ("rewards", "has_finite_rewards", "the reward of step 2 is nan"),
        ("silent", "tells_success", "the info of its environment has it after some only"),
    ],
)
def test_a_bad_environment_is_noticed(fault: str, check: str, seen: str) -> None:
    assert failed(replace(WALK, env_kwargs={"fault": fault}))[check] == seen


@pytest.mark.parametrize(
    ("change", "check", "seen"),
    [
        (
            {"min_score": -4.0},
            "scores_a_random_policy_near_zero",
            "its mean score is -50.0 (return -6, while min_score is -4); within 10.0 of 0 is near",
        ),
        (
            {"tells_success": False},
            "tells_success",
            "the info of its environment has `success`, and the task says tells_success=False",
        ),
        ({"env_id": "CartPole-v1"}, "has_vectors", "has actions Discrete(2), which no agent here"),
    ],
)
def test_what_a_task_says_wrong_is_noticed(change: dict[str, Any], check: str, seen: str) -> None:
    assert seen in failed(replace(WALK, **change))[check]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("data", "check", "seen"),
    [
        ({"rewards": -0.01}, "has_rewards_that_fit", "-0.01 to -0.01 in the data, and -1 to -1"),
        (
            {"columns": (5.0, 0.5)},
            "has_data_that_fits",
            "column 0 of its observations is 5 to 5 in the data, and ",
        ),
    ],
)
def test_data_of_something_else_is_noticed(data: dict[str, Any], check: str, seen: str) -> None:
    collect(**data)
    (only,) = failed(WALK).items()
    assert only[0] == check and seen in only[1]


def test_data_that_is_not_there_is_skipped_and_an_error_is_told_with_its_place(
    tmp_path: Path,
) -> None:
    skipped = [one.seen for one in check_task(WALK, 2) if one.status == SKIPPED]
    assert skipped == ["its data, own/walk-v0, is not there"] * 2

    def success(*step: Any) -> bool:
        raise KeyError("near")

    broken = replace(WALK, success=success, source=__file__)
    seen = failed(broken)["tells_success"]
    assert seen.startswith("it raised KeyError: 'near' (test_task_checks.py, line ")
