from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.hierarchical_diffusion import HierarchicalConfig, HierarchicalDiffusion
from baselines.plan_diffusion import KnownEnds
from benchmark.interface import TaskInfo

TINY = HierarchicalConfig(
    horizon=4, channels=(32, 64), diffusion_steps=4, candidates=2, subgoal_every=3
)
ENDS = KnownEnds(torch.full((5, 3), 0.5), torch.full((5, 3), -0.5))


def new_diffusion(settings: dict | None = None, **columns) -> HierarchicalDiffusion:
    bound = np.ones(2, np.float32)
    task = TaskInfo("made-up", 3, -bound, bound, max_steps=10, **columns)
    return HierarchicalDiffusion(task, replace(TINY, **(settings or {})), "cpu")


def numbered_windows() -> torch.Tensor:
    """(1, 12, 5): at step t the actions are t and t + 0.5, the observation -t, -t, -t."""
    steps = torch.arange(12.0)[:, None]
    return torch.cat([steps, steps + 0.5, -steps, -steps, -steps], dim=1)[None]


def test_sub_goals_lie_every_k_steps_with_the_actions_between_them():
    (sub_goals,) = new_diffusion().sub_goals(numbered_windows())
    assert sub_goals[:, 6:].tolist() == [[0] * 3, [-3] * 3, [-6] * 3, [-9] * 3]
    assert sub_goals[1, :6].tolist() == [3, 3.5, 4, 4.5, 5, 5.5]


def test_sub_goals_without_actions_are_states_alone():
    (sub_goals,) = new_diffusion({"dense_actions": False}).sub_goals(numbered_windows())
    assert sub_goals.tolist() == [[0] * 3, [-3] * 3, [-6] * 3, [-9] * 3]


@pytest.mark.parametrize("dense_actions", [True, False])
def test_a_segment_goes_from_the_present_state_to_the_next_sub_goal(dense_actions):
    diffusion = new_diffusion({"dense_actions": dense_actions})
    networks, plans = diffusion.build_networks(), []
    draw = diffusion._high.sample
    diffusion._high.sample = lambda *given: plans.append(draw(*given)) or plans[-1]
    segments = diffusion.sample(networks, ENDS, torch.Generator())
    sub_goals = plans[0][:, :, -3:]
    assert segments.shape == (5, 4, 5) and sub_goals.shape == (5, 4, 3)
    assert torch.equal(segments[:, 0, 2:], ENDS.first)
    assert torch.equal(segments[:, 3, 2:], sub_goals[:, 1])


def test_all_segments_that_are_executed_are_drawn_and_meet_at_the_sub_goals():
    diffusion = new_diffusion({"replan_every": 7})
    networks, plans = diffusion.build_networks(), []
    draw = diffusion._high.sample
    diffusion._high.sample = lambda *given: plans.append(draw(*given)) or plans[-1]
    path = diffusion.sample(networks, ENDS, torch.Generator())
    assert path.shape == (5, 10, 5)
    assert torch.equal(path[:, ::3, 2:], plans[0][:, :, -3:])


@pytest.mark.parametrize(
    ("replan_every", "stride", "segments"), [(1, 1, 1), (3, 1, 1), (4, 1, 2), (99, 1, 3), (8, 2, 2)]
)
def test_no_more_segments_are_drawn_than_are_executed(replan_every, stride, segments):
    config = replace(TINY, position_gain=1.0, replan_every=replan_every, stride=stride)
    assert config.segments == segments


def test_sub_goals_end_at_a_goal_that_is_shown():
    diffusion = new_diffusion(position_columns=(0,), goal_columns=(2,))
    networks = diffusion.build_networks()
    plans = diffusion._high.sample(networks["high"], ENDS, torch.Generator())
    assert (plans[:, -1, 6] == -0.5).all()
    assert not (plans[:, -1, 7:] == -0.5).any()
    assert list(networks["high"]) == ["denoiser"]


def test_only_the_upper_level_is_guided_where_no_goal_is_shown():
    networks = new_diffusion().build_networks()
    assert list(networks["high"]) == ["denoiser", "value"] and list(networks["low"]) == ["denoiser"]


def test_both_levels_learn():
    diffusion = new_diffusion()
    windows, noise = torch.rand(2, 12, 5), torch.Generator()
    losses = diffusion.losses(diffusion.build_networks(), windows, torch.zeros(2), noise)
    assert set(losses) == {"high_denoising_loss", "high_value_loss", "low_denoising_loss"}


@pytest.mark.parametrize(
    ("every", "levels", "steps"), [(1, 2, 2), (4, 3, 8), (15, 3, 16), (16, 3, 20), (5, 1, 6)]
)
def test_a_segment_is_long_enough_for_both_of_its_sub_goals(every, levels, steps):
    config = HierarchicalConfig(subgoal_every=every, channels=(64,) * levels)
    assert config.segment_steps == steps <= config.window_steps
    assert config.window_steps == 8 * every


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"subgoal_every": 0}, "subgoal_every=0 .* valid: 1 to inf"),
        ({"subgoal_every": "3"}, "subgoal_every='3' .* valid: 1 to inf"),
        ({"replan_every": 10}, "replan_every=10 .* valid: 1 to 9"),
        ({"horizon": 5}, "do not fit together; valid: a horizon that is a multiple of 2"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        replace(TINY, **settings)
