from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from baselines.diffusion.hierarchical_diffusion import HierarchicalConfig, HierarchicalDiffusion
from baselines.diffusion.plan_diffusion import KnownEnds
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
    # A segment is 6 steps long, of which the sub-goal is the one before the last.
    diffusion = new_diffusion({"replan_every": 9, "subgoal_every": 4})
    networks, plans = diffusion.build_networks(), []
    draw = diffusion._high.sample
    diffusion._high.sample = lambda *given: plans.append(draw(*given)) or plans[-1]
    path = diffusion.sample(networks, ENDS, torch.Generator())
    assert path.shape == (5, 13, 5)
    assert torch.equal(path[:, ::4, 2:], plans[0][:, :, -3:])


@pytest.mark.parametrize(
    ("replan_every", "stride", "segments"), [(1, 1, 1), (3, 1, 1), (4, 1, 2), (99, 1, 3), (8, 2, 2)]
)
def test_no_more_segments_are_drawn_than_are_executed(replan_every, stride, segments):
    config = replace(TINY, position_gain=1.0, replan_every=replan_every, stride=stride)
    assert config.segments == segments


@pytest.mark.parametrize("dense_actions", [True, False])
def test_sub_goals_end_at_a_goal_that_is_shown(dense_actions):
    columns = {"position_columns": (0,), "goal_columns": (2,)}
    diffusion = new_diffusion({"dense_actions": dense_actions}, **columns)
    networks = diffusion.build_networks()
    plans = diffusion._high.sample(networks["high"], ENDS, torch.Generator())
    assert (plans[:, -1, -3] == -0.5).all()
    assert not (plans[:, -1, -2:] == -0.5).any() and not (plans[:, :-1, -3] == -0.5).any()
    assert list(networks["high"]) == ["denoiser"]


def test_only_the_upper_level_is_guided_where_no_goal_is_shown():
    networks = new_diffusion().build_networks()
    assert list(networks["high"]) == ["denoiser", "value"] and list(networks["low"]) == ["denoiser"]


def test_both_levels_learn():
    diffusion = new_diffusion({"diffusion_steps": 2})
    torch.manual_seed(0)
    networks, windows = diffusion.build_networks(), torch.rand(4, 12, 5)
    values = torch.linspace(-1, 1, 4)
    optimiser = torch.optim.Adam(networks.parameters(), 5e-3)
    reports = []
    for _ in range(12):  # The same noise each time, so that a loss falls as it is learned.
        losses = diffusion.losses(networks, windows, values, torch.Generator().manual_seed(0))
        optimiser.zero_grad()
        sum(losses.values()).backward()
        optimiser.step()
        reports.append({name: loss.item() for name, loss in losses.items()})
    assert set(reports[0]) == {"high_denoising_loss", "high_value_loss", "low_denoising_loss"}
    for name, loss in reports[0].items():
        assert reports[-1][name] < 0.7 * loss, name


class Listens:
    """In the place of a level: says 1, 2, ... of what it is given, and draws what it is told to."""

    def __init__(self, plans=None) -> None:
        self.plans, self.heard = plans, []

    def losses(self, *given):
        self.heard.append(given)
        return {"denoising_loss": torch.tensor(float(len(self.heard)))}

    def sample(self, *given):
        self.heard.append(given)
        return self.plans


def test_each_level_learns_its_part_of_a_window():
    diffusion, networks = new_diffusion(), {"high": "upper", "low": "lower"}
    diffusion._high, diffusion._low = Listens(), Listens()
    windows, values, noise = numbered_windows(), torch.tensor([7.0]), torch.Generator()
    losses = diffusion.losses(networks, windows, values, noise)
    assert losses == {"high_denoising_loss": 1, "low_denoising_loss": 1}
    ((high, sub_goals, high_values, high_noise),) = diffusion._high.heard
    ((low, segments, low_values, low_noise),) = diffusion._low.heard
    assert (high, low) == ("upper", "lower") and high_noise is low_noise is noise
    assert high_values is low_values is values
    assert sub_goals[0, :, 6].tolist() == [0, -3, -6, -9]
    assert segments[0, :, 0].tolist() == [0, 1, 2, 3]  # As long as K + 1 steps, no longer.


def test_segments_are_drawn_between_each_sub_goal_and_the_next():
    # Two plans of four sub-goals, of which two segments are executed: 1, 2, 3 and 5, 6, 7.
    observed = torch.tensor([[1.0, 2, 3, 4], [5, 6, 7, 8]])[:, :, None].expand(2, 4, 3)
    plans = torch.cat([torch.full((2, 4, 6), 99.0), observed], dim=2)
    diffusion = new_diffusion({"replan_every": 5})
    # Segment s of the four has s.0 to s.3, as tens: 10, 11, 12, 13, then 20, 21, ...
    drawn = 10 * torch.arange(1.0, 5)[:, None] + torch.arange(4.0)
    diffusion._high = Listens(plans)
    diffusion._low = Listens(drawn[:, :, None].expand(4, 4, 5))
    noise = torch.Generator()
    path = diffusion.sample({"high": "upper", "low": "lower"}, ENDS, noise)
    assert diffusion._high.heard == [("upper", ENDS, noise)]
    ((low, between, low_noise),) = diffusion._low.heard
    assert low == "lower" and low_noise is noise
    assert between.first[:, 0].tolist() == [1, 2, 5, 6]
    assert between.last.tolist() == [[2] * 3, [3] * 3, [6] * 3, [7] * 3]
    assert path[:, :, 4].tolist() == [
        [10, 11, 12, 20, 21, 22, 23],
        [30, 31, 32, 40, 41, 42, 43],
    ]


def test_defaults_are_those_of_hierarchical_diffuser_for_locomotion():
    # config/locomotion_ll.py of the authors: segments of 5 steps, so sub-goals every 4 of 32, and
    # dim 32 times (1, 4, 8). HD-DA of the paper plans all actions.
    default = asdict(HierarchicalConfig())
    own = {"horizon": 8, "channels": (32, 128, 256), "subgoal_every": 4, "dense_actions": True}
    assert {name: default[name] for name in own} == own
    assert default["candidates"] == 64 and default["diffusion_steps"] == 20
    assert HierarchicalConfig().planned_actions == 7 * 4


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
