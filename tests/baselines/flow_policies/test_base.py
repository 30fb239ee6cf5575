"""Noise that starts anew."""

from __future__ import annotations

import numpy as np

from baselines.flow_policies.fql import FQL
from tests.baselines.synthetic_tasks import numbered_steps, task_for

SMALL = {"hidden_sizes": (8,), "batch_size": 200}


def test_its_noise_is_another_at_each_step_and_the_same_after_a_reset() -> None:
    data = numbered_steps()
    agent = FQL(task_for(data), SMALL, "cpu").fit(data, steps=1)
    episodes = []
    for _ in range(2):
        agent.reset(9)
        episodes.append([agent.act(data.observations) for _ in range(2)])
    np.testing.assert_array_equal(episodes[0], episodes[1])
    assert not np.array_equal(episodes[0][0], episodes[0][1])
