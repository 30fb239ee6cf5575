"""The discount of agents that learn values where OGBench's goals are far.

As in the README of the code of Flow Q-learning (https://github.com/seohongpark/fql), for the ant's
giant maze and for the humanoid; the point's giant maze has that of the ant.
"""

from __future__ import annotations

from benchmark.interface import TaskSettings

FAR_GOALS = tuple(
    TaskSettings(tasks, {"gamma": 0.995}, "the README of FQL's code, for all of its agents")
    for tasks in ("ogbench-*maze-giant-*", "ogbench-humanoidmaze-*")
)
"""Rows of settings, for agents with a `gamma`."""
