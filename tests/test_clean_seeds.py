"""What settings are chosen on is not what is reported: neither trainings nor episodes."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import numpy as np
import pytest

from benchmark.cli import run, tune
from benchmark.cli.options import parse_seeds
from benchmark.data.recipes import RECIPES, kitchen_chains, ogbench_arm
from benchmark.evaluation.episode_seeds import (
    MOST_EPISODES,
    evaluation_seeds,
    following_seeds,
    tuning_seeds,
)
from benchmark.records.record import FIRST_SEARCH_SEED
from benchmark.tasks import Task

REPORTED = parse_seeds("10")


def _default(command: Any, option: str) -> Any:
    return inspect.signature(command).parameters[option].default


def test_settings_are_searched_on_trainings_that_are_not_reported() -> None:
    assert list(range(10)) == REPORTED
    assert set(parse_seeds(_default(run.main, "seeds"))) <= set(REPORTED)
    assert _default(tune.main, "seed") == FIRST_SEARCH_SEED > max(REPORTED)


def test_settings_are_searched_on_episodes_that_are_not_reported() -> None:
    reported = {seed for run in REPORTED for seed in evaluation_seeds(MOST_EPISODES, run)}
    assert len(reported) == 10 * MOST_EPISODES
    assert not reported & set(tuning_seeds(MOST_EPISODES))


def test_what_agents_follow_is_measured_on_episodes_of_its_own() -> None:
    measured = set(following_seeds(MOST_EPISODES))
    others = set(tuning_seeds(MOST_EPISODES)) | set(evaluation_seeds(MOST_EPISODES, 0))
    assert len(measured) == MOST_EPISODES and not measured & others


_arm = functools.cache(ogbench_arm.recording_environment)
_make, _made = kitchen_chains.make_environment, list[Any]()


def _kitchen(task: Task) -> Any:
    """The first that was made, whatever is to be done in it."""
    if not _made:
        _made.append(_make(task))
    return _made[0]


class ResetError(Exception):
    """An episode was about to begin."""


# OGBench's mazes are not among them: what is scored there begins in cells that its tasks name,
# what is recorded in any, whatever the seed.
@pytest.mark.parametrize(
    "name", [name for name in RECIPES if "ogbench" not in name or "play" in name]
)
def test_no_recorded_episode_begins_as_one_that_is_scored(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To make an arm or a kitchen takes a second, and its `reset` is all that is looked at.
    monkeypatch.setattr(ogbench_arm, "recording_environment", _arm)
    monkeypatch.setattr(kitchen_chains, "make_environment", _kitchen)
    player, seeds = RECIPES[name].player(), set()

    def reset(*, seed: int, **options: Any) -> None:
        seeds.add(seed)
        raise ResetError

    player.env.reset = reset  # type: ignore[method-assign, assignment]
    for index in range(RECIPES[name].episodes):
        with pytest.raises(ResetError):
            player.play(np.random.default_rng([0, index]))
    scored = set(tuning_seeds(MOST_EPISODES)) | set(following_seeds(MOST_EPISODES))
    scored |= {seed for run in REPORTED for seed in evaluation_seeds(MOST_EPISODES, run)}
    assert len(seeds) == RECIPES[name].episodes
    assert not seeds & scored
