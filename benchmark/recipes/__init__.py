"""Datasets that can be collected on this machine, each under an id of its own."""

from __future__ import annotations

from benchmark.recipes.antmaze import ANT_MAZES
from benchmark.recipes.collect import collect
from benchmark.recipes.kitchen import KITCHENS
from benchmark.recipes.point_maze import POINT_MAZES
from benchmark.recipes.recipe import Recipe

__all__ = ["RECIPES", "Recipe", "collect"]

RECIPES: dict[str, Recipe] = {recipe.id: recipe for recipe in (*POINT_MAZES, *ANT_MAZES, *KITCHENS)}
