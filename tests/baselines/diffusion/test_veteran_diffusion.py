"""What the networks of Diffusion Veteran learn, and which of many plans is taken."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import exp

import numpy as np
import pytest
import torch

from baselines.diffusion.diffusion_config import DiffusionConfig
from baselines.diffusion.veteran_diffusion import VeteranConfig, VeteranDiffusion
from benchmark.interface import TaskInfo

TINY = VeteranConfig(
    horizon=4,
    stride=2,
    diffusion_steps=20,
    denoising_steps=4,
    width=16,
    n_heads=2,
    depth=1,
    value_depth=1,
    candidates=3,
    hidden_size=8,
)
FIRST = torch.tensor([[0.5, -0.2, 0.1], [0.0, 0.9, -1.0]])


def new_diffusion(**settings) -> VeteranDiffusion:
    bound = np.ones(2, np.float32)
    task = TaskInfo("made-up", 3, -bound, bound, max_steps=10)
    return VeteranDiffusion(task, replace(TINY, **settings), "cpu")


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Says:
    """In the place of a denoiser: says what it is told to, and keeps what it is given."""

    def __init__(self, answer) -> None:
        self.answer, self.heard = answer, []

    def __call__(self, plans, levels):
        self.heard.append((plans.clone(), levels))
        return self.answer(plans)


def always(value: float) -> Says:
    return Says(lambda plans: torch.full_like(plans, value))


def nothing(actions: torch.Tensor, levels: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
    """In the place of the inverse dynamics."""
    return torch.zeros_like(actions)


def networks_of(denoiser, value=lambda plans: torch.zeros(len(plans)), inverse=nothing):
    return {"denoiser": denoiser, "value": value, "inverse": inverse}


def test_defaults_are_those_of_diffusion_veteran_in_the_kitchen():
    # configs/veteran/kitchen of Josh00-Lu/DiffusionVeteran: horizon 32, stride 4, discount 0.997,
    # d_model 256, one head for each 64, depth 2, 20 sampling steps, batches of 128, planner's
    # ema_rate 0.9999, 10 steps, width 256 and temperature 0.5 of the policy; 50 candidates are
    # those of the other tasks. 2e-4 is the rate of CleanDiffuser.
    assert asdict(VeteranConfig()) == {
        **asdict(DiffusionConfig()),
        "horizon": 32,
        "stride": 4,
        "diffusion_steps": 1000,
        "batch_size": 128,
        "learning_rate": 2e-4,
        "ema_decay": 0.9999,
        "ema_every": 1,
        "replan_every": 1,
        "discount": 0.997,
        "denoising_steps": 20,
        "predict_noise": True,
        "width": 256,
        "n_heads": 4,
        "depth": 2,
        "value_depth": 2,
        "candidates": 50,
        "weight_factor": 0.0,
        "to_reward": False,
        "pairs": 1,
        "hidden_size": 256,
        "action_noise_levels": 10,
        "action_temperature": 0.5,
    }


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"denoising_steps": 0}, "denoising_steps=0 .* valid: 1 to 1000"),
        ({"denoising_steps": 1001}, "denoising_steps=1001 .* valid: 1 to 1000"),
        ({"denoising_steps": 600}, "diffusion_steps=1000 .* no multiple of denoising_steps=600"),
        ({"candidates": 0}, "candidates=0 .* valid: 1 to inf"),
        ({"depth": 0}, "depth=0 .* valid: 1 to inf"),
        ({"value_depth": 0}, "value_depth=0 .* valid: 1 to inf"),
        ({"weight_factor": -1}, "weight_factor=-1 .* valid: 0 to inf"),
        ({"pairs": 0}, "pairs=0 .* valid: 1 to inf"),
        ({"hidden_size": 0}, "hidden_size=0 .* valid: 1 to inf"),
        ({"action_noise_levels": 1}, "action_noise_levels=1 .* valid: 2 to inf"),
        ({"action_temperature": 1.1}, "action_temperature=1.1 .* valid: 0 to 1"),
        ({"n_heads": 3}, "width=256 .* no multiple of n_heads=3"),
        ({"replan_every": 122}, "replan_every=122 .* valid: 1 to 121"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        VeteranConfig(**wrong)


@pytest.mark.parametrize(
    ("horizon", "stride", "longest"), [(32, 4, 121), (4, 1, 3), (3, 5, 6), (2, 5, 1)]
)
def test_a_plan_is_acted_on_while_a_state_lies_a_stride_ahead(horizon, stride, longest):
    assert VeteranConfig(horizon=horizon, stride=stride).longest_use == longest


def test_the_noise_schedule_is_linear_and_denoising_starts_from_noise_alone():
    schedule = new_diffusion(diffusion_steps=1000)._schedule
    given = schedule.config
    assert (given.num_train_timesteps, given.beta_schedule) == (1000, "linear")
    assert (given.beta_start, given.beta_end) == (1e-4, 0.02)
    assert given.prediction_type == "epsilon" and given.clip_sample
    assert schedule.timesteps.tolist() == [999, 749, 499, 249]
    assert new_diffusion(predict_noise=False)._schedule.config.prediction_type == "sample"


def test_networks_have_the_sizes_of_the_settings():
    networks = new_diffusion(depth=3, value_depth=2, hidden_size=24).build_networks()
    assert (len(networks["denoiser"].blocks), len(networks["value"].blocks.layers)) == (3, 2)
    assert networks["denoiser"].enter.weight.shape == (16, 3)
    assert networks["inverse"].layers[0].weight.shape == (24, 2 + 64 + 2 * 3)


def windows_of(states: torch.Tensor, pairs: int = 1) -> torch.Tensor:
    """(B, H + 2 P, 5) recorded steps with actions of 9."""
    plans = torch.cat([torch.full((*states.shape[:2], 2), 9.0), states], dim=2)
    return torch.cat([plans, torch.zeros(len(states), 2 * pairs, 5)], dim=1)


def test_all_states_but_the_first_are_learned():
    states = torch.full((2, 4, 3), 2.0)
    states[:, 0] = 100.0
    states[:, 1] = torch.tensor([3.0, 0.0, 0.0])
    losses = new_diffusion(predict_noise=False).losses(
        networks_of(always(1.0)), windows_of(states), torch.zeros(2), _generator()
    )
    # Errors of 4, 1 and 1 in the second state, of 1 in the three numbers of the two after it.
    assert losses["denoising_loss"].item() == pytest.approx((4 + 1 + 1 + 2 * 3) / 9)


def test_as_in_the_paper_it_is_the_noise_that_is_learned():
    denoiser, states = always(0.0), torch.zeros(3000, 4, 3)
    losses = new_diffusion().losses(
        networks_of(denoiser), windows_of(states), torch.zeros(3000), _generator()
    )
    assert losses["denoising_loss"].item() == pytest.approx(1, abs=0.05)
    ((noisy, levels),) = denoiser.heard
    assert set(levels.tolist()) == set(range(20)) and (noisy[:, 0] == 0).all()
    knows = Says(lambda plans: plans / kept_out[levels, None, None])
    kept_out = (1 - new_diffusion()._schedule.alphas_cumprod) ** 0.5
    known = new_diffusion().losses(
        networks_of(knows), windows_of(states), torch.zeros(3000), _generator()
    )
    assert known["denoising_loss"].item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("factor", "weights"), [(0.0, (1, 1)), (2.0, (1, exp(-4)))])
def test_what_is_worth_more_may_be_learned_more(factor: float, weights):
    states, values = torch.zeros(2, 4, 3), torch.tensor([1.0, -1.0])
    states[1] = 3.0
    losses = new_diffusion(predict_noise=False, weight_factor=factor).losses(
        networks_of(always(1.0)), windows_of(states), values, _generator()
    )
    # Errors of 1 and of 4.
    assert losses["denoising_loss"].item() == pytest.approx((weights[0] + 4 * weights[1]) / 2)


def test_the_value_of_recorded_plans_without_noise_is_learned():
    states = torch.arange(24.0).view(2, 4, 3)
    seen = []

    def value(plans):
        seen.append(plans)
        return torch.tensor([0.5, 0.0])

    losses = new_diffusion().losses(
        networks_of(always(0.0), value), windows_of(states), torch.tensor([1.0, -1.0]), _generator()
    )
    assert torch.equal(seen[0], states)
    assert losses["value_loss"].item() == pytest.approx((0.25 + 1) / 2)


def test_the_inverse_dynamics_learns_the_first_action_of_each_pair():
    windows = windows_of(torch.zeros(1, 4, 3), pairs=2)
    # Steps of (action, action, state): two pairs.
    windows[0, 4:] = torch.tensor(
        [[0.1, 0.2, 1, 1, 1], [9, 9, 2, 2, 2], [0.3, 0.4, 3, 3, 3], [9, 9, 4, 4, 4]]
    )
    heard = []

    class Inverse:
        def loss(self, network, pairs, actions, noise):
            heard.append((pairs.tolist(), actions))
            return torch.tensor(7.0)

    diffusion = new_diffusion(pairs=2)
    diffusion._inverse = Inverse()
    losses = diffusion.losses(networks_of(always(0.0)), windows, torch.zeros(1), _generator())
    assert losses["inverse_loss"] == 7
    assert heard[0][0] == [[[1, 1, 1], [2, 2, 2]], [[3, 3, 3], [4, 4, 4]]]
    torch.testing.assert_close(heard[0][1], torch.tensor([[0.1, 0.2], [0.3, 0.4]]))


def test_of_many_plans_the_one_valued_most_is_taken():
    diffusion = new_diffusion(predict_noise=False)
    denoiser = Says(lambda plans: 0.2 * plans)  # Plans stay as different as they begin.
    valued = []

    def value(plans):
        valued.append(plans)
        return plans[:, -1, 0]

    picked = diffusion.sample(networks_of(denoiser, value), FIRST, _generator())
    (plans,) = valued
    assert plans.shape == (6, 4, 3) and picked.shape == (2, 4, 3)
    of_each = plans.view(2, 3, 4, 3)
    best = of_each[:, :, -1, 0].argmax(dim=1)
    assert len(set(plans[:, -1, 0].tolist())) == 6
    for env in (0, 1):
        assert torch.equal(picked[env], of_each[env, best[env]])


def test_the_first_state_is_the_present_one_at_every_level():
    denoiser = always(0.3)
    picked = new_diffusion().sample(networks_of(denoiser), FIRST, _generator())
    assert torch.equal(picked[:, 0], FIRST)
    assert [levels[0].item() for _, levels in denoiser.heard] == [19, 14, 9, 4]
    for plans, _ in denoiser.heard:
        assert torch.equal(plans[:, 0], FIRST.repeat_interleave(3, 0))


@pytest.mark.parametrize("predict_noise", [True, False])
def test_what_the_denoiser_knows_is_what_is_planned(predict_noise: bool):
    diffusion = new_diffusion(predict_noise=predict_noise)
    kept = diffusion._schedule.alphas_cumprod

    def noise_around(plans, levels):
        part = kept[levels, None, None]
        return (plans - 0.25 * part**0.5) / (1 - part) ** 0.5

    denoiser = noise_around if predict_noise else always(0.25)
    plans = diffusion.sample(networks_of(denoiser), FIRST, _generator())
    torch.testing.assert_close(plans[:, 1:], torch.full((2, 3, 3), 0.25), atol=1e-3, rtol=0)


def test_after_its_beginning_a_plan_is_drawn_without_chance():
    denoiser = Says(lambda plans: 0.5 * plans)
    drawn = [
        new_diffusion().sample(networks_of(denoiser), FIRST, _generator(seed)) for seed in (1, 1, 2)
    ]
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    one = _generator(1)
    torch.randn(6, 4, 3, generator=one)
    other = _generator(1)
    new_diffusion().sample(networks_of(denoiser), FIRST, other)
    assert torch.equal(one.get_state(), other.get_state())


def test_actions_are_those_between_now_and_later():
    heard = []

    class Inverse:
        def sample(self, network, pairs, size, noise):
            heard.append((network, pairs, size, noise))
            return "actions"

    diffusion, noise = new_diffusion(), _generator()
    diffusion._inverse = Inverse()
    drawn = diffusion.actions({"inverse": "network"}, FIRST, FIRST + 1, noise)
    ((network, pairs, size, given),) = heard
    assert (drawn, network, size, given) == ("actions", "network", 2, noise)
    assert torch.equal(pairs, torch.stack([FIRST, FIRST + 1], dim=1))
