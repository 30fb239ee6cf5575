"""AntMaze as D4RL meant it: an ant wanders between random places; one of them is the goal.

In every episode the ant starts in a random free cell. The goal that the observation shows lies in
the cell of the evaluation's goal, but the ant goes to it only now and then: it walks to a random
place in the maze, from there to the next, and none of these is told. When it has been sent to
the goal and got there, it stays. The recorded reward is for being near the shown goal.

So doing what was mostly done does not solve the task, few episodes lead all the way from where
the evaluation starts, and what is recorded in several has to be put together. Had every episode
gone straight to the goal, plain cloning would solve it, and the comparison would say little.

Source: D4RL (Fu et al. 2020), section 5, whose ants are sent to random places and rewarded for
one. Deviations: a scripted gait instead of a learned one (`ant_gait`); the environment of
gymnasium-robotics, with a goal radius of 0.45 (D4RL 0.5) and the goal in the observation; the
goal is drawn more often than any other place, so that a few hundred episodes are enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.data.recipes.ant_gait import Walker
from benchmark.data.recipes.recipe import Recipe, Recording
from benchmark.data.recipes.shortest_paths import Position, ShortestPaths
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment
from benchmark.tasks.mazes import ANT_CELL_SIZE

ACTION_NOISE = 0.2  # Standard deviation; torques lie in [-1, 1].
ARRIVED = 0.4  # Distance from which a place counts as reached; the goal does from 0.45.

_CENTRING = 1.0  # How hard the ant is led back to the middle of a corridor, per unit off it.
_STRAIGHT = 1.5  # Distance from which the ant makes straight for the target.
_STOP, _STILL_THERE = 0.25, 0.42  # Distances from which it stands, and up to which it goes on to.


class AntController:
    """Walks an ant to a target along the shortest way through the cells, and stands there."""

    def __init__(self, task: Task) -> None:
        self.paths = ShortestPaths(task.env_kwargs["maze_map"], ANT_CELL_SIZE)
        self._walker = Walker()
        self._standing = False

    def reset(self) -> None:
        """Gets ready for an ant that stands at the start of an episode."""
        self._walker.reset()
        self._standing = False

    def act(self, state: Position, target: Position, stop: bool = True) -> NDArray[np.float64]:
        """The action (8,) in [-1, 1] without noise.

        Args:
            state: (29,) x, y, and the environment's `observation`.
            target: (2,) where to go.
            stop: whether to stand still there.
        """
        distance = float(np.linalg.norm(state[:2] - target))
        self._standing = stop and distance < (_STILL_THERE if self._standing else _STOP)
        return self._walker.act(state[2:], self._direction(state[:2], target), self._standing)

    def _direction(self, position: Position, target: Position) -> float:
        """Angle of the direction to walk to, in rad from the x axis."""
        paths, here = self.paths, self.paths.cell_of(position)
        goal = paths.cell_of(target)
        if here == goal or np.linalg.norm(target - position) < _STRAIGHT:
            heading = target - position
        elif not paths.is_free(here):  # The ant leans over a wall.
            heading = paths.centre(paths.nearest_free(position)) - position
        else:
            centre = paths.centre(here)
            along = (paths.centre(paths.next_cell(here, goal)) - centre) / ANT_CELL_SIZE
            across = np.array([-along[1], along[0]])
            heading = along - _CENTRING * ((position - centre) @ across) * across
        return math.atan2(heading[1], heading[0])


class AntMazePlayer:
    """Sends the ant of one environment from place to place."""

    def __init__(self, task: Task, goal_share: float) -> None:
        maze_map = task.env_kwargs["maze_map"]
        recorded = {
            # It starts in any free cell but the goal's, which is the one that the evaluation has.
            "maze_map": [[mark if mark in (1, "g") else "r" for mark in row] for row in maze_map],
            "continuing_task": True,
            "reset_target": False,
        }
        env = make_environment(replace(task, env_kwargs=recorded))
        self.env: gym.Env[Any, Any] = env.unwrapped
        self._steps = task.max_steps
        self._goal_share = goal_share
        self._controller = AntController(task)
        cells = self._controller.paths.free_cells
        self._places = [(row, column) for row, column in cells if maze_map[row][column] != "g"]

    def play(self, rng: np.random.Generator) -> Recording:
        """Plays one episode; see `Player`."""
        observation = self.env.reset(seed=int(rng.integers(2**31)))[0]
        self._controller.reset()
        goal = observation["desired_goal"].copy()
        target = self._new_target(goal, rng)
        seen, actions, rewards = [observation], [], []
        for _ in range(self._steps):
            position = observation["achieved_goal"]
            if target is not goal and np.linalg.norm(position - target) < ARRIVED:
                target = self._new_target(goal, rng)
            state = np.concatenate([position, observation["observation"]])
            action = self._controller.act(state, target, stop=target is goal)
            noisy = np.clip(action + ACTION_NOISE * rng.standard_normal(8), -1.0, 1.0)
            actions.append(noisy.astype(np.float32))
            observation, reward, *_ = self.env.step(actions[-1])
            seen.append(observation)
            rewards.append(reward)
        return Recording(
            {
                name: np.array([observation[name] for observation in seen], np.float32)
                for name in seen[0]
            },
            np.array(actions),
            np.array(rewards, np.float32),
        )

    def _new_target(self, goal: Position, rng: np.random.Generator) -> Position:
        if rng.random() < self._goal_share:
            return goal
        cell = self._places[rng.integers(len(self._places))]
        return self._controller.paths.centre(cell) + rng.uniform(-1.0, 1.0, 2)


@dataclass(frozen=True)
class AntMazeRecipe(Recipe):
    """An AntMaze dataset; the variants of one size share it.

    Attributes:
        goal_share: of the places that the ant is sent to, the part that is the goal.
    """

    goal_share: float = 0.25

    def player(self) -> AntMazePlayer:
        """Makes the environment and its player."""
        return AntMazePlayer(TASKS[self.task], self.goal_share)

    def observation_space(self) -> gym.spaces.Dict:
        """The environment's own, as float32."""
        sizes = {"achieved_goal": 2, "desired_goal": 2, "observation": 27}
        return gym.spaces.Dict(
            {name: gym.spaces.Box(-np.inf, np.inf, (n,), np.float32) for name, n in sizes.items()}
        )

    @property
    def algorithm(self) -> str:
        """What plays, in a few words."""
        return "scripted trot between random places, the shortest way through the cells"

    @property
    def description(self) -> str:
        """What the data is, in a few sentences."""
        return (
            f"In every episode the ant starts in a random free cell and wanders between random "
            f"places that are not told; with a probability of {self.goal_share} the next one is "
            f"the goal that the observation shows, where it stays. The goal lies in the cell of "
            f"the evaluation's goal; the reward is 1 within 0.45 of it. Episodes run to the time "
            f"limit. Action noise {ACTION_NOISE}."
        )


ANT_MAZES = (
    AntMazeRecipe("mage/antmaze/umaze-v0", "antmaze-umaze", 300, goal_share=0.5),
    AntMazeRecipe("mage/antmaze/medium-v0", "antmaze-medium-play", 500),
    AntMazeRecipe("mage/antmaze/large-v0", "antmaze-large-play", 500),
)
