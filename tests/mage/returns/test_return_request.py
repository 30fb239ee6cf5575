"""What return is asked for along an episode: known answers."""

from __future__ import annotations

import pytest
import torch

from mage.returns.config import ReturnConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.return_request import ReturnRequest

SEEN, NOTHING = torch.zeros(3, 4), torch.zeros(3, 1)


@pytest.fixture
def labeller() -> ReturnLabeller:
    """Says of every state a mean of 1 and an expectile of 3; normalised is (number - 1) / 2."""
    labeller = ReturnLabeller(ReturnConfig(), 4, 8)
    labeller.requires_grad_(False)
    labeller.returns.network[-1].weight.zero_()
    labeller.returns.network[-1].bias.copy_(torch.tensor([1.0, 3.0]))
    labeller.return_normaliser.mean.fill_(1)
    labeller.return_normaliser.deviation.fill_(2)
    return labeller


def _request(discount: float = 0.5, **settings: object) -> ReturnRequest:
    """For three environments; the task's target is 8."""
    config = ReturnConfig(**settings)  # type: ignore[arg-type]
    request = ReturnRequest(config, discount, 8.0, torch.device("cpu"))
    request.reset(3)
    return request


def _column(*values: float) -> torch.Tensor:
    return torch.tensor(values)[:, None]


def test_a_state_is_asked_for_its_mean_and_a_part_of_the_way_to_the_expectile(
    labeller: ReturnLabeller,
) -> None:
    asked = _request(advantage_asked=0.25).ask(labeller, SEEN, NOTHING)
    assert asked.return_n1.tolist() == [[1.5]] * 3
    assert asked.advantage_n1.tolist() == [[0.25]] * 3


def test_no_more_is_asked_than_was_ever_recorded(labeller: ReturnLabeller) -> None:
    labeller.returns.largest.fill_(2.5)
    for settings in ({}, {"persistence": 0.5}):
        request = _request(advantage_asked=100.0, **settings)
        asked = request.ask(labeller, SEEN, NOTHING)
        assert torch.equal(asked.return_n1, torch.full((3, 1), 2.5))
        assert torch.equal(asked.advantage_n1, torch.full((3, 1), 0.75))


def test_the_target_falls_by_each_reward_and_by_nothing_else(labeller: ReturnLabeller) -> None:
    labeller.returns.largest.fill_(2.5)  # The paper's rule knows no bound.
    request = _request(0.5, return_asked="target")  # And no discount.
    request.reset(2)
    # 8 is asked for, normalised (8 - 1) / 2, whatever the state brings.
    assert request.ask(labeller, SEEN[:2], NOTHING[:2]).return_n1.tolist() == [[3.5], [3.5]]
    asked = request.ask(labeller, SEEN[:2], _column(3.0, -1.0)).return_n1
    assert asked.tolist() == [[2.0], [4.0]]  # 5 and 9.
    assert request.return_to_go_n1.tolist() == [[5.0], [9.0]]
    asked = request.ask(labeller, SEEN[:2], _column(0.0, 10.0)).return_n1
    assert asked.tolist() == [[2.0], [-1.0]]  # 5 and -1.
    request.reset(1)
    assert request.return_to_go_n1.tolist() == [[8.0]]


def test_what_is_still_to_come_grows_where_it_was_discounted(labeller: ReturnLabeller) -> None:
    request = _request(persistence=1.0)
    request.return_to_go_n1 = _column(6.0, 8.0)
    asked = request._return_asked(labeller, _column(0.0, 0.0), _column(1.0, 0.0))
    assert asked.flatten().tolist() == [(10 - 1) / 2, (16 - 1) / 2]  # (6 - 1) / 0.5 and 8 / 0.5.


def test_what_was_not_received_goes_on_being_asked_for_in_part(labeller: ReturnLabeller) -> None:
    request = _request(persistence=0.25)
    request.reset(3)
    reachable = _column(1.5, 1.5, 1.5)  # 1 + 2 * 1.5 = 4.
    first = request._return_asked(labeller, reachable, _column(0.0, 0.0, 0.0))
    assert first.flatten().tolist() == [1.5] * 3, "at first the state's own alone"
    # Rewards of -1, 2 and 9 leave 5, 2 and -5 of the 4, twice that with the discount. 10 is 6 more
    # than is reachable, of which a quarter is asked for; the others are no more.
    second = request._return_asked(labeller, reachable, _column(-1.0, 2.0, 9.0))
    assert request.return_to_go_n1.flatten().tolist() == [5.5, 4, 4]
    assert second.flatten().tolist() == [(5.5 - 1) / 2, 1.5, 1.5]
    # Of the 5.5, not of the 10: 2 (5.5 - 0.5) = 10 again.
    request._return_asked(labeller, reachable, _column(0.5, 0.0, 0.0))
    assert request.return_to_go_n1.flatten().tolist() == [5.5, 5, 5]
    request.reset(3)
    third = request._return_asked(labeller, reachable, _column(-9.0, 0.0, 0.0))
    assert third.flatten().tolist() == [1.5] * 3, "a new episode begins with the state's own"


def test_an_advantage_is_asked_for_along_the_episode(labeller: ReturnLabeller) -> None:
    request = _request(persistence=1.0, advantage_asked=0.25)
    request.reset(3)
    request.ask(labeller, SEEN, NOTHING)
    asked = request.ask(labeller, SEEN, NOTHING)
    # 1.5 is 4; discounted, 8 is to come a step later: (8 - 1) / 2 = 3.5, and (3.5 - 1) / 2.
    assert asked.return_n1.flatten().tolist() == [3.5] * 3
    assert asked.advantage_n1.flatten().tolist() == [1.25] * 3


def test_a_new_one_is_for_one_environment() -> None:
    config = ReturnConfig(return_asked="target")
    new = ReturnRequest(config, 0.5, 8.0, torch.device("cpu"))
    assert new.return_to_go_n1.tolist() == [[8.0]]


def test_a_level_counts_from_the_next_episode_until_it_is_taken_back(
    labeller: ReturnLabeller,
) -> None:
    request = _request(advantage_asked=0.25)
    request.ask_for(2.0)
    assert request.ask(labeller, SEEN, NOTHING).return_n1.tolist() == [[1.5]] * 3
    request.reset(3)
    # A mean of 1, and 2 times what the expectile is above it; in task units 2 x 5 + 1.
    assert request.ask(labeller, SEEN, NOTHING).return_n1.tolist() == [[5.0]] * 3
    assert request.requested_returns().tolist() == [[11.0]] * 3
    request.ask_for(None)
    request.reset(3)
    assert request.ask(labeller, SEEN, NOTHING).return_n1.tolist() == [[1.5]] * 3


def test_of_a_target_a_share_is_asked_for(labeller: ReturnLabeller) -> None:
    request = _request(return_asked="target")
    request.ask_for(0.5)
    request.reset(3)
    request.ask(labeller, SEEN, NOTHING)
    assert request.requested_returns().tolist() == [[4.0]] * 3
    request.ask(labeller, SEEN, _column(1.0, 2.0, 0.0))
    assert request.requested_returns().tolist() == [[3.0], [2.0], [4.0]]


def test_what_is_bounded_is_said_to_have_been_asked_for(labeller: ReturnLabeller) -> None:
    labeller.returns.largest.fill_(2.5)
    for settings in ({}, {"persistence": 0.5}):
        request = _request(advantage_asked=100.0, **settings)
        request.ask(labeller, SEEN, NOTHING)
        assert request.requested_returns().tolist() == [[6.0]] * 3
