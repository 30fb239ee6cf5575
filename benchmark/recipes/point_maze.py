"""Maze2D as D4RL meant it: a controller wanders between random goals, none of which is told.

The state is (x, y, vx, vy). In every episode a noisy waypoint controller goes to a random free
cell, holds there for a random while, and goes on to the next. The recorded reward is for being
near ONE fixed goal, which nothing but the rewards reveals.

Source: D4RL (Fu et al. 2020), section 5 and its waypoint controller, of which the gains are.
Deviations: the controller holds each goal for a while, so that the data shows how to stay;
episodes of 1,000 steps; the goal radius of gymnasium-robotics (0.45, D4RL 0.5).
"""

from __future__ import annotations

import warnings
from collections import deque
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import minari
import numpy as np
from minari.data_collector import EpisodeBuffer
from numpy.typing import NDArray

from benchmark.environments import make_environment
from benchmark.mazes import Cell
from benchmark.tasks import TASKS, Task
from benchmark.views import Episode, cell_centre, maze2d

POSITION_GAIN = 10.0
VELOCITY_GAIN = 1.0
ACTION_NOISE = 0.5  # Standard deviation; actions lie in [-1, 1].
LONGEST_HOLD = 100  # Steps.
EPISODE_STEPS = 1_000

Position = NDArray[np.float64]


@dataclass(frozen=True)
class PointMazeRecipe:
    """What is collected under one dataset id."""

    task: str
    steps: int


MAZES = {
    "mage/maze2d/umaze-v0": PointMazeRecipe("maze2d-umaze", 200_000),
    "mage/maze2d/medium-v0": PointMazeRecipe("maze2d-medium", 400_000),
    "mage/maze2d/large-v0": PointMazeRecipe("maze2d-large", 800_000),
}


class WaypointController:
    """Drives the point to a target position along the shortest way through the cells."""

    def __init__(self, task: Task) -> None:
        self._walls = np.array([[cell == 1 for cell in row] for row in task.env_kwargs["maze_map"]])
        self.free_cells = [(int(row), int(column)) for row, column in np.argwhere(~self._walls)]
        self._centres = {cell: cell_centre(task, cell) for cell in self.free_cells}
        self._next_cells = {goal: self._flow_to(goal) for goal in self.free_cells}

    def _flow_to(self, goal: Cell) -> dict[Cell, Cell]:
        """From every free cell, the neighbour that is nearest to the goal (breadth first)."""
        following = {goal: goal}
        queue = deque([goal])
        while queue:
            row, column = cell = queue.popleft()
            for near in (
                (row + 1, column),
                (row - 1, column),
                (row, column + 1),
                (row, column - 1),
            ):
                if not self._walls[near] and near not in following:
                    following[near] = cell
                    queue.append(near)
        return following

    def centre(self, cell: Cell) -> Position:
        """(2,) x and y of a free cell's centre."""
        return self._centres[cell]

    def cell_of(self, position: Position) -> Cell:
        """The (row, column) that a position (2,) lies in."""
        rows, columns = self._walls.shape
        return int(np.floor(rows / 2 - position[1])), int(np.floor(position[0] + columns / 2))

    def act(self, state: Position, target: Position) -> Position:
        """The action (2,) in [-1, 1] without noise.

        Args:
            state: (4,) x, y, vx, vy.
            target: (2,) where to go.
        """
        here, goal = self.cell_of(state[:2]), self.cell_of(target)
        waypoint = target if here == goal else self._centres[self._next_cells[goal][here]]
        action = POSITION_GAIN * (waypoint - state[:2]) - VELOCITY_GAIN * state[2:]
        return np.clip(action, -1.0, 1.0)


def wander(task: Task, steps: int, seed: int) -> list[Episode]:
    """Episodes of wandering, with observations (T + 1, 4) and the fixed goal's rewards.

    Args:
        task: a Maze2D task.
        steps: in total, cut into episodes of `EPISODE_STEPS`.
        seed: the same seed gives the same arrays.
    """
    rng = np.random.default_rng(seed)
    controller = WaypointController(task)
    env = make_environment(task).unwrapped
    try:
        lengths = [EPISODE_STEPS] * (steps // EPISODE_STEPS)
        lengths += [steps % EPISODE_STEPS] if steps % EPISODE_STEPS else []
        return [_episode(task, env, controller, length, rng) for length in lengths]
    finally:
        env.close()


def _episode(
    task: Task,
    env: gym.Env[Any, Any],
    controller: WaypointController,
    steps: int,
    rng: np.random.Generator,
) -> Episode:
    observations, actions = np.empty((steps + 1, 4)), np.empty((steps, 2))
    state = env.reset(seed=int(rng.integers(2**31)))[0]["observation"]
    target, hold = _new_target(controller, rng), 0
    for step in range(steps):
        if np.linalg.norm(state[:2] - target) <= 0.1 or hold:
            hold = hold or int(rng.integers(1, LONGEST_HOLD + 1))
            hold -= 1
            if not hold:
                target = _new_target(controller, rng)
        noise = ACTION_NOISE * rng.standard_normal(2)
        action = np.clip(controller.act(state, target) + noise, -1.0, 1.0)
        observations[step], actions[step] = state, action
        state = env.step(action)[0]["observation"]
    observations[steps] = state
    recorded = Episode(
        observations.astype(np.float32), actions.astype(np.float32), np.zeros(steps), False
    )
    (rewarded,) = maze2d(task, recorded, rng)
    return rewarded


def _new_target(controller: WaypointController, rng: np.random.Generator) -> Position:
    cell = controller.free_cells[rng.integers(len(controller.free_cells))]
    return controller.centre(cell) + rng.uniform(-0.25, 0.25, 2)


def collect(dataset_id: str, seed: int = 0) -> None:
    """Collects a Maze2D dataset and writes it as `dataset_id` into Minari's folder."""
    recipe = MAZES[dataset_id]
    task = TASKS[recipe.task]
    episodes = wander(task, recipe.steps, seed)
    env = make_environment(task)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Minari asks for an e-mail address.
        minari.create_dataset_from_buffers(
            dataset_id,
            [_buffer(index, episode) for index, episode in enumerate(episodes)],
            env=env.unwrapped.spec,
            observation_space=gym.spaces.Box(-np.inf, np.inf, (4,), np.float32),
            action_space=gym.spaces.Box(-1.0, 1.0, (2,), np.float32),
            author="MAGE-bench",
            algorithm_name="noisy waypoint controller between random goals",
            description=(
                f"Collected by MAGE-bench with a scripted controller, seed {seed}; not D4RL's "
                f"data. State (x, y, vx, vy); the reward is 1 within 0.45 of the centre of cell "
                f"{task.goal_cell}, which the controller did not aim for. Action noise "
                f"{ACTION_NOISE}, holds of 1 to {LONGEST_HOLD} steps at each goal."
            ),
        )


def _buffer(index: int, episode: Episode) -> EpisodeBuffer:
    steps = len(episode.actions)
    return EpisodeBuffer(
        id=index,
        observations=episode.observations,
        actions=episode.actions,
        rewards=episode.rewards,
        terminations=np.zeros(steps, bool),
        truncations=np.arange(1, steps + 1) == steps,
    )
