"""Datasets that can be collected on this machine, each under an id of its own."""

from __future__ import annotations

from benchmark.data.recipes.ant_wandering import ANT_MAZES
from benchmark.data.recipes.collect import collect
from benchmark.data.recipes.kitchen_chains import KITCHENS
from benchmark.data.recipes.ogbench_arm import OGBENCH_ARM
from benchmark.data.recipes.ogbench_mazes import OGBENCH_MAZES
from benchmark.data.recipes.point_wandering import POINT_MAZES
from benchmark.data.recipes.recipe import Recipe

__all__ = ["RECIPES", "Recipe", "collect"]

RECIPES: dict[str, Recipe] = {
    recipe.id: recipe
    for recipe in (*POINT_MAZES, *ANT_MAZES, *KITCHENS, *OGBENCH_MAZES, *OGBENCH_ARM)
}
