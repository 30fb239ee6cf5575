from __future__ import annotations

import numpy as np
import torch

from baselines.windows import Limits, WindowSampler, standardised
from tests.baselines.made_up import dataset_of, numbered_steps


def test_limits_map_the_dataset_to_plus_minus_one_and_back():
    dataset = numbered_steps()
    limits = Limits.of(dataset, "cpu")
    steps = torch.as_tensor(np.concatenate([dataset.actions, dataset.observations], axis=1))
    normalised = limits.normalise(steps)
    assert normalised.amin(0).tolist() == [-1, -1, -1] and normalised.amax(0).tolist() == [1, 1, 1]
    np.testing.assert_allclose(limits.restore(normalised), steps, atol=1e-6)


def test_a_constant_column_becomes_zero():
    dataset = dataset_of(np.full((3, 1), 5.0), [[0], [1], [2]], np.zeros(3), {2: "terminal"})
    limits = Limits.of(dataset, "cpu")
    assert limits.normalise(torch.tensor([[1.0, 5.0]])).tolist() == [[0.0, 0.0]]
    assert limits.restore(torch.tensor([[0.0, 0.0]])).tolist() == [[1.0, 5.0]]


def test_windows_stay_inside_their_episode_and_repeat_its_last_step():
    dataset = numbered_steps()
    limits = Limits.of(dataset, "cpu")
    sampler = WindowSampler(dataset, limits, 3, dataset.rewards)
    windows, _ = sampler.sample(np.random.default_rng(0), 400)
    rows = limits.restore(windows)[:, :, 1].round().int()
    found = {tuple(window) for window in rows.tolist()}
    assert found == {(0, 1, 2), (1, 2, 3), (2, 3, 3), (3, 3, 3), (4, 5, 6), (5, 6, 6), (7, 8, 8)}


def test_a_stride_leaves_out_what_lies_between():
    dataset = numbered_steps()
    limits = Limits.of(dataset, "cpu")
    sampler = WindowSampler(dataset, limits, 3, dataset.rewards, stride=2)
    windows, _ = sampler.sample(np.random.default_rng(0), 400)
    rows = limits.restore(windows)[:, :, 1].round().int()
    found = {tuple(window) for window in rows.tolist()}
    assert found == {(0, 2, 3), (1, 3, 3), (2, 3, 3), (3, 3, 3), (4, 6, 6), (5, 6, 6), (7, 8, 8)}


def test_a_window_has_the_value_of_its_first_row():
    dataset = numbered_steps()
    limits = Limits.of(dataset, "cpu")
    row_values = np.arange(9, dtype=np.float32) ** 2
    sampler = WindowSampler(dataset, limits, 2, row_values)
    windows, values = sampler.sample(np.random.default_rng(0), 400)
    rows = limits.restore(windows)[:, 0, 1].round().int().numpy()
    np.testing.assert_array_equal(values, row_values[rows])


def test_standardised_returns_have_mean_0_and_deviation_1():
    returns = standardised(np.array([1, 3, 3, 5], np.float32))
    np.testing.assert_allclose(returns, np.array([-1, 0, 0, 1]) * np.sqrt(2), rtol=1e-6)


def test_equal_returns_are_no_division_by_zero():
    assert standardised(np.full(3, 7, np.float32)).tolist() == [0, 0, 0]
