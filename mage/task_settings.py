"""What MAGE does differently on a benchmark or a task.

The trials behind these values are told in `docs/tuning/`, by benchmark. All were scored on tuning
seeds, never on those of the evaluation.
"""

from __future__ import annotations

from typing import Any

from benchmark.interface import TaskSettings

_Values = dict[str, Any]

# Adroit. Mixed demonstrations have better ones to learn from and to ask for; where the recorded
# policy is an expert throughout there is nothing to choose.
_MIXED = {"best_of": 8, "expectile": 0.99, "temperature": 1.0, "inverse_dropout": 0.2}
_EXPERT = {"best_of": 1, "expectile": 0.9, "advantage_asked": 0.0, "inverse_dropout": 0.2}

# Point mazes. With the distance the return falls by orders of magnitude (`log_returns`); a scale
# that is fine at both ends (`logit_returns`) also tells the way from far and how to stay. Plans to
# go soon are put off for ever, unless more is asked for as time passes (`persistence`) and tokens
# are drawn (`temperature`). To stay at a goal, plans have to be read exactly (`inverse_dropout`).
_LOG = {"log_returns": True, "persistence": 0.9, "temperature": 0.6, "inverse_dropout": 0.2}
_LOGIT = {"logit_returns": True, "persistence": 0.97, "temperature": 1.0, "inverse_dropout": 0.2}
# Few of the recorded ways lead to the one hidden goal, so what is good from a state is far above
# what is usual there, and windows that show it are rare. With a goal of its own in each piece of
# the data they are less rare.
_HIDDEN_GOAL = {"expectile": 0.995, "best_of": 16}
_SHOWN_GOAL = {"expectile": 0.99, "best_of": 8}


def _tuned(benchmark: str, tasks: str, values: _Values, preset: str | None = None) -> TaskSettings:
    return TaskSettings(tasks, values, f"tuning seeds, docs/tuning/{benchmark}.md", preset)


TASK_SETTINGS = (
    _tuned("adroit", "adroit-*-human", {**_MIXED, "temperature": 0.5}),
    _tuned("adroit", "adroit-*-cloned", _MIXED),
    _tuned("adroit", "adroit-*-expert", _EXPERT),
    # Its few expert steps are soon known by heart.
    _tuned("adroit", "adroit-pen-expert", {"inverse_unit_dropout": 0.1}),
    # All recorded episodes do well; tokens are drawn because the likeliest plan can be to wait.
    _tuned(
        "kitchen",
        "kitchen",
        {"best_of": 1, "expectile": 0.9, "advantage_asked": 0.0, "temperature": 0.5},
    ),
    # Few demonstrations, which networks soon know by heart.
    _tuned("kitchen", "kitchen-complete", {"inverse_learning_rate": 3e-4}),
    # All recorded ways lead to a goal, some sooner: none are left out, and a return that is a
    # little better than usual is asked for.
    _tuned(
        "antmaze",
        "antmaze",
        {"log_returns": True, "best_of": 1, "expectile": 0.9, "advantage_asked": 0.5},
    ),
    _tuned("point-mazes", "maze2d-umaze", {**_LOG, **_HIDDEN_GOAL, "advantage_asked": 1.25}),
    _tuned("point-mazes", "maze2d-medium", {**_LOG, **_HIDDEN_GOAL, "advantage_asked": 1.25}),
    _tuned("point-mazes", "maze2d-large", {**_LOGIT, **_HIDDEN_GOAL}),
    _tuned("point-mazes", "multi2d-umaze", {**_LOGIT, **_SHOWN_GOAL, "advantage_asked": 1.25}),
    _tuned("point-mazes", "multi2d-medium", {**_LOG, **_SHOWN_GOAL, "temperature": 1.0}),
    _tuned("point-mazes", "multi2d-large", {**_LOG, **_SHOWN_GOAL, "temperature": 1.0}),
    # MAGE looks 64 steps ahead. Four scales are enough for `quick`.
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
    # An ant's gait is in its inverse dynamics, whose steps are cheap: more of them.
    _tuned("antmaze", "antmaze", {"shares": (0.09, 0.06, 0.77)}, "quick"),
)
