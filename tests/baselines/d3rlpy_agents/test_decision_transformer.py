from __future__ import annotations

from dataclasses import asdict
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory
from d3rlpy.optimizers import AdamWFactory

from baselines.d3rlpy_agents.decision_transformer import (
    DecisionTransformer,
    DecisionTransformerConfig,
)
from baselines.d3rlpy_agents.warmup import PicklableWarmup
from benchmark.interface import Dataset, ReturnConditioned
from tests.baselines.config_checks import check_limits, check_presets
from tests.baselines.synthetic_tasks import dataset_of, no_progress, numbered_steps, task_for

TINY = {"context_size": 4, "width": 16, "n_layers": 2, "batch_size": 32, "warmup_steps": 1}


def episodes_that_go_one_way(n_episodes: int = 60, length: int = 6) -> Dataset:
    """Each episode repeats one action, 0.5 or -0.5, and is rewarded by it."""
    rng = np.random.default_rng(0)
    ways = np.repeat(np.where(rng.random(n_episodes) < 0.5, 0.5, -0.5), length)
    ends = dict.fromkeys(range(length - 1, n_episodes * length, length), "terminal")
    return dataset_of(rng.standard_normal((len(ways), 3)), ways[:, None], ways, ends)


def fitted(steps: int = 3, **changes: Any) -> DecisionTransformer:
    dataset = episodes_that_go_one_way()
    agent = DecisionTransformer(
        task_for(dataset, **changes), {**TINY, "learning_rate": 1e-2}, "cpu"
    )
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


def test_each_setting_reaches_d3rlpy_where_it_belongs() -> None:
    sizes = {"batch_size": 33, "context_size": 5, "width": 12, "n_layers": 4, "n_heads": 3}
    rates = {"learning_rate": 7e-4, "weight_decay": 0.02, "warmup_steps": 55, "clip_norm": 0.6}
    task = task_for(episodes_that_go_one_way(), max_steps=17)
    agent = DecisionTransformer(task, {**sizes, **rates, "dropout": 0.15}, "cpu")
    assert agent._algorithm_config(70) == algos.DecisionTransformerConfig(
        batch_size=33,
        context_size=5,
        max_timestep=17,
        learning_rate=7e-4,
        encoder_factory=VectorEncoderFactory([12], exclude_last_activation=True),
        optim_factory=AdamWFactory(
            weight_decay=0.02,
            clip_grad_norm=0.6,
            lr_scheduler_factory=PicklableWarmup(warmup_steps=55),
        ),
        num_heads=3,
        num_layers=4,
        attn_dropout=0.15,
        resid_dropout=0.15,
        embed_dropout=0.15,
    )


def test_defaults_are_those_of_the_paper_for_locomotion() -> None:
    # `reproductions/offline/decision_transformer.py` of d3rlpy; the authors' `experiment.py` has
    # the dropout, and their `seq_trainer.py` the largest norm of the gradient.
    assert asdict(DecisionTransformerConfig()) == {
        "batch_size": 64,
        "context_size": 20,
        "width": 128,
        "n_layers": 3,
        "n_heads": 1,
        "dropout": 0.1,
        "learning_rate": 0.0001,
        "weight_decay": 0.0001,
        "warmup_steps": 10000,
        "clip_norm": 0.25,
        "return_asked": "target",
    }


def test_presets_and_what_a_search_tries() -> None:
    # Steps of the paper: `reproductions/offline/decision_transformer.py` of d3rlpy.
    check_presets(DecisionTransformer)


def test_settings_out_of_range_are_refused() -> None:
    sizes = dict.fromkeys(("batch_size", "context_size", "width", "n_layers"), (1, inf))
    rates = {"learning_rate": (0, 1), "weight_decay": (0, inf), "dropout": (0, 1)}
    rest = {"n_heads": (1, 128), "warmup_steps": (1, inf), "clip_norm": (0, inf)}
    check_limits(DecisionTransformerConfig, {**sizes, **rates, **rest})


def test_step_numbers_are_seen_from_the_first_gradient_step_on() -> None:
    # The authors' `embed_timestep` is as PyTorch makes it, of deviation 1; d3rlpy's has 0.02.
    embedding = fitted(max_steps=400)._policy._position_encoding._embed.weight
    assert embedding.std().item() == pytest.approx(1, abs=0.05)
    assert embedding.shape == (402, 16)


def test_it_learns_from_scaled_returns_of_pieces_as_long_as_an_evaluation() -> None:
    dataset = numbered_steps()  # Pieces of 3 steps at most are rows 0-2, 3, 4-6 and 7-8.
    task = task_for(dataset, max_steps=3, return_scale=2.0)
    agent = DecisionTransformer(task, {"context_size": 2, "batch_size": 200}, "cpu")
    batch = agent._batches(dataset)(np.random.default_rng(0))
    by_last_row = {
        int(row): (returns, steps)
        for row, returns, steps in zip(
            batch.observations[:, -1, 0],
            batch.returns_to_go[:, :, 0].tolist(),
            batch.timesteps.tolist(),
            strict=True,
        )
    }
    # Rewards are 0 to 8. To go: 3, 3, 2 | 3 | 15, 11, 6 | 15, 8; all halved. No piece ends with
    # the last row before a timeout or a cut.
    assert by_last_row == {
        0: ([0, 1.5], [0, 1]),
        1: ([1.5, 1.5], [1, 2]),
        3: ([0, 1.5], [0, 1]),
        4: ([0, 7.5], [0, 1]),
        5: ([7.5, 5.5], [1, 2]),
        7: ([0, 7.5], [0, 1]),
    }
    assert len(batch.observations) == 200


def test_what_the_network_sees_of_an_episode() -> None:
    rows = np.array([[0], [4]])  # Observations have mean 2 and deviation 2.
    dataset = dataset_of(rows, rows / 4, rows[:, 0], {1: "terminal"})
    bounds = {"action_low": np.array([1], np.float32), "action_high": np.array([5], np.float32)}
    task = task_for(dataset, max_steps=3, return_scale=2.0, target_return=8.0, **bounds)
    agent = DecisionTransformer(task, {**TINY, "context_size": 2}, "cpu")
    agent.fit(dataset, steps=1, seed=0, progress=no_progress)
    network, outputs = agent._policy, (0.5, 0.25, -0.5, 7.0, 0.5)
    seen: list[list[Any]] = []

    def forward(*inputs: torch.Tensor) -> torch.Tensor:
        seen.append([array[0].squeeze(-1).tolist() for array in inputs])
        assert not network.training
        return torch.tensor([[[9.0], [outputs[len(seen) - 1]]]])  # The last step's counts.

    network.forward = forward  # type: ignore[method-assign]
    network.train()
    agent.reset(1)
    acted = []
    for observation, reward in ((2, 0), (4, 1), (6, 3), (8, -2)):
        action = agent.act(np.array([[observation]], np.float32), np.array([reward], np.float32))
        acted.append(action.item())
    # Brought from [-1, 1] to [1, 5], and clipped.
    assert acted == pytest.approx([4, 3.5, 2, 5])
    # Standardised observations, earlier actions, what is left of 8 (halved), steps, padding.
    # Step 4 lies past the end of an evaluation, and counts as step 3.
    expected = [
        [[-1, 0], [0, 0], [0, 4], [0, 1], [1, 0]],
        [[0, 1], [1 / 2, 0], [4, 3.5], [1, 2], [0, 0]],
        [[1, 2], [1 / 4, 0], [3.5, 2], [2, 3], [0, 0]],
        [[2, 3], [-1 / 2, 0], [2, 3], [3, 3], [0, 0]],
    ]
    np.testing.assert_allclose(seen, expected, atol=0.002)  # d3rlpy divides by 2.001.
    agent.reset(1)
    agent.act(np.array([[2]], np.float32), np.zeros(1, np.float32))
    assert seen[4] == seen[0]


@pytest.mark.parametrize("steps", [2, 13])  # Within the context, and past the last step number.
def test_acting_together_is_acting_alone_with_d3rlpys_wrapper(steps: int) -> None:
    agent = fitted(max_steps=10, target_return=3.0, return_scale=2.0)
    wrappers = [agent._algorithm.as_stateful_wrapper(target_return=1.5) for _ in range(3)]
    rng = np.random.default_rng(2)
    agent.reset(3)
    rewards = np.zeros(3, np.float32)
    for _ in range(steps):
        observations = rng.standard_normal((3, 3)).astype(np.float32)
        together = agent.act(observations, rewards)
        alone = [
            wrapper.predict(observation, reward / 2)
            for wrapper, observation, reward in zip(wrappers, observations, rewards, strict=True)
        ]
        np.testing.assert_allclose(together, np.stack(alone), atol=1e-5)
        rewards = rng.random(3).astype(np.float32)


def test_the_return_asked_for_decides_what_it_does() -> None:
    agent = fitted(steps=60, return_scale=3.0, target_return=3.0)
    observations, no_rewards = np.zeros((1, 3), np.float32), np.zeros(1, np.float32)
    agent.reset(1)
    assert agent.act(observations, no_rewards)[0, 0] > 0.3
    modest = DecisionTransformer(
        task_for(episodes_that_go_one_way(), return_scale=3.0, target_return=-3.0), TINY, "cpu"
    )
    modest._algorithm = agent._algorithm
    modest.reset(1)
    assert modest.act(observations, no_rewards)[0, 0] < -0.3


def test_it_asks_for_the_best_that_was_recorded_in_the_time_of_an_evaluation(
    tmp_path: Path,
) -> None:
    dataset = numbered_steps()  # Rewards are 0 to 8; pieces of 3 steps have at most 4 + 5 + 6.
    task = task_for(dataset, max_steps=3, target_return=100.0)
    agent = DecisionTransformer(task, {**TINY, "return_asked": "best"}, "cpu")
    agent.fit(dataset, steps=1, seed=0, progress=no_progress)
    agent.save(tmp_path)
    loaded = DecisionTransformer(task, {**TINY, "return_asked": "best"}, "cpu")
    loaded.load(tmp_path)
    for one in (agent, loaded):
        one.reset(2)
        assert one.requested_returns().tolist() == [15.0, 15.0]
        one.ask_for(0.5)
        one.reset(2)
        assert one.requested_returns().tolist() == [7.5, 7.5]
    agent._target = 1 / 3
    agent.save(tmp_path)
    loaded.load(tmp_path)
    assert loaded._target == 1 / 3, "exactly"


def test_it_may_be_asked_for_a_share_of_the_target() -> None:
    agent = fitted(target_return=4.0, return_scale=2.0)
    assert (
        isinstance(agent, ReturnConditioned) and agent.asking_unit == "share of the target return"
    )
    observations, rewards = np.zeros((2, 3), np.float32), np.zeros(2, np.float32)
    agent.reset(2)
    by_itself = agent.act(observations, rewards)
    agent.ask_for(1.0)
    agent.reset(2)
    np.testing.assert_array_equal(agent.act(observations, rewards), by_itself)
    assert agent.requested_returns().tolist() == [4, 4]
    agent.ask_for(0.25)
    agent.reset(2)
    assert (agent.act(observations, rewards) != by_itself).all()
    agent.act(observations, np.array([0.5, -2.0], np.float32))
    assert agent.requested_returns().tolist() == [0.5, 3], "less what was received"
    agent.ask_for(None)
    agent.reset(2)
    np.testing.assert_array_equal(agent.act(observations, rewards), by_itself)
