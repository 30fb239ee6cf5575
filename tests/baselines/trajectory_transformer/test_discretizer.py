from __future__ import annotations

import numpy as np
import torch

from baselines.trajectory_transformer.discretizer import Discretizer


def bins_of(*columns, n_bins: int = 10) -> Discretizer:
    return Discretizer.of([np.asarray(column, np.float32) for column in columns], n_bins, "cpu")


def rows(*columns) -> torch.Tensor:
    return torch.as_tensor(np.stack(columns, axis=1), dtype=torch.float32)


def test_every_bin_holds_about_the_same_share():
    rng = np.random.default_rng(0)
    columns = rng.standard_normal(5000), rng.exponential(size=5000)
    tokens = bins_of(*columns).tokens(rows(*columns))
    for column in tokens.T:
        assert torch.bincount(column, minlength=10).tolist() == [500] * 10


def test_a_number_comes_back_as_the_mean_of_its_bin():
    column = np.arange(100.0)
    bins = bins_of(column)
    assert bins.tokens(rows([0, 9, 10, 99])).T.tolist() == [[0, 0, 1, 9]]
    back = bins.values(bins.tokens(rows(column)))
    assert back[:12, 0].tolist() == [4.5] * 10 + [14.5] * 2
    assert (back[:, 0] - torch.arange(100)).abs().max() == 4.5  # Half of a bin's width.


def test_a_column_with_few_values_has_a_bin_for_each():
    rare = np.zeros(10_000)
    rare[17] = 1
    bins = bins_of(rare, np.tile([-2, 0.5, 3, 7], 2500))
    values = rows([0, 1, 0, 1], [-2, 0.5, 3, 7])
    assert bins.tokens(values).T.tolist() == [[0, 1, 0, 1], [0, 1, 2, 3]]
    assert torch.equal(bins.values(bins.tokens(values)), values)


def test_a_column_of_just_as_many_values_as_bins_has_a_bin_for_each():
    bins = bins_of(np.array([0] * 97 + [1, 2, 3]), n_bins=4)
    assert bins.tokens(rows([0, 1, 2, 3])).T.tolist() == [[0, 1, 2, 3]]
    assert bins.centres.tolist() == [[0, 1, 2, 3]]


def test_a_bin_begins_with_its_lower_edge_and_stands_for_the_mean_of_its_share():
    # Eight values, four bins: 0 and 1, 2 and 5, 6 and 7, 9 and 13.
    bins = bins_of(np.array([9, 0, 7, 2, 13, 1, 6, 5]), n_bins=4)
    assert bins.edges.tolist() == [[2, 6, 9]]
    assert bins.centres.tolist() == [[0.5, 3.5, 6.5, 11]]
    assert bins.tokens(rows([-1, 1.9, 2, 5.9, 6, 8.9, 9, 99])).T.tolist() == [
        [0, 0, 1, 1, 2, 2, 3, 3]
    ]


def test_a_bin_that_holds_nothing_stands_for_its_lower_edge():
    # Of ten values in order the third, sixth and eighth are edges.
    bins = bins_of(np.array([-3, 2, 2, 2, 2, 2, 3, 5, 6, 7]), n_bins=4)
    assert bins.edges.tolist() == [[2, 2, 5]]
    np.testing.assert_allclose(bins.centres, [[-3, 2, (5 * 2 + 3) / 6, 6]], rtol=1e-6)


def test_a_constant_column_stays_what_it_is():
    bins = bins_of(np.full(50, 7))
    assert bins.values(bins.tokens(rows([7, -1, 100]))).flatten().tolist() == [7, 7, 7]


def test_a_value_that_fills_many_bins_keeps_one_token():
    column = np.concatenate([np.zeros(900), np.arange(1, 101)])
    bins = bins_of(column)
    tokens = bins.tokens(rows([0, 1, 100]))[:, 0]
    assert tokens[0] < tokens[2]
    assert bins.values(tokens[:, None])[2] > 50
    assert torch.isfinite(bins.centres).all()


def test_what_lies_outside_falls_into_the_outermost_bins():
    bins = bins_of(np.arange(100.0))
    assert bins.tokens(rows([-1000, 1000])).T.tolist() == [[0, 9]]


def test_the_first_columns_can_be_read_alone():
    rng = np.random.default_rng(0)
    columns = rng.standard_normal((3, 200))
    bins = bins_of(*columns)
    assert torch.equal(bins.tokens(rows(*columns))[:, :2], bins.tokens(rows(*columns[:2])))


def test_the_token_past_the_last_bin_is_taken_for_it():
    bins = bins_of(np.arange(100.0))
    assert bins.values(torch.tensor([[10]])).tolist() == [[94.5]]
