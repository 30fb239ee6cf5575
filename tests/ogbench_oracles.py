"""Policies that solve OGBench's tasks: by the scripts of the package that recorded its data."""

from __future__ import annotations

import itertools
from typing import Any

import gymnasium as gym
import mujoco
import numpy as np

from benchmark.evaluation.rollout import EnvironmentPool, Evaluation, evaluate
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment


class MazeOracle:
    """Goes to the centre of the next cell on the shortest way; sees only what agents do."""

    def __init__(self, task: Task) -> None:
        self._maze: Any = make_environment(task).unwrapped

    def reset(self, n_envs: int) -> None: ...

    def act(self, observations, last_rewards):
        ways = [
            self._maze.get_oracle_subgoal(row[:2], row[2:])[0] - row[:2] for row in observations
        ]
        return np.array([way / (np.linalg.norm(way) + 1e-6) for way in ways], np.float32)


class ArmOracle:
    """Does one part of the arm's task after another; sees the simulation, of one environment."""

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        self._env, self._inner = env, env.unwrapped

    def reset(self, n_envs: int) -> None:
        assert n_envs == 1
        self._script: Any = None

    def act(self, observations, last_rewards):
        from ogbench.manipspace.oracles.plan import button_plan, cube_plan, drawer_plan, window_plan

        scripts = {
            "cube": cube_plan.CubePlanOracle,
            "button": button_plan.ButtonPlanOracle,
            "drawer": drawer_plan.DrawerPlanOracle,
            "window": window_plan.WindowPlanOracle,
        }
        if self._script is None or self._script.done:
            part, target = next_part(self._inner)
            closed = {"gripper_always_closed": True} if "Puzzle" in str(self._inner) else {}
            self._script = scripts[part](env=self._env, noise=0.0, **closed)
            self._script.reset(None, _told_of(self._inner, part, target))
        return self._script.select_action(None, self._inner.compute_ob_info())[None]


def _told_of(inner: Any, part: str, target: Any) -> dict[str, Any]:
    """What a script is told of its part, as the package does when it records data."""
    told = inner.compute_ob_info()
    if part == "cube":
        number, place = target
        names = {"target_block": number, "target_block_pos": place, "target_block_yaw": [0.0]}
    elif part == "button":
        site = inner._button_site_ids[target]
        names = {"target_button_top_pos": inner._data.site_xpos[site].copy()}
    else:
        axis, site = {
            "drawer": (1, inner._drawer_target_site_id),
            "window": (0, inner._window_target_site_id),
        }[part]
        inner._model.site(f"{part}_handle_center_target").pos[axis] = target
        mujoco.mj_kinematics(inner._model, inner._data)
        names = {f"target_{part}_handle_pos": inner._data.site_xpos[site].copy()}
    return {**told, **{f"privileged/{name}": value for name, value in names.items()}}


def next_part(inner: Any) -> tuple[str, Any]:
    """What is to be done next, and to what end."""
    if hasattr(inner, "_num_rows"):
        return "button", _presses(inner)[0]
    if hasattr(inner, "_target_drawer_pos"):
        return _next_of_scene(inner)
    places, goals = _cubes(inner)
    left = [i for i in range(len(places)) if np.linalg.norm(places[i] - goals[i]) > 0.03]
    for i in left:
        others = [places[j] for j in range(len(places)) if j != i]
        covered = any(_above(other, places[i]) for other in others)
        taken = any(np.linalg.norm(other - goals[i]) < 0.04 for other in others)
        floats = goals[i][2] > 0.03 and not any(_above(goals[i], other) for other in others)
        if not (covered or taken or floats):
            return "cube", (i, goals[i])
    # Each is in the way of another: one goes aside.
    i = next((i for i in left if not any(_above(p, places[i]) for p in places)), 0)
    return "cube", (i, np.array([0.35, 0.2, 0.02]))


def _cubes(inner: Any) -> tuple[list[Any], list[Any]]:
    numbers = range(inner._num_cubes)
    places = [inner._data.joint(f"object_joint_{i}").qpos[:3].copy() for i in numbers]
    return places, [inner._data.mocap_pos[inner._cube_target_mocap_ids[i]].copy() for i in numbers]


def _above(upper: Any, lower: Any) -> bool:
    return bool(upper[2] > lower[2] + 0.02 and np.linalg.norm(upper[:2] - lower[:2]) < 0.03)


def _next_of_scene(inner: Any) -> tuple[str, Any]:
    (place,), (goal,) = _cubes(inner)
    drawer, window = (inner._data.joint(f"{name}_slide").qpos[0] for name in ("drawer", "window"))
    unlocked = inner._cur_button_states
    to_drawer = goal[2] > 0.05 and place[2] < 0.05 - 0.01
    wanted = -0.16 if to_drawer else inner._target_drawer_pos
    if abs(drawer - wanted) > 0.03:
        return ("drawer", wanted) if unlocked[0] else ("button", 0)
    if np.linalg.norm(place - goal) > 0.03 and (to_drawer or goal[2] < 0.05):
        return "cube", (0, inner._drawer_center.copy() if to_drawer else goal)
    if abs(window - inner._target_window_pos) > 0.03:
        return ("window", inner._target_window_pos) if unlocked[1] else ("button", 1)
    wrong = np.flatnonzero(inner._cur_button_states != inner._target_button_states)
    return "button", int(wrong[0]) if len(wrong) else 0


def _presses(inner: Any) -> list[int]:
    """The fewest buttons that lead to the target, of which each also turns its neighbours."""
    rows, columns = inner._num_rows, inner._num_cols
    turns = np.array(
        [
            [abs(a // columns - b // columns) + abs(a % columns - b % columns) <= 1 for b in cells]
            for cells in [range(rows * columns)]
            for a in cells
        ],
        np.int64,
    )
    every = np.array(list(itertools.product((0, 1), repeat=rows * columns)))
    wanted = (inner._cur_button_states != inner._target_button_states).astype(np.int64)
    right = every[((every @ turns) % 2 == wanted).all(axis=1)]
    return [int(i) for i in np.flatnonzero(right[right.sum(axis=1).argmin()])] or [0]


def oracle_evaluation(task: Task, seeds: list[int]) -> list[Evaluation]:
    """How the oracle does in the benchmark's own evaluation, episode by episode."""
    envs = []

    def make(task: Task) -> gym.Env[Any, Any]:
        envs.append(make_environment(task))
        return envs[-1]

    with EnvironmentPool(task, make) as pool:
        pool.take(1)
        agent = MazeOracle(task) if task.hindsight else ArmOracle(envs[0])
        return [evaluate(agent, pool, [seed]) for seed in seeds]
