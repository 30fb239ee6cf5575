"""Settings: their defaults, what is refused and with which words, and what is just fine."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from benchmark.interface import build_config
from mage.config import MAGEConfig


def test_the_defaults_are_these() -> None:
    assert asdict(MAGEConfig()) == {
        # Windows: (R, s) is the paper's choice.
        "sequence": ("return", "observation"),
        "pairs": 32,
        "stride": 2,
        "discount": None,
        "log_returns": False,
        "logit_returns": False,
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
        "condition_finer_scales": True,
        "condition_on_advantage": True,
        "inverse_width": 512,
        "inverse_from": "latent",
        "inverse_dropout": 0.5,
        "inverse_unit_dropout": 0.0,
        "inverse_observation": True,
        "adapter": True,
        # L_CE + L_inv + L_cond.
        "inverse_weight": 1.0,
        "condition_weight": 1.0,
        "gumbel": True,
        "gumbel_temperature": 1.0,
        "shares": (0.15, 0.1, 0.5),
        "expectile": 0.99,
        "best_of": 4,
        "batch_size": 256,
        "learning_rate": 3e-4,
        "inverse_learning_rate": 1e-3,
        "weight_decay": 1e-4,
        "bf16": False,
        "return_asked": "state",
        "advantage_asked": 1.0,
        "persistence": 0.0,
        "temperature": 0.0,
        "cache": True,
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
        (
            {"log_returns": True, "logit_returns": True},
            "logit_returns = True is not valid; expected False where log_returns is True",
        ),
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
        ({"inverse_from": "plan"}, "inverse_from = 'plan' .* expected latent or decoded"),
        ({"shares": (0.5, 0.25, 0.25)}, "shares = .* three numbers above 0 that leave some of 1"),
        ({"shares": (0.5, 0.3)}, "shares = .* three numbers above 0"),
        ({"shares": (0.1, 0.1, 0.1, 0.1)}, "shares = .* three numbers above 0"),
        ({"shares": (0.5, 0.0, 0.1)}, "shares = .* three numbers above 0"),
        ({"expectile": 0.0}, "expectile = 0.0 .* between 0 and 1"),
        ({"expectile": 1.0}, "expectile = 1.0 .* between 0 and 1"),
        ({"inverse_dropout": 1.0}, "inverse_dropout = 1.0 .* from 0 to below 1"),
        ({"inverse_dropout": -0.1}, "inverse_dropout = -0.1 .* from 0 to below 1"),
        ({"inverse_unit_dropout": 1.0}, "inverse_unit_dropout = 1.0 .* from 0 to below 1"),
        ({"inverse_unit_dropout": -0.1}, "inverse_unit_dropout = -0.1 .* from 0 to below 1"),
        ({"persistence": -0.1}, "persistence = -0.1 .* a number from 0 to 1"),
        ({"persistence": 1.1}, "persistence = 1.1 .* a number from 0 to 1"),
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
        {"logit_returns": True},
        {"heads": 256},
        {"return_asked": "target"},
        {"inverse_from": "decoded"},
        {"shares": (0.5, 0.25, 0.2)},
        {"expectile": 0.001},
        {"expectile": 0.999},
        {"inverse_dropout": 0.0},
        {"inverse_dropout": 0.99},
        {"inverse_unit_dropout": 0.99},
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
