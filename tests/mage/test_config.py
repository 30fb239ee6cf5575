"""Settings: their defaults, what is refused and with which words, and what is just fine."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from benchmark.interface import build_config
from mage.config import MAGEConfig

# Nothing here needs a return model.
PLAIN: dict[str, object] = {
    **{"return_asked": "target", "best_of": 1, "condition_on_advantage": False},
    "shares": (0.0, 0.1, 0.0),
}


def test_the_defaults_are_these() -> None:
    assert asdict(MAGEConfig()) == {
        # Windows: (R, s) is the paper's choice.
        "sequence": ("return", "observation"),
        "pairs": 32,
        "stride": 2,
        "discount": None,
        "log_returns": False,
        "relative": True,
        # Eight scales are the paper's, too; 0.25 for the commitment is that of VQ-VAE and VAR.
        "scales": (1, 2, 3, 4, 6, 8, 12, 16),
        "codes": 512,
        "code_size": 32,
        "autoencoder_width": 256,
        "commitment": 0.25,
        "width": 256,
        "layers": 6,
        "heads": 8,
        "return_at_finer_scales": True,
        "condition_dropout": 0.15,
        "condition_on_advantage": True,
        "inverse_width": 512,
        "inverse_from": "latent",
        "inverse_dropout": 0.5,
        "inverse_noise": 0.0,
        "inverse_observation": True,
        "adapter": True,
        "adapter_return": True,
        # L_CE + L_inv + L_cond.
        "inverse_weight": 1.0,
        "inverse_on_recorded": True,
        "condition_weight": 1.0,
        "gumbel": True,
        "gumbel_temperature": 1.0,
        "shares": (0.15, 0.1, 0.5),
        "expectile": 0.99,
        "best_of": 4,
        "place_features": 0,
        "bootstrap_steps": 0,
        "batch_size": 256,
        "learning_rate": 3e-4,
        "inverse_learning_rate": 1e-3,
        "weight_decay": 1e-4,
        "bf16": False,
        "return_asked": "state",
        "advantage_asked": 1.0,
        "persistence": 0.0,
        "guidance": 1.0,
        "start_noise": 0.0,
        "condition_width": 0,
        "condition_layers": 1,
        "temperature": 0.0,
        "candidates": 1,
        "replan_every": 1,
        "cache": True,
        "playback": "traced",
        "acting_weights": "fp16",
    }


def test_settings_survive_json() -> None:
    config = MAGEConfig(scales=(1, 2, 4), pairs=8, shares=(0.1, 0.2, 0.3))
    again = build_config(MAGEConfig, json.loads(json.dumps(asdict(config))))
    assert again == config
    assert (again.scales, again.shares) == ((1, 2, 4), (0.1, 0.2, 0.3))


def test_the_parts_of_a_window_have_an_order_of_their_own() -> None:
    config = MAGEConfig(sequence=["action", "observation", "return"])  # type: ignore[arg-type]
    assert config.sequence == ("return", "observation", "action")
    assert MAGEConfig(sequence=("action", "return")).sequence == ("return", "action")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scales": (2, 1)}, r"scales = \(2, 1\) is not valid; expected ascending lengths"),
        ({"scales": (1, 1, 2)}, r"scales = \(1, 1, 2\) is not valid; expected ascending lengths"),
        ({"scales": (0, 2)}, r"scales = \(0, 2\) is not valid; expected ascending lengths from 1"),
        ({"pairs": 30}, r"pairs = 30 is not valid; expected a multiple of the last scale, 16"),
        ({"width": 30}, r"heads = 8 is not valid; expected a divisor of width, 30"),
        ({"sequence": ("reward",)}, "sequence = .* expected some of return, observation, action"),
        ({"sequence": ("return", "reward")}, "sequence = .* expected some of return, observation"),
        ({"sequence": ()}, "sequence = .* expected some of return, observation, action"),
        (
            {"return_asked": "target", "discount": 0.5},
            "discount = 0.5 is not valid; expected None or 1 where return_asked is target",
        ),
        ({"return_asked": "most"}, "return_asked = 'most' is not valid; expected state or target"),
        ({"inverse_from": "plan"}, "inverse_from = 'plan' .* latent or condition or action"),
        (
            {"inverse_from": "action", "shares": (0.1, 0.1, 0)},
            r"inverse_from = 'action' .* latent or condition where sequence, \('return', 'obs",
        ),
        ({"shares": (0.5, 0.3, 0.3)}, "shares = .* three numbers of 0 or above, together at most"),
        ({"shares": (0.5, 0.3)}, "shares = .* three numbers of 0 or above"),
        ({"shares": (0.1, 0.1, 0.1, 0.1)}, "shares = .* three numbers of 0 or above"),
        ({"shares": (0.5, -0.1, 0.1)}, "shares = .* three numbers of 0 or above"),
        ({"shares": (0.5, 0.25, 0.25)}, "shares = .* less than 1 together where .* reads a plan"),
        ({"shares": (0.5, 0.0, 0.1)}, "shares = .* some for stage 1 where .* reads a plan"),
        ({"shares": (0.0, 0.1, 0.1)}, "shares = .* some for the return model, without which"),
        (
            {**PLAIN, "best_of": 2},
            "some for the return model, without .* best_of and candidates 1",
        ),
        ({**PLAIN, "condition_on_advantage": True}, "some for the return model"),
        ({**PLAIN, "return_asked": "state"}, "some for the return model"),
        (
            {"inverse_from": "action", "sequence": ("action",)},
            "none for the inverse dynamics where inverse_from is action, which has none",
        ),
        ({"guidance": -0.1}, "guidance = -0.1 is not valid; expected 0 or above"),
        (
            {"guidance": 1.5, "condition_dropout": 0.0},
            "guidance = 1.5 .* expected 1 where condition_dropout is 0: without it nothing learns",
        ),
        ({"guidance": 0.0, "condition_dropout": 0.0}, "guidance = 0.0 .* expected 1 where"),
        ({"condition_dropout": 1.0}, "condition_dropout = 1.0 .* from 0 to below 1"),
        ({"expectile": 0.0}, "expectile = 0.0 .* between 0 and 1"),
        ({"expectile": 1.0}, "expectile = 1.0 .* between 0 and 1"),
        ({"inverse_dropout": 1.0}, "inverse_dropout = 1.0 .* from 0 to below 1"),
        ({"inverse_dropout": -0.1}, "inverse_dropout = -0.1 .* from 0 to below 1"),
        ({"inverse_noise": -0.1}, "inverse_noise = -0.1 is not valid; expected 0 or above"),
        ({"persistence": -0.1}, "persistence = -0.1 .* a number from 0 to 1"),
        ({"persistence": 1.1}, "persistence = 1.1 .* a number from 0 to 1"),
        (
            {"start_noise": 0.1, "relative": False},
            "start_noise = 0.1 is not valid; expected 0 unless relative",
        ),
        ({"start_noise": 1.1}, "start_noise = 1.1 is not valid; expected a number from 0 to 1"),
        ({"replan_every": 0}, "replan_every = 0 is not valid; expected 1 or above"),
        (
            {"replan_every": 65},
            "replan_every = 65 is not valid; expected at most 64, the steps of a plan",
        ),
        *(
            (
                {**settings, "replan_every": 2},
                "replan_every = 2 is not valid; expected 1 where inverse_from is action or "
                "inverse_observation is False: nothing would tell the steps of a plan apart",
            )
            for settings in (
                {"inverse_observation": False},
                {"inverse_from": "action", "sequence": ("action",), "shares": (0.1, 0.1, 0.0)},
            )
        ),
        (
            {"acting_weights": "int8"},
            "acting_weights = 'int8' is not valid; expected fp32 or fp16",
        ),
        ({"temperature": -0.1}, "temperature = -0.1 is not valid; expected 0 or above"),
        ({"codes": 0}, "codes = 0 is not valid; expected 1 or above"),
        ({"code_size": 0}, "code_size = 0 is not valid; expected 1 or above"),
        ({"layers": 0}, "layers = 0 is not valid; expected 1 or above"),
        ({"batch_size": 0}, "batch_size = 0 is not valid; expected 1 or above"),
        ({"stride": 0}, "stride = 0 is not valid; expected 1 or above"),
        ({"best_of": 0}, "best_of = 0 is not valid; expected 1 or above"),
        ({"width": 0}, "width = 0 is not valid; expected 1 or above"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_config(MAGEConfig, settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"scales": (1,)},
        {"scales": (2, 4)},
        {"pairs": 16},
        {"log_returns": True},
        {"heads": 256},
        {"return_asked": "target"},
        {"inverse_from": "condition", "shares": (0.25, 0.0, 0.75)},
        {"inverse_from": "action", "sequence": ("action",), "shares": (0.25, 0.25, 0.0)},
        {"guidance": 0.0},
        {"guidance": 3.0, "condition_dropout": 0.01},
        {"guidance": 1.0, "condition_dropout": 0.0},
        {"pairs": 2, "scales": (1, 2)},
        PLAIN,
        {"shares": (0.5, 0.25, 0.2)},
        {"expectile": 0.001},
        {"expectile": 0.999},
        {"inverse_dropout": 0.0},
        {"inverse_dropout": 0.99},
        {"persistence": 1.0},
        {"temperature": 0.5},
        {"codes": 1, "code_size": 1, "layers": 1, "batch_size": 1, "stride": 1, "best_of": 1},
        {"width": 1, "heads": 1},
    ],
    ids=str,
)
def test_settings_that_are_just_fine(settings: dict[str, object]) -> None:
    config = asdict(build_config(MAGEConfig, settings))
    assert {name: config[name] for name in settings} == settings


def test_unknown_setting_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown setting 'scale' .* known: .*scales"):
        build_config(MAGEConfig, {"scale": 3})


def test_windows_look_at_every_so_many_steps() -> None:
    config = MAGEConfig(pairs=4, stride=3, scales=(1, 4))
    assert config.offsets == (0, 3, 6, 9)
