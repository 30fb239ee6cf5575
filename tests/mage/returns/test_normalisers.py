"""Normalising: known answers, and that it can be undone."""

from __future__ import annotations

from math import log

import pytest
import torch

from mage.returns.normalisers import LogNormaliser, Normaliser


def _fitted(kind: type[Normaliser], *values: float) -> Normaliser:
    normaliser = kind(1)
    normaliser.fit(torch.tensor(values)[:, None])
    return normaliser


def _of(normaliser: Normaliser, *values: float) -> list[float]:
    given = torch.tensor(values)[:, None]
    normalised: list[float] = normaliser(given).flatten().tolist()
    return normalised


def _undone(normaliser: Normaliser, *values: float) -> list[float]:
    undone: list[float] = normaliser.inverse(torch.tensor(values)[:, None]).flatten().tolist()
    return undone


def test_normaliser_has_mean_0_deviation_1_and_an_inverse() -> None:
    values = torch.tensor([[1.0, 5.0], [3.0, 5.0], [8.0, 5.0]])
    normaliser = Normaliser(2)
    normaliser.fit(values)
    # Mean 4; squares 9 + 1 + 16 over 3 - 1: the deviation is the root of 13.
    normalised = normaliser(values)
    assert normalised[:, 0].tolist() == pytest.approx([-3 / 13**0.5, -1 / 13**0.5, 4 / 13**0.5])
    assert normalised[:, 1].tolist() == [0, 0, 0], "a constant column is only shifted"
    assert normaliser(torch.tensor([0.0, 7.0]))[1] == 2
    torch.testing.assert_close(normaliser.inverse(normalised), values)


@pytest.mark.parametrize("kind", [Normaliser, LogNormaliser])
def test_what_was_fitted_is_saved(kind: type[Normaliser]) -> None:
    fitted, loaded = _fitted(kind, 2.0, 3.0, 7.0), kind(1)
    loaded.load_state_dict(fitted.state_dict())
    assert _of(loaded, 2.5) == _of(fitted, 2.5) != [2.5]


def test_before_they_are_fitted_they_take_numbers_as_they_are() -> None:
    assert _of(Normaliser(1), -2.0, 3.0) == _undone(Normaliser(1), -2.0, 3.0) == [-2, 3]
    # A share of the range from 0 to 1.
    assert _of(LogNormaliser(1), 0.0, 0.5) == pytest.approx([log(0.01), log(0.51)])


def test_large_numbers_are_normalised_as_small_ones_are() -> None:
    """Their sums, squares and differences are more than float32 can hold."""
    large = _fitted(Normaliser, -3e38, 3e38, 3e38, 3e38)
    # The mean of -1, 1, 1, 1 is a half, and so is a third of the squares 9/4 + 3/4, which is 1.
    assert _of(large, -3e38, 3e38) == pytest.approx([-1.5, 0.5])
    assert _undone(large, -1.5, 0.5) == pytest.approx([-3e38, 3e38])
    constant = _fitted(Normaliser, *[1e10 + 3] * 7)
    assert _of(constant, 1e10 + 3) == [0], "exactly, though a mean would be rounded"


def test_a_thing_at_rest_stays_about_0() -> None:
    """Else a millimetre in the kitchen would be a hundred deviations."""
    normaliser = _fitted(Normaliser, 1.0, 1.00001, 0.99999)
    assert _of(normaliser, 1.001) == pytest.approx([1], abs=0.01)
    wider = _fitted(Normaliser, 0.998, 1.0, 1.002)  # Above a thousandth, its own deviation counts.
    assert _of(wider, 1.002) == pytest.approx([1], abs=0.01)


def test_a_logarithmic_scale_takes_the_logarithm_of_the_share_of_the_range() -> None:
    normaliser = _fitted(LogNormaliser, 50.0, 150.0)
    # A share s of the range from 50 counts as log(s + 0.01).
    low, high = log(0.01), log(1.01)
    middle, deviation = (low + high) / 2, (high - low) / 2**0.5
    expected = [(log(share) - middle) / deviation for share in (0.01, 0.1, 0.25, 1.01, 2.01)]
    assert _of(normaliser, 50.0, 59.0, 74.0, 150.0, 250.0) == pytest.approx(expected, abs=1e-5)
    assert expected[0] == pytest.approx(-(0.5**0.5)) and expected[3] == pytest.approx(0.5**0.5)
    assert _undone(normaliser, *expected) == pytest.approx([50, 59, 74, 150, 250], rel=1e-4)
    assert _of(normaliser, -5.0) == _of(normaliser, 50.0), "below, it counts as the lower end"


def test_equal_returns_are_no_trouble() -> None:
    normaliser = _fitted(LogNormaliser, 2.0, 2.0, 2.0)
    assert _of(normaliser, 2.0) == [0]
    # Nothing to measure by, so one unit is the range, and the deviation is left out.
    assert _of(normaliser, 3.0) == pytest.approx([log(1.01 / 0.01)])


def test_a_narrow_range_is_still_a_range() -> None:
    """Discounting leaves little of a far reward."""
    ends = _of(_fitted(LogNormaliser, 0.0, 1.5e-6), 0.0, 1.5e-6)
    assert ends == pytest.approx([-(0.5**0.5), 0.5**0.5], abs=1e-4)
