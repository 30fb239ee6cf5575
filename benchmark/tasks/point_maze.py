"""Point mazes: a ball has to get to a goal and stay there; the reward is 1 within 0.45 of it.

The task goes on at the goal, with D4RL's horizons and reference scores (Fu et al. 2020).
Maze2D keeps its one goal hidden: the observation (4) is x, y and the velocity. Multi2D draws a goal
for every episode and shows it: observation (6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmark.interface import HindsightGoals
from benchmark.tasks.mazes import GridCell, maze_map
from benchmark.tasks.task import Task


@dataclass(frozen=True)
class _Maze:
    """What the two benchmarks in point mazes share."""

    env_id: str
    goal_cell: GridCell
    max_steps: int
    min_score: float
    max_score: float


# Distance, in cells, from which gymnasium-robotics counts a goal as reached.
GOAL_RADIUS = 0.45

_MAZES = {
    "umaze": _Maze("PointMaze_UMaze-v3", (1, 1), 300, 23.85, 161.86),
    "medium": _Maze("PointMaze_Medium-v3", (6, 6), 600, 13.13, 277.39),
    "large": _Maze("PointMaze_Large-v3", (7, 9), 800, 6.7, 273.99),
}

# The recorded agents hold a goal for at most 100 steps. With 0.98 that is nearly all there is to
# get; with 0.99 the best recorded returns are those of lucky second visits, and going for them
# means to leave.
_DISCOUNT = 0.98

# What the best recorded stretches of an evaluation's length reach in the u-shaped maze.
_TARGET = 250.0


def _task(benchmark: str, size: str, **columns: Any) -> Task:
    maze = _MAZES[size]
    goals = {maze.goal_cell: "c"} if benchmark == "maze2d" else {}
    cells = maze_map(size, goals, free="r" if goals else "c")
    return Task(
        name=f"{benchmark}-{size}",
        benchmark=benchmark,
        dataset=f"D4RL/pointmaze/{size}-v2",
        recipe=f"mage/maze2d/{size}-v0",
        env_id=maze.env_id,
        env_kwargs={
            "maze_map": cells,
            "continuing_task": True,
            "reset_target": False,
        },
        max_steps=maze.max_steps,
        min_score=maze.min_score,
        max_score=maze.max_score,
        relabel=benchmark,
        discount=_DISCOUNT,
        return_scale=100.0,
        position_columns=(0, 1),
        target_return=_TARGET,
        **columns,
    )


MAZE2D = [
    _task("maze2d", size, observation_parts={"observation": 4}, goal_cell=maze.goal_cell)
    for size, maze in _MAZES.items()
]
MULTI2D = [
    _task(
        "multi2d",
        size,
        observation_parts={"observation": 4, "desired_goal": 2},
        goal_columns=(4, 5),
        hindsight=HindsightGoals((4, 5), (0, 1), GOAL_RADIUS),
    )
    for size in _MAZES
]
