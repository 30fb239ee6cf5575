"""Decision Transformer, asked for what is reachable from the state: `dt.state`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from baselines.d3rlpy_agents.decision_transformer import DecisionTransformer
from baselines.d3rlpy_agents.state_returns import StateReturns
from benchmark.interface import Dataset, ReturnConditioned
from benchmark.running.synthetic_task import play
from mage.returns.normalisers import LogNormaliser, Normaliser
from tests.baselines.synthetic_tasks import no_progress, numbered_steps, task_for
from tests.baselines.synthetic_tasks import walks as walks_along_a_line

TINY = {"context_size": 4, "width": 16, "n_layers": 1, "batch_size": 32, "warmup_steps": 1}
STATE = {**TINY, "learning_rate": 1e-2, "return_asked": "state"}


def fitted(dataset: Dataset, steps: int = 10, **changes: Any) -> DecisionTransformer:
    agent = DecisionTransformer(task_for(dataset, **changes), STATE, "cpu")
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


def _says(returns: StateReturns, mean: float, expectile: float) -> None:
    """Lets the return model say the same of every state."""
    layer: Any = returns.labeller.returns.network[-1]
    layer.requires_grad_(False)
    layer.weight.zero_()
    layer.bias.copy_(torch.tensor([mean, expectile]))


def test_returns_are_discounted_and_normalised_over_whole_episodes() -> None:
    dataset = numbered_steps()
    returns = StateReturns(task_for(dataset, discount=0.5, max_steps=2), "cpu")
    returns.build()
    to_go = np.array([1.375, 2.75, 3.5, 3, 8, 8, 6, 11, 8])  # Rewards are the rows' numbers.
    expected = (to_go - to_go.mean()) / to_go.std(ddof=1)
    np.testing.assert_allclose(returns.normalised(dataset), expected, atol=1e-5)


def test_its_settings_are_those_of_the_task() -> None:
    dataset = numbered_steps()
    for name, kind in (("made-up", Normaliser), ("maze2d-medium", LogNormaliser)):
        returns = StateReturns(task_for(dataset, name=name), "cpu")
        returns.build()
        assert type(returns.labeller.return_normaliser) is kind


def test_it_asks_for_the_states_own_high_return_at_every_step() -> None:
    dataset = numbered_steps()
    returns = StateReturns(task_for(dataset, target_return=99.0), "cpu")
    returns.build()
    returns.normalised(dataset)
    _says(returns, 0.25, 0.75)
    returns.reset(9)
    for reward in (0.0, 5.0, -5.0):  # Nothing is counted down.
        asked = returns.ask(dataset.observations, np.full(9, reward, np.float32))
        assert asked.tolist() == [[0.75]] * 9
    _says(returns, 0.25, 99.0)
    largest = returns.labeller.returns.largest
    assert torch.equal(returns.ask(dataset.observations, np.zeros(9)), largest.expand(9, 1))


def test_the_network_sees_what_was_asked_of_each_step_in_its_context() -> None:
    agent = fitted(numbered_steps())
    assert agent._state_returns
    seen = []
    agent._policy.forward = lambda *inputs: (  # type: ignore[method-assign]
        seen.append(inputs[2][0, :, 0].tolist()) or torch.zeros(1, 4, 1)
    )
    agent.reset(1)
    for value in (0.25, 0.5, 0.75):
        _says(agent._state_returns, 0.0, value)
        agent.act(np.zeros((1, 2), np.float32), np.ones(1, np.float32))
    assert seen == [[0, 0, 0, 0.25], [0, 0, 0.25, 0.5], [0, 0.25, 0.5, 0.75]]


def test_it_may_be_asked_for_another_advantage() -> None:
    agent = fitted(numbered_steps(), discount=0.5)
    returns = agent._state_returns
    assert returns and isinstance(agent, ReturnConditioned)
    assert (agent.asking_unit, agent.requested_discount) == ("advantage", 0.5)
    assert agent.asking_levels == returns.asking_levels
    _says(returns, 0.0, 0.5)
    requested = []
    for level in (-1.0, 0.0, None):
        agent.ask_for(level)
        agent.reset(1)
        agent.act(np.zeros((1, 2), np.float32), np.zeros(1, np.float32))
        requested.append(agent.requested_returns())
    inverse = returns.labeller.return_normaliser.inverse
    expected = inverse(torch.tensor([[-0.5], [0.0], [0.5]])).numpy()
    np.testing.assert_allclose(requested, expected, rtol=1e-5)


def test_the_return_model_learns_first_and_then_the_transformer() -> None:
    dataset, names = walks_along_a_line(), []
    agent = DecisionTransformer(task_for(dataset), STATE, "cpu")
    agent.fit(dataset, steps=20, seed=0, progress=lambda step, losses: names.extend(losses))
    assert names == ["return_loss"] * 3 + ["loss"] * 17  # 15 % are the return model's.


def test_it_goes_the_way_that_brings_more() -> None:
    dataset = walks_along_a_line()  # Who walks upwards is rewarded.
    agent = fitted(dataset, steps=150)
    agent.reset(5)
    starts = np.linspace(-0.5, 0.5, 5, dtype=np.float32)
    actions = agent.act(np.stack([starts, starts], 1), np.zeros(5, np.float32))
    assert actions.mean() > 0.05


def test_loaded_and_resumed_it_acts_the_same(tmp_path: Path) -> None:
    dataset = walks_along_a_line()
    agent, states = fitted(dataset), []
    task = agent._task
    agent.save(tmp_path)
    loaded = DecisionTransformer(task, STATE, "cpu")
    loaded.load(tmp_path)
    np.testing.assert_array_equal(play(loaded, task), play(agent, task))
    assert loaded.parameter_count == agent.parameter_count
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors"}
    watched = DecisionTransformer(task, STATE, "cpu")

    def stop(step: int, _: object) -> None:
        states.append(watched.training_state())
        if step in (1, 5):  # In the return model's steps, and in the transformer's.
            resumed = DecisionTransformer(task, STATE, "cpu")
            resumed.resume(states[-1])
            resumed.fit(dataset, steps=10, seed=0, progress=no_progress)
            np.testing.assert_array_equal(play(resumed, task), play(agent, task))

    watched.fit(dataset, steps=10, seed=0, progress=stop)
    assert len(states) == 10


def test_without_the_variant_nothing_is_added(tmp_path: Path) -> None:
    dataset = walks_along_a_line()
    agent = DecisionTransformer(task_for(dataset), TINY, "cpu")
    agent.fit(dataset, steps=2, seed=0, progress=no_progress)
    agent.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["policy.safetensors"]
    assert agent.parameter_count < fitted(dataset, steps=2).parameter_count
    assert DecisionTransformer.variants == {"state": {"return_asked": "state"}}


def test_another_request_is_refused() -> None:
    with pytest.raises(
        ValueError, match="setting return_asked='most' .* valid: target or best or state"
    ):
        DecisionTransformer(task_for(numbered_steps()), {"return_asked": "most"}, "cpu")
