"""Normalising can be undone."""

from __future__ import annotations

import pytest
import torch

from mage.normalisers import LogitNormaliser, LogNormaliser, Normaliser


def test_normaliser_has_mean_0_deviation_1_and_an_inverse() -> None:
    values = torch.tensor([[1.0, 5.0], [3.0, 5.0], [5.0, 5.0]])
    normaliser = Normaliser(2)
    normaliser.fit(values)
    normalised = normaliser(values)
    assert normalised[:, 0].tolist() == [-1, 0, 1]
    assert normalised[:, 1].tolist() == [0, 0, 0], "a constant column is only shifted"
    assert torch.equal(normaliser.inverse(normalised), values)


def test_a_thing_at_rest_stays_about_0() -> None:
    """Else a millimetre in the kitchen would be a hundred deviations."""
    normaliser = Normaliser(1)
    normaliser.fit(torch.tensor([[1.0], [1.00001], [0.99999]]))
    assert normaliser(torch.tensor([[1.001]])).item() == pytest.approx(1, abs=0.01)


def test_on_a_logarithmic_scale_equal_factors_are_equally_far_apart() -> None:
    values = torch.tensor([[0.0], [1.0], [10.0], [100.0]])
    normaliser = LogNormaliser(1)
    normaliser.fit(values)
    torch.testing.assert_close(normaliser.inverse(normaliser(values)), values)
    far = normaliser(torch.tensor([[10.0], [20.0], [40.0]]))[:, 0]
    assert (far[1] - far[0]).item() == pytest.approx((far[2] - far[1]).item(), rel=0.1)
    below, lowest = normaliser(torch.tensor([[-5.0], [0.0]]))
    assert below == lowest


def test_a_logit_scale_is_fine_at_both_ends() -> None:
    values = torch.tensor([[0.0], [0.1], [1.0], [30.0], [99.0], [100.0]])
    logit, log = LogitNormaliser(1), LogNormaliser(1)
    logit.fit(values)
    log.fit(values)
    torch.testing.assert_close(logit.inverse(logit(values)), values)
    assert logit.inverse(torch.tensor(1e4)).item() == pytest.approx(105), "however much is asked"

    def apart(normaliser: LogNormaliser, first: float, second: float) -> float:
        return (normaliser(torch.tensor(second)) - normaliser(torch.tensor(first))).item()

    assert apart(logit, 0.1, 0.2) > 2 * apart(log, 0.1, 0.2)
    assert apart(logit, 95.0, 100.0) > 5 * apart(log, 95.0, 100.0)
    assert apart(logit, -5.0, 0.0) == apart(logit, 100.0, 105.0) == 0


@pytest.mark.parametrize("kind", [LogNormaliser, LogitNormaliser])
def test_equal_returns_are_no_trouble(kind: type[Normaliser]) -> None:
    normaliser = kind(1)
    normaliser.fit(torch.full((3, 1), 2.0))
    assert normaliser(torch.tensor([[2.0]])).item() == 0
