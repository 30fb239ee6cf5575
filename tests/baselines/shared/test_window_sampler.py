from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.shared.window_sampler import RangeNormaliser, WindowSampler, standardised
from benchmark.interface import Dataset
from tests.baselines.synthetic_tasks import dataset_of, numbered_steps


def two_steps() -> Dataset:
    """Actions from -1 to 3, observations from 10 to 20 and always 5."""
    return dataset_of([[20, 5], [10, 5]], [[-1], [3]], np.zeros(2), {1: "terminal"})


def test_limits_are_those_of_actions_then_observations() -> None:
    limits = RangeNormaliser.of(two_steps(), "cpu")
    # A column that never changes has 1 below it and 1 above.
    assert limits.low.tolist() == [-1, 10, 4]
    assert limits.high.tolist() == [3, 20, 6]
    assert limits.low.dtype == limits.high.dtype == torch.float32


def test_columns_are_mapped_from_their_limits_to_plus_minus_one_and_back() -> None:
    limits = RangeNormaliser.of(two_steps(), "cpu")
    steps = torch.tensor([[-1.0, 20, 5], [2, 12.5, 5], [5, 10, 4.5]])
    normalised = [[-1, 1, 0], [0.5, -0.5, 0], [2, -1, -0.5]]
    np.testing.assert_allclose(limits.normalise(steps), normalised, atol=1e-6)
    np.testing.assert_allclose(limits.restore(torch.tensor(normalised)), steps, atol=1e-6)


@pytest.mark.parametrize(
    ("low", "high", "normalised"),
    [
        (-3e38, 3e38, [-1, 1]),  # Twice that float32 does not hold.
        (1e10, 1e10, [0, 0]),  # Nor 1 more.
        (-3.4e38, -3.4e38, [0, 0]),
        (0, 1.4e-45, [0, 0]),
    ],
)
def test_limits_that_float32_cannot_tell_apart_or_span(
    low: float, high: float, normalised: list[float]
) -> None:
    dataset = dataset_of([[low], [high]], [[-1], [3]], np.zeros(2), {1: "terminal"})
    limits = RangeNormaliser.of(dataset, "cpu")
    steps = torch.tensor([[-1.0, low], [3.0, high]])
    numbers = limits.normalise(steps)
    assert numbers[:, 1].tolist() == pytest.approx(normalised, abs=0.15)
    np.testing.assert_allclose(limits.restore(numbers), steps, rtol=1e-3, atol=1e-6)


def test_limits_and_windows_live_on_the_device_asked_for() -> None:
    limits = RangeNormaliser.of(two_steps(), "meta")
    sampler = WindowSampler(two_steps(), limits, 2, np.zeros(2, np.float32))
    windows, values = sampler.sample(np.random.default_rng(0), 1)
    kinds = {array.device.type for array in (limits.low, limits.high, windows, values)}
    assert kinds == {"meta"}


def drawn(
    horizon: int, values: np.ndarray, **stride: int
) -> tuple[list[tuple[int, ...]], list[float]]:
    """The rows of 400 windows of the numbered steps, and their values."""
    dataset = numbered_steps()
    limits = RangeNormaliser.of(dataset, "cpu")
    sampler = WindowSampler(dataset, limits, horizon, values, **stride)
    windows, window_values = sampler.sample(np.random.default_rng(0), 400)
    assert windows.shape == (400, horizon, 3) and windows.abs().max() <= 1
    steps = limits.restore(windows)
    rows = steps[:, :, 1].round()
    np.testing.assert_allclose(steps[:, :, 0], rows / 10, atol=1e-5)
    np.testing.assert_allclose(steps[:, :, 2], -rows, atol=1e-5)
    return [tuple(window) for window in rows.int().tolist()], window_values.tolist()


NO_VALUES = np.zeros(9, np.float32)


def test_windows_stay_inside_their_episode_and_repeat_its_last_step() -> None:
    windows, _ = drawn(3, NO_VALUES)
    expected = [(0, 1, 2), (1, 2, 3), (2, 3, 3), (3, 3, 3), (4, 5, 6), (5, 6, 6), (7, 8, 8)]
    assert sorted(set(windows)) == expected
    counts = [windows.count(window) for window in expected]
    assert counts == pytest.approx([400 / 7] * 7, abs=25)


def test_a_stride_leaves_out_what_lies_between() -> None:
    windows, _ = drawn(3, NO_VALUES, stride=2)
    expected = [(0, 2, 3), (1, 3, 3), (2, 3, 3), (3, 3, 3), (4, 6, 6), (5, 6, 6), (7, 8, 8)]
    assert sorted(set(windows)) == expected


def test_a_window_has_the_value_of_its_first_row() -> None:
    windows, values = drawn(2, np.arange(9, dtype=np.float32) ** 2)
    assert values == [window[0] ** 2 for window in windows]


def test_standardised_returns_have_mean_0_and_deviation_1() -> None:
    # The mean is 3 and the variance (4 + 0 + 0 + 4) / 4 = 2.
    returns = standardised(np.array([1, 3, 3, 5], np.float32))
    np.testing.assert_allclose(returns, np.array([-1, 0, 0, 1]) * np.sqrt(2), rtol=1e-6)
    assert returns.dtype == np.float32


def test_equal_returns_are_no_division_by_zero() -> None:
    assert standardised(np.full(3, 7, np.float32)).tolist() == [0, 0, 0]
