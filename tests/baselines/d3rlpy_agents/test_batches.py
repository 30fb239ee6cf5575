"""The samplers against answers by hand and d3rlpy's own replay buffer, which they stand in for."""

from __future__ import annotations

import numpy as np
import pytest
from d3rlpy.dataset import MDPDataset

from baselines.d3rlpy_agents.batches import ContextSampler, TransitionSampler
from tests.baselines.synthetic_tasks import numbered_steps


def d3rlpy_buffer() -> MDPDataset:
    dataset = numbered_steps()
    return MDPDataset(
        dataset.observations,
        dataset.actions,
        dataset.rewards,
        dataset.terminals.astype(np.float32),
        dataset.timeouts.astype(np.float32),
    )


def test_what_a_transition_tells() -> None:
    dataset = numbered_steps()
    rewards = 10 - dataset.rewards  # Not those recorded.
    batch = TransitionSampler(dataset, rewards, 300).sample(np.random.default_rng(0))
    assert batch.observations.shape == (300, 2) and batch.rewards.shape == (300, 1)
    following = {}
    for index, row in enumerate(batch.observations[:, 0].astype(int).tolist()):
        assert batch.observations[index].tolist() == [row, -row]
        assert batch.actions[index].tolist() == [np.float32(row / 10)]
        assert batch.rewards[index].tolist() == [10 - row]
        assert batch.terminals[index].tolist() == [row == 3]
        assert batch.intervals[index].tolist() == [1]
        after = int(batch.next_observations[index, 0])
        assert batch.next_observations[index].tolist() == [after, -after]
        assert batch.next_actions[index].tolist() == [np.float32(after / 10)]
        following[row] = after
    # Row 3 is the end of the task, where anything may follow; rows 6 and 8 end in timeouts.
    assert following.pop(3) in range(9)
    assert following == {0: 1, 1: 2, 2: 3, 4: 5, 5: 6, 7: 8}


def test_every_transition_is_drawn_about_as_often() -> None:
    dataset = numbered_steps()
    batch = TransitionSampler(dataset, dataset.rewards, 7000).sample(np.random.default_rng(0))
    _, counts = np.unique(batch.observations[:, 0], return_counts=True)
    assert counts == pytest.approx([1000] * 7, abs=120)


def test_transitions_are_those_of_d3rlpy() -> None:
    dataset, buffer = numbered_steps(), d3rlpy_buffer()
    batch = TransitionSampler(dataset, dataset.rewards, 200).sample(np.random.default_rng(0))
    rows = batch.observations[:, 0]
    assert len(set(rows.tolist())) == buffer.transition_count
    for index in range(buffer.transition_count):
        expected = buffer.transition_picker(*buffer.buffer[index])
        sampled = np.flatnonzero(rows == expected.observation[0])[0]
        np.testing.assert_array_equal(batch.actions[sampled], expected.action)
        np.testing.assert_array_equal(batch.rewards[sampled], expected.reward)
        assert batch.terminals[sampled, 0] == expected.terminal
        assert batch.intervals[sampled, 0] == expected.interval
        if not expected.terminal:
            np.testing.assert_array_equal(
                batch.next_observations[sampled], expected.next_observation
            )
            np.testing.assert_array_equal(batch.next_actions[sampled], expected.next_action)


def test_what_a_piece_of_an_episode_tells() -> None:
    dataset = numbered_steps()
    to_go = np.arange(9, dtype=np.float32) * 100 + 1
    batch = ContextSampler(dataset, to_go, context_size=3, batch_size=300).sample(
        np.random.default_rng(0)
    )
    assert batch.length == 3 and batch.observations.shape == (300, 3, 2)
    # Two pieces: the whole of rows 1 to 3, and row 5 with one step before it and one of padding.
    whole, padded = (int(np.flatnonzero(batch.observations[:, -1, 0] == row)[0]) for row in (3, 5))
    assert batch.observations[whole].tolist() == [[1, -1], [2, -2], [3, -3]]
    assert batch.observations[padded].tolist() == [[0, 0], [4, -4], [5, -5]]
    np.testing.assert_allclose(batch.actions[padded, :, 0], [0, 0.4, 0.5], rtol=1e-6)
    assert batch.rewards[padded, :, 0].tolist() == [0, 4, 5]
    assert batch.returns_to_go[padded, :, 0].tolist() == [0, 401, 501]
    assert batch.terminals[whole, :, 0].tolist() == [0, 0, 1]
    assert batch.terminals[padded, :, 0].tolist() == [0, 0, 0]
    assert batch.timesteps[whole].tolist() == [2, 3, 4]
    assert batch.timesteps[padded].tolist() == [0, 1, 2]
    assert batch.masks[whole].tolist() == [1, 1, 1]
    assert batch.masks[padded].tolist() == [0, 1, 1]


def test_padding_after_a_terminal_is_no_terminal() -> None:
    dataset = numbered_steps()
    batch = ContextSampler(dataset, dataset.rewards, 6, 200).sample(np.random.default_rng(0))
    last = np.flatnonzero(batch.observations[:, -1, 0] == 4)[0]  # Row 3 ends the episode before.
    assert batch.observations[last, :, 0].tolist() == [0, 0, 0, 0, 0, 4]
    assert not batch.terminals[last].any()


def test_pieces_of_episodes_are_those_of_d3rlpy() -> None:
    dataset, buffer = numbered_steps(), d3rlpy_buffer()
    sampler = ContextSampler(dataset, dataset.returns_to_go(1.0), context_size=3, batch_size=200)
    batch = sampler.sample(np.random.default_rng(0))
    lasts = batch.observations[:, -1, 0]
    assert len(set(lasts.tolist())) == buffer.transition_count
    fields = ("observations", "actions", "rewards", "returns_to_go", "terminals", "timesteps")
    for index in range(buffer.transition_count):
        episode, step = buffer.buffer[index]
        expected = buffer.trajectory_slicer(episode, step, 3)
        sampled = np.flatnonzero(lasts == expected.observations[-1, 0])[0]
        for field in (*fields, "masks"):
            np.testing.assert_array_equal(
                getattr(batch, field)[sampled], getattr(expected, field), err_msg=field
            )
