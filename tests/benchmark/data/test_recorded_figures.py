"""Figures of recordings: known numbers, and two procedures told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from benchmark.data.recipes import RECIPES
from benchmark.data.recorded_figures import (
    REFERENCE,
    RecordedFigures,
    Rows,
    as_json,
    figures_of,
    figures_of_stored,
    how_far_apart,
    reference_figures,
)
from benchmark.tasks.published_sets import PUBLISHED_SETS
from tests.benchmark.data.synthetic_datasets import DOOR, door_episode, write


def _walks(
    seed: int, episodes: int = 40, drift: float = 0.0, noise: float = 1.0
) -> Iterator[tuple[Rows, Rows, Rows]]:
    rng = np.random.default_rng(seed)
    for _ in range(episodes):
        start = rng.standard_normal((1, 3)) + drift
        observations = start + rng.standard_normal((51, 3))
        yield observations, noise * rng.uniform(-1, 1, (50, 2)), np.eye(1, 50)[0]


def test_known_figures() -> None:
    first = np.array([[0.0], [2.0], [100.0]]), np.array([[1.0], [1.0]]), np.array([1.0, 1.0])
    second = np.array([[4.0], [6.0], [100.0]]), np.array([[1.0], [1.0]]), np.array([0.0, 1.0])
    figures = figures_of([first, second])
    assert (figures.episodes, figures.lengths, figures.reached) == (2, (2, 2, 2), 1.5)
    columns = figures.observations
    # 0, 2, 4, 6: the last observations are not part of it. Means of the episodes: 1 and 5.
    assert columns.mean == pytest.approx(3) and columns.variance == pytest.approx(5)
    assert columns.mean_error == pytest.approx(np.sqrt(8 / 2))
    assert columns.variance_error == pytest.approx(0), "both are as far from the mean"
    assert columns.quantiles[:, 0].tolist() == [0, 1.5, 3, 4.5, 6]
    assert figures.actions.variance == pytest.approx(0)


def test_without_rewards_no_goal_is_told_reached() -> None:
    episodes = [(seen, done, 0 * rewards) for seen, done, rewards in _walks(0)]
    assert figures_of(episodes).reached is None


def test_the_same_procedure_is_told_from_another() -> None:
    known = figures_of(_walks(0))
    for seed in range(1, 6):
        assert how_far_apart(known, figures_of(_walks(seed))).is_same
    drifted = how_far_apart(known, figures_of(_walks(1, drift=1.5)))
    assert drifted.means > drifted.chance > drifted.variances and not drifted.is_same
    noisy = how_far_apart(known, figures_of(_walks(1, noise=0.8)))
    assert noisy.variances > noisy.chance > noisy.means and not noisy.is_same


def test_equal_constants_do_not_differ_and_others_do() -> None:
    def constant(value: float) -> RecordedFigures:
        rows = np.full((3, 1), value), np.zeros((2, 1)), np.zeros(2)
        return figures_of([rows, rows])

    assert how_far_apart(constant(1.0), constant(1.0)).means == 0
    assert how_far_apart(constant(1.0), constant(1.1)).means == np.inf


def test_figures_of_a_stored_dataset() -> None:
    write(DOOR, *(door_episode(index, steps=4 + index) for index in range(3)))
    figures = figures_of_stored(DOOR)
    assert (figures.episodes, figures.lengths) == (3, (4, 5, 6))
    assert len(figures.observations.mean) == 39 and len(figures.actions.mean) == 28


def test_figures_are_kept_with_the_digits_that_count() -> None:
    figures = figures_of(_walks(0))
    kept = json.loads(json.dumps(as_json(figures)))
    assert kept["episodes"] == 40 and len(kept["observations"]["quantiles"]) == 5
    assert kept["actions"]["mean"] == pytest.approx(figures.actions.mean, rel=1e-4)


@pytest.mark.parametrize("name", json.loads(REFERENCE.read_text("utf-8")))
def test_reference_figures_are_of_published_sets(name: str) -> None:
    reference, published = reference_figures(name), PUBLISHED_SETS[f"ogbench/{name}"]
    assert reference is not None and reference.episodes >= 15
    assert set(reference.lengths) == {published.steps / published.episodes}
    recipe = RECIPES[f"mage/ogbench/{name}"]
    assert recipe.observation_space().shape == reference.observations.mean.shape
    assert reference.observations.quantiles.shape == (5, len(reference.observations.mean))


def test_what_was_not_recorded_by_a_script_has_no_reference() -> None:
    assert reference_figures("antmaze-medium-navigate-v0") is None


def _collected(name: str) -> RecordedFigures:
    pytest.importorskip("ogbench", reason="needs the package ogbench")
    player = RECIPES[f"mage/ogbench/{name}"].player()
    recordings = [player.play(np.random.default_rng([0, index])) for index in range(8)]
    return figures_of(
        (np.asarray(one.observations), one.actions, one.rewards) for one in recordings
    )


@pytest.mark.parametrize("name", ["pointmaze-medium-navigate-v0", "pointmaze-giant-stitch-v0"])
def test_what_is_collected_is_what_ogbenchs_own_script_records(name: str) -> None:
    figures, reference = _collected(name), reference_figures(name)
    assert reference is not None and how_far_apart(figures, reference).is_same
    assert figures.lengths == reference.lengths
    # Measured: 9.4 and 0.98.
    low, high = (5, 14) if "navigate" in name else (0.7, 1.0)
    assert figures.reached is not None and low <= figures.reached <= high
    # Action noise of 0.5 would not be taken for one of 0.3.
    actions = replace(figures.actions, variance=0.8 * figures.actions.variance)
    assert not how_far_apart(replace(figures, actions=actions), reference).is_same


@pytest.mark.slow
@pytest.mark.parametrize("name", json.loads(REFERENCE.read_text("utf-8")))
def test_every_recipe_records_what_ogbenchs_own_script_does(name: str) -> None:
    reference = reference_figures(name)
    assert reference is not None and how_far_apart(_collected(name), reference).is_same
