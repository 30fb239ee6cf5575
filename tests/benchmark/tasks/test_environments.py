"""Evaluation environments: flat observations, fixed goals, nothing left behind."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import (
    FixedGoal,
    check_environment,
    make_environment,
    task_info,
)
from benchmark.tasks.mazes import cell_centre

SIZES = {
    "adroit-pen-human": (45, 24),
    "adroit-door-human": (39, 28),
    "adroit-hammer-human": (46, 26),
    "adroit-relocate-human": (39, 30),
    "kitchen-complete": (59, 9),
    "antmaze-umaze": (31, 8),
    "maze2d-medium": (4, 2),
    "multi2d-large": (6, 2),
    "halfcheetah-simple": (17, 6),
    "hopper-medium": (11, 3),
    "walker2d-expert": (17, 6),
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes(name: str) -> None:
    info = task_info(TASKS[name])
    assert (info.observation_size, info.action_size) == SIZES[name]
    assert (info.action_low < info.action_high).all()


@pytest.mark.parametrize("name", SIZES)
def test_the_row_says_whether_the_environment_tells_success(name: str) -> None:
    env = make_environment(TASKS[name])
    env.reset(seed=0)
    *_, info = env.step(np.zeros(env.action_space.shape, np.float32))
    env.close()
    assert ("success" in info) == TASKS[name].tells_success


def test_an_agent_is_told_what_the_row_says() -> None:
    task = replace(
        TASKS["multi2d-umaze"],
        name="made-up",
        max_steps=7,
        discount=0.5,
        return_scale=3.0,
        target_return=4.0,
        position_columns=(2,),
        goal_columns=(3, 5),
    )
    info = task_info(task)
    assert (info.name, info.observation_size, info.action_size) == ("made-up", 6, 2)
    assert (info.action_low.tolist(), info.action_high.tolist()) == ([-1, -1], [1, 1])
    assert {info.action_low.dtype, info.action_high.dtype} == {np.dtype(np.float32)}
    assert (info.max_steps, info.discount) == (7, 0.5)
    assert (info.return_scale, info.target_return) == (3, 4)
    assert (info.position_columns, info.goal_columns) == ((2,), (3, 5))


def test_an_episode_is_as_long_as_the_row_says_and_its_observations_are_as_declared() -> None:
    env = make_environment(replace(TASKS["multi2d-umaze"], max_steps=3), "rgb_array")
    assert env.render_mode == "rgb_array"
    first, _ = env.reset(seed=0)
    steps = [env.step(np.zeros(2, np.float32)) for _ in range(3)]
    env.close()
    assert [step[3] for step in steps] == [False, False, True]
    assert not any(step[2] for step in steps)
    for observation in (first, *(step[0] for step in steps)):
        assert observation.dtype == np.float32 and observation.shape == (6,)
    assert env.observation_space.shape == (6,)
    assert (env.observation_space.low == -np.inf).all()
    assert (env.observation_space.high == np.inf).all()


def test_a_fixed_goal_is_shown_and_drawn_where_it_is() -> None:
    maze = make_environment(replace(TASKS["maze2d-umaze"], goal_cell=None)).unwrapped
    env = FixedGoal(maze, (3, 1))
    for seed in (0, 1):
        observation, info = env.reset(seed=seed, options={"reset_cell": np.array([3, 3])})
        assert np.abs(observation["observation"][:2] - [1, -1]).max() <= 0.25
        assert observation["desired_goal"].tolist() == [-1, -1]
        assert maze.model.site("target").pos[:2].tolist() == [-1, -1]
        assert "success" in info
        observation["desired_goal"][:] = 9
        assert maze.goal.tolist() == [-1, -1], "what is seen is a copy"
        maze.goal[:] = 9
    first = env.reset(seed=3)[0]["observation"]
    assert np.array_equal(env.reset(seed=3)[0]["observation"], first)
    env.close()


def test_an_old_environment_gives_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_environment(TASKS["antmaze-umaze"]).close()


def test_the_hidden_goal_is_the_same_in_every_episode() -> None:
    task = TASKS["maze2d-umaze"]
    env = make_environment(task)
    starts = set()
    for seed in range(20):
        observation, _ = env.reset(seed=seed)
        assert np.array_equal(env.unwrapped.goal, cell_centre(task.env_kwargs["maze_map"], (1, 1)))
        starts.add(tuple(np.round(observation[:2]).tolist()))
    env.close()
    assert len(starts) > 3, "starts are random"


def test_the_shown_goal_changes_and_stays_through_an_episode() -> None:
    env = make_environment(TASKS["multi2d-umaze"])
    first, _ = env.reset(seed=0)
    later = env.step(np.ones(2, np.float32))[0]
    other, _ = env.reset(seed=1)
    env.close()
    assert np.array_equal(first[4:], later[4:])
    assert not np.array_equal(first[4:], other[4:])


def test_an_ant_starts_and_ends_where_the_map_says() -> None:
    env = make_environment(TASKS["antmaze-umaze"])
    observation, _ = env.reset(seed=0)
    env.close()
    assert np.abs(observation[:2] - [-4, -4]).max() <= 1.0
    assert np.abs(observation[29:] - [-4, 4]).max() <= 1.0


@pytest.mark.parametrize("task", ["maze2d-umaze", "antmaze-umaze"])
def test_mazes_leave_no_files_behind(
    task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make_environment(TASKS[task]).close()
    assert list(tmp_path.iterdir()) == []


class Dial(gym.Env[Any, Any]):
    """Counts its steps; what it observes and how it ends can be chosen."""

    action_space = gym.spaces.Box(-1, 1, (1,))

    def __init__(self, space: gym.spaces.Space[Any] | None = None, tells: bool = True) -> None:
        size = gym.spaces.Box(0, 99, (1,))
        arm = gym.spaces.Dict({"turn": size, "angle": gym.spaces.Box(-1, 1, (2, 2))})
        self.observation_space = space or gym.spaces.Dict({"time": size, "arm": arm})
        self._tells = tells

    def _observation(self) -> Any:
        angle = np.ones((2, 2), np.float32)
        time = np.array([self._step], np.float32)
        return {"time": time, "arm": {"turn": 10 * time, "angle": angle}}

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        self._step = 0
        return self._observation(), {}

    def step(self, action: Any) -> Any:
        self._step += 1
        done = {"done": self._step == 2} if self._tells else {}
        return self._observation(), 1.0, False, False, done


DIAL = Task("dial", "own", "own/dial-v0", Dial, 3, 0.0, 1.0, success="done")


def test_a_class_is_an_environment_and_dicts_in_dicts_are_one_vector() -> None:
    env = make_environment(DIAL)
    assert env.reset(seed=0)[0].tolist() == [1, 1, 1, 1, 0, 0]
    observation, _, _, cut, info = env.step(np.zeros(1, np.float32))
    assert observation.tolist() == [1, 1, 1, 1, 10, 1] and observation.dtype == np.float32
    assert (cut, info["success"]) == (False, False)
    steps = [env.step(np.zeros(1, np.float32)) for _ in range(2)]
    assert [(step[3], step[4]["success"]) for step in steps] == [(False, True), (True, False)]
    parts = replace(DIAL, observation_parts={"time": 1, "arm/turn": 1})
    assert make_environment(parts).reset(seed=0)[0].shape == (2,)
    assert check_environment(parts).observation_size == 2


def test_success_may_be_a_function_of_what_the_environment_gives() -> None:
    def success(observation: Any, reward: float, terminated: bool, info: Any) -> bool:
        return bool(observation["arm"]["turn"] > 15 and reward == 1 and not terminated)

    env = make_environment(replace(DIAL, success=success))
    env.reset(seed=0)
    told = [env.step(np.zeros(1, np.float32))[4]["success"] for _ in range(3)]
    assert told == [False, True, True]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"env_id": "Gone-v0"}, "environment of the task dial cannot be made \\(NameNotFound"),
        ({"env_id": "gone_module:Gone-v0"}, "cannot be made \\(ModuleNotFoundError"),
        ({"env_kwargs": {"wibble": 1}}, "cannot be made \\(TypeError.*wibble"),
        ({"env_kwargs": {"space": gym.spaces.Discrete(3)}}, "has observations Discrete\\(3\\), wh"),
        ({"env_id": "CartPole-v1"}, "has actions Discrete\\(2\\), which no agent.*valid: a Box"),
        (
            {"observation_parts": {"arm/turns": 1}},
            "has 'arm/turns': 1, which .* not have; there: 'arm/angle': 4, 'arm/turn': 1, 'time'",
        ),
        ({"success": None}, "does not tell success in the info.*tells_success=False.*success=KEY"),
        ({"success": "near"}, "success in the info of a step, which has 'done'; valid"),
        ({"success": lambda *step: 1 / 0}, "fails at its first step \\(ZeroDivisionError"),
    ],
)
def test_what_cannot_be_used_is_refused_before_work_starts(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        check_environment(replace(DIAL, **change))


def test_a_task_without_success_need_not_tell_it() -> None:
    check_environment(replace(DIAL, success=None, tells_success=False))
    check_environment(replace(DIAL, success=None, success_return=2.0))
