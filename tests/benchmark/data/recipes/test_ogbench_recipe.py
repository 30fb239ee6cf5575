"""What recipes of OGBench's data have in common: ids, sizes, words, and the generator."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import pytest

from benchmark.data.recipes import RECIPES
from benchmark.data.recipes.ogbench_recipe import (
    OGBenchRecipe,
    numpy_seeded,
    recording_environment,
    sizes_of,
)
from benchmark.errors import DatasetError
from benchmark.tasks.published_sets import PUBLISHED_SETS

OURS = {name: one for name, one in RECIPES.items() if isinstance(one, OGBenchRecipe)}


def test_every_set_that_a_script_records_has_two_sizes() -> None:
    scripted = [name for name in PUBLISHED_SETS if name.startswith("ogbench/")]
    scripted = [name for name in scripted if "antmaze" not in name and "humanoid" not in name]
    assert len(scripted) == 13
    assert set(OURS) == {
        name.replace("ogbench/", f"mage/{size}/")
        for name in scripted
        for size in ("ogbench", "ogbench-small")
    }


def test_sizes_are_the_published_ones_or_a_part_of_them() -> None:
    assert sizes_of("pointmaze-giant-navigate", 10) == {
        "mage/ogbench/pointmaze-giant-navigate-v0": (500, 2_000),
        "mage/ogbench-small/pointmaze-giant-navigate-v0": (50, 2_000),
    }
    for recipe in OURS.values():
        published = PUBLISHED_SETS[f"ogbench/{recipe.name}-v0"]
        assert recipe.steps * published.episodes == published.steps
        part = 1 if "small" not in recipe.id else 10 if "maze" in recipe.name else 20
        assert recipe.episodes * part == published.episodes


def test_a_recipe_says_whose_procedure_it_is_and_what_differs() -> None:
    small = OURS["mage/ogbench-small/pointmaze-large-stitch-v0"]
    assert (small.env_id, small.publisher) == ("pointmaze-large-v0", "OGBench")
    words = "By the published procedure of OGBench's pointmaze-large-stitch-v0 with the package's"
    assert small.description.startswith(f"{words} oracles, 500 of 5,000 episodes. What differs")
    assert "4 cells away" in small.description and "noise 0.5" in small.description
    whole = OURS["mage/ogbench/cube-double-play-v0"]
    assert "oracles. What differs from the published file: the seeds;" in whole.description
    assert "(qpos)" in whole.description
    assert set(whole.packages) - set(small.packages) == {"dm-control"}


def test_without_the_package_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.data.ogbench_download.find_spec", lambda name: None)
    recipe = OURS["mage/ogbench/cube-single-play-v0"]
    for needs_it in (lambda: recipe.fingerprint(0), recipe.player):
        with pytest.raises(DatasetError, match="ogbench, which is not installed") as caught:
            needs_it()
        assert caught.value.remedy == "pip install -c constraints.txt -e '.[ogbench]'"


def test_the_global_generator_depends_on_the_episode_and_is_put_back() -> None:
    before = np.random.get_state()[1]  # noqa: NPY002
    drawn = []
    for seed in (3, 3, 4):
        with numpy_seeded(np.random.default_rng(seed)):
            drawn.append(np.random.random())  # noqa: NPY002  OGBench draws from it.
    assert drawn[0] == drawn[1] != drawn[2]
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.skipif(not importlib.util.find_spec("ogbench"), reason="needs the package ogbench")
def test_a_maze_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    env = recording_environment("pointmaze-medium-v0")
    assert env.unwrapped is env and list(tmp_path.iterdir()) == []
