"""Transitions as they were recorded, and what implicit Q-learning learns of them."""

from __future__ import annotations

from math import inf
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from baselines.flow_policies.fql import FQL
from baselines.shared.transition_agent import (
    TransitionBatch,
    TransitionConfig,
    implicit_value_losses,
)
from tests.baselines.config_checks import check_limits
from tests.baselines.synthetic_tasks import numbered_steps, task_for


def test_the_limits_of_settings() -> None:
    limits = {
        **{"batch_size": (1, inf), "hidden_sizes": (1, inf), "learning_rate": (0, 1)},
        **{"gamma": (0, 1), "tau": (0, 1)},
        **{"reward_scale": (-inf, inf), "reward_shift": (-inf, inf)},
    }
    check_limits(TransitionConfig, limits)


def test_a_batch_holds_transitions_whose_outcome_is_known() -> None:
    data = numbered_steps()
    settings = {"batch_size": 200, "reward_scale": 2.0, "reward_shift": -1.0}
    agent = FQL(task_for(data), settings, "cpu")
    batch: TransitionBatch = agent._batches(data)(np.random.default_rng(0))
    rows = batch.state_BS[:, 0]
    assert set(rows.tolist()) == {0, 1, 2, 3, 4, 5, 7}, "rows 6 and 8 end with a timeout"
    torch.testing.assert_close(batch.action_BA[:, 0], rows / 10)
    torch.testing.assert_close(batch.reward_B, 2 * rows - 1)
    torch.testing.assert_close(batch.goes_on_B, (rows != 3).float())
    torch.testing.assert_close(batch.next_BS[:, 0], torch.where(rows == 3, rows, rows + 1))


def test_the_losses_of_implicit_values() -> None:
    networks = SimpleNamespace(
        value=lambda states: states[None, :, 0],
        critic=lambda states, actions: torch.stack([actions[:, 0], actions[:, 0] + 2]),
        slow_critic=lambda states, actions: torch.stack([actions[:, 0], actions[:, 0] + 1]),
    )
    state, action = torch.tensor([[1.0], [5.0]]), torch.tensor([[3.0], [3.0]])
    batch = TransitionBatch(
        state, action, torch.tensor([1.0, 2.0]), state + 1, torch.tensor([1.0, 0.0])
    )
    losses = implicit_value_losses(networks, batch, expectile=0.9, gamma=0.5)
    # The lower slow value, 3, is 2 above the first state's and 2 below the second's.
    assert losses["value_loss"].item() == pytest.approx((0.9 * 4 + 0.1 * 4) / 2)
    # Backed up are 1 + 0.5 * 2 and 2, where the task ended; the two critics say 3 and 5.
    assert losses["critic_loss"].item() == pytest.approx((1 + 9) / 2)
