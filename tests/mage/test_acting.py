"""Plans made scale by scale are those that the whole transformer would make."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mage.acting import PlanMaker
from mage.config import MAGEConfig
from mage.frozen import FrozenQuantizer
from mage.planner import Planner
from tests.mage.conftest import random_condition


@pytest.mark.parametrize("everywhere", [True, False])
def test_cached_passes_give_the_logits_of_the_full_pass(
    config: MAGEConfig, everywhere: bool
) -> None:
    torch.manual_seed(0)
    planner = Planner(replace(config, condition_finer_scales=everywhere), 4, 2)
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    condition, tokens = random_condition(4), torch.randint(16, (4, 7))
    codes = quantizer.codes_of(tokens)
    full = planner.transformer(planner.embed(condition), quantizer.next_inputs(codes))
    plans = PlanMaker(planner)
    (embedded,) = plans._inputs(condition, None)
    cache = plans._new_cache(embedded)
    total = torch.zeros(4, 6, 4)
    for scale, expected in enumerate(full.split((1, 2, 4), 1)):
        start = (0, 1, 3)[scale]
        x = plans._at_scale(scale, embedded, total)
        logits = plans.logits(x, cache, start)
        torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
        total = total + quantizer.up(codes[scale], scale)


def test_greedy_plans_follow_the_likeliest_tokens(planner: Planner) -> None:
    quantizer, condition = FrozenQuantizer(planner.autoencoder.quantizer), random_condition(3)
    latent = PlanMaker(planner).generate(condition, None)
    tokens = torch.zeros(3, 0, dtype=torch.long)
    for end in (1, 3, 7):  # The slow way: every scale recomputes all that went before.
        padded = torch.cat([tokens, torch.zeros(3, 7 - tokens.shape[1], dtype=torch.long)], 1)
        inputs = quantizer.next_inputs(quantizer.codes_of(padded))
        logits = planner.transformer(planner.embed(condition), inputs)
        tokens = torch.cat([tokens, logits[:, tokens.shape[1] : end].argmax(-1)], 1)
    torch.testing.assert_close(latent, quantizer.latent(quantizer.codes_of(tokens)))


@pytest.mark.parametrize("temperature", [0.0, 0.5])
def test_plans_are_the_same_without_a_cache(planner: Planner, temperature: float) -> None:
    plans, condition = [], random_condition(3)
    for cache in (True, False):
        planner.config = replace(planner.config, cache=cache, temperature=temperature)
        plans.append(PlanMaker(planner).generate(condition, torch.Generator().manual_seed(0)))
    torch.testing.assert_close(*plans)


@pytest.mark.parametrize("temperature", [0.0, 0.5])
def test_recorded_calls_play_back_what_python_would_do(
    planner: Planner, temperature: float
) -> None:
    planner.config = replace(planner.config, temperature=temperature)
    plans = PlanMaker(planner)
    for batch in (1, 7, 1):
        for seed in range(4):
            condition = random_condition(batch)
            latent = plans.generate(condition, torch.Generator().manual_seed(seed))
            *_, expected = plans.sketches(condition, torch.Generator().manual_seed(seed))
            assert torch.equal(latent, expected)


def test_sampled_plans_repeat_with_the_generator(planner: Planner) -> None:
    planner.config = replace(planner.config, temperature=2.0)
    plans, condition = PlanMaker(planner), random_condition(8)

    def plan(seed: int) -> torch.Tensor:
        return plans.generate(condition, torch.Generator().manual_seed(seed))

    assert torch.equal(plan(1), plan(1))
    assert not torch.equal(plan(1), plan(2))


def test_tokens_are_drawn_as_often_as_they_are_likely(planner: Planner) -> None:
    planner.config = replace(planner.config, temperature=0.7)
    plans, condition = PlanMaker(planner), random_condition(1)
    embedded, _ = plans._inputs(condition, None)
    x = plans._at_scale(0, embedded, torch.zeros(1, 6, 4))
    logits = plans.logits(x, plans._new_cache(x), 0)[0, 0]
    noise = plans._noise(20_000, torch.Generator().manual_seed(0))
    assert noise is not None
    drawn = torch.bincount((logits + noise[:, 0]).argmax(-1), minlength=16) / 20_000
    assert torch.allclose(drawn, (logits / 0.7).softmax(-1), atol=0.015)


def test_weights_are_taken_as_they_are_when_plans_begin(planner: Planner) -> None:
    condition = random_condition(3)
    before = PlanMaker(planner).generate(condition, None)
    with torch.no_grad():
        planner.autoencoder.quantizer.codebook.weight.mul_(2.0)
    after = PlanMaker(planner).generate(condition, None)
    assert not torch.equal(before, after)
