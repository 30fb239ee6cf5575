from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.plan_diffusion import DiffuserConfig, KnownEnds, PlanDiffusion, PlanShape
from baselines.seeding import seeded_torch
from benchmark.interface import TaskInfo

TINY = DiffuserConfig(horizon=8, channels=(32, 64), diffusion_steps=5, candidates=3, replan_every=4)


def new_diffusion(config: DiffuserConfig = TINY, **columns) -> PlanDiffusion:
    bound = np.ones(2, np.float32)
    task = TaskInfo("made-up", 3, -bound, bound, max_steps=10, **columns)
    return PlanDiffusion(PlanShape.of_task(task, config, 2), config, "cpu")


def ends(n_plans: int) -> KnownEnds:
    return KnownEnds(torch.full((n_plans, 3), 0.5), torch.full((n_plans, 3), -0.5))


def test_only_the_first_observation_is_held_where_no_goal_is_shown():
    diffusion = new_diffusion(position_columns=(0, 1))
    plans = diffusion.sample(diffusion.build_networks(), ends(4), torch.Generator())
    assert plans.shape == (4, 8, 5)
    assert (plans[:, 0, 2:] == 0.5).all()
    assert not (plans[:, -1, 2:] == -0.5).any()


def test_the_last_position_is_held_where_the_goal_is_shown():
    diffusion = new_diffusion(position_columns=(0,), goal_columns=(2,))
    networks = diffusion.build_networks()
    plans = diffusion.sample(networks, ends(4), torch.Generator())
    assert (plans[:, 0, 2:] == 0.5).all() and (plans[:, -1, 2] == -0.5).all()
    assert not (plans[:, -1, 3:] == -0.5).any()
    assert list(networks) == ["denoiser"]


def test_what_is_held_is_not_learned():
    diffusion = new_diffusion(position_columns=(0,), goal_columns=(2,))
    windows = torch.zeros(2, 8, 5)
    windows[:, 0, 2:] = 100.0
    windows[:, -1, 2] = 100.0
    networks = diffusion.build_networks()
    losses = diffusion.losses(networks, windows, torch.zeros(2), torch.Generator())
    # Errors of 100 in these five of 40 numbers would be a loss above 1,000.
    assert list(losses) == ["denoising_loss"] and losses["denoising_loss"] < 100


def test_guidance_raises_the_value_of_a_plan():
    config = DiffuserConfig(**{**vars(TINY), "guide_scale": 0.1})
    diffusion = new_diffusion(config)
    with seeded_torch(0, "cpu"):
        networks, noise = diffusion.build_networks(), torch.randn(6, 8, 5)
    plans, levels = diffusion._hold(noise, ends(6)), torch.full((6,), 3)
    guided = diffusion._guide(networks, plans.clone(), ends(6), 3)
    before, after = (networks["value"](x.mT, levels).sample for x in (plans, guided))
    assert (after > before).all()
    assert (guided[:, 0, 2:] == 0.5).all()


def test_the_candidate_valued_most_is_taken():
    diffusion = new_diffusion()
    networks = diffusion.build_networks()
    (chosen,) = diffusion.sample(networks, ends(1), torch.Generator().manual_seed(1))
    alone = new_diffusion(DiffuserConfig(**{**vars(TINY), "candidates": 1}))
    drawn = alone.sample(networks, ends(3), torch.Generator().manual_seed(1))
    with torch.no_grad():
        best = networks["value"](drawn.mT, torch.zeros(3, dtype=torch.long)).sample.argmax()
    torch.testing.assert_close(chosen, drawn[best])


def test_the_variance_at_each_level_is_that_of_the_schedule():
    diffusion = new_diffusion()
    for level in range(1, 5):
        spread = float(diffusion._schedule._get_variance(torch.tensor(level)))
        assert diffusion._noise_variance(level) == pytest.approx(spread**2, rel=1e-5)


@pytest.mark.parametrize(
    "settings", [{"horizon": 9}, {"channels": (32, 72)}, {"channels": (32, 32)}]
)
def test_a_horizon_or_channels_that_do_not_fit_are_refused(settings):
    with pytest.raises(
        ValueError, match="do not fit together; valid: a horizon that is a multiple of 2"
    ):
        DiffuserConfig(**{**vars(TINY), **settings})


def test_executing_more_of_a_plan_than_there_is_of_it_is_refused():
    with pytest.raises(ValueError, match="replan_every=9 .* valid: 1 to 8"):
        DiffuserConfig(**{**vars(TINY), "replan_every": 9})
