"""What MAGE does differently on a benchmark or a task.

`docs/tuning/` describes the trials behind these values, by benchmark. All were scored on tuning
seeds, never on those of the evaluation.
"""

from __future__ import annotations

from typing import Any

from benchmark.interface import TaskSettings
from mage.returns.return_settings import RETURN_SETTINGS

_Values = dict[str, Any]

# Plans have to be read exactly (`inverse_dropout`) where a hand is moved, and to stay at a goal.
# Tokens are drawn (`temperature`) where the likeliest plan can be to wait, or to go but not yet.
_EXACT = {"inverse_dropout": 0.2}
_MAZES = {**_EXACT, "temperature": 1.0}
# A plan of 384 steps shows the whole way through a large maze. Fewer tokens leave time to learn to
# read plans exactly.
_QUICK_MAZES = {"stride": 24, "scales": (1, 2, 4), "shares": (0.15, 0.05, 0.65)}
# The first step of a way depends on a goal far away: a large network sees the condition. Plans
# start beside what was recorded and lead back to it. A plan that is kept decides which way round;
# one that is made anew at each step can turn round each time.
_GOALS = {
    **_EXACT,
    **{"condition_width": 512, "condition_layers": 3, "start_noise": 0.15, "inverse_noise": 0.02},
    **{"replan_every": 16, "temperature": 0.5},
    **{"inverse_weight": 0.0, "condition_weight": 0.0, "gumbel": False},
}
_AS_LONG = "this project: plans as long as those of `quick`"


def _tuned(benchmark: str, tasks: str, values: _Values, preset: str | None = None) -> TaskSettings:
    return TaskSettings(tasks, values, f"tuning seeds, docs/tuning/{benchmark}.md", preset)


TASK_SETTINGS = (
    # Which returns count as high, and which are asked for: as of all agents that ask for one.
    *RETURN_SETTINGS,
    # A hand soon leaves what was recorded, and has to find back (`inverse_noise`).
    _tuned("adroit", "adroit", {**_EXACT, "inverse_noise": 0.1, "temperature": 0.5}),
    # Few demonstrations, which networks soon overfit.
    _tuned("kitchen", "kitchen", {"temperature": 0.5, "inverse_learning_rate": 3e-4}),
    _tuned("point-mazes", "maze2d", _MAZES),
    _tuned("point-mazes", "multi2d", _MAZES),
    _tuned("ogbench", "ogbench-maze", _GOALS),
    # MAGE looks 64 steps ahead where nothing else is said. Four scales are enough for `quick`.
    TaskSettings(
        "*",
        {"pairs": 16, "stride": 4, "scales": (1, 2, 4, 8)},
        "this project: the plan of `paper` with fewer pairs and scales",
        "quick",
    ),
    TaskSettings(
        "*",
        {"pairs": 32, "stride": 2, "scales": (1, 2, 3, 4, 6, 8, 12, 16)},
        "the paper's K = 8 scales; pairs and stride are this project's",
        "paper",
    ),
    _tuned("point-mazes", "maze2d", _QUICK_MAZES, "quick"),
    _tuned("point-mazes", "multi2d", _QUICK_MAZES, "quick"),
    TaskSettings("maze2d", {"stride": 12}, _AS_LONG, "paper"),
    TaskSettings("multi2d", {"stride": 12}, _AS_LONG, "paper"),
    # The transformer learns from far more windows than elsewhere.
    _tuned("ogbench", "ogbench-maze", {"shares": (0.15, 0.05, 0.2)}, "quick"),
    # An ant's gait is in its inverse dynamics, whose steps are cheap: more of them.
    _tuned("antmaze", "antmaze", {"shares": (0.09, 0.06, 0.77)}, "quick"),
)
