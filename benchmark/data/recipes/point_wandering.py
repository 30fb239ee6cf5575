"""Maze2D as D4RL meant it: a controller wanders between random goals, none of which is told.

The state is (x, y, vx, vy). In every episode a noisy waypoint controller goes to a random free
cell, holds there for a random while, and goes on to the next. The recorded reward is for being
near ONE fixed goal, which nothing but the rewards reveals.

Source: D4RL (Fu et al. 2020), section 5 and its waypoint controller, of which the gains are.
Deviations: the controller holds each goal for a while, so that the data shows how to stay;
episodes of 1,000 steps; the goal radius of gymnasium-robotics (0.45, D4RL 0.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from benchmark.data.recipes.recipe import Recipe, Recording
from benchmark.data.recipes.shortest_paths import Position, ShortestPaths
from benchmark.data.relabel import Episode, maze2d
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment

POSITION_GAIN = 10.0
VELOCITY_GAIN = 1.0
ACTION_NOISE = 0.5  # Standard deviation; actions lie in [-1, 1].
LONGEST_HOLD = 100  # Steps.
EPISODE_STEPS = 1_000


class WaypointController:
    """Drives the point to a target position along the shortest way through the cells."""

    def __init__(self, task: Task) -> None:
        self.paths = ShortestPaths(task.env_kwargs["maze_map"])

    def act(self, state: Position, target: Position) -> Position:
        """The action (2,) in [-1, 1] without noise.

        Args:
            state: (4,) x, y, vx, vy.
            target: (2,) where to go.
        """
        paths = self.paths
        here, goal = paths.cell_of(state[:2]), paths.cell_of(target)
        waypoint = target if here == goal else paths.centre(paths.next_cell(here, goal))
        action = POSITION_GAIN * (waypoint - state[:2]) - VELOCITY_GAIN * state[2:]
        return np.clip(action, -1.0, 1.0)


class PointMazePlayer:
    """Sends the point of one environment from goal to goal."""

    def __init__(self, task: Task, steps: int = EPISODE_STEPS) -> None:
        self.env: gym.Env[Any, Any] = make_environment(task).unwrapped
        self._task, self._steps = task, steps
        self._controller = WaypointController(task)

    def play(self, rng: np.random.Generator) -> Recording:
        """Plays one episode; see `Player`."""
        observations, actions = np.empty((self._steps + 1, 4)), np.empty((self._steps, 2))
        state = self.env.reset(seed=int(rng.integers(2**31)))[0]["observation"]
        target, hold = self._new_target(rng), 0
        for step in range(self._steps):
            if np.linalg.norm(state[:2] - target) <= 0.1 or hold:
                hold = hold or int(rng.integers(1, LONGEST_HOLD + 1))
                hold -= 1
                if not hold:
                    target = self._new_target(rng)
            noise = ACTION_NOISE * rng.standard_normal(2)
            action = np.clip(self._controller.act(state, target) + noise, -1.0, 1.0)
            observations[step], actions[step] = state, action
            state = self.env.step(action)[0]["observation"]
        observations[-1] = state
        recorded = Episode(
            observations.astype(np.float32),
            actions.astype(np.float32),
            np.zeros(self._steps, np.float32),
            terminated=False,
        )
        (rewarded,) = maze2d(self._task, recorded, rng)
        return Recording(rewarded.observations, rewarded.actions, rewarded.rewards)

    def _new_target(self, rng: np.random.Generator) -> Position:
        cells = self._controller.paths.free_cells
        cell = cells[rng.integers(len(cells))]
        return self._controller.paths.centre(cell) + rng.uniform(-0.25, 0.25, 2)


@dataclass(frozen=True)
class PointMazeRecipe(Recipe):
    """A Maze2D dataset, from which Multi2D takes its own too."""

    def player(self) -> PointMazePlayer:
        """Makes the environment and its player."""
        return PointMazePlayer(TASKS[self.task])

    def observation_space(self) -> gym.spaces.Box:
        """x, y, vx, vy."""
        return gym.spaces.Box(-np.inf, np.inf, (4,), np.float32)

    @property
    def algorithm(self) -> str:
        """What plays, in a few words."""
        return "noisy waypoint controller between random goals"

    @property
    def description(self) -> str:
        """What the data is, in a few sentences."""
        return (
            f"State (x, y, vx, vy); the reward is 1 within 0.45 of the centre of cell "
            f"{TASKS[self.task].goal_cell}, which the controller did not aim for. Action noise "
            f"{ACTION_NOISE}, holds of 1 to {LONGEST_HOLD} steps at each goal."
        )


POINT_MAZES = (
    PointMazeRecipe("mage/maze2d/umaze-v0", "maze2d-umaze", 200),
    PointMazeRecipe("mage/maze2d/medium-v0", "maze2d-medium", 400),
    PointMazeRecipe("mage/maze2d/large-v0", "maze2d-large", 800),
)
