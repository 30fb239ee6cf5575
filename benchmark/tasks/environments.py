"""Evaluation environments, made from the table of tasks, with flat observations."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.interface import TaskInfo
from benchmark.tasks import Task
from benchmark.tasks.mazes import GridCell
from benchmark.tasks.task import flatten

with contextlib.redirect_stderr(io.StringIO()):
    # It warns of a change to the hands' dense rewards. Published experts score here as D4RL says.
    import gymnasium_robotics

gym.register_envs(gymnasium_robotics)


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


def make_environment(
    task: Task, render_mode: str | None = None
) -> gym.Env[NDArray[np.float32], NDArray[np.float32]]:
    """One evaluation environment with the flat float32 observation that agents see.

    Args:
        task: row of the table of tasks.
        render_mode: gymnasium's name of what `render` returns; None if nothing is to be seen.
    """
    options = {"max_episode_steps": task.max_steps, "render_mode": render_mode, **task.env_kwargs}
    with warnings.catch_warnings():
        # The ant is an old one because the data is; newer ones have other observations.
        warnings.simplefilter("ignore", DeprecationWarning)
        env = gym.make(task.env_id, **options)
    xml_file = getattr(env.unwrapped, "tmp_xml_file_path", None)
    if xml_file is not None:  # Mazes leave their model behind in the temporary folder.
        Path(xml_file).unlink(missing_ok=True)
    if task.goal_cell is not None:
        env = FixedGoal(env, task.goal_cell)
    size = flatten(env.observation_space.sample(), task.observation_parts).shape[-1]
    return gym.wrappers.TransformObservation(
        env,
        lambda observation: flatten(observation, task.observation_parts).astype(np.float32),
        gym.spaces.Box(-np.inf, np.inf, (size,), np.float32),
    )


def task_info(task: Task) -> TaskInfo:
    """What agents are told about a task; the sizes are read off its environment."""
    env = make_environment(task)
    env.close()
    observations, actions = env.observation_space, env.action_space
    assert isinstance(observations, gym.spaces.Box) and isinstance(actions, gym.spaces.Box)
    return TaskInfo(
        name=task.name,
        observation_size=observations.shape[0],
        action_low=actions.low.astype(np.float32),
        action_high=actions.high.astype(np.float32),
        max_steps=task.max_steps,
        discount=task.discount,
        return_scale=task.return_scale,
        target_return=task.target_return,
        position_columns=task.position_columns,
        goal_columns=task.goal_columns,
    )
