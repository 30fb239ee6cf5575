"""What Diffuser and its kin do in point mazes: a controller follows long plans.

As their authors have them there; the controller's gain is that of D4RL's own. One plan leads to
the goal, which Diffuser and Hierarchical Diffuser are told even where it is hidden from the others,
as in their papers. Decision Diffuser is not: it has to look far for the first reward (`discount`),
and renews its plans. `quick` cuts as long a plan into fewer steps. Trials: `docs/tuning/`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmark.interface import Settings, TaskSettings

_AUTHORS = "branch maze2d of Diffuser's code, config/maze2d.py; the gain is D4RL's controller's"
_HIERARCHY = "branch maze_2d of the authors' code, config/maze2d_hl.py"
_TOO_FAR = "this project: the goal is farther than a plan is long"
_POINT = ("maze2d", "multi2d")
_TRIALS = "tuning seeds, docs/tuning/point-mazes.md"


@dataclass(frozen=True)
class _MazePlans:
    """How one size of maze is planned in; lengths are in environment steps.

    Attributes:
        size: as in names of tasks.
        hidden_goal: (x, y) where Maze2D has its one goal.
        episode: of the evaluation.
        plan: of Diffuser (its config/maze2d.py).
        noise_levels: of Diffuser (its config/maze2d.py), and of sub-goals.
        renewed_after: after which Decision Diffuser plans anew.
    """

    size: str
    hidden_goal: tuple[float, float]
    episode: int
    plan: int
    noise_levels: int
    renewed_after: int

    @property
    def quick_plan(self) -> dict[str, Any]:
        """As long a plan, of 32 steps."""
        return {"horizon": 32, "stride": self.plan // 32}

    @property
    def sub_goals(self) -> dict[str, Any]:
        """A sub-goal every 15 steps; the U-Net needs a multiple of 4."""
        return {"horizon": 4 * round(self.plan / 15 / 4), "subgoal_every": 15}


_MAZES = (
    _MazePlans("umaze", (-1.0, 1.0), 300, plan=128, noise_levels=64, renewed_after=64),
    _MazePlans("medium", (2.5, -2.5), 600, plan=256, noise_levels=256, renewed_after=64),
    _MazePlans("large", (3.5, -3.0), 800, plan=384, noise_levels=256, renewed_after=192),
)


def _rows(
    values: Callable[[_MazePlans], Settings], source: str, preset: str | None = None
) -> tuple[TaskSettings, ...]:
    """What holds in a maze, whether its goal is hidden or shown."""
    return tuple(
        TaskSettings(f"{benchmark}-{maze.size}", values(maze), source, preset)
        for maze in _MAZES
        for benchmark in ("maze2d", "multi2d")
    )


_TO_GOAL = (
    *_rows(
        lambda maze: {
            "position_gain": 10.0,
            "replan_every": maze.episode,
        },
        _AUTHORS,
    ),
    *(
        TaskSettings(f"maze2d-{maze.size}", {"goal": maze.hidden_goal}, "told as in the paper")
        for maze in _MAZES
    ),
    TaskSettings("multi2d", {"goal": ()}, "the observation shows it"),
)

_FAR = (
    TaskSettings("antmaze", {"to_goal": False}, _TOO_FAR),
    TaskSettings("ogbench-maze", {"to_goal": False}, _TOO_FAR),
)
DIFFUSER = (
    *_TO_GOAL,
    *_FAR,
    *(TaskSettings(benchmark, {"action_weight": 1.0}, _AUTHORS) for benchmark in _POINT),
    *_rows(lambda maze: maze.quick_plan, _TRIALS, "quick"),
    *_rows(
        lambda maze: {
            "horizon": maze.plan,
            "diffusion_steps": maze.noise_levels,
            "channels": (32, 128, 256),
            "steps": 2_000_000,
        },
        _AUTHORS,
        "paper",
    ),
)
HIERARCHICAL_DIFFUSER = (
    *_TO_GOAL,
    *_FAR,
    *(TaskSettings(benchmark, {"dense_actions": False}, _HIERARCHY) for benchmark in _POINT),
    *_rows(lambda maze: maze.sub_goals, "the paper", "quick"),
    *_rows(
        lambda maze: {
            **maze.sub_goals,
            "diffusion_steps": maze.noise_levels,
            "steps": 2_000_000,
        },
        f"the paper; {_HIERARCHY}",
        "paper",
    ),
)
DECISION_DIFFUSER = (
    *_rows(
        lambda maze: {
            "position_gain": 10.0,
            "discount": 0.99,
            "replan_every": maze.renewed_after,
        },
        _TRIALS,
    ),
    *_rows(lambda maze: maze.quick_plan, _TRIALS, "quick"),
    *_rows(lambda maze: {"horizon": maze.plan}, f"as long as Diffuser's: {_AUTHORS}", "paper"),
)
