"""Plans made scale by scale are those that the whole transformer would make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from mage.config import MAGEConfig
from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer
from mage.sampling import PlanSampler
from tests.mage.conftest import random_condition


@pytest.mark.parametrize("everywhere", [True, False])
def test_cached_passes_give_the_logits_of_the_full_pass(
    config: MAGEConfig, everywhere: bool
) -> None:
    torch.manual_seed(0)
    planner = Planner(replace(config, return_at_finer_scales=everywhere), 4, 2)
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    condition, tokens = random_condition(4), torch.randint(16, (4, 7))
    codes = quantizer.codes_of(tokens)
    full = planner.transformer(planner.embed(condition), quantizer.next_inputs(codes))
    plans = PlanSampler(planner)
    (embedded,) = plans._inputs(condition, None)
    cache = plans._empty_cache(embedded)
    total = torch.zeros(4, 6, 4)
    for scale, expected in enumerate(full.split((1, 2, 4), 1)):
        x = plans._at_scale(scale, embedded, total)
        logits = plans._logits(x, cache)
        torch.testing.assert_close(logits, expected, atol=1e-5, rtol=1e-5)
        assert not logits.requires_grad
        total = total + quantizer.up(codes[scale], scale)


def test_greedy_plans_follow_the_likeliest_tokens(planner: Planner) -> None:
    quantizer, condition = FrozenQuantizer(planner.autoencoder.quantizer), random_condition(3)
    latent = PlanSampler(planner).generate(condition, None)
    tokens = torch.zeros(3, 0, dtype=torch.long)
    for end in (1, 3, 7):  # The slow way: every scale recomputes all that went before.
        padded = torch.cat([tokens, torch.zeros(3, 7 - tokens.shape[1], dtype=torch.long)], 1)
        inputs = quantizer.next_inputs(quantizer.codes_of(padded))
        logits = planner.transformer(planner.embed(condition), inputs)
        tokens = torch.cat([tokens, logits[:, tokens.shape[1] : end].argmax(-1)], 1)
    torch.testing.assert_close(latent, quantizer.latent(quantizer.codes_of(tokens)))


@pytest.mark.parametrize("temperature", [0.0, 0.5])
@pytest.mark.parametrize("scales", [(1, 2, 4), (2, 4)])
def test_plans_are_the_same_without_a_cache(
    config: MAGEConfig, scales: tuple[int, ...], temperature: float
) -> None:
    torch.manual_seed(0)
    planner = Planner(replace(config, scales=scales, temperature=temperature), 4, 2)
    plans, condition = [], random_condition(3)
    for cache in (True, False):
        planner.config = replace(planner.config, cache=cache)
        sketches = PlanSampler(planner).sketches(condition, torch.Generator().manual_seed(0))
        plans.append(torch.stack(list(sketches)))
    torch.testing.assert_close(*plans)


@pytest.mark.parametrize("temperature", [0.0, 0.5])
def test_recorded_calls_play_back_what_python_would_do(
    planner: Planner, temperature: float
) -> None:
    planner.config = replace(planner.config, temperature=temperature)
    plans = PlanSampler(planner)
    for batch in (1, 7, 1):
        for seed in range(3):
            condition = random_condition(batch)
            latent = plans.generate(condition, torch.Generator().manual_seed(seed))
            *_, expected = plans.sketches(condition, torch.Generator().manual_seed(seed))
            assert torch.equal(latent, expected)


def test_sampled_plans_repeat_with_the_generator(planner: Planner) -> None:
    planner.config = replace(planner.config, temperature=2.0)
    plans, condition = PlanSampler(planner), random_condition(8)

    def plan(seed: int) -> torch.Tensor:
        return plans.generate(condition, torch.Generator().manual_seed(seed))

    assert torch.equal(plan(1), plan(1))
    assert not torch.equal(plan(1), plan(2))


def _decide(planner: Planner, *probabilities: float) -> None:
    """Lets the transformer give these probabilities to the first codes, whatever it sees."""
    head = planner.transformer.head[1]
    with torch.no_grad():
        head.weight.zero_()
        head.bias.fill_(-100.0)
        head.bias[: len(probabilities)] = torch.tensor(probabilities).log()


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        # Of 0.7, 0.2 and 0.1: as they are; squared, 49 : 4 : 1; the roots, 0.837 : 0.447 : 0.316.
        (1.0, [0.7, 0.2, 0.1]),
        (0.5, [0.907, 0.074, 0.019]),
        (2.0, [0.523, 0.279, 0.198]),
        (0.0, [1.0, 0.0, 0.0]),
    ],
)
def test_tokens_are_drawn_as_often_as_they_are_likely(
    planner: Planner, temperature: float, expected: list[float]
) -> None:
    planner.config = replace(planner.config, temperature=temperature)
    _decide(planner, 0.7, 0.2, 0.1)
    generator = torch.Generator().manual_seed(0)
    tokens = PlanSampler(planner).tokens(random_condition(4000), generator)
    assert tokens.shape == (4000, 7)
    for place in tokens.T:  # At every scale.
        drawn = torch.bincount(place, minlength=3) / 4000
        assert drawn.tolist() == pytest.approx(expected, abs=0.03)


def test_each_token_is_drawn_for_itself(planner: Planner) -> None:
    planner.config = replace(planner.config, temperature=1.0)
    _decide(planner, 0.5, 0.5)
    plans, generator = PlanSampler(planner), torch.Generator().manual_seed(0)
    tokens = plans.tokens(random_condition(4000), generator).float()
    together = torch.corrcoef(tokens.T) - torch.eye(7)
    assert together.abs().max() < 0.08
    again = plans.tokens(random_condition(4000), generator).float()
    assert (tokens == again).float().mean().item() == pytest.approx(0.5, abs=0.03)


def test_noise_is_finite_however_unlikely_a_number_is(
    planner: Planner, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner.config = replace(planner.config, temperature=2.0)
    plans = PlanSampler(planner)
    for drawn, expected in ((0.0, -2 * 3.0314), (1.0, 2 * 15.942), (0.5, 2 * 0.3665)):
        # Twice -log(-log u) at 1e-9, at 1 less 1e-7 (in single precision 1.2e-7), and at a half.
        monkeypatch.setattr(torch, "rand", lambda shape, drawn=drawn, **_: torch.full(shape, drawn))
        noise = plans._noise(2, None)
        assert noise is not None and noise.shape == (2, 7, 16)
        assert noise[0, 0, 0].item() == pytest.approx(expected, rel=0.001)


def test_tokens_and_sketches_belong_to_the_plan(planner: Planner) -> None:
    plans, condition = PlanSampler(planner), random_condition(3)
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    codes = quantizer.codes_of(plans.tokens(condition, None))
    sketches = list(plans.sketches(condition, None))
    assert len(sketches) == 3
    total = torch.zeros(3, 4, 6)
    for scale, sketch in enumerate(sketches):
        total = total + planner.autoencoder.quantizer.up(codes[scale], scale)
        torch.testing.assert_close(sketch, total)
    torch.testing.assert_close(plans.generate(condition, None), total)


def test_a_plan_needs_no_gradients(planner: Planner) -> None:
    plans, condition = PlanSampler(planner), random_condition(2)
    assert not plans.generate(condition, None).requires_grad
    assert not any(sketch.requires_grad for sketch in plans.sketches(condition, None))


def _plain_logits(planner: Planner, condition: Condition, tokens: torch.Tensor) -> torch.Tensor:
    """Of one whole pass, without guidance, given tokens (B, 7)."""
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    codes = quantizer.codes_of(tokens)
    return planner.transformer(planner.embed(condition), quantizer.next_inputs(codes))


def _passes(plans: PlanSampler) -> list[int]:
    """Filled with the batch sizes of what the transformer is given."""
    sizes: list[int] = []
    real = plans._logits

    def logits(x: torch.Tensor, *rest: Any) -> torch.Tensor:
        sizes.append(len(x))
        return real(x, *rest)

    plans._logits = logits  # type: ignore[method-assign]
    return sizes


@pytest.mark.parametrize("temperature", [0.0, 0.7])
@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("guidance", [0.0, 0.5, 1.0, 2.0])
def test_guided_plans_are_those_of_two_plain_passes(
    config: MAGEConfig, guidance: float, cache: bool, temperature: float
) -> None:
    torch.manual_seed(0)
    settings = {"guidance": guidance, "cache": cache, "temperature": temperature}
    planner = Planner(replace(config, **settings), 4, 2)  # type: ignore[arg-type]
    with torch.no_grad():
        planner.transformer.head[1].weight.mul_(4)  # So that what is asked for matters.
    condition, plans = random_condition(5), PlanSampler(planner)
    noise = plans._noise(5, torch.Generator().manual_seed(3))
    tokens = torch.zeros(5, 7, dtype=torch.long)
    for start, end in ((0, 1), (1, 3), (3, 7)):
        asked = _plain_logits(planner, condition, tokens)
        nothing = _plain_logits(planner, condition.asking_nothing(), tokens)
        logits = asked if end == 7 else nothing + guidance * (asked - nothing)
        if noise is not None:
            logits = logits + noise
        tokens[:, start:end] = logits[:, start:end].argmax(-1)
    found = plans.tokens(condition, torch.Generator().manual_seed(3))
    assert torch.equal(found, tokens)
    latent = plans.generate(condition, torch.Generator().manual_seed(3))
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    torch.testing.assert_close(latent, quantizer.latent(quantizer.codes_of(tokens)))


def test_the_more_guidance_the_other_the_plan(config: MAGEConfig) -> None:
    """Of no guidance nothing is asked; with more, sketches differ by what is asked for."""
    torch.manual_seed(0)
    planner, here = Planner(config, 4, 2), random_condition(50)
    with torch.no_grad():
        planner.transformer.head[1].weight.mul_(4)
    there = here._replace(return_B1=here.return_B1 + 1)
    changed = []
    for guidance in (0.0, 1.0, 3.0):
        planner.config = replace(config, guidance=guidance)
        one, other = (PlanSampler(planner).tokens(each, None) for each in (here, there))
        changed.append((one != other)[:, :3].float().mean().item())
    assert changed[0] == 0 and changed[0] < changed[1] < changed[2]


def test_a_guided_pair_is_one_batch_and_the_finest_scale_is_not_guided(
    config: MAGEConfig,
) -> None:
    for guidance, size in ((1.0, 5), (1.5, 10), (0.0, 10)):
        plans = PlanSampler(Planner(replace(config, guidance=guidance), 4, 2))
        sizes = _passes(plans)
        assert plans.tokens(random_condition(5), None).shape == (5, 7)
        assert sizes == [size, size, 5], "once for each scale"


def test_the_only_scale_is_guided(config: MAGEConfig) -> None:
    plans = PlanSampler(Planner(replace(config, scales=(4,), guidance=1.5), 4, 2))
    sizes = _passes(plans)
    assert plans.tokens(random_condition(5), None).shape == (5, 4)
    assert sizes == [10]


def test_guided_calls_are_recorded_for_each_number_of_plans(config: MAGEConfig) -> None:
    """Four guided plans are as many rows as eight plain ones, and other calls."""
    torch.manual_seed(0)
    planner = Planner(replace(config, guidance=2.0, temperature=0.5), 4, 2)
    plans = PlanSampler(planner)
    for batch in (4, 8, 4, 1):
        condition = random_condition(batch)
        latent = plans.generate(condition, torch.Generator().manual_seed(batch))
        *_, expected = plans.sketches(condition, torch.Generator().manual_seed(batch))
        assert latent.shape == (batch, 4, 6) and torch.equal(latent, expected)
    assert len(plans._recorded) == 3


def test_a_guided_plan_is_the_same_alone_and_among_others(config: MAGEConfig) -> None:
    torch.manual_seed(0)
    plans = PlanSampler(Planner(replace(config, guidance=2.0), 4, 2))
    condition = random_condition(6)
    together = plans.tokens(condition, None)
    for row in range(6):
        alone = Condition(*(each[row : row + 1] for each in condition))
        assert torch.equal(plans.tokens(alone, None)[0], together[row])


def test_a_plan_keeps_within_the_first_scale_what_is_kept_from_the_others(
    config: MAGEConfig,
) -> None:
    """Without the return at finer scales they follow the coarser ones and the observation."""
    torch.manual_seed(0)
    planner = Planner(replace(config, return_at_finer_scales=False), 4, 2)
    condition = random_condition(1)
    asked = [condition, condition._replace(return_B1=condition.return_B1 + 1)]
    one, other = [PlanSampler(planner)._inputs(each, None)[0] for each in asked]
    assert not torch.equal(one[:, :1], other[:, :1])
    assert torch.equal(one[:, 1:], other[:, 1:])
    elsewhere = PlanSampler(planner)._inputs(random_condition(1), None)[0]
    assert not torch.equal(one[:, 1:], elsewhere[:, 1:])


def test_weights_are_taken_as_they_are_when_plans_begin(planner: Planner) -> None:
    condition = random_condition(3)
    *_, before = PlanSampler(planner).sketches(condition, None)
    with torch.no_grad():
        planner.autoencoder.quantizer.codebook.weight.mul_(2.0)
    *_, after = PlanSampler(planner).sketches(condition, None)
    assert not torch.equal(before, after)
