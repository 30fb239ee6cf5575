from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from baselines.diffusion.conditional_diffusion import ConditionalDiffusion, DecisionDiffuserConfig
from baselines.diffusion.diffusion_config import UNetConfig
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


class Says:
    """In the place of a denoiser (of states (B, H, O)): says what it is told to, and listens."""

    def __init__(self, answer) -> None:
        self.answer, self.heard = answer, []

    def __call__(self, columns_first, condition):
        states = columns_first.mT
        self.heard.append((states.clone(), condition))
        return type("Output", (), {"sample": self.answer(states, condition).mT})


def always(value: float) -> Says:
    return Says(lambda states, _: torch.full_like(states, value))


def nothing(pairs: torch.Tensor) -> torch.Tensor:
    """In the place of the inverse dynamics."""
    return torch.zeros(*pairs.shape[:2], 2)


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def draw(diffusion: ConditionalDiffusion, denoiser: Says, seed: int = 0) -> torch.Tensor:
    noise = torch.Generator().manual_seed(seed)
    return diffusion.sample({"denoiser": denoiser}, FIRST, noise)


def test_defaults_are_those_of_decision_diffuser_for_locomotion():
    # code/config/locomotion_config.py of anuragajay/decision-diffuser: horizon 100, dim 128 times
    # (1, 4, 8), 200 diffusion steps, batches of 32 accumulated twice, rate 2e-4, hidden_dim 256,
    # condition_guidance_w 1.2, condition_dropout 0.25, test_ret 0.9, ema_decay 0.995; noise is
    # halved in GaussianInvDynDiffusion.p_sample.
    assert asdict(DecisionDiffuserConfig()) == {
        **asdict(UNetConfig()),
        "horizon": 100,
        "channels": (128, 512, 1024),
        "diffusion_steps": 200,
        "denoising_steps": 200,
        "target_return": 0.9,
        "guidance_weight": 1.2,
        "drop_condition": 0.25,
        "temperature": 0.5,
        "hidden_size": 256,
    }
    assert DecisionDiffuserConfig().planned_actions == 99


def test_the_noise_schedule_is_that_of_the_settings():
    schedule = new_diffusion(diffusion_steps=20, denoising_steps=4)._schedule
    given = schedule.config
    assert (given.num_train_timesteps, given.beta_schedule) == (20, "squaredcos_cap_v2")
    assert (given.prediction_type, given.clip_sample, given.clip_sample_range) == (
        "sample",
        True,
        1,
    )
    assert schedule.timesteps.tolist() == [15, 10, 5, 0]


def test_networks_have_the_sizes_of_states_and_of_pairs_of_them():
    networks = new_diffusion(hidden_size=24).build_networks()
    config = networks["denoiser"].config
    assert (config.in_channels, config.sample_size) == (3, 8)
    assert tuple(config.block_out_channels) == (32, 64)
    layers = [layer for layer in networks["inverse"] if isinstance(layer, torch.nn.Linear)]
    assert [tuple(layer.weight.shape) for layer in layers] == [(24, 6), (24, 24), (2, 24)]
    assert [type(layer).__name__ for layer in networks["inverse"]][1::2] == ["ReLU", "ReLU"]


def test_all_states_but_the_first_are_learned():
    windows = torch.full((2, 8, 5), 9.0)
    windows[:, :, 2:] = 2.0
    windows[:, 0, 2:] = 100.0
    windows[:, 1, 2:] = torch.tensor([3.0, 0.0, 0.0])
    networks = {"denoiser": always(1.0), "inverse": nothing}
    losses = new_diffusion().losses(networks, windows, torch.zeros(2), _generator())
    # Errors of 4, 1 and 1 in the second state, of 1 in the three numbers of the six after it.
    assert losses["denoising_loss"].item() == pytest.approx((4 + 1 + 1 + 6 * 3) / (7 * 3))


def test_the_inverse_dynamics_learns_the_action_between_a_state_and_the_next():
    # The states are 1, 2, 4; it says ten times the first and the second of a pair: 12 and 24.
    windows = torch.zeros(1, 8, 5)
    windows[0, :3, 2] = torch.tensor([1.0, 2.0, 4.0])
    windows[0, :3, 0] = torch.tensor([11.0, 21.0, 99.0])
    networks = {
        "denoiser": always(0.0),
        "inverse": lambda pairs: torch.cat([10 * pairs[..., :1] + pairs[..., 3:4]] * 2, dim=2),
    }
    diffusion = new_diffusion()
    actions = diffusion.actions(networks, windows[:, :, 2:])
    assert actions[0, :4].tolist() == [[12, 12], [24, 24], [40, 40], [0, 0]]
    losses = diffusion.losses(networks, windows, torch.zeros(1), _generator())
    # Errors of 1, 3, -59 in one column and of 12, 24, 40 in the other, of seven pairs of columns.
    expected = (1 + 9 + 59**2 + 144 + 576 + 1600) / 14
    assert losses["inverse_loss"].item() == pytest.approx(expected)


def test_windows_are_noised_and_the_denoiser_sees_their_levels_and_returns():
    denoiser, returns = always(0.0), torch.linspace(0, 1, 600)
    windows = torch.full((600, 8, 5), 2.0)
    diffusion = new_diffusion(diffusion_steps=2, denoising_steps=2)
    networks = {"denoiser": denoiser, "inverse": nothing}
    diffusion.losses(networks, windows, returns, _generator())
    ((noisy, condition),) = denoiser.heard
    levels, seen_returns, conditioned = condition.T
    assert torch.equal(seen_returns, returns) and set(levels.tolist()) == {0, 1}
    assert 250 < (levels == 0).sum() < 350
    assert set(conditioned.tolist()) == {0, 1} and 0.7 < conditioned.mean() < 0.8
    # See test_plan_diffusion: level 0 keeps 0.4939 of the variance, level 1 a thousandth of that.
    for level, kept in ((0, 0.4939), (1, 0.0004939)):
        free = noisy[levels == level][:, 1:]
        assert free.mean().item() == pytest.approx(2 * kept**0.5, abs=0.04)
        assert free.std().item() == pytest.approx((1 - kept) ** 0.5, abs=0.04)
    assert (noisy[:, 0] == 2).all()


@pytest.mark.parametrize(
    ("weight", "factor"),
    # 4 under the return asked for, 1.5 without: w of the one and 1 - w of the other.
    [(0.0, 1.5), (1.0, 4.0), (1.2, 1.2 * 4 - 0.2 * 1.5), (3.0, 3 * 4 - 2 * 1.5)],
)
def test_guidance_goes_beyond_what_is_usual_under_the_return_asked_for(weight, factor):
    denoiser = Says(lambda states, condition: states * (1.5 + 2.5 * condition[:, 2, None, None]))
    diffusion = new_diffusion(guidance_weight=weight, target_return=0.7)
    states = torch.randn(2, 8, 3, generator=_generator())
    guided = diffusion._guided({"denoiser": denoiser}, states, 3)
    torch.testing.assert_close(guided, factor * states)
    ((_, condition),) = denoiser.heard
    expected = torch.tensor([[3, 0.7, 0], [3, 0.7, 0], [3, 0.7, 1], [3, 0.7, 1]])
    torch.testing.assert_close(condition, expected)


def test_a_plan_is_drawn_by_the_steps_of_the_denoising_diffusion():
    # Ho et al. 2020, equations 6 and 7, on the cosine schedule of Nichol and Dhariwal 2021.
    kept = np.cos((np.arange(6) / 5 + 0.008) / 1.008 * np.pi / 2) ** 2
    beta = np.minimum(1 - kept[1:] / kept[:-1], 0.999)
    product = np.cumprod(1 - beta)
    noise = _generator()
    plan = torch.randn(2, 8, 3, generator=noise)
    plan[:, 0] = FIRST
    for level in (4, 3, 2, 1, 0):
        before = product[level - 1] if level else 1.0
        mean = before**0.5 * beta[level] / (1 - product[level]) * (2 * plan).clamp(-1, 1)
        mean += (1 - beta[level]) ** 0.5 * (1 - before) / (1 - product[level]) * plan
        deviation = ((1 - before) / (1 - product[level]) * beta[level]) ** 0.5
        plan = mean + deviation * torch.randn(2, 8, 3, generator=noise)
        plan[:, 0] = FIRST
    drawn = draw(new_diffusion(temperature=1.0), Says(lambda states, _: 2 * states))
    torch.testing.assert_close(drawn, plan, rtol=1e-3, atol=1e-4)


def test_the_first_state_is_held_before_and_after_every_step():
    denoiser = always(5.0)
    plans = draw(new_diffusion(diffusion_steps=20, denoising_steps=4), denoiser)
    assert [condition[0, 0].item() for _, condition in denoiser.heard] == [15, 10, 5, 0]
    for states, _ in denoiser.heard:
        assert torch.equal(states[:2, 0], FIRST) and torch.equal(states[2:, 0], FIRST)
    assert torch.equal(plans[:, 0], FIRST)
    assert (plans[:, 1:] == 1).all()  # What is denoised is clipped.


def test_temperature_is_a_factor_on_all_noise():
    heard = {}
    for temperature in (1.0, 0.5, 0.0):
        denoiser = always(0.0)
        draw(new_diffusion(temperature=temperature), denoiser)
        heard[temperature] = torch.stack([states[:2, 1:] for states, _ in denoiser.heard])
    # A denoiser that says 0 leaves noise alone, so that all of it halves.
    torch.testing.assert_close(heard[0.5], heard[1.0] / 2)
    assert heard[1.0][0].std() > 0.7 and heard[1.0][-1].std() > 0.2
    assert (heard[0.0] == 0).all()


@pytest.mark.parametrize(("share", "low", "high"), [(0, 0, 0), (0.25, 0.22, 0.28), (1, 1, 1)])
def test_conditions_are_dropped_as_often_as_it_says(share, low, high):
    conditioned = new_diffusion(drop_condition=share)._draw_conditioned(4_000, _generator())
    assert low <= 1 - conditioned.float().mean() <= high


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target_return": -0.1}, "target_return=-0.1 .* valid: 0 to inf"),
        ({"drop_condition": -0.5}, "drop_condition=-0.5 .* valid: 0 to 1"),
        ({"temperature": 1.1}, "temperature=1.1 .* valid: 0 to 1"),
        ({"denoising_steps": 1}, "denoising_steps=1 .* valid: 2 to 5"),
        ({"drop_condition": 1.5}, "drop_condition=1.5 .* valid: 0 to 1"),
        ({"temperature": -0.1}, "temperature=-0.1 .* valid: 0 to 1"),
        ({"guidance_weight": -1}, "guidance_weight=-1 .* valid: 0 to inf"),
        ({"denoising_steps": 6}, "denoising_steps=6 .* valid: 2 to 5"),
        ({"denoising_steps": 3}, "diffusion_steps=5 .* no multiple of denoising_steps=3"),
        ({"hidden_size": 0}, "hidden_size=0 .* valid: 1 to inf"),
        ({"replan_every": 8}, "replan_every=8 .* valid: 1 to 7"),
        ({"horizon": 9}, "do not fit together; valid: a horizon that is a multiple of 2"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **settings)


@pytest.mark.parametrize(
    "settings",
    [
        *({"target_return": 0}, {"guidance_weight": 0}, {"hidden_size": 1}, {"replan_every": 7}),
        *({"drop_condition": 0}, {"drop_condition": 1}, {"temperature": 0}, {"temperature": 1}),
        *({"denoising_steps": 2, "diffusion_steps": 4}, {"horizon": 10}),
    ],
)
def test_settings_at_the_edge_are_taken(settings):
    replace(TINY, **settings)


def test_networks_learn_and_plan_as_they_are_built():
    diffusion = new_diffusion()
    networks = diffusion.build_networks()
    losses = diffusion.losses(networks, torch.zeros(2, 8, 5), torch.ones(2), _generator())
    assert list(losses) == ["denoising_loss", "inverse_loss"]
    plans = diffusion.sample(networks, FIRST, _generator())
    assert plans.shape == (2, 8, 3) and not plans.requires_grad
