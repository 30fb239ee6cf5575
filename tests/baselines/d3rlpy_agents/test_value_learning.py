from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from baselines.d3rlpy_agents.cql import CQL
from baselines.d3rlpy_agents.iql import IQL
from baselines.d3rlpy_agents.value_learning import ValueConfig, learned_rewards
from tests.baselines.config_checks import VALUE_LIMITS, check_limits
from tests.baselines.synthetic_tasks import dataset_of, numbered_steps, task_for, two_armed_bandit


@pytest.mark.parametrize("agent_class", [IQL, CQL])
def test_an_agent_learns_from_batches_with_scaled_and_shifted_rewards(
    agent_class: type[Any],
) -> None:
    dataset = two_armed_bandit()  # Rewards of 0 and 1.
    settings = {"reward_scale": 2.0, "reward_shift": -0.5, "batch_size": 77}
    agent = agent_class(task_for(dataset), settings, "cpu")
    batch = agent._batches(dataset)(np.random.default_rng(0))
    assert batch.rewards.shape == (77, 1)
    assert set(batch.rewards.ravel().tolist()) == {-0.5, 1.5}


def test_rewards_are_brought_to_a_range_of_returns_then_scaled_then_shifted() -> None:
    rewards = np.array([2, 0, 1, 1, 6])
    dataset = dataset_of(rewards[:, None], rewards[:, None], rewards, {1: "timeout", 4: "terminal"})
    # Returns of 2 and 8 lie 6 apart; brought to 12 that is a factor of 2.
    ranged = learned_rewards(dataset, ValueConfig(return_range=12.0))
    assert ranged.tolist() == [4, 0, 2, 2, 12]
    assert ranged.dtype == np.float32
    whole = ValueConfig(return_range=12.0, reward_scale=10.0, reward_shift=-3.0)
    assert learned_rewards(dataset, whole).tolist() == [37, -3, 17, 17, 117]
    unranged = ValueConfig(reward_scale=10.0, reward_shift=-3.0)
    assert learned_rewards(dataset, unranged).tolist() == [17, -3, 7, 7, 57]


def test_equal_returns_have_no_range() -> None:
    dataset = numbered_steps()
    flat = replace(dataset, rewards=np.zeros_like(dataset.rewards))
    with pytest.raises(ValueError, match="return_range=10 .*all have 0; set it to None"):
        learned_rewards(flat, ValueConfig(return_range=10.0))


def test_rewards_are_as_recorded_by_default() -> None:
    dataset = numbered_steps()
    np.testing.assert_array_equal(learned_rewards(dataset, ValueConfig()), dataset.rewards)


def test_defaults_are_those_of_d3rlpy() -> None:
    assert asdict(ValueConfig()) == {
        "batch_size": 256,
        "hidden_sizes": (256, 256),
        "gamma": 0.99,
        "tau": 0.005,
        "reward_scale": 1.0,
        "reward_shift": 0.0,
        "return_range": None,
        "compile_graph": False,
    }


@pytest.mark.parametrize("compile_graph", [False, True])
def test_d3rlpy_is_asked_to_compile_a_graph(compile_graph: bool) -> None:
    dataset = two_armed_bandit()
    agent: Any = IQL(task_for(dataset), {"compile_graph": compile_graph}, "cpu")
    agent.fit(dataset, steps=1, seed=0)
    assert agent._algorithm.config.compile_graph is compile_graph
    assert not agent._algorithm.compiled, "there is no CUDA here"


def test_settings_out_of_range_are_refused() -> None:
    check_limits(ValueConfig, VALUE_LIMITS)


@pytest.mark.parametrize("value", ["1000", float("nan")])
def test_a_range_must_be_a_number(value: object) -> None:
    with pytest.raises(ValueError, match="setting return_range=.*valid: 0 to inf"):
        ValueConfig(return_range=value)  # type: ignore[arg-type]
