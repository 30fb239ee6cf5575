"""OGBench's point mazes: a noisy oracle takes the shortest way through the cells.

`navigate`: to a random goal, and from there to the next, until the episode ends. `stitch`: to a
goal four cells away, where it stays, so that the way to a far goal has to be put together.

Source: OGBench (Park et al., ICLR 2025), `generate_locomaze.py`. No deviation but the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.data.recipes.ogbench_recipe import (
    OGBenchRecipe,
    numpy_seeded,
    recording_environment,
    sizes_of,
)
from benchmark.data.recipes.recipe import Recording
from benchmark.tasks.mazes import GridCell

ACTION_NOISE = 0.5  # Standard deviation; actions lie in [-1, 1].
STITCH_CELLS = 4  # From the start to the goal.

_SMALL = 10  # Parts of the published size.


class MazeOraclePlayer:
    """Sends the point of one maze to goals.

    Args:
        env_id: gymnasium's id of the maze.
        stitch: whether there is one near goal an episode, rather than a far one after the other.
        steps: of an episode.
    """

    def __init__(self, env_id: str, stitch: bool, steps: int) -> None:
        self._maze: Any = recording_environment(env_id)
        self.env: gym.Env[Any, Any] = self._maze
        self._stitch, self._steps = stitch, steps
        self._free = [(int(i), int(j)) for i, j in np.argwhere(self._maze.maze_map == 0)]
        # Goals are cells where there is something to decide, and dead ends.
        self._vertices = [cell for cell in self._free if not self._is_corridor(cell)]
        self._next_centres: dict[tuple[GridCell, GridCell], NDArray[np.float64]] = {}

    def play(self, rng: np.random.Generator) -> Recording:
        """Plays one episode; see `Player`."""
        observations, actions = np.empty((self._steps + 1, 2)), np.empty((self._steps, 2))
        rewards = np.zeros(self._steps, np.float32)
        with numpy_seeded(rng):
            start = self._free[rng.integers(len(self._free))]
            goal = self._goal_near(start, rng) if self._stitch else self._vertex(rng)
            where = {"init_ij": start, "goal_ij": goal}
            observations[0] = self.env.reset(options={"task_info": where})[0]
            for step in range(self._steps):
                noise = ACTION_NOISE * rng.standard_normal(2)
                actions[step] = np.clip(self._direction() + noise, -1.0, 1.0)
                observations[step + 1], *_, info = self.env.step(actions[step])
                if not info["success"]:
                    continue
                if not self._stitch:
                    self._maze.set_goal(self._vertex(rng))
                rewards[step] = not (self._stitch and rewards.any())  # It stays at a near goal.
        return Recording(observations.astype(np.float32), actions.astype(np.float32), rewards)

    def _is_corridor(self, cell: GridCell) -> bool:
        """Whether there are just two ways on from a cell, opposite each other."""
        maze_map, (i, j) = self._maze.maze_map, cell
        walls = maze_map[i - 1, j], maze_map[i + 1, j], maze_map[i, j - 1], maze_map[i, j + 1]
        return walls in ((0, 0, 1, 1), (1, 1, 0, 0))

    def _vertex(self, rng: np.random.Generator) -> GridCell:
        return self._vertices[rng.integers(len(self._vertices))]

    def _goal_near(self, start: GridCell, rng: np.random.Generator) -> GridCell:
        place = self._maze.ij_to_xy(start)
        cells_from_start = self._maze.get_oracle_subgoal(place, place)[1]
        near = np.argwhere(cells_from_start == STITCH_CELLS)
        if not len(near):
            return start
        i, j = near[rng.integers(len(near))]
        return int(i), int(j)

    def _direction(self) -> NDArray[np.float64]:
        """(2,) the oracle's action: the direction of the next cell's centre."""
        position = self._maze.get_xy()
        way = self._next_centre(position, self._maze.cur_goal_xy) - position
        direction: NDArray[np.float64] = way / (np.linalg.norm(way) + 1e-6)
        return direction

    def _next_centre(
        self, position: NDArray[np.float64], goal: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(2,) where the oracle heads; kept, as the package searches the maze at every call."""
        cells = self._maze.xy_to_ij(position), self._maze.xy_to_ij(goal)
        if cells not in self._next_centres:
            self._next_centres[cells] = self._maze.get_oracle_subgoal(position, goal)[0]
        return self._next_centres[cells]


@dataclass(frozen=True)
class OGBenchMazeRecipe(OGBenchRecipe):
    """A dataset of a point maze."""

    def player(self) -> MazeOraclePlayer:
        """Makes the environment and its player."""
        return MazeOraclePlayer(self.env_id, self._stitch, self.steps)

    def observation_space(self) -> gym.spaces.Box:
        """The position, x and y."""
        return gym.spaces.Box(-np.inf, np.inf, (2,), np.float32)

    @property
    def _stitch(self) -> bool:
        return self.name.endswith("stitch")

    @property
    def algorithm(self) -> str:
        """What plays, in a few words."""
        return "OGBench's oracle of the shortest way through the cells, with noise"

    @property
    def description(self) -> str:
        """What the data is, in a few sentences."""
        goals = (
            f"one goal {STITCH_CELLS} cells away, where it stays"
            if self._stitch
            else "random goals, one after the other"
        )
        return f"{self.provenance} The point goes to {goals}. Action noise {ACTION_NOISE}."


OGBENCH_MAZES = tuple(
    OGBenchMazeRecipe(dataset_id, f"ogbench-{name}", episodes, name=name, steps=steps)
    for size in ("medium", "large", "giant", "teleport")
    for name in (f"pointmaze-{size}-navigate", f"pointmaze-{size}-stitch")
    for dataset_id, (episodes, steps) in sizes_of(name, _SMALL).items()
)
