"""Labels of recorded steps: known answers."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from mage.returns.config import LabelConfig
from mage.returns.labels import ReturnLabeller, best_of_columns, best_rows
from mage.returns.normalisers import LogNormaliser, Normaliser

OBSERVATIONS = torch.tensor([[1.0, 5.0], [3.0, 5.0], [8.0, 5.0]])
RETURNS = torch.tensor([[2.0], [4.0], [6.0]])


def _labeller(**settings: object) -> ReturnLabeller:
    """Says of every state a mean of 0 and an expectile of a half."""
    labeller = ReturnLabeller(LabelConfig(**settings), 2, 8)  # type: ignore[arg-type]
    labeller.requires_grad_(False)
    labeller.returns.network[-1].weight.zero_()
    labeller.returns.network[-1].bias.copy_(torch.tensor([0.0, 0.5]))
    return labeller


def test_observations_and_returns_are_normalised_and_the_largest_is_kept() -> None:
    labeller = _labeller()
    observations, returns = labeller.normalise(OBSERVATIONS, RETURNS)
    # Mean 4; squares 9 + 1 + 16 over 3 - 1. Returns: mean 4, squares 4 + 4 over 2.
    assert observations[:, 0].tolist() == pytest.approx([-3 / 13**0.5, -1 / 13**0.5, 4 / 13**0.5])
    assert observations[:, 1].tolist() == [0, 0, 0]
    assert returns.tolist() == [[-1], [0], [1]] and labeller.returns.largest == 1
    assert labeller.return_normaliser(torch.tensor([8.0])) == 2, "what was fitted stays"
    assert labeller.observation_normaliser.inverse(observations).tolist() == OBSERVATIONS.tolist()


@pytest.mark.parametrize(
    ("settings", "kind"),
    [({}, Normaliser), ({"log_returns": True}, LogNormaliser)],
)
def test_returns_are_on_the_scale_that_is_set(
    settings: dict[str, bool], kind: type[Normaliser]
) -> None:
    assert type(_labeller(**settings).return_normaliser) is kind


def test_the_expectile_is_the_one_that_is_set() -> None:
    assert _labeller(expectile=0.75).returns.expectiles_2.tolist() == [0.5, 0.75]


@pytest.mark.parametrize("chunk", [2, 100])
def test_an_advantage_of_1_is_the_upper_expectile(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mage.returns.labels._CHUNK", chunk)
    labeller = _labeller().requires_grad_(True)
    advantages = labeller.advantages(torch.zeros(3, 2), torch.tensor([[0.0], [0.5], [-0.25]]))
    assert advantages.tolist() == [[0], [1], [-0.5]]
    assert not advantages.requires_grad


def test_the_best_of_all_candidates_is_taken() -> None:
    advantages = torch.arange(50.0)[:, None] - 30
    torch.manual_seed(0)
    rows = best_rows(advantages, 300, 1000)
    # Of a thousand draws of fifty rows the best is all but certainly among them.
    assert rows.shape == (300,) and rows.unique().tolist() == [49]


@pytest.mark.parametrize(
    ("candidates", "expected"), [(1, [1 / 3, 1 / 3, 1 / 3]), (2, [1 / 9, 3 / 9, 5 / 9])]
)
def test_of_more_candidates_more_rows_are_the_best_ones(
    candidates: int, expected: list[float]
) -> None:
    torch.manual_seed(0)
    rows = best_rows(torch.arange(120.0)[:, None] % 3, 6000, candidates)
    shares = torch.bincount(rows % 3, minlength=3) / 6000
    assert shares.tolist() == pytest.approx(expected, abs=0.03)


def test_only_some_rows_may_be_candidates() -> None:
    torch.manual_seed(0)
    among = torch.tensor([3, 5, 8])
    rows = best_rows(torch.arange(50.0)[:, None], 200, 2, among)
    assert rows.unique().tolist() == [3, 5, 8] and (rows == 8).sum() > (rows == 3).sum()


def test_many_rows_are_drawn_in_parts_which_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []

    def draw(high: int, size: tuple[int, int], **given: Any) -> torch.Tensor:
        sizes.append(size)
        return randint(high, size, **given)

    # Of five values each many are equal, of which the first drawn is taken.
    randint, advantages = torch.randint, torch.arange(100.0)[:, None] % 5
    torch.manual_seed(0)
    at_once = best_rows(advantages, 30, 8)
    monkeypatch.setattr("mage.returns.labels._DRAWN_AT_ONCE", 100, raising=False)
    monkeypatch.setattr("torch.randint", draw)
    assert torch.equal(best_rows(advantages, 30, 8), at_once)
    assert sizes == [(3, 30), (3, 30), (2, 30)]
    sizes.clear()
    best_rows(advantages, 101, 2)
    assert sizes == [(1, 101), (1, 101)], "of each at least one"


def test_of_each_column_the_largest_advantage_is_taken_and_the_first_of_equals() -> None:
    advantages = torch.tensor([[0.0], [3.0], [-1.0], [3.0]])
    drawn = torch.tensor([[0, 3, 2], [1, 1, 2], [2, 0, 0]])
    assert best_of_columns(advantages, drawn).tolist() == [1, 3, 0]


def test_the_seed_alone_chooses_them() -> None:
    advantages = torch.rand(40, 1)
    torch.manual_seed(3)
    first = best_rows(advantages, 20, 2)
    torch.rand(10)
    assert torch.equal(best_rows(advantages, 20, 2), first)
    torch.manual_seed(4)
    assert not torch.equal(best_rows(advantages, 20, 2), first)
