from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from baselines.d3rlpy_agents.cloning import BehaviorCloning
from baselines.d3rlpy_agents.cql import CQL
from baselines.d3rlpy_agents.iql import IQL
from benchmark.interface import Dataset
from tests.baselines.synthetic_tasks import dataset_of, no_progress, task_for, two_armed_bandit

TINY = {"hidden_sizes": (8,), "batch_size": 16}
ONE_OBSERVATION, NO_REWARD = np.zeros((1, 2), np.float32), np.zeros(1, np.float32)


def trained(agent_class: type[Any], steps: int = 5, seed: int = 0, **settings: Any) -> Any:
    dataset = two_armed_bandit()
    agent = agent_class(task_for(dataset), {**TINY, **settings}, "cpu")
    agent.fit(dataset, steps=steps, seed=seed, progress=no_progress)
    return agent


def saved(agent: Any, folder: Path) -> dict[str, torch.Tensor]:
    folder.mkdir()
    agent.save(folder)
    return safetensors.torch.load_file(folder / "policy.safetensors")


def three_steps() -> Dataset:
    """The first observed column has mean 3 and deviation sqrt(6), the second is always 0.1."""
    observations = np.array([[0, 0.1], [3, 0.1], [6, 0.1]])
    return dataset_of(observations, [[5], [6], [9]], np.zeros(3), {2: "terminal"})


@pytest.mark.parametrize("agent_class", [BehaviorCloning, IQL, CQL])
def test_the_same_seed_gives_the_same_weights_to_the_last_bit(
    agent_class: type[Any], tmp_path: Path
) -> None:
    first = saved(trained(agent_class), tmp_path / "first")
    second = saved(trained(agent_class), tmp_path / "second")
    assert len(first) > 4
    for name, value in first.items():
        np.testing.assert_array_equal(value.numpy(), second[name].numpy())


def test_first_weights_and_batches_each_follow_the_seed() -> None:
    class Recorded(BehaviorCloning):
        def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
            draw = super()._batches(dataset)

            def recorded(rng: np.random.Generator) -> Any:
                if not hasattr(self, "drawn"):
                    self.first = self._policy.state_dict()["_fc.weight"].numpy().copy()
                    self.drawn = deepcopy(rng).random()
                return draw(rng)

            return recorded

    seen = [trained(Recorded, 1, seed) for seed in (5, 5, 6)]
    assert [agent.drawn for agent in seen] == [
        np.random.default_rng(seed).random() for seed in (5, 5, 6)
    ]
    assert np.array_equal(seen[0].first, seen[1].first)
    assert not np.isclose(seen[0].first, seen[2].first).any()


def test_a_schedule_is_as_long_as_the_run() -> None:
    rates: list[float] = []
    dataset = two_armed_bandit()
    agent = IQL(task_for(dataset), {**TINY, "learning_rate": 0.01}, "cpu")

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        rates.append(agent._algorithm.impl.policy_optim.param_groups[0]["lr"])
        assert agent._algorithm.impl.q_function_optim.param_groups[0]["lr"] == 0.01

    agent.fit(dataset, steps=2, seed=0, progress=progress)
    assert rates == pytest.approx([0.005, 0])  # A cosine from 0.01 to 0 in 2 steps.


def test_observations_are_standardised_and_actions_brought_to_plus_minus_one() -> None:
    low, high = np.array([4], np.float32), np.array([10], np.float32)
    agent = BehaviorCloning(task_for(three_steps(), action_low=low, action_high=high), TINY, "cpu")
    agent.fit(three_steps(), steps=1, seed=0, progress=no_progress)
    config = agent._algorithm.config
    np.testing.assert_allclose(config.observation_scaler.mean, [3, 0.1], rtol=1e-6)
    # Not sqrt(9): all rows are there, not a sample. A column that never changes is only centred.
    np.testing.assert_allclose(config.observation_scaler.std, [np.sqrt(6), 1], rtol=1e-6)
    scaled = config.action_scaler.transform_numpy(np.array([[4], [5.5], [10]]))
    np.testing.assert_allclose(scaled, [[-1], [-0.5], [1]], rtol=1e-6)
    assert config.reward_scaler is None


def test_statistics_of_large_numbers_are_exact() -> None:
    observations = np.tile([[4_000_000.0, 0.1], [4_000_002.0, 0.1]], (5_000, 1))
    dataset = dataset_of(observations, np.zeros((10_000, 1)), np.zeros(10_000), {9_999: "terminal"})
    agent = BehaviorCloning(task_for(dataset), TINY, "cpu")
    agent.fit(dataset, steps=1, seed=0, progress=no_progress)
    scaler = agent._algorithm.config.observation_scaler
    assert scaler.mean[0] == 4_000_001 and scaler.std[0] == 1


def test_actions_are_scaled_from_the_bounds_and_back_and_stay_inside() -> None:
    # In single precision (0.6 + 0.8) - 0.8 is a little more than 0.6.
    low, high = np.array([-0.8], np.float32), np.array([0.6], np.float32)
    assert (high - low) + low > high
    dataset = two_armed_bandit()
    agent = BehaviorCloning(task_for(dataset, action_low=low, action_high=high), TINY, "cpu")
    agent.fit(dataset, steps=1, seed=0, progress=no_progress)
    bias = agent._policy.state_dict()["_fc.bias"]  # Before a tanh: 0 is the middle.
    agent._policy.state_dict()["_fc.weight"].zero_()
    for value, action in ((0.0, -0.1), (np.arctanh(0.5), 0.25), (99.0, 0.6), (-99.0, -0.8)):
        bias.fill_(value)
        acted = agent.act(ONE_OBSERVATION, NO_REWARD)
        assert acted.item() == pytest.approx(action, abs=1e-6)
        assert (acted >= low).all() and (acted <= high).all()


@pytest.mark.parametrize("agent_class", [IQL, CQL])
def test_it_acts_with_the_middle_of_its_policy_not_with_a_sample(agent_class: type[Any]) -> None:
    agent = trained(agent_class, 1, seed=0)
    agent._policy.state_dict()["_mu.weight"].zero_()
    agent._policy.state_dict()["_mu.bias"].fill_(np.arctanh(0.25))
    assert agent.act(ONE_OBSERVATION, NO_REWARD).item() == pytest.approx(0.25, abs=1e-6)


def test_only_what_acts_is_saved(tmp_path: Path) -> None:
    names = set(saved(trained(IQL), tmp_path / "saved"))
    hidden = {"policy._encoder._layers.0.weight", "policy._encoder._layers.0.bias"}
    output = {"policy._mu.weight", "policy._mu.bias", "policy._logstd"}
    assert names == {"mean", "std", *hidden, *output}


def test_saved_and_loaded_it_acts_the_same(tmp_path: Path) -> None:
    low, high = np.array([0.2], np.float32), np.array([0.7], np.float32)
    task = task_for(three_steps(), action_low=low, action_high=high)
    agent, loaded = BehaviorCloning(task, TINY, "cpu"), BehaviorCloning(task, TINY, "cpu")
    agent.fit(three_steps(), steps=2, seed=0, progress=no_progress)
    agent.save(tmp_path)
    before = torch.get_rng_state()
    loaded.load(tmp_path)
    assert torch.equal(torch.get_rng_state(), before)
    observations, rewards = np.array([[1, 0.1], [-7, 5]], np.float32), np.zeros(2, np.float32)
    actions = agent.act(observations, rewards)
    np.testing.assert_array_equal(loaded.act(observations, rewards), actions)
    assert actions[0] != actions[1]


@pytest.mark.parametrize("agent_class", [IQL, CQL])
def test_stopped_and_resumed_it_ends_as_if_never_stopped(
    agent_class: type[Any], tmp_path: Path
) -> None:
    states: list[Any] = []
    dataset = two_armed_bandit()
    whole = agent_class(task_for(dataset), TINY, "cpu")
    whole.fit(
        dataset,
        steps=4,
        seed=0,
        progress=lambda step, _: states.append(deepcopy(whole.training_state())),
    )
    assert [state["learner"]["step"] for state in states] == [1, 2, 3, 4]
    resumed = agent_class(task_for(dataset), TINY, "cpu")
    resumed.resume(states[1])
    reports: list[int] = []
    resumed.fit(dataset, steps=4, seed=0, progress=lambda step, _: reports.append(step))
    assert reports == [3, 4]
    end, expected = saved(resumed, tmp_path / "end"), saved(whole, tmp_path / "expected")
    assert end.keys() == expected.keys()
    assert all(torch.equal(end[name], expected[name]) for name in end)
    ends = [agent.training_state()["learner"] for agent in (resumed, whole)]
    critics = [state["modules"]["q_funcs"] for state in ends]
    assert all(torch.equal(critics[0][name], critics[1][name]) for name in critics[0])
    # Going on has not written into the state: it can be gone on from again.
    again = agent_class(task_for(dataset), TINY, "cpu")
    again.resume(states[1])
    again.fit(dataset, steps=4, seed=0, progress=no_progress)
    end = saved(again, tmp_path / "again")
    assert all(torch.equal(end[name], expected[name]) for name in end)


def test_resumed_once_it_starts_anew_the_next_time() -> None:
    agent, dataset = trained(BehaviorCloning, 2), two_armed_bandit()
    agent.resume(agent.training_state())
    reports: list[int] = []
    for _ in range(2):
        agent.fit(dataset, steps=3, seed=0, progress=lambda step, _: reports.append(step))
    assert reports == [3, 1, 2, 3]


def test_the_dataset_of_another_task_is_refused() -> None:
    agent = BehaviorCloning(task_for(two_armed_bandit(), observation_size=3), TINY, "cpu")
    with pytest.raises(ValueError, match="the dataset's observations have size 2"):
        agent.fit(two_armed_bandit(), steps=1, seed=0, progress=no_progress)


def test_slow_copies_of_critics_do_not_count_as_parameters() -> None:
    policy = 2 * 8 + 8 + 8 * 1 + 1 + 1  # Hidden layer, output, and one logarithm of a spread.
    critic = 3 * 8 + 8 + 8 * 1 + 1
    value = 2 * 8 + 8 + 8 * 1 + 1
    assert trained(IQL, 1).parameter_count == policy + 2 * critic + value
