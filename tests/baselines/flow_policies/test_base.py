"""Transitions as they were recorded, and noise that starts anew."""

from __future__ import annotations

import numpy as np
import torch

from baselines.flow_policies.base import TransitionBatch
from baselines.flow_policies.fql import FQL
from tests.baselines.synthetic_tasks import numbered_steps, task_for

SMALL = {"hidden_sizes": (8,), "batch_size": 200}


def test_a_batch_holds_transitions_whose_outcome_is_known() -> None:
    data = numbered_steps()
    settings = {**SMALL, "reward_scale": 2.0, "reward_shift": -1.0}
    agent = FQL(task_for(data), settings, "cpu")
    batch: TransitionBatch = agent._batches(data)(np.random.default_rng(0))
    rows = batch.state_BS[:, 0]
    assert set(rows.tolist()) == {0, 1, 2, 3, 4, 5, 7}, "rows 6 and 8 end with a timeout"
    torch.testing.assert_close(batch.action_BA[:, 0], rows / 10)
    torch.testing.assert_close(batch.reward_B, 2 * rows - 1)
    torch.testing.assert_close(batch.goes_on_B, (rows != 3).float())
    torch.testing.assert_close(batch.next_BS[:, 0], torch.where(rows == 3, rows, rows + 1))


def test_its_noise_is_another_at_each_step_and_the_same_after_a_reset() -> None:
    data = numbered_steps()
    agent = FQL(task_for(data), SMALL, "cpu").fit(data, steps=1)
    episodes = []
    for _ in range(2):
        agent.reset(9)
        episodes.append([agent.act(data.observations) for _ in range(2)])
    np.testing.assert_array_equal(episodes[0], episodes[1])
    assert not np.array_equal(episodes[0][0], episodes[0][1])
