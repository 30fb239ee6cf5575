"""Transformers over plans: where they begin, what they see, and in which order."""

from __future__ import annotations

import pytest
import torch

from baselines.diffusion.plan_transformer import PlanDenoiser, PlanValue

PLANS = torch.linspace(-1, 1, 2 * 4 * 3).view(2, 4, 3)
LEVELS = torch.tensor([3, 70])


def opened(**sizes) -> PlanDenoiser:
    """A denoiser whose gates and last layer are no longer at zero, where training begins."""
    torch.manual_seed(0)
    denoiser = PlanDenoiser(3, 16, 2, 2)
    for weight in denoiser.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.5)
    return denoiser


def test_a_new_denoiser_says_0_and_can_learn_from_that():
    denoiser = PlanDenoiser(3, 16, 2, 2)
    answer = denoiser(PLANS, LEVELS)
    assert answer.shape == (2, 4, 3) and not answer.any()
    (answer - 1).square().sum().backward()
    assert denoiser.leave.weight.grad.any()


def test_the_denoiser_has_so_many_blocks_of_a_width():
    denoiser = PlanDenoiser(3, 16, 2, 5)
    assert len(denoiser.blocks) == 5
    assert tuple(denoiser.enter.weight.shape) == (16, 3)
    assert tuple(denoiser.leave.weight.shape) == (3, 16)


@pytest.mark.parametrize("changed", [0, 3])
def test_every_state_is_seen_from_all_others(changed: int):
    denoiser, other = opened(), PLANS.clone()
    other[0, changed] += 1
    difference = (denoiser(other, LEVELS) - denoiser(PLANS, LEVELS)).abs().sum(dim=2)
    assert (difference[0] > 1e-4).all() and (difference[1] < 1e-5).all()


def test_the_level_and_the_place_in_the_plan_matter():
    denoiser = opened()
    one, other = (denoiser(PLANS[:1], torch.tensor([level])) for level in (3, 70))
    assert not torch.allclose(one, other, atol=1e-3)
    same_states = denoiser(PLANS[:1, :1].expand(1, 4, 3), LEVELS[:1])[0]
    assert not torch.allclose(same_states[0], same_states[3], atol=1e-3)


@pytest.mark.parametrize("changed", [0, 3])
def test_a_plan_has_one_value_that_all_of_it_makes(changed: int):
    torch.manual_seed(0)
    value, other = PlanValue(3, 16, 2, 2), PLANS.clone()
    other[0, changed] += 1
    before, after = value(PLANS), value(other)
    assert before.shape == (2,) and len(value.blocks.layers) == 2
    assert (before - after)[0].abs() > 1e-4 and torch.allclose(before[1], after[1])


def test_a_plan_backwards_has_another_value():
    torch.manual_seed(0)
    value = PlanValue(3, 16, 2, 1)
    middle_swapped = PLANS[:, [0, 2, 1, 3]]
    assert not torch.allclose(value(PLANS), value(middle_swapped), atol=1e-4)


def test_no_value_depends_on_chance():
    value = PlanValue(3, 16, 2, 1)
    assert torch.equal(value(PLANS), value(PLANS)), "there is no dropout"
