"""What tells recorded episodes apart that may not be mixed."""

from __future__ import annotations

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

from benchmark.data.recipes import RECIPES

RECIPE = RECIPES["mage/antmaze/umaze-v0"]


def test_another_setting_seed_or_simulator_is_another_fingerprint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changed = [
        replace(RECIPE, episodes=7),
        replace(RECIPE, version=1),
        replace(RECIPE, id="mage/antmaze/other-v0"),
        replace(RECIPE, task="antmaze-medium-play"),
        replace(RECIPE, goal_share=0.3),  # type: ignore[call-arg]
    ]
    found = [RECIPE.fingerprint(0), RECIPE.fingerprint(1), *(one.fingerprint(0) for one in changed)]
    for name in ("gymnasium-robotics", "mujoco", "numpy"):
        version = {"gymnasium-robotics": "1", "mujoco": "2", "numpy": "3", name: "9"}
        with monkeypatch.context() as patch:
            patch.setattr("benchmark.data.recipes.recipe.version", version.__getitem__)
            found.append(RECIPE.fingerprint(0))
    assert len(set(found)) == len(found) == 10
    assert RECIPE.fingerprint(0) == replace(RECIPE).fingerprint(0) == found[0]
    assert {len(each) for each in found} == {12}


@pytest.mark.parametrize("recipe_id", RECIPES)
def test_observations_are_of_the_benchmarks_size_and_unbounded(recipe_id: str) -> None:
    sizes = {
        "maze2d": {"": 4},
        "antmaze": {"achieved_goal": 2, "desired_goal": 2, "observation": 27},
        "kitchen": {"observation": 59},
        "pointmaze": {"": 2},
        "cube-single": {"": 28},
        "cube-double": {"": 37},
        "scene": {"": 40},
        "puzzle-3x3": {"": 55},
        "puzzle-4x4": {"": 83},
    }
    name = recipe_id.split("/")[1]
    if name.startswith("ogbench"):
        name = next(one for one in sizes if recipe_id.split("/")[2].startswith(one))
    space = RECIPES[recipe_id].observation_space()
    spaces = space.spaces if isinstance(space, gym.spaces.Dict) else {"": space}
    assert {name: each.shape for name, each in spaces.items()} == {
        name: (size,) for name, size in sizes[name].items()
    }
    for each in spaces.values():
        assert isinstance(each, gym.spaces.Box)
        assert each.dtype == np.float32
        assert (each.low == -np.inf).all() and (each.high == np.inf).all()


def test_a_recipe_says_what_was_done_how_often() -> None:
    descriptions = {name: recipe.description for name, recipe in RECIPES.items()}
    complete, partial, mixed = (
        descriptions[f"mage/kitchen/{quality}-v0"] for quality in ("complete", "partial", "mixed")
    )
    wanted = "microwave, kettle, light switch, slide cabinet"
    assert complete.startswith(f"Every episode does the wanted sub-tasks in order: {wanted}.")
    assert partial.startswith("About 20% of the episodes do the wanted sub-tasks in order")
    assert mixed.startswith("No episode does all wanted sub-tasks (microwave, kettle, bottom")
    assert "noise 0.1, jitter of the way-points 0.012 m" in complete
    assert "with a probability of 0.5 the next" in descriptions["mage/antmaze/umaze-v0"]
    assert "with a probability of 0.25 the next" in descriptions["mage/antmaze/large-v0"]
    assert "cell (7, 9)" in descriptions["mage/maze2d/large-v0"]
