"""Settings: what is refused, and with which words."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from benchmark.interface import build_config
from mage.config import MAGEConfig


def test_settings_survive_json() -> None:
    config = MAGEConfig(scales=(1, 2, 4), pairs=8)
    assert build_config(MAGEConfig, json.loads(json.dumps(asdict(config)))) == config


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scales": (2, 1)}, r"scales = \(2, 1\) is not valid; expected ascending lengths"),
        (
            {"log_returns": True, "logit_returns": True},
            "logit_returns = True is not valid; expected False where log_returns is True",
        ),
        ({"pairs": 30}, r"pairs = 30 is not valid; expected a multiple of the last scale, 16"),
        ({"width": 30}, r"heads = 8 is not valid; expected a divisor of width, 30"),
        ({"sequence": ("reward",)}, "sequence = .* expected some of return, observation, action"),
        ({"return_asked": "most"}, "return_asked = 'most' is not valid; expected state or target"),
        ({"inverse_from": "plan"}, "inverse_from = 'plan' .* expected latent or decoded"),
        ({"shares": (0.5, 0.3, 0.2)}, "shares = .* three numbers above 0 that leave some of 1"),
        ({"shares": (0.5, 0.3)}, "shares = .* three numbers above 0"),
        ({"expectile": 0.0}, "expectile = 0.0 .* between 0 and 1"),
        ({"inverse_dropout": 1.0}, "inverse_dropout = 1.0 .* from 0 to below 1"),
        ({"inverse_unit_dropout": -0.1}, "inverse_unit_dropout = -0.1 .* from 0 to below 1"),
        ({"temperature": -1}, "temperature = -1 is not valid; expected 0 or above"),
        ({"codes": 0}, "codes = 0 is not valid; expected 1 or above"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_config(MAGEConfig, settings)


def test_unknown_setting_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown setting 'scale' .* known: .*scales"):
        build_config(MAGEConfig, {"scale": 3})
