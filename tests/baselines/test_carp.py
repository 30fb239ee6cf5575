from __future__ import annotations

import numpy as np
import torch

from baselines.carp import CARP
from benchmark.interface import Dataset
from tests.baselines.made_up import dataset_of, no_progress, task_for

TINY = {
    "scales": (1, 2),
    "replan_every": 4,
    "n_codes": 16,
    "channels": 4,
    "tokeniser_share": 0.5,
    "tokeniser_rate": 1e-2,
    "width": 32,
    "n_layers": 1,
    "n_heads": 2,
    "batch_size": 32,
    "learning_rate": 3e-3,
}


def ramps(n_episodes: int = 30, length: int = 16) -> Dataset:
    """Episodes in which the action rises at a speed that the observation (speed, step) tells."""
    rng = np.random.default_rng(0)
    speeds = np.repeat(rng.uniform(-1, 1, n_episodes), length)
    steps = np.tile(np.arange(length), n_episodes)
    ends = dict.fromkeys(range(length - 1, n_episodes * length, length), "terminal")
    actions = speeds * steps / length
    return dataset_of(np.stack([speeds, steps], 1), actions[:, None], np.zeros(len(steps)), ends)


def fitted(steps: int, progress=no_progress, **settings) -> CARP:
    agent = CARP(task_for(ramps()), {**TINY, **settings}, "cpu")
    agent.fit(ramps(), steps=steps, seed=0, progress=progress)
    return agent


def test_a_chunk_is_what_was_recorded_from_the_observation_on():
    agent = fitted(300)
    observations = np.array([[0.8, 2], [-0.5, 4]], np.float32)
    agent.reset(2)
    chunk = [agent.act(observations, np.zeros(2, np.float32))[:, 0] for _ in range(4)]
    steps = observations[:, 1] + np.arange(4)[:, None]
    np.testing.assert_allclose(chunk, observations[:, 0] * steps / 16, atol=0.15)


def test_a_chunk_is_executed_for_as_long_as_it_says():
    agent = fitted(2, replan_every=3)
    agent.reset(2)
    seen = []
    predict = agent._predict
    agent._predict = lambda observations: seen.append(observations) or predict(observations)
    observations = np.array([[0.8, 2], [-0.5, 4]], np.float32)
    rewards = np.zeros(2, np.float32)
    actions = [agent.act(observations + step, rewards) for step in range(7)]
    assert [each[0, 1].item() for each in seen] == [2, 5, 8]
    second = predict(torch.as_tensor(observations + 3))
    np.testing.assert_allclose(actions[4], second[:, 1].clip(-1, 1), rtol=1e-5)


def test_first_the_tokeniser_learns_and_then_the_transformer():
    weights: list[dict[str, torch.Tensor]] = []
    losses: list[set[str]] = []

    def progress(step, metrics):
        weights.append({name: each.clone() for name, each in agent._networks.state_dict().items()})
        losses.append(set(metrics))

    agent = CARP(task_for(ramps()), {**TINY, "tokeniser_share": 0.5}, "cpu")
    agent.fit(ramps(), steps=4, seed=0, progress=progress)
    assert losses == [{"reconstruction", "quantisation"}] * 2 + [{"cross_entropy"}] * 2
    for before, after, moving in ((0, 1, "tokeniser"), (1, 3, "transformer")):
        for name, each in weights[before].items():
            moved = not torch.equal(each, weights[after][name])
            assert moved == name.startswith(moving), name
