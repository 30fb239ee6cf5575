"""The samplers against d3rlpy's own replay buffer, which they stand in for."""

from __future__ import annotations

import numpy as np
from d3rlpy.dataset import MDPDataset

from baselines.batches import ContextSampler, TransitionSampler
from tests.baselines.made_up import numbered_steps


def d3rlpy_buffer() -> MDPDataset:
    dataset = numbered_steps()
    return MDPDataset(
        dataset.observations,
        dataset.actions,
        dataset.rewards,
        dataset.terminals.astype(np.float32),
        dataset.timeouts.astype(np.float32),
    )


def test_transitions_are_those_of_d3rlpy():
    dataset, buffer = numbered_steps(), d3rlpy_buffer()
    batch = TransitionSampler(dataset, dataset.rewards, 500).sample(np.random.default_rng(0))
    sampled = {
        float(observation[0]): (action, reward, following, next_action, ended)
        for observation, action, reward, following, next_action, ended in zip(
            batch.observations,
            batch.actions,
            batch.rewards,
            batch.next_observations,
            batch.next_actions,
            batch.terminals,
            strict=True,
        )
    }
    assert len(sampled) == buffer.transition_count
    for index in range(buffer.transition_count):
        expected = buffer.transition_picker(*buffer.buffer[index])
        action, reward, following, next_action, ended = sampled[float(expected.observation[0])]
        np.testing.assert_array_equal(action, expected.action)
        np.testing.assert_array_equal(reward, expected.reward)
        assert ended[0] == expected.terminal
        if not expected.terminal:
            np.testing.assert_array_equal(following, expected.next_observation)
            np.testing.assert_array_equal(next_action, expected.next_action)


def test_rewards_are_those_given():
    dataset = numbered_steps()
    batch = TransitionSampler(dataset, -dataset.rewards, 50).sample(np.random.default_rng(0))
    np.testing.assert_array_equal(batch.rewards[:, 0], -batch.observations[:, 0])


def test_pieces_of_episodes_are_those_of_d3rlpy():
    dataset, buffer = numbered_steps(), d3rlpy_buffer()
    sampler = ContextSampler(dataset, dataset.returns_to_go(1.0), context_size=3, batch_size=500)
    batch = sampler.sample(np.random.default_rng(0))
    lasts = batch.observations[:, -1, 0]
    assert len(set(lasts.tolist())) == buffer.transition_count
    for index in range(buffer.transition_count):
        episode, step = buffer.buffer[index]
        expected = buffer.trajectory_slicer(episode, step, 3)
        sampled = np.flatnonzero(lasts == expected.observations[-1, 0])[0]
        for field in ("observations", "actions", "rewards", "returns_to_go", "timesteps", "masks"):
            np.testing.assert_array_equal(
                getattr(batch, field)[sampled], getattr(expected, field), err_msg=field
            )
