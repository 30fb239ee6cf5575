"""What is asked for on which task, and what is learned from: one table for all agents.

So agents that are conditioned on a return differ in what they make of it, not in what they are
asked for. `docs/tuning/` describes the trials behind these values; all were scored on tuning
seeds, with MAGE.
"""

from __future__ import annotations

from dataclasses import fields
from fnmatch import fnmatchcase
from typing import Any

from benchmark.interface import TaskSettings
from mage.returns.config import LabelConfig

_Values = dict[str, Any]

# Adroit. Mixed demonstrations have better ones to learn from and to ask for; where the recorded
# policy is an expert throughout there is nothing to choose.
_MIXED = {"best_of": 8, "expectile": 0.99}
_ALL_GOOD = {"best_of": 1, "expectile": 0.9, "advantage_asked": 0.0}

# Point mazes. With the distance the return falls by orders of magnitude (`log_returns`). To go soon
# is put off for ever, unless more is asked for as time passes (`persistence`). Few of the recorded
# ways lead to a goal, so what is good from a state is far above what is usual there, and rows that
# show it are rare.
_MAZES = {
    **{"log_returns": True, "persistence": 0.97},
    **{"expectile": 0.995, "best_of": 16, "advantage_asked": 1.25},
}

# OGBench's mazes. No recording leads to a far goal: after some steps the return is that which the
# model gives the state reached (`bootstrap_steps`), and places are told apart by features of them.
_GOALS = {
    **{"log_returns": True, "bootstrap_steps": 64, "place_features": 64},
    **{"expectile": 0.9, "best_of": 8},
}


def _tuned(benchmark: str, tasks: str, values: _Values) -> TaskSettings:
    return TaskSettings(tasks, values, f"tuning seeds, docs/tuning/{benchmark}.md")


RETURN_SETTINGS = (
    _tuned("adroit", "adroit-*-human", _MIXED),
    _tuned("adroit", "adroit-*-cloned", _MIXED),
    _tuned("adroit", "adroit-*-expert", _ALL_GOOD),
    # All recorded episodes do well.
    _tuned("kitchen", "kitchen-*", _ALL_GOOD),
    # All recorded ways lead to a goal, some sooner: none are left out, and a return that is a
    # little better than usual is asked for.
    _tuned("antmaze", "antmaze-*", {**_ALL_GOOD, "log_returns": True, "advantage_asked": 0.5}),
    _tuned("point-mazes", "maze2d-*", _MAZES),
    _tuned("point-mazes", "multi2d-*", _MAZES),
    _tuned("ogbench", "ogbench-*maze-*", _GOALS),
)
_LABELS = {field.name for field in fields(LabelConfig)}
LABEL_SETTINGS = tuple(
    TaskSettings(
        row.tasks, {name: row.values[name] for name in row.values if name in _LABELS}, row.source
    )
    for row in RETURN_SETTINGS
)
"""Of these, what concerns the labels alone: for agents that are not asked for a return."""


def return_settings_on(task: str) -> _Values:
    """What the table says of a task, by its name."""
    values: _Values = {}
    for row in RETURN_SETTINGS:
        if fnmatchcase(task, row.tasks):
            values |= row.values
    return values
