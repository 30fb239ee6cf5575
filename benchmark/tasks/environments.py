"""Evaluation environments, made as their tasks say, with flat observations."""

from __future__ import annotations

import contextlib
import io
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError, with_type
from benchmark.interface import TaskInfo
from benchmark.tasks import Task
from benchmark.tasks.extras import missing_extra, needed_extra
from benchmark.tasks.mazes import GridCell
from benchmark.tasks.ogbench_envs import SeededEpisodes
from benchmark.tasks.task import RecordedSpaces, flatten, named_parts

with contextlib.redirect_stderr(io.StringIO()):
    # It warns of a change to the hands' dense rewards. Published experts score here as D4RL says.
    import gymnasium_robotics

gym.register_envs(gymnasium_robotics)

_LONGEST_SPACE = 120  # Characters of a message.
_REMEDY = "repair it, or change env_id and env_kwargs of its Task(...)"
_REMEDY_OF_DATASET = (
    "install the package that it is of, or run where its module can be imported (PYTHONPATH); "
    "--no-evaluation trains and keeps agents without it; a task as code can name another "
    "(docs/your-own-task.md)"
)


class FixedGoal(gym.Wrapper[Any, Any, Any, Any]):
    """Puts a maze's goal into the centre of one cell, where the environment would add noise."""

    def __init__(self, env: gym.Env[Any, Any], cell: GridCell) -> None:
        super().__init__(env)
        self._goal = env.unwrapped.maze.cell_rowcol_to_xy(np.array(cell))  # type: ignore[attr-defined]

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Resets and moves the goal; see `gymnasium.Env.reset`."""
        observation, info = super().reset(seed=seed, options=options)
        maze: Any = self.env.unwrapped
        maze.goal = self._goal.copy()
        maze.update_target_site_pos()
        observation["desired_goal"] = self._goal.copy()
        return observation, info


class OwnSuccess(gym.Wrapper[Any, Any, Any, Any]):
    """Reports as `success` in `info` what a task says of each step."""

    def __init__(self, env: gym.Env[Any, Any], success: str | Callable[..., bool]) -> None:
        super().__init__(env)
        self._success = success

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """See `gymnasium.Env.step`."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        if callable(self._success):
            solved = self._success(observation, reward, terminated, info)
        elif self._success in info:
            solved = info[self._success]
        else:  # Nothing is told, which may be a slip of its name.
            return observation, reward, terminated, truncated, info
        return observation, reward, terminated, truncated, {**info, "success": bool(solved)}


def make_environment(
    task: Task, render_mode: str | None = None
) -> gym.Env[NDArray[np.float32], NDArray[np.float32]]:
    """One evaluation environment with the flat float32 observation that agents see.

    Args:
        task: any.
        render_mode: gymnasium's name of what `render` returns; None if nothing is to be seen.

    Raises:
        UserError: if it cannot be made, or if agents could not act in it.
    """
    env = _bare_environment(task, render_mode)
    _remove_model(env)
    if task.goal_cell is not None:
        env = FixedGoal(env, task.goal_cell)
    if task.success is not None:
        env = OwnSuccess(env, task.success)
    if type(env.unwrapped).__module__.startswith("ogbench."):  # However a task names it.
        env = SeededEpisodes(env, shows_goal=task.hindsight is not None)
    return gym.wrappers.TransformObservation(
        env,
        lambda observation: flatten(observation, task.observation_parts).astype(np.float32),
        gym.spaces.Box(-np.inf, np.inf, (_observation_size(env, task),), np.float32),
    )


def environment_spaces(task: Task) -> tuple[gym.Space[Any], gym.Space[Any]]:
    """The spaces of observations and of actions, as the environment itself has them.

    Raises:
        UserError: if it cannot be made.
    """
    env = _bare_environment(task, None)
    _remove_model(env)
    env.close()
    return env.observation_space, env.action_space


def _remove_model(env: gym.Env[Any, Any]) -> None:
    """Deletes the file of its model that a maze leaves behind in the temporary folder."""
    inner: Any = env.unwrapped
    path = getattr(inner, "tmp_xml_file_path", None)
    if path is None and hasattr(inner, "get_oracle_subgoal"):  # A maze of OGBench.
        path = inner.fullpath
    if path is not None:
        Path(path).unlink(missing_ok=True)


def _bare_environment(task: Task, render_mode: str | None) -> gym.Env[Any, Any]:
    """The environment as it is, with the task's limit of steps."""
    if (missing := missing_extra(task)) is not None:
        raise UserError("; ".join(missing))
    options = {"max_episode_steps": task.max_steps, **task.env_kwargs}
    if render_mode is not None:  # Environments of users need not know the word.
        options["render_mode"] = render_mode
    maker: Any = task.env_id
    if callable(maker):
        maker = gym.envs.registration.EnvSpec(task.name, entry_point=maker)
    with warnings.catch_warnings():
        # The ant is an old one because the data is; newer ones have other observations.
        warnings.simplefilter("ignore", DeprecationWarning)
        if needed_extra(task) is not None:  # Of bounds in float64, and of a display.
            warnings.simplefilter("ignore", UserWarning)
        try:
            return gym.make(maker, **options)
        except (Exception, SystemExit) as error:  # Other people's class may raise anything.
            raise UserError(
                f"the environment of the task {task.name} cannot be made ({with_type(error)}); "
                f"{_REMEDY_OF_DATASET if task.spaces else _REMEDY}"
            ) from error


def _observation_size(env: gym.Env[Any, Any], task: Task) -> int:
    """How many numbers agents see.

    Raises:
        UserError: if the observations are none that agents can see, or the actions none that they
            can give.
    """
    if not isinstance(env.action_space, gym.spaces.Box) or len(env.action_space.shape) != 1:
        raise _unfit(task, f"actions {env.action_space}", "a Box with one axis")
    if not (env.action_space.low < env.action_space.high).all():
        raise _unfit(task, f"actions {env.action_space}", "a Box whose bounds are not equal")
    space: Any = env.observation_space
    parts = named_parts(space.spaces) if isinstance(space, gym.spaces.Dict) else {"": space}
    wanted = task.observation_parts if isinstance(space, gym.spaces.Dict) else {}
    seen = [part for name, part in parts.items() if not wanted or name in wanted]
    if not all(isinstance(part, gym.spaces.Box) for part in seen):
        raise _unfit(task, f"observations {space}", "a Box, or a Dict of these and of such Dicts")
    numbers = {name: part for name, part in parts.items() if isinstance(part, gym.spaces.Box)}
    sizes = {name: math.prod(part.shape) for name, part in numbers.items()}
    for name, size in wanted.items():
        if sizes.get(name) != size:
            there = ", ".join(f"{part!r}: {number}" for part, number in sizes.items())
            raise UserError(
                f"observation_parts of the task {task.name} has {name!r}: {size}, which its "
                f"environment does not have; there: {there}"
            )
    return sum((wanted or sizes).values())


def _unfit(task: Task, what: str, valid: str) -> UserError:
    words = " ".join(what.split())
    words = words if len(words) < _LONGEST_SPACE else f"{words[:_LONGEST_SPACE]}..."
    return UserError(
        f"the environment of the task {task.name} has {words}, which no agent here can use; "
        f"valid: {valid} of real numbers; put a wrapper of gymnasium's around it"
    )


def check_environment(task: Task) -> TaskInfo:
    """Makes the environment of a user's task, and takes a step in it, before any work starts.

    Raises:
        UserError: if it cannot be used, or does not tell success as the task says.
    """
    info = task_info(task)
    with contextlib.closing(make_environment(task)) as env:
        env.action_space.seed(0)
        try:
            env.reset(seed=0)
            *_, step_info = env.step(env.action_space.sample())
        except Exception as error:  # Other people's environment may raise anything.
            raise UserError(
                f"the environment of the task {task.name} fails at its first step "
                f"({with_type(error)}); repair it: python -m benchmark.check_task looks closer"
            ) from error
    if task.tells_success and task.success_return is None and "success" not in step_info:
        raise UserError(
            f"the environment of the task {task.name} does not tell success in the info of a step, "
            f"which has {', '.join(map(repr, step_info)) or 'nothing'}; valid: "
            "Task(tells_success=False) if episodes are only better or worse, success=KEY or a "
            "function, or success_return=NUMBER"
        )
    return info


def task_info(task: Task) -> TaskInfo:
    """What agents are told about a task; sizes that it does not say are its environment's.

    An environment is made for them once, as some take a second.
    """
    if task.spaces is not None:
        return task.info(task.spaces)
    known = _seen_spaces.get(id(task))
    if known is None or known[0] is not task:
        _seen_spaces[id(task)] = known = task, _spaces_of_environment(task)
    return task.info(known[1])


def _spaces_of_environment(task: Task) -> RecordedSpaces:
    env = make_environment(task)
    env.close()
    observations, actions = env.observation_space, env.action_space
    assert isinstance(observations, gym.spaces.Box) and isinstance(actions, gym.spaces.Box)
    low, high = (tuple(map(float, bounds)) for bounds in (actions.low, actions.high))
    return RecordedSpaces(observations.shape[0], low, high)


# By the task's identity, with the task, so that no other can have that meanwhile.
_seen_spaces: dict[int, tuple[Task, RecordedSpaces]] = {}
