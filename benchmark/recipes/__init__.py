"""Datasets that can be collected on this machine: dataset id -> the function that makes it."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.recipes.point_maze import MAZES, collect

RECIPES: dict[str, Callable[[str], None]] = dict.fromkeys(MAZES, collect)
