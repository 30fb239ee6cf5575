"""Weights of 16 bits: what they compute, and that a trained agent acts with them as before."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.interface import Dataset, FloatArray
from benchmark.running.synthetic_task import synthetic_task
from mage.agent import MAGEAgent
from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.packed_linear import PackedLinear, can_pack, pack_weights, round_weights
from mage.sampling import PlanSampler
from tests.mage.conftest import TINY, random_condition

needs_packing = pytest.mark.skipif(
    not can_pack(), reason="torch has packed weights (FBGEMM) for x86 alone"
)
WEIGHTS = [[1.0, 1 / 3], [1e6, -1e6], [1e-9, 2049.0]]
# fp16 has 11 bits: a third is 1365 / 4096, and 2049 becomes 2048; it ends at 65504.
ROUNDED = [[1.0, 1365 / 4096], [65504.0, -65504.0], [0.0, 2048.0]]
EPISODES, LENGTH = 16, 15


def _linear() -> nn.Linear:
    linear = nn.Linear(2, 3).requires_grad_(False)
    linear.weight.data, linear.bias.data = torch.tensor(WEIGHTS), torch.tensor([0.0, 0.1, 1 / 3])
    return linear


def test_weights_are_rounded_and_biases_are_not() -> None:
    linear = _linear()
    round_weights(nn.Sequential(nn.LayerNorm(2), linear))
    assert linear.weight.dtype == torch.float32 and linear.weight.tolist() == ROUNDED
    assert linear.bias.tolist() == pytest.approx([0.0, 0.1, 1 / 3])


@needs_packing
@pytest.mark.parametrize("rows", [1, 3, 64, 65, 200])
def test_packed_they_give_what_they_give_when_rounded(rows: int) -> None:
    torch.manual_seed(rows)
    linears = nn.Sequential(nn.Linear(17, 33), nn.Sequential(nn.SiLU(), nn.Linear(33, 5)))
    x, exact = torch.randn(rows, 17), linears[1][1].weight.clone()
    with torch.no_grad():
        round_weights(linears)
        expected = linears(x)
        pack_weights(linears)
        assert isinstance(linears[0], PackedLinear) and isinstance(linears[1][1], PackedLinear)
        torch.testing.assert_close(linears(x), expected, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(linears[1][1]._linear.weight, exact, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("playback", ["plain", pytest.param("traced", marks=needs_packing)])
def test_plans_are_those_of_rounded_weights(config: MAGEConfig, playback: str) -> None:
    torch.manual_seed(0)
    planner, condition = Planner(replace(config, playback=playback), 4, 2), random_condition(5)
    weights = [parameter.clone() for parameter in planner.parameters()]
    half = PlanSampler(planner, "fp16")
    packed = [part for part in half._transformer.modules() if isinstance(part, PackedLinear)]
    # Four in each block, and the head; called from Python, as for an export, none is packed.
    assert len(packed) == (4 * config.layers + 1 if playback == "traced" else 0)
    latent, (*_, sketched) = half.generate(condition, None), half.sketches(condition, None)
    assert torch.equal(latent, sketched)
    assert all(map(torch.equal, planner.parameters(), weights)), "it works on a copy"
    for part in (planner.transformer.blocks, planner.transformer.head):
        round_weights(part)
    torch.testing.assert_close(latent, PlanSampler(planner).generate(condition, None))


@pytest.mark.gpu
def test_a_gpu_keeps_fp32(config: MAGEConfig) -> None:
    planner = Planner(config, 4, 2).to("cuda")
    half = PlanSampler(planner, "fp16")._transformer
    assert all(map(torch.equal, half.parameters(), planner.transformer.parameters()))


def test_without_packed_weights_they_are_only_rounded(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mage.sampling.can_pack", lambda: False)
    half = PlanSampler(planner, "fp16")._transformer
    assert not any(isinstance(part, PackedLinear) for part in half.modules())
    exact = planner.transformer.head[1].weight
    assert torch.equal(half.head[1].weight, exact.half().float())
    assert not torch.equal(half.head[1].weight, exact)


def _episodes(agent: MAGEAgent | None, count: int, seed: int) -> tuple[FloatArray, ...]:
    """Points that start anywhere and are to go to the middle: what is observed, done, rewarded.

    Args:
        agent: None for one that goes there, with much noise.
        count: of episodes, side by side.
        seed: of the starts and of the noise.
    """
    rng = np.random.default_rng(seed)
    place = rng.uniform(-1, 1, (count, 2)).astype(np.float32)
    seen, done, rewards = [], [], [np.zeros(count, np.float32)]
    if agent is not None:
        agent.reset(count)
    for _ in range(LENGTH):
        seen.append(np.concatenate([place, place**2], 1))
        if agent is None:
            done.append(np.clip(-3 * place + rng.normal(0, 0.3, place.shape), -1, 1))
        else:
            done.append(agent.act(seen[-1], rewards[-1]))
        place = np.float32(place + 0.2 * done[-1])
        rewards.append(-np.linalg.norm(place, axis=1))
    return tuple(np.float32(np.stack(each, 1)) for each in (seen, done, rewards[1:]))


@pytest.fixture(scope="module")
def trained() -> MAGEAgent:
    """Trained on such episodes to act by what it plans alone."""
    seen, done, rewards = _episodes(None, 4 * EPISODES, seed=0)
    ends = np.tile(np.arange(LENGTH) == LENGTH - 1, 4 * EPISODES)
    dataset = Dataset(
        seen.reshape(-1, 4), done.reshape(-1, 2), rewards.ravel(), np.zeros_like(ends), ends
    )
    ones = np.ones(2, np.float32)
    task = replace(
        synthetic_task(), name="middle", max_steps=LENGTH, action_low=-ones, action_high=ones
    )
    settings = {
        **{**TINY, "width": 32, "codes": 32, "inverse_width": 64, "inverse_observation": False},
        **{"batch_size": 32, "best_of": 1, "shares": (0.1, 0.15, 0.5)},
    }
    agent = MAGEAgent(task, settings, "cpu")
    agent.fit(dataset, steps=300, seed=0, progress=lambda step, losses: None)
    return agent


def _acting_with(trained: MAGEAgent, weights: str) -> MAGEAgent:
    agent = copy(trained)
    agent.config, agent._sampler = replace(trained.config, acting_weights=weights), None
    return agent


@needs_packing
def test_a_trained_agent_scores_as_with_its_own_weights(trained: MAGEAgent) -> None:
    """To much less than its episodes differ, and nearly all its greedy tokens are the same."""
    own, half = (_acting_with(trained, weights) for weights in ("fp32", "fp16"))
    scores, others = (_episodes(agent, EPISODES, seed=1)[2].sum(1) for agent in (own, half))
    error = scores.std() / EPISODES**0.5
    assert abs((others - scores).mean()) < 0.2 * error
    # It has learned something: who stands still gets - 15 times its distance, - 11.5 on average.
    assert scores.mean() > -8
    assert type(half._plan_sampler()._transformer.head[1]) is PackedLinear
    seen = _episodes(None, EPISODES, seed=2)[0][:, 0]
    with torch.no_grad():
        condition = own._condition(seen, np.zeros(EPISODES, np.float32))
        tokens, other_tokens = (
            agent._plan_sampler().tokens(condition, None) for agent in (own, half)
        )
    assert len(tokens.unique()) > 5
    assert (tokens == other_tokens).float().mean() > 0.98
