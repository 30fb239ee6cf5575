"""Settings of the return machinery: defaults, what is refused, and which discount counts."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from benchmark.interface import build_config
from mage.config import MAGEConfig
from mage.returns.config import LabelConfig, ReturnConfig, number_checks, refuse_invalid
from tests.baselines.synthetic_tasks import numbered_steps

LABELS = {
    "discount": None,
    "log_returns": False,
    "expectile": 0.99,
    "best_of": 4,
    "place_features": 0,
    "bootstrap_steps": 0,
}
REQUEST = {
    "return_asked": "state",
    "advantage_asked": 1.0,
    "persistence": 0.0,
    "condition_on_advantage": True,
}


def test_the_defaults_are_these_and_mage_has_them_too() -> None:
    assert asdict(LabelConfig()) == LABELS
    assert asdict(ReturnConfig()) == LABELS | REQUEST
    assert (LABELS | REQUEST).items() <= asdict(MAGEConfig()).items()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"best_of": 0}, "setting best_of = 0 is not valid; expected 1 or above"),
        ({"best_of": 1001}, "setting best_of = 1001 is not valid; expected at most 1,000"),
        ({"place_features": 1001}, "place_features = 1001 is not valid; expected at most 1,000"),
        ({"bootstrap_steps": -1}, "setting bootstrap_steps = -1 is not valid; expected 0 or above"),
        ({"expectile": 0.0}, "expectile = 0.0 .* a number between 0 and 1"),
        ({"expectile": 1.0}, "expectile = 1.0 .* a number between 0 and 1"),
        ({"discount": -0.1}, "discount = -0.1 .* a number from 0 to 1, or None"),
        ({"discount": 1.1}, "discount = 1.1 .* a number from 0 to 1, or None"),
    ],
)
@pytest.mark.parametrize("config", [LabelConfig, ReturnConfig])
def test_bad_labels_are_refused(
    config: type[LabelConfig], settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        build_config(config, settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"persistence": -0.1}, "persistence = -0.1 .* a number from 0 to 1$"),
        ({"persistence": 1.1}, "persistence = 1.1 .* a number from 0 to 1$"),
        ({"return_asked": "most"}, "return_asked = 'most' .* expected state or target"),
        (
            {"return_asked": "target", "discount": 0.5},
            "discount = 0.5 .* None or 1 where return_asked is target",
        ),
        (
            {"persistence": 0.5, "discount": 0},
            "discount = 0 is not valid; expected None or 0.001 and above where persistence is not",
        ),
        ({"persistence": 0.001, "discount": 1e-50}, "discount = 1e-50 .* persistence is not 0"),
    ],
)
def test_bad_requests_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_config(ReturnConfig, settings)


def test_a_discount_that_nearly_forgets_is_fine_unless_nothing_is_left_to_divide_by() -> None:
    for settings in ({"persistence": 1.0, "discount": 0.001}, {"discount": 0.0}):
        assert build_config(ReturnConfig, settings)


def test_the_discount_is_the_tasks_unless_another_is_set_and_none_for_a_target() -> None:
    assert LabelConfig().discount_on(0.9) == ReturnConfig().discount_on(0.9) == 0.9
    assert LabelConfig(discount=0.0).discount_on(0.9) == 0.0
    assert ReturnConfig(discount=0.5).discount_on(0.9) == 0.5
    assert ReturnConfig(return_asked="target").discount_on(0.9) == 1.0
    assert ReturnConfig(return_asked="target", discount=1.0).discount_on(0.9) == 1.0


def test_the_first_check_that_fails_is_named_in_its_words() -> None:
    checks = [
        *number_checks("{least} or above", lambda number: number >= 0.5, "expectile", "discount"),
        ("best_of", "never looked at", lambda config: 1 / 0),
    ]
    with pytest.raises(ValueError, match=r"^setting discount = 0.25 is not valid; expected 0.5 or"):
        refuse_invalid(LabelConfig(discount=0.25), checks, least=0.5)


def test_episodes_are_cut_for_a_target_alone() -> None:
    dataset = numbered_steps()
    for config in (LabelConfig(), ReturnConfig()):
        assert config.episodes(dataset, 2) is dataset
    cut = ReturnConfig(return_asked="target").episodes(dataset, 2)
    assert cut.ends.tolist() == [2, 4, 6, 7, 9]
