from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler

from baselines.conditional_diffusion import ConditionalDiffusion, DecisionDiffuserConfig
from baselines.seeding import seeded_torch
from baselines.temporal_unet import with_returns
from benchmark.interface import TaskInfo

TINY = DecisionDiffuserConfig(
    horizon=8,
    channels=(32, 64),
    diffusion_steps=5,
    denoising_steps=5,
    hidden_size=16,
    replan_every=4,
)
FIRST = torch.tensor([[0.5, -0.2, 0.1], [0.0, 0.9, -1.0]])


def new_diffusion(**settings) -> ConditionalDiffusion:
    bound = np.ones(2, np.float32)
    task = TaskInfo("made-up", 3, -bound, bound, max_steps=10)
    return ConditionalDiffusion(task, replace(TINY, **settings), "cpu")


def seeded_networks(diffusion: ConditionalDiffusion) -> torch.nn.ModuleDict:
    with seeded_torch(0, "cpu"):
        return diffusion.build_networks()


def draw(diffusion: ConditionalDiffusion, seed: int = 0) -> torch.Tensor:
    noise = torch.Generator().manual_seed(seed)
    return diffusion.sample(seeded_networks(diffusion), FIRST, noise)


def test_the_first_state_is_held_exactly():
    plans = draw(new_diffusion())
    assert plans.shape == (2, 8, 3)
    assert torch.equal(plans[:, 0], FIRST)


def test_the_first_state_is_not_learned():
    diffusion = new_diffusion()
    windows = torch.zeros(4, 8, 5)
    windows[:, 0, 2:] = 100.0
    networks = seeded_networks(diffusion)
    losses = []
    for denoised in (0.0, 1e6):  # What the denoiser says of the first step must not matter.
        networks["denoiser"].forward = lambda x, _, at=denoised: _first_step(x, at)
        losses.append(diffusion.losses(networks, windows, torch.zeros(4), _generator()))
    assert losses[0]["denoising_loss"] == losses[1]["denoising_loss"]


def _first_step(noisy: torch.Tensor, value: float) -> torch.nn.Module:
    found = torch.zeros_like(noisy)
    found[:, :, 0] = value
    return type("Output", (), {"sample": found})


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("weight", [0.0, 1.0, 1.8])
def test_guidance_follows_its_formula(weight):
    diffusion = new_diffusion(guidance_weight=weight, target_return=0.7)
    networks = seeded_networks(diffusion)
    states, levels = torch.randn(2, 8, 3, generator=_generator()), torch.tensor([3, 3])
    asked = torch.full((2,), 0.7)
    with torch.no_grad():
        told, untold = (
            networks["denoiser"](states.mT, with_returns(levels, asked, known)).sample.mT
            for known in (torch.ones(2), torch.zeros(2))
        )
        guided = diffusion._guided(networks, states, 3)
    assert not torch.allclose(told, untold, atol=1e-3)
    torch.testing.assert_close(guided, untold + weight * (told - untold), rtol=1e-4, atol=1e-5)


def test_without_guidance_the_return_asked_for_does_not_matter():
    low, high = (
        draw(new_diffusion(guidance_weight=0.0, target_return=asked)) for asked in (0.1, 1.0)
    )
    assert torch.equal(low, high)
    low, high = (draw(new_diffusion(target_return=asked)) for asked in (0.1, 1.0))
    assert not torch.allclose(low, high)


def test_at_full_temperature_a_step_is_that_of_the_denoising_diffusion():
    diffusion = new_diffusion(temperature=1.0)
    ddpm = DDPMScheduler(
        5,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="sample",
        variance_type="fixed_small_log",
    )
    states, clean = torch.randn(2, 2, 8, 3, generator=_generator())
    for level in range(5):
        noise = torch.randn(states.shape, generator=_generator())
        step = diffusion._schedule.step(
            clean, level, states, 1.0, use_clipped_model_output=True, variance_noise=noise
        )
        expected = ddpm.step(clean, level, states, generator=_generator())
        torch.testing.assert_close(step.prev_sample, expected.prev_sample, rtol=1e-3, atol=1e-4)


def test_plans_are_led_through_as_many_levels_as_it_says_down_to_the_last():
    diffusion = new_diffusion(diffusion_steps=20, denoising_steps=4)
    levels = []
    diffusion._guided = lambda _, states, level: levels.append(level) or 0 * states
    plans = draw(diffusion)
    assert levels == [15, 10, 5, 0] and torch.equal(plans[:, 0], FIRST)


def test_at_temperature_0_plans_do_not_depend_on_the_noise():
    cold, warm = (new_diffusion(temperature=each) for each in (0.0, 0.5))
    assert torch.equal(draw(cold, seed=0), draw(cold, seed=1))
    assert not torch.equal(draw(warm, seed=0), draw(warm, seed=1))


@pytest.mark.parametrize(("share", "low", "high"), [(0, 0, 0), (0.25, 0.22, 0.28), (1, 1, 1)])
def test_conditions_are_dropped_as_often_as_it_says(share, low, high):
    told = new_diffusion(drop_condition=share)._told(4_000, _generator())
    assert low <= 1 - told.float().mean() <= high


def test_the_inverse_dynamics_learns_a_linear_map():
    diffusion = new_diffusion(hidden_size=64)
    networks = seeded_networks(diffusion)
    to_action = torch.tensor([[1.0, 0.0], [0.0, 0.5], [0.3, 0.3]])  # Of the change of the state.
    optimiser, noise = torch.optim.Adam(networks["inverse"].parameters(), 3e-3), _generator()
    states = torch.rand(256, 8, 3, generator=noise) * 2 - 1
    for _ in range(200):
        loss = (diffusion.actions(networks, states) - states.diff(dim=1) @ to_action).square()
        optimiser.zero_grad()
        loss.mean().backward()
        optimiser.step()
    unseen = torch.rand(16, 8, 3, generator=noise) * 2 - 1
    actions = diffusion.actions(networks, unseen)
    assert (actions - unseen.diff(dim=1) @ to_action).abs().mean() < 0.1


def test_the_inverse_dynamics_is_asked_for_the_recorded_actions():
    diffusion = new_diffusion()
    networks = seeded_networks(diffusion)
    windows = torch.randn(4, 8, 5, generator=_generator())
    with torch.no_grad():
        errors = diffusion.actions(networks, windows[:, :, 2:]) - windows[:, :-1, :2]
    losses = diffusion.losses(networks, windows, torch.rand(4), _generator())
    torch.testing.assert_close(losses["inverse_loss"].detach(), errors.square().mean())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"drop_condition": 1.5}, "drop_condition=1.5 .* valid: 0 to 1"),
        ({"temperature": -0.1}, "temperature=-0.1 .* valid: 0 to 1"),
        ({"guidance_weight": -1}, "guidance_weight=-1 .* valid: 0 to inf"),
        ({"denoising_steps": 6}, "denoising_steps=6 .* valid: 2 to 5"),
        ({"hidden_size": 0}, "hidden_size=0 .* valid: 1 to inf"),
        ({"replan_every": 8}, "replan_every=8 .* valid: 1 to 7"),
        ({"horizon": 9}, "do not fit together; valid: a horizon that is a multiple of 2"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **settings)
