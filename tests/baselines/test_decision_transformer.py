from __future__ import annotations

import numpy as np
import pytest

from baselines.decision_transformer import DecisionTransformer
from benchmark.interface import Dataset
from tests.baselines.made_up import dataset_of, no_progress, task_for

TINY = {"context_size": 4, "width": 16, "n_layers": 2, "batch_size": 32, "warmup_steps": 1}


def episodes_that_go_one_way(n_episodes: int = 60, length: int = 6) -> Dataset:
    """Each episode repeats one action, 0.5 or -0.5, and is rewarded by it."""
    rng = np.random.default_rng(0)
    ways = np.repeat(np.where(rng.random(n_episodes) < 0.5, 0.5, -0.5), length)
    ends = dict.fromkeys(range(length - 1, n_episodes * length, length), "terminal")
    return dataset_of(rng.standard_normal((len(ways), 3)), ways[:, None], ways, ends)


def fitted(steps: int = 3, **changes) -> DecisionTransformer:
    dataset = episodes_that_go_one_way()
    agent = DecisionTransformer(
        task_for(dataset, **changes), {**TINY, "learning_rate": 3e-3}, "cpu"
    )
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


@pytest.mark.parametrize("steps", [2, 13])  # Within the context, and past the last step number.
def test_acting_together_is_acting_alone_with_d3rlpys_wrapper(steps):
    agent = fitted(max_steps=10, target_return=3.0)
    wrappers = [agent._algorithm.as_stateful_wrapper(target_return=3.0) for _ in range(5)]
    rng = np.random.default_rng(2)
    agent.reset(5)
    rewards = np.zeros(5, np.float32)
    for _ in range(steps):
        observations = rng.standard_normal((5, 3)).astype(np.float32)
        together = agent.act(observations, rewards)
        alone = [
            wrapper.predict(observation, reward)
            for wrapper, observation, reward in zip(wrappers, observations, rewards, strict=True)
        ]
        np.testing.assert_allclose(together, np.stack(alone), atol=1e-5)
        rewards = rng.random(5).astype(np.float32)


def test_the_return_asked_for_decides_what_it_does():
    agent = fitted(steps=300, return_scale=3.0, target_return=3.0)
    observations, no_rewards = np.zeros((1, 3), np.float32), np.zeros(1, np.float32)
    agent.reset(1)
    assert agent.act(observations, no_rewards)[0, 0] > 0.3
    modest = DecisionTransformer(
        task_for(episodes_that_go_one_way(), return_scale=3.0, target_return=-3.0), TINY, "cpu"
    )
    modest._algorithm = agent._algorithm
    modest.reset(1)
    assert modest.act(observations, no_rewards)[0, 0] < -0.3


def test_long_episodes_are_learned_from_in_pieces_as_long_as_an_evaluation():
    dataset = episodes_that_go_one_way()
    agent = DecisionTransformer(task_for(dataset, max_steps=3, return_scale=2.0), TINY, "cpu")
    batch = agent._batches(dataset)(np.random.default_rng(0))
    assert batch.timesteps.max() == 3
    largest = np.abs(batch.returns_to_go).max()
    assert largest == pytest.approx(3 * 0.5 / 2.0)


def test_settings_out_of_range_are_refused():
    with pytest.raises(ValueError, match="setting context_size=0 .*valid: 1 to inf"):
        DecisionTransformer(task_for(episodes_that_go_one_way()), {"context_size": 0}, "cpu")
