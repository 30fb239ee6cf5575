from __future__ import annotations

from dataclasses import dataclass

import pytest

from baselines.settings import check_heads, check_ranges


@dataclass(frozen=True)
class Config:
    share: float = 0.5
    widths: tuple[int, ...] = (8, 16)


def test_settings_inside_their_ranges_pass():
    check_ranges(Config(share=0.0), share=(0, 1), widths=(8, 16))


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan"), "0.5", None])
def test_a_number_out_of_range_is_refused_with_the_range(value):
    with pytest.raises(
        ValueError, match=r"setting share=.* of Config is out of range; valid: 0 to 1"
    ):
        check_ranges(Config(share=value), share=(0, 1))


def test_each_number_of_a_field_is_checked():
    with pytest.raises(ValueError, match=r"widths=\(8, 0\).*valid: 1 to inf"):
        check_ranges(Config(widths=(8, 0)), widths=(1, float("inf")))


def test_a_width_is_shared_out_among_heads():
    @dataclass(frozen=True)
    class Attention:
        width: int = 8
        n_heads: int = 2

    check_heads(Attention())
    with pytest.raises(ValueError, match=r"width=9 of Attention is no multiple of n_heads=2"):
        check_heads(Attention(width=9))
    with pytest.raises(ValueError, match=r"n_heads=0 of Attention is out of range; valid: 1 to"):
        check_heads(Attention(n_heads=0))
