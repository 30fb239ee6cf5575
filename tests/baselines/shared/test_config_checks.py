from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from baselines.shared.config_checks import check_heads, check_ranges


@dataclass(frozen=True)
class Config:
    share: Any = 0.5
    widths: Any = (8, 16)


@dataclass(frozen=True)
class Attention:
    width: int = 8
    n_heads: int = 2


@pytest.mark.parametrize("value", [0, 0.0, 0.5, 1, 1.0])
def test_settings_inside_their_ranges_pass(value: float) -> None:
    check_ranges(Config(share=value, widths=[8, 16]), share=(0, 1), widths=(8, 16))


@pytest.mark.parametrize("value", [-0.1, 1.01, 1.5, float("nan"), "0.5", None])
def test_a_number_out_of_range_is_refused_with_the_range(value: object) -> None:
    with pytest.raises(
        ValueError, match=r"setting share=.* of Config is out of range; valid: 0 to 1$"
    ):
        check_ranges(Config(share=value), share=(0, 1))


@pytest.mark.parametrize("widths", [(8, 0), (0, 8), [8, 0], (8, None)])
def test_each_number_of_a_field_is_checked(widths: object) -> None:
    with pytest.raises(ValueError, match=r"widths=[(\[].*[)\]] of Config .*valid: 1 to inf"):
        check_ranges(Config(widths=widths), widths=(1, float("inf")))


def test_each_field_is_checked() -> None:
    with pytest.raises(ValueError, match="setting widths="):
        check_ranges(Config(widths=(3,)), share=(0, 1), widths=(8, 16))
    with pytest.raises(ValueError, match="setting share="):
        check_ranges(Config(share=2), share=(0, 1), widths=(8, 16))


@pytest.mark.parametrize(("width", "n_heads"), [(8, 2), (8, 1), (8, 8), (9, 3)])
def test_a_width_is_shared_out_among_heads(width: int, n_heads: int) -> None:
    check_heads(Attention(width, n_heads))


@pytest.mark.parametrize(
    ("width", "n_heads", "message"),
    [
        (9, 2, "width=9 of Attention is no multiple of n_heads=2"),
        (2, 8, "width=2 of Attention is no multiple of n_heads=8"),
        (8, 0, "n_heads=0 of Attention is out of range; valid: 1 to"),
        (0, 2, "width=0 of Attention is out of range; valid: 1 to"),
    ],
)
def test_a_width_that_cannot_be_shared_out_is_refused(
    width: int, n_heads: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_heads(Attention(width, n_heads))
