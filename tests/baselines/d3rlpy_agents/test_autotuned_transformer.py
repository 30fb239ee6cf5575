"""ADT learns what actions are worth, and does what is worth most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from baselines.d3rlpy_agents.autotuned_transformer import AutotunedTransformer
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import (
    dataset_of,
    no_progress,
    numbered_steps,
    task_for,
    two_armed_bandit,
)

TINY: dict[str, Any] = {
    **{"hidden_sizes": (32, 32), "batch_size": 128, "learning_rate": 3e-3, "tau": 0.05},
    **{"width": 16, "n_layers": 1, "piece_batch": 64, "piece_rate": 1e-2, "warmup_steps": 1},
    **{"context_size": 2, "dropout": 0.0},
}


def trained(steps: int, **settings: Any) -> AutotunedTransformer:
    bandit = two_armed_bandit()
    agent = AutotunedTransformer(task_for(bandit), {**TINY, **settings}, "cpu")
    return agent.fit(bandit, steps=steps, seed=0, progress=no_progress)


def test_it_does_what_is_worth_most() -> None:
    # A third of the actions is near 0.5 and brings 1; the others are near -0.5.
    bandit = two_armed_bandit()
    agent = trained(300, value_share=0.5, beta=10.0)
    agent.reset(len(bandit))
    actions = agent.act(bandit.observations, np.zeros(len(bandit), np.float32))
    assert (actions > 0.2).mean() > 0.9


def test_the_policy_has_an_optimiser_of_its_own() -> None:
    settings = {"piece_rate": 0.02, "weight_decay": 0.3, "warmup_steps": 4, "value_share": 0.5}
    state: Any = trained(4, **settings, clip_norm=0.7, learning_rate=0.1).training_state()
    (group,) = state["learner"]["second"]["optimiser"]["param_groups"]
    # At its second step, half of the way to the fourth.
    assert group["lr"] == pytest.approx(0.02 * 2 / 4)
    assert group["weight_decay"] == 0.3


def test_values_are_learned_first() -> None:
    bandit, names = two_armed_bandit(), []
    agent = AutotunedTransformer(task_for(bandit), {**TINY, "value_share": 0.6}, "cpu")
    agent.fit(bandit, steps=5, seed=0, progress=lambda step, losses: names.append(sorted(losses)))
    assert names == [["critic_loss", "value_loss"]] * 3 + [["action_loss"]] * 2


@pytest.mark.parametrize("steps", [1, 2])
def test_the_transformer_learns_however_short_a_training_is(steps: int) -> None:
    names: list[str] = []
    bandit = two_armed_bandit()
    agent = AutotunedTransformer(task_for(bandit), {**TINY, "value_share": 1.0}, "cpu")
    agent.fit(bandit, steps=steps, seed=0, progress=lambda step, losses: names.extend(losses))
    assert names[-1] == "action_loss"


def test_an_action_weighs_what_its_advantage_says() -> None:
    data = dataset_of(np.zeros((2, 1)), np.array([[0.5], [0.5]]), np.zeros(2), {1: "terminal"})
    task = task_for(data, return_scale=4.0)
    agent = AutotunedTransformer(task, {**TINY, "beta": 2.0, "max_weight": 20.0}, "cpu")
    agent.fit(data, steps=1, seed=0, progress=no_progress)
    prompts: list[torch.Tensor] = []

    def policy(prompt: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        prompts.append(prompt)
        return torch.zeros(2, 2, 1)

    networks = agent._networks
    networks.policy.forward = policy
    networks.values.critic.forward = lambda *seen: torch.tensor([[[3.0, 9.0], [3.0, 3.0]]] * 2)
    networks.values.value.forward = lambda seen: torch.tensor([[[2.0, 2.0], [2.0, 4.0]]])
    pieces = type("Pieces", (), {})()
    pieces.observations = np.zeros((2, 2, 1), np.float32)
    pieces.actions = np.full((2, 2, 1), 0.5, np.float32)
    pieces.timesteps = np.array([[1, 2], [0, 1]], np.float32)
    loss = agent._policy_loss(pieces)["action_loss"].item()
    # Advantages 1, 7 (a weight that is cut off) and -1; one step of four is padding.
    weights = np.exp(2.0), 20.0, np.exp(-2.0)
    assert loss == pytest.approx(0.25 * sum(weights) / 4)
    assert prompts[0].tolist() == [[0.75, 2.25], [0.75, 0.75]]


def test_what_the_transformer_sees_of_an_episode() -> None:
    data = numbered_steps()
    task = task_for(data, max_steps=3, return_scale=2.0)
    agent = AutotunedTransformer(task, {**TINY, "context_size": 2}, "cpu")
    agent.fit(data, steps=1, seed=0, progress=no_progress)
    seen: list[list[Any]] = []

    def policy(*inputs: torch.Tensor) -> torch.Tensor:
        seen.append(
            [
                array[0, ..., 0].tolist() if array.ndim == 3 else array[0].tolist()
                for array in inputs
            ]
        )
        return torch.full((1, 2, 1), 0.1 * len(seen))

    networks = agent._networks
    networks.policy.forward = policy
    networks.values.value.forward = lambda states: states[None, :, 0]
    normalised = (np.arange(4) - 4) / np.arange(9).std(ddof=1)
    agent.reset(1)
    for row in range(4):
        agent.act(np.array([[row, -row]], np.float32), np.ones(1, np.float32))
    expected = [
        [[0, normalised[0] / 2], [0, normalised[0]], [0, 0], [0, 1]],
        [normalised[:2] / 2, normalised[:2], [0.1, 0], [1, 2]],
        [normalised[1:3] / 2, normalised[1:3], [0.2, 0], [2, 3]],
        # Past the end of an evaluation a step counts as the last.
        [normalised[2:] / 2, normalised[2:], [0.3, 0], [3, 3]],
    ]
    for step, parts in zip(seen, expected, strict=True):
        for part, wanted in zip(step, parts, strict=True):
            np.testing.assert_allclose(part, wanted, atol=1e-5)


def test_acting_together_is_acting_alone() -> None:
    agent = trained(3)
    observations = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3, 1).repeat(2, -1)
    rewards = np.zeros(3, np.float32)
    agent.reset(3)
    together = [agent.act(seen, rewards) for seen in observations]
    agent.reset(1)
    alone = [agent.act(seen[:1], rewards[:1]) for seen in observations]
    np.testing.assert_allclose([step[:1] for step in together], alone, atol=1e-6)


def test_presets_and_what_a_search_tries() -> None:
    check_presets(AutotunedTransformer)
