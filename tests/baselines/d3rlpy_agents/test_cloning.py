from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import Any

import numpy as np
import pytest
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory

from baselines.d3rlpy_agents.cloning import (
    BCConfig,
    BehaviorCloning,
    BestCloning,
    BestCloningConfig,
)
from benchmark.interface import Dataset
from tests.baselines.config_checks import check_limits, check_presets
from tests.baselines.synthetic_tasks import (
    dataset_of,
    mean_action,
    no_progress,
    numbered_steps,
    task_for,
    two_armed_bandit,
)

LIMITS = {"batch_size": (1, inf), "learning_rate": (0, 1), "hidden_sizes": (1, inf)}
LIMITS |= {"dropout": (0, 1)}


@pytest.mark.parametrize("agent_class", [BehaviorCloning, BestCloning])
def test_each_setting_reaches_d3rlpy_where_it_belongs(agent_class: type[Any]) -> None:
    settings = {"batch_size": 33, "learning_rate": 6e-4, "hidden_sizes": (7, 5), "dropout": 0.2}
    agent = agent_class(task_for(two_armed_bandit()), settings, "cpu")
    assert agent._algorithm_config(70) == algos.BCConfig(
        batch_size=33,
        learning_rate=6e-4,
        policy_type="deterministic",
        encoder_factory=VectorEncoderFactory([7, 5], dropout_rate=0.2),
    )
    plain = agent_class(task_for(two_armed_bandit()), {}, "cpu")._algorithm_config(70)
    assert plain.encoder_factory == VectorEncoderFactory([256, 256])


def test_numbers_that_are_set() -> None:
    # Rate and layers are d3rlpy's `BCConfig` and `VectorEncoderFactory`; its batches are of 100.
    defaults = {"batch_size": 256, "learning_rate": 0.001, "hidden_sizes": (256, 256)}
    defaults |= {"dropout": 0.0}
    assert asdict(BCConfig()) == defaults
    # "10%BC" of the Decision Transformer's paper, table 3.
    assert asdict(BestCloningConfig()) == {**defaults, "share": 0.1}
    for agent_class in (BehaviorCloning, BestCloning):
        check_presets(agent_class)


def test_settings_out_of_range_are_refused() -> None:
    check_limits(BCConfig, LIMITS)
    check_limits(BestCloningConfig, {**LIMITS, "share": (0, 1)})


def observed(agent_class: type[Any], dataset: Dataset, max_steps: int, **settings: Any) -> set[int]:
    """The first observed number of every row that an agent learns from."""
    agent = agent_class(task_for(dataset, max_steps=max_steps), settings, "cpu")
    batch = agent._batches(dataset)(np.random.default_rng(0))
    assert len(batch.observations) == settings.get("batch_size", 256)
    return set(batch.observations[:, 0].astype(int).tolist())


def test_the_best_episodes_are_those_of_the_highest_return() -> None:
    # Returns are 6, 15 and 15; the last rows before timeouts, 6 and 8, are no transitions.
    assert observed(BestCloning, numbered_steps(), 10) == {4, 5}
    assert observed(BestCloning, numbered_steps(), 10, share=0.67) == {4, 5, 7}
    assert observed(BehaviorCloning, numbered_steps(), 10, batch_size=99) == {0, 1, 2, 3, 4, 5, 7}


def test_the_best_tenth_of_twenty_episodes_are_two() -> None:
    rows = np.arange(20)
    returns = np.where(rows == 3, 9, np.where(rows == 17, 8, rows / 10))
    ends = dict.fromkeys(range(20), "terminal")
    dataset = dataset_of(rows[:, None], np.zeros((20, 1)), returns, ends)
    assert observed(BestCloning, dataset, 10) == {3, 17}


def test_long_episodes_are_cut_before_the_best_are_chosen() -> None:
    assert observed(BestCloning, numbered_steps(), 2) == {7}  # Pieces end after 1, 3, 5, 6 and 8.
    assert observed(BehaviorCloning, numbered_steps(), 2) == {0, 1, 2, 3, 4, 5, 7}


def test_it_learns_what_was_done() -> None:
    rng = np.random.default_rng(0)
    observations = rng.uniform(-1, 1, (300, 2))
    actions = 0.8 * observations[:, :1] * observations[:, 1:]
    ends = dict.fromkeys(range(300), "terminal")
    dataset = dataset_of(observations, actions, np.zeros(300), ends)
    settings = {"hidden_sizes": (32, 32), "learning_rate": 5e-3}
    agent = BehaviorCloning(task_for(dataset), settings, "cpu")
    agent.fit(dataset, steps=120, seed=0, progress=no_progress)
    error = agent.act(dataset.observations, np.zeros(300, np.float32)) - dataset.actions
    assert np.abs(error).mean() < 0.05


def test_it_is_blind_to_rewards_but_for_the_best_tenth() -> None:
    mostly_bad = two_armed_bandit()
    assert mean_action(BehaviorCloning, mostly_bad, 60, learning_rate=1e-2) < -0.05
    assert mean_action(BestCloning, mostly_bad, 60, learning_rate=1e-2) > 0.3
