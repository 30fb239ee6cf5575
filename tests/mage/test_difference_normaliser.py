"""Windows relative to their first observation, each step in deviations of its own: by hand."""

from __future__ import annotations

import torch

from mage.difference_normaliser import DifferenceNormaliser


def _window(*observations: float) -> list[list[float]]:
    return [[float(number)] for number in observations]


def test_each_step_has_a_mean_and_a_deviation_of_its_own() -> None:
    normaliser = DifferenceNormaliser(4, 1)
    windows = torch.tensor([_window(5, 6, 15, 99), _window(1, 4, 11, 99), _window(0, 5, 99, 99)])
    real = torch.tensor([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 0, 0]]).bool()
    normaliser.fit(windows, real)
    # The second step is 1, 3 and 5 from the first; the third 10 in both windows that have one, so
    # it is only shifted; the fourth is padding in all.
    assert normaliser.mean.flatten().tolist() == [0, 3, 10, 0]
    assert normaliser.deviation.flatten().tolist() == [1, 2, 1, 1]
    held = normaliser(windows)
    assert held[:, :3, 0].tolist() == [[5, -1, 0], [1, 0, 0], [0, 1, 89]]


def test_one_window_alone_tells_nothing() -> None:
    normaliser = DifferenceNormaliser(2, 1)
    normaliser.fit(torch.tensor([_window(1, 4)]), torch.ones(1, 2).bool())
    assert normaliser.mean.flatten().tolist() == [0, 0]
    assert normaliser.deviation.flatten().tolist() == [1, 1]


def test_the_inverse_goes_on_from_where_it_is_told() -> None:
    normaliser = DifferenceNormaliser(3, 2)
    torch.manual_seed(0)
    windows = torch.randn(50, 3, 2) * torch.tensor([1.0, 3.0]) + torch.tensor([7.0, -1.0])
    normaliser.fit(windows, torch.ones(50, 3).bool())
    held = normaliser(windows)
    torch.testing.assert_close(held[:, 1:].mean(0), torch.zeros(2, 2), atol=1e-5, rtol=0)
    torch.testing.assert_close(held[:, 1:].std(0), torch.ones(2, 2))
    torch.testing.assert_close(normaliser.inverse(held, windows[:, 0]), windows)
    # From elsewhere the same moves lead elsewhere; the first step is what the window says.
    moved = normaliser.inverse(held, windows[:, 0] + 10)
    torch.testing.assert_close(moved[:, 1:], windows[:, 1:] + 10)
    assert torch.equal(moved[:, 0], windows[:, 0])


def test_it_is_saved_with_the_weights() -> None:
    saved = DifferenceNormaliser(3, 2).state_dict()
    assert {name: value.shape for name, value in saved.items()} == {
        "mean": (3, 2), "deviation": (3, 2),
    }  # fmt: skip
