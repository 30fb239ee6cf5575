"""Settings that agents which plan by diffusion share."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from baselines.diffusion.diffusion_config import DiffusionConfig, UNetConfig


def test_defaults_are_those_of_diffuser_for_locomotion():
    # config/locomotion.py of jannerm/diffuser: horizon 32, dim 32 times (1, 2, 4, 8), 20 diffusion
    # steps, batches of 32 accumulated twice, rate 2e-4, ema_decay 0.995, update_ema_every 10.
    assert asdict(UNetConfig()) == {
        "horizon": 32,
        "channels": (32, 64, 128, 256),
        "diffusion_steps": 20,
        "batch_size": 64,
        "learning_rate": 2e-4,
        "ema_decay": 0.995,
        "ema_every": 10,
        "replan_every": 1,
        "stride": 1,
        "position_gain": 0.0,
        "discount": None,
    }
    assert UNetConfig().window_steps == UNetConfig().planned_actions == 32


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ({"diffusion_steps": 1}, {"diffusion_steps": 2}, "diffusion_steps=1 .* valid: 2 to inf"),
        ({"batch_size": 0}, {"batch_size": 1}, "batch_size=0 .* valid: 1 to inf"),
        ({"learning_rate": -0.1}, {"learning_rate": 0}, "learning_rate=-0.1 .* valid: 0 to 1"),
        ({"learning_rate": 1.1}, {"learning_rate": 1}, "learning_rate=1.1 .* valid: 0 to 1"),
        ({"channels": (31, 64)}, {"channels": (64,)}, "channels=.* valid: 32 to inf"),
        ({"channels": (32, 32)}, {"channels": (32, 64)}, "multiple of 2, .* the last one 64"),
        ({"channels": (48, 64)}, {"channels": (96, 64)}, "channels that are multiples of 32"),
        ({"horizon": 1, "channels": (64,)}, {"horizon": 2}, "horizon=1 .* valid: 2 to inf"),
        ({"horizon": 34}, {"horizon": 40}, "horizon that is a multiple of 8"),
        ({"ema_decay": 1.1}, {"ema_decay": 1}, "ema_decay=1.1 .* valid: 0 to 1"),
        ({"ema_decay": -0.1}, {"ema_decay": 0}, "ema_decay=-0.1 .* valid: 0 to 1"),
        ({"ema_every": 0}, {"ema_every": 1}, "ema_every=0 .* valid: 1 to inf"),
        ({"stride": 0}, {"stride": 2, "position_gain": 1}, "stride=0 .* valid: 1 to inf"),
        ({"stride": 2}, {"stride": 1}, "stride=2 .* valid: a stride of 1, or a position_gain"),
        ({"position_gain": -1}, {"position_gain": 0}, "position_gain=-1 .* valid: 0 to inf"),
        ({"replan_every": 0}, {"replan_every": 1}, "replan_every=0 .* valid: 1 to 32"),
        ({"replan_every": 33}, {"replan_every": 32}, "replan_every=33 .* valid: 1 to 32"),
        ({"discount": 1.1}, {"discount": 1.0}, "discount=1.1 .* valid: 0 to 1"),
        ({"discount": -0.1}, {"discount": 0.0}, "discount=-0.1 .* valid: 0 to 1"),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong, right, message):
    with pytest.raises(ValueError, match=message):
        UNetConfig(**wrong)
    small = {"channels": (64,)} if right.get("horizon") == 2 else {}
    UNetConfig(**{**small, **right})


def test_a_plan_that_is_followed_may_be_followed_past_its_end():
    assert UNetConfig(replan_every=500, position_gain=1.0).replan_every == 500


@pytest.mark.parametrize(("levels", "unit"), [(1, 1), (2, 2), (3, 4), (4, 8)])
def test_a_horizon_is_halved_at_each_level_but_the_last(levels, unit):
    assert UNetConfig(channels=(64,) * levels).horizon_unit == unit


def test_what_holds_no_actions_may_skip_steps():
    assert DiffusionConfig(stride=15, horizon=3).longest_use == 3
    with pytest.raises(ValueError, match="replan_every=4 .* valid: 1 to 3"):
        DiffusionConfig(stride=15, horizon=3, replan_every=4)
