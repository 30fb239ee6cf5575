from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from baselines.diffusion.plan_diffusion import DiffuserConfig, KnownEnds, PlanDiffusion, PlanShape
from benchmark.interface import TaskInfo

TINY = DiffuserConfig(horizon=8, channels=(32, 64), diffusion_steps=5, candidates=3, replan_every=4)
# Two noise levels of the squared cosine, f(t) = cos((t + 0.008) / 1.008 * pi / 2) squared: f(0) is
# 0.99984, f(0.5) 0.4938, f(1) 0. Level 0 keeps 0.4938 / 0.99984 = 0.4939 of the variance, level 1 a
# thousandth of that, as no step may take more than 0.999.
KEPT = 0.4939
LEFT = 0.5058  # (1 - 0.4939) / (1 - 0.000494) * 0.999, the noise that a step from level 1 leaves.


def shape(actions=1, observations=2, known_step=3, known_columns=(), guided=False, horizon=4):
    return PlanShape(horizon, actions, observations, known_step, known_columns, guided)


def two_levels(shape: PlanShape, **settings) -> PlanDiffusion:
    return PlanDiffusion(shape, replace(TINY, **{"diffusion_steps": 2, **settings}), "cpu")


class Says:
    """In the place of a network (of plans (B, H, D)): says what it is told to, and listens."""

    def __init__(self, answer) -> None:
        self.answer, self.heard = answer, []

    def __call__(self, columns_first, levels):
        plans = columns_first.mT
        self.heard.append((plans.detach().clone(), levels.tolist()))
        answer = self.answer(plans)
        return type("Output", (), {"sample": answer.mT if answer.dim() == 3 else answer[:, None]})


def always(value: float) -> Says:
    return Says(lambda plans: torch.full_like(plans, value))


def ends(n_plans: int, size: int = 2, first: float = 0.5, last: float = -0.25) -> KnownEnds:
    return KnownEnds(torch.full((n_plans, size), first), torch.full((n_plans, size), last))


def noise() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_defaults_are_those_of_diffuser_for_locomotion():
    # config/locomotion.py of jannerm/diffuser: action_weight 10, n_guide_steps 2, t_stopgrad 2,
    # batches of 64 plans; scale is set for each task there.
    added = {key: value for key, value in asdict(DiffuserConfig()).items() if key in OWN}
    assert added == OWN
    assert DiffuserConfig().horizon == 32 and DiffuserConfig().channels == (32, 64, 128, 256)


OWN = {
    "action_weight": 10.0,
    "guide_steps": 2,
    "guide_scale": 1.0,
    "unguided_steps": 2,
    "candidates": 64,
    "goal": (),
}


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ({"guide_steps": -1}, {"guide_steps": 0}, "guide_steps=-1 .* valid: 0 to inf"),
        ({"unguided_steps": 0}, {"unguided_steps": 1}, "unguided_steps=0 .* valid: 1 to inf"),
        ({"candidates": 0}, {"candidates": 1}, "candidates=0 .* valid: 1 to inf"),
        ({"horizon": 9}, {"horizon": 10}, "multiple of 2"),
        ({"replan_every": 9}, {"replan_every": 8}, "replan_every=9 .* valid: 1 to 8"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong, right, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **wrong)
    replace(TINY, **right)


SHOWN = {"position_columns": (2, 0), "goal_columns": (1, 3)}
HIDDEN = {"position_columns": (2, 0)}


@pytest.mark.parametrize(
    ("columns", "goal", "known", "guided"),
    [
        (SHOWN, (), (2, 0), False),
        (HIDDEN, (0.4, 0.6), (2, 0), False),
        (HIDDEN, (), (), True),
        ({}, (), (), True),
    ],
)
def test_plans_end_at_a_goal_that_is_known_and_are_guided_elsewhere(columns, goal, known, guided):
    bound = np.ones(3, np.float32)
    task = TaskInfo("made-up", 4, -bound, bound, max_steps=10, **columns)
    shape_of_plan = PlanShape.of_task(task, replace(TINY, goal=goal), actions=6)
    assert shape_of_plan == PlanShape(8, 6, 4, known_step=7, known_columns=known, guided=guided)
    assert shape_of_plan.columns == 10


def test_each_end_is_repeated_one_after_the_other():
    two = KnownEnds(torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [4.0]])).repeated(3)
    assert two.first.flatten().tolist() == [1, 1, 1, 2, 2, 2]
    assert two.last.flatten().tolist() == [3, 3, 3, 4, 4, 4]


def test_the_noise_schedule_is_that_of_the_settings():
    # scheduler_config.json of bglick13/hopper-medium-v2-value-function-hor32, for `diffusers`.
    given = two_levels(shape(), diffusion_steps=17)._schedule.config
    assert (given.num_train_timesteps, given.beta_schedule) == (17, "squaredcos_cap_v2")
    assert (given.prediction_type, given.variance_type) == ("sample", "fixed_small_log")
    assert (given.clip_sample, given.clip_sample_range) == (True, 1.0)
    two = two_levels(shape())._schedule.alphas_cumprod
    assert two.tolist() == pytest.approx([KEPT, KEPT / 1000], rel=1e-3)


def test_networks_have_the_sizes_of_a_plan_and_a_value_model_where_plans_are_guided():
    for guided, names in ((False, ["denoiser"]), (True, ["denoiser", "value"])):
        networks = two_levels(shape(guided=guided)).build_networks()
        assert list(networks) == names
        for network in networks.values():
            config = network.config
            assert (config.in_channels, config.sample_size) == (3, 4)
            assert tuple(config.block_out_channels) == (32, 64)


def test_only_the_first_action_weighs_more_and_what_is_held_is_not_learned():
    diffusion = two_levels(shape(known_columns=(1,)), action_weight=10.0)
    windows = torch.ones(2, 4, 3)
    windows[:, 0, 0] = 3.0
    windows[1] *= 2.0
    losses = diffusion.losses({"denoiser": always(0.0)}, windows, torch.zeros(2), noise())
    # Of 4 steps of 3 numbers, 2 are held at the first step and 1 at the last. Errors of 1 are left
    # in 8, and of 9, ten times, in the first action: 98 in the one window, 4 * 98 in the other.
    assert list(losses) == ["denoising_loss"]
    assert losses["denoising_loss"].item() == pytest.approx((98 + 4 * 98) / (2 * 12))


def test_the_value_model_learns_the_returns_of_the_same_noisy_windows():
    networks = {"denoiser": always(0.0), "value": Says(lambda plans: torch.tensor([2.0, 5.0]))}
    diffusion = two_levels(shape(guided=True))
    losses = diffusion.losses(networks, torch.ones(2, 4, 3), torch.tensor([1.0, 3.0]), noise())
    assert losses["value_loss"].item() == pytest.approx((1 + 4) / 2)
    (denoised,), (valued,) = networks["denoiser"].heard, networks["value"].heard
    assert torch.equal(denoised[0], valued[0]) and denoised[1] == valued[1]


def test_windows_are_noised_to_levels_that_are_all_as_frequent_and_ends_stay_clean():
    denoiser = always(0.0)
    windows = torch.full((600, 4, 3), 2.0)
    diffusion = two_levels(shape(known_step=2, known_columns=(1,)))
    diffusion.losses({"denoiser": denoiser}, windows, torch.zeros(600), noise())
    ((noisy, levels),) = denoiser.heard
    levels = torch.tensor(levels)
    assert sorted(set(levels.tolist())) == [0, 1] and 250 < (levels == 0).sum() < 350
    for level, kept in ((0, KEPT), (1, KEPT / 1000)):
        free = noisy[levels == level][:, 3]
        assert free.mean().item() == pytest.approx(2 * kept**0.5, abs=0.06)
        assert free.std().item() == pytest.approx((1 - kept) ** 0.5, abs=0.05)
    assert (noisy[:, 0, 1:] == 2).all() and (noisy[:, 2, 2] == 2).all()
    assert not (noisy[:, 0, 0] == 2).any() and not (noisy[:, 2, :2] == 2).any()


def test_what_is_known_is_held_before_and_after_every_denoising_step():
    denoiser = always(0.3)
    diffusion = two_levels(shape(known_step=2, known_columns=(1,)), diffusion_steps=5)
    plans = diffusion.sample({"denoiser": denoiser}, ends(2), noise())
    assert [levels for _, levels in denoiser.heard] == [[level] * 2 for level in (4, 3, 2, 1, 0)]
    for held in [plan for plan, _ in denoiser.heard] + [plans]:
        assert (held[:, 0, 1:] == 0.5).all() and (held[:, 2, 2] == -0.25).all()
        assert not (held[:, 2, :2] == -0.25).any() and not (held[:, 3] == -0.25).any()
    free = plans.clone()
    free[:, 0, 1:] = free[:, 2, 2] = 0.3  # The last step leaves what the denoiser says.
    torch.testing.assert_close(free, torch.full((2, 4, 3), 0.3))


def test_denoised_plans_are_clipped():
    plans = two_levels(shape()).sample({"denoiser": always(5.0)}, ends(1), noise())
    assert plans[0, 1:].tolist() == [[1.0] * 3] * 3


def test_a_denoising_step_leaves_as_much_noise_as_it_should():
    denoiser = always(0.6)
    two_levels(shape()).sample({"denoiser": denoiser}, ends(600), noise())
    (start, _), (below, _) = denoiser.heard
    assert start[:, 1:].mean().item() == pytest.approx(0, abs=0.03)
    assert start[:, 1:].std().item() == pytest.approx(1, abs=0.03)
    # The root of 0.4939 times 0.6, and a sixtieth of the noise before.
    assert below[:, 1:].mean().item() == pytest.approx(0.6 * KEPT**0.5, abs=0.03)
    assert below[:, 1:].std().item() == pytest.approx(LEFT**0.5, abs=0.02)


def test_guidance_climbs_the_value_model_and_keeps_the_ends():
    # The slope of half of the square is the number itself: each move multiplies it by 1 + length.
    value = Says(lambda plans: (plans**2 / 2).sum(dim=(1, 2)))
    guided = shape(guided=True, known_step=2, known_columns=(0,))
    diffusion = two_levels(guided, guide_steps=3, guide_scale=0.4)
    plans = diffusion._hold(torch.full((2, 4, 3), 0.8), ends(2))
    moved = diffusion._guide({"value": value}, plans.clone(), ends(2), level=1)
    expected = torch.full((2, 4, 3), 0.8 * (1 + 0.4 * LEFT) ** 3)
    expected[:, 0, 1:], expected[:, 2, 1] = 0.5, -0.25
    torch.testing.assert_close(moved, expected, rtol=1e-3, atol=1e-4)
    assert [levels for _, levels in value.heard] == [[1, 1]] * 3
    assert not moved.requires_grad


def test_the_variance_at_each_level_is_that_of_the_schedule():
    assert two_levels(shape())._noise_variance(1) == pytest.approx(LEFT, rel=1e-3)
    diffusion = two_levels(shape(), diffusion_steps=5)
    for level in range(1, 5):
        spread = float(diffusion._schedule._get_variance(torch.tensor(level)))
        assert diffusion._noise_variance(level) == pytest.approx(spread**2, rel=1e-5)


def test_all_but_the_last_denoising_steps_are_guided():
    value = Says(lambda plans: plans.mean(dim=(1, 2)))
    networks = {"denoiser": always(0.0), "value": value}
    settings = {"diffusion_steps": 5, "guide_steps": 2, "unguided_steps": 2, "candidates": 1}
    two_levels(shape(guided=True), **settings).sample(networks, ends(1), noise())
    assert [levels for _, levels in value.heard] == [[4], [4], [3], [3], [2], [2]]


def test_the_candidate_valued_most_is_taken_for_each_environment():
    worth = torch.tensor([0.1, 0.5, 0.3, 0.4, 0.2, 0.0])[:, None, None]  # Three of each.
    denoiser = Says(lambda plans: worth.expand_as(plans))
    value = Says(lambda plans: plans[:, 1:].mean(dim=(1, 2)))
    first = torch.tensor([[0.7, 0.7], [-0.7, -0.7]])
    diffusion = two_levels(shape(guided=True), candidates=3)
    networks = {"denoiser": denoiser, "value": value}
    plans = diffusion.sample(networks, KnownEnds(first, first), noise())
    assert plans.shape == (2, 4, 3) and torch.equal(plans[:, 0, 1:], first)
    torch.testing.assert_close(plans[:, 1:].mean(dim=(1, 2)), torch.tensor([0.5, 0.4]))
    assert value.heard[-1][1] == [0] * 6


def test_a_plan_that_is_not_guided_is_drawn_once():
    denoiser = always(0.0)
    plans = two_levels(shape(), candidates=3).sample({"denoiser": denoiser}, ends(2), noise())
    assert len(plans) == len(denoiser.heard[0][0]) == 2


def test_networks_denoise_and_value_plans_as_they_are_built():
    diffusion = PlanDiffusion(shape(horizon=8, known_step=7, guided=True), TINY, "cpu")
    networks = diffusion.build_networks()
    losses = diffusion.losses(networks, torch.zeros(2, 8, 3), torch.zeros(2), noise())
    assert list(losses) == ["denoising_loss", "value_loss"]
    assert diffusion.sample(networks, ends(2), noise()).shape == (2, 8, 3)
