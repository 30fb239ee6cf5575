"""AntMaze: an ant with eight joints walks to a goal that its observation shows.

The score is 100 for an episode that gets there and 0 for one that does not; the episode ends at
the goal. Observation (31): achieved_goal (2), observation (27), desired_goal (2).
"""

from __future__ import annotations

from benchmark.tasks.mazes import GridCell, maze_map
from benchmark.tasks.task import Task

# Environment, steps, the evaluation's one start and one goal, as in D4RL. The u-shaped map is the
# one that the published data was recorded in, of which Farama's evaluation map is the mirror image.
_SIZES: dict[str, tuple[str, int, GridCell, GridCell]] = {
    "umaze": ("AntMaze_UMaze-v4", 700, (3, 1), (1, 1)),
    "medium": ("AntMaze_Medium-v4", 1000, (1, 1), (6, 6)),
    "large": ("AntMaze_Large-v4", 1000, (1, 1), (7, 9)),
}

_VARIANTS = (
    ("umaze", "umaze"),
    ("umaze", "umaze-diverse"),
    ("medium", "medium-play"),
    ("medium", "medium-diverse"),
    ("large", "large-play"),
    ("large", "large-diverse"),
)


def _task(size: str, variant: str) -> Task:
    env_id, max_steps, start, goal = _SIZES[size]
    return Task(
        name=f"antmaze-{variant}",
        benchmark="antmaze",
        dataset=f"D4RL/antmaze/{variant}-v1",
        published_as=f"antmaze-{variant}",
        recipe=f"mage/antmaze/{size}-v0",
        env_id=env_id,
        env_kwargs={
            "maze_map": maze_map(size, {start: "r", goal: "g"}),
            "continuing_task": False,
            "reset_target": False,
        },
        max_steps=max_steps,
        min_score=0.0,
        max_score=1.0,
        relabel="antmaze",
        observation_parts={"achieved_goal": 2, "observation": 27, "desired_goal": 2},
        discount=0.995,
        position_columns=(0, 1),
        goal_columns=(29, 30),
    )


ANTMAZE = [_task(size, variant) for size, variant in _VARIANTS]
