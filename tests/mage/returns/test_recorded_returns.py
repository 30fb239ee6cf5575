"""Returns that the return model continues: known answers, and ways put together from pieces."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset
from mage.returns.config import LabelConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.recorded_returns import Continuation, RecordedReturns, continuation

CPU = torch.device("cpu")


def steps(
    places: list[float], rewards: list[float], terminals: list[int], ends: list[int]
) -> Dataset:
    """Recorded steps at places, with a timeout at each end that is no terminal."""
    rows = np.arange(len(places))
    terminal, end = np.isin(rows, terminals), np.isin(rows, ends)
    return Dataset(
        np.array(places, np.float32)[:, None],
        np.zeros((len(places), 1), np.float32),
        np.array(rewards, np.float32),
        terminal,
        end & ~terminal,
    )


def the_drawn_steps() -> Dataset:
    """Those in the docstring of the module."""
    return steps([0, 1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 0, 1, 0, 0, 0], [4], [4, 7])


def later(count: int) -> Continuation:
    result = continuation(the_drawn_steps(), 0.5, count, CPU)
    assert result
    return result


def test_a_return_goes_on_where_its_steps_lead() -> None:
    two = later(2)
    assert two.row_N[[0, 1, 2, 5, 6, 7]].tolist() == [2, 3, 4, 7, 7, 7]
    assert two.discount_N1[:, 0].tolist() == [0.25, 0.25, 0.25, 0, 0, 0.25, 0.5, 1]
    assert two.received_N1[:, 0].tolist() == [0, 0, 0, 0.5, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("count", "rows"),
    [(1, [0, 1, 2, 3, 4, 5, 6]), (2, [0, 1, 2, 3, 4, 5]), (10, [0, 1, 2, 3, 4]), (0, None)],
)
def test_no_policy_learns_from_what_a_recording_is_cut_off_after(
    count: int, rows: list[int] | None
) -> None:
    later_rows = continuation(the_drawn_steps(), 0.5, count, CPU)
    recorded = RecordedReturns(*[torch.zeros(8, 1)] * 2, later_rows)
    found = recorded.labelled_rows
    assert found is None if rows is None else found is not None and found.tolist() == rows


def test_where_all_recordings_are_too_short_all_rows_are_learned_from() -> None:
    short = steps([0, 1, 2], [0, 0, 0], [], [2])
    recorded = RecordedReturns(*[torch.zeros(3, 1)] * 2, continuation(short, 0.5, 9, CPU))
    assert recorded.labelled_rows is None


def test_rewards_on_the_way_are_discounted() -> None:
    way = steps([0, 1, 2, 3], [1, 1, 1, 1], [], [3])
    result = continuation(way, 0.5, 2, CPU)
    assert result and result.received_N1[:, 0].tolist() == [1.5, 1.5, 1, 0]


def test_a_whole_episode_is_counted_where_it_ends_before() -> None:
    ten = later(10)
    assert ten.received_N1[:5, 0].tolist() == pytest.approx([0.0625, 0.125, 0.25, 0.5, 1])
    assert not ten.discount_N1[:5].any()


def test_without_steps_returns_are_those_recorded() -> None:
    assert continuation(the_drawn_steps(), 0.5, 0, CPU) is None
    labeller = ReturnLabeller(LabelConfig(), 1, 8)
    normalised = labeller.normalise(torch.rand(9, 1), torch.rand(9, 1))
    returns, advantages = RecordedReturns(*normalised).labels(labeller)
    assert torch.equal(returns, normalised[1])
    assert torch.equal(advantages, labeller.advantages(*normalised))


@pytest.mark.parametrize("bootstrap_steps", [0, 1])
def test_pieces_of_two_recordings_make_a_way(bootstrap_steps: int) -> None:
    # One leads from 0 to 2, where it ends without a reward; another from 2 to the goal.
    data = steps([0, 1, 2, 2, 3, 4], [0, 0, 0, 0, 0, 1], [5], [2, 5])
    torch.manual_seed(0)
    config = LabelConfig(bootstrap_steps=bootstrap_steps, expectile=0.9)
    labeller = ReturnLabeller(config, 1, 32)
    returns = torch.tensor(data.returns_to_go(0.5))[:, None]
    normalised = labeller.normalise(torch.tensor(data.observations), returns)
    recorded = RecordedReturns(*normalised, continuation(data, 0.5, bootstrap_steps, CPU))
    optimiser = torch.optim.Adam(labeller.returns.parameters(), 3e-3)
    for _ in range(1500 if bootstrap_steps else 0):  # Else the returns are those recorded.
        optimiser.zero_grad()
        recorded.loss(labeller, torch.randint(6, (64,))).backward()
        optimiser.step()
    found = labeller.return_normaliser.inverse(recorded.labels(labeller)[0])[:2, 0]
    expected = [1 / 16, 1 / 8] if bootstrap_steps else [0, 0]
    assert found.tolist() == pytest.approx(expected, abs=0.012)
