from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.yardsticks.reference_policies import MeanAction, RandomPolicy
from benchmark.interface import Dataset, FloatArray
from tests.baselines.synthetic_tasks import dataset_of, no_progress, numbered_steps, task_for

NO_REWARDS = np.zeros(5000, np.float32)
OBSERVATIONS = np.zeros((5000, 2), np.float32)
BOTH = pytest.mark.parametrize("agent_class", [RandomPolicy, MeanAction])
# Two actions with bounds of their own.
BOUNDS = {"action_low": np.array([-2, 0], np.float32), "action_high": np.array([4, 1], np.float32)}


def two_actions() -> Dataset:
    """The means of the actions are 1 and 5, over an episode of one step and one of three."""
    actions = [[3, 8], [-2, 4], [-2, 4], [5, 4]]
    return dataset_of(np.zeros((4, 2)), actions, np.arange(4), {0: "terminal", 3: "timeout"})


def fitted(agent_class: type[Any], dataset: Dataset, seed: int = 0, **changes: Any) -> Any:
    agent = agent_class(task_for(dataset, **changes), {}, "cpu")
    agent.fit(dataset, steps=1, seed=seed, progress=no_progress)
    agent.reset(len(OBSERVATIONS))
    return agent


def actions_of(agent_class: type[Any], dataset: Dataset, seed: int = 0, **bounds: Any) -> Any:
    return fitted(agent_class, dataset, seed, **bounds).act(OBSERVATIONS, NO_REWARDS)


def test_random_actions_fill_the_bounds_of_each_action() -> None:
    actions = actions_of(RandomPolicy, two_actions(), **BOUNDS)
    assert actions.shape == (5000, 2) and actions.dtype == np.float32
    # Uniform numbers between -2 and 4, and between 0 and 1.
    np.testing.assert_allclose(actions.mean(axis=0), [1, 0.5], atol=0.1)
    np.testing.assert_allclose(actions.std(axis=0), [6 / np.sqrt(12), 1 / np.sqrt(12)], atol=0.05)
    np.testing.assert_allclose(actions.min(axis=0), [-2, 0], atol=0.01)
    np.testing.assert_allclose(actions.max(axis=0), [4, 1], atol=0.01)


def test_random_actions_follow_the_seed_and_begin_anew_after_a_reset() -> None:
    agent = fitted(RandomPolicy, two_actions(), seed=5, **BOUNDS)
    one, no_reward = np.zeros((1, 2), np.float32), NO_REWARDS[:1]
    agent.reset(1)
    first, second = agent.act(one, no_reward), agent.act(one, no_reward)
    assert not np.isclose(first, second).any()
    expected = np.random.default_rng(5).random(2) * [6, 1] + [-2, 0]
    np.testing.assert_allclose(first[0], expected, rtol=1e-5)
    agent.reset(1)
    np.testing.assert_array_equal(agent.act(one, no_reward), first)
    other = fitted(RandomPolicy, two_actions(), seed=6, **BOUNDS)
    other.reset(1)
    assert not np.isclose(other.act(one, no_reward), first).any()


def test_the_mean_action_is_that_of_all_recorded_steps_inside_the_bounds() -> None:
    nine = np.full(2, 9, np.float32)
    actions = actions_of(MeanAction, two_actions(), action_low=-nine, action_high=nine)
    assert actions.shape == (5000, 2) and actions.dtype == np.float32
    np.testing.assert_array_equal(actions, np.tile([1, 5], (5000, 1)))
    assert actions_of(MeanAction, two_actions(), **BOUNDS)[0].tolist() == [1, 1]
    low, high = np.array([2, 3], np.float32), np.array([4, 9], np.float32)
    raised = actions_of(MeanAction, two_actions(), action_low=low, action_high=high)
    assert raised[0].tolist() == [2, 5]


def test_the_mean_of_many_actions_is_exact() -> None:
    actions = np.full((10_000, 2), 0.1)
    dataset = dataset_of(np.zeros((10_000, 2)), actions, np.zeros(10_000), {9_999: "timeout"})
    np.testing.assert_allclose(actions_of(MeanAction, dataset)[0], 0.1, rtol=1e-6)


def test_the_mean_action_knows_no_seed() -> None:
    first, second = (actions_of(MeanAction, numbered_steps(), seed) for seed in (0, 1))
    np.testing.assert_array_equal(first, second)


def test_rounding_does_not_lead_out_of_the_bounds() -> None:
    dataset = numbered_steps()
    bound = np.array([0.1], np.float32)
    same = replace(dataset, actions=np.full_like(dataset.actions, bound[0]))
    actions = actions_of(MeanAction, same, action_low=-bound, action_high=bound)
    assert (actions <= bound).all()


@BOTH
def test_it_takes_no_gradient_steps_and_reports_none(agent_class: type[Any]) -> None:
    reports: list[Any] = []
    agent = agent_class(task_for(two_actions()), {}, "cpu")
    agent.fit(two_actions(), steps=4, seed=0, progress=lambda *report: reports.append(report))
    assert agent_class.takes_gradient_steps is False
    assert not reports


@BOTH
def test_saved_and_loaded_it_acts_the_same(agent_class: type[Any], tmp_path: Path) -> None:
    agent = fitted(agent_class, two_actions(), seed=5, **BOUNDS)
    agent.save(tmp_path)
    loaded = agent_class(task_for(two_actions(), **BOUNDS), {}, "cpu")
    loaded.load(tmp_path)

    def act(policy: Any) -> FloatArray:
        policy.reset(3)
        actions: FloatArray = policy.act(OBSERVATIONS[:3], NO_REWARDS[:3])
        return actions

    np.testing.assert_array_equal(act(loaded), act(agent))


@BOTH
def test_it_has_no_settings_and_one_step_in_every_preset(agent_class: type[Any]) -> None:
    assert agent_class.presets == {
        "smoke": {"steps": 1},
        "quick": {"steps": 1},
        "paper": {"steps": 1},
    }
    agent = fitted(agent_class, two_actions())
    assert not fields(agent.config)
    assert agent.parameter_count == (2 if agent_class is MeanAction else 0)
    with pytest.raises(ValueError, match="unknown setting 'wibble'"):
        agent_class(task_for(two_actions()), {"wibble": 1}, "cpu")


@BOTH
def test_the_dataset_of_another_task_is_refused(agent_class: type[Any]) -> None:
    with pytest.raises(ValueError, match="the dataset's observations have size 2"):
        fitted(agent_class, two_actions(), observation_size=3)
