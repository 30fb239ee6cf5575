from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.trajectory_transformer import beam_search
from baselines.trajectory_transformer.beam_search import BeamSearch, _best, draw
from benchmark.interface import TaskInfo

ONE = np.ones(1, np.float32)
TASK = TaskInfo("made-up", 1, -ONE, ONE, 10, discount=0.9)
# What tokens 0 to 4 stand for, in the columns observation, action, reward and value.
CENTRES = torch.tensor([[0.0, 1, 2, 3, 4]] * 4)
# Reward of each action (columns) in each state (rows); an action leads to the state of its number.
REWARDS = torch.tensor([[1, 0, 0], [0, 0, 4], [0, 3, 0]])


class Network:
    """Says of every sequence (M, T) of tokens which token comes after it, by `after`."""

    def __init__(self) -> None:
        self.read: list[int] = []

    def __call__(self, tokens, cache):
        self.read.append(tokens.shape[1])
        seen = tokens if cache is None else torch.cat([cache[0][0], tokens], dim=1)
        # The token after each one seen.
        following = [self.after(seen[:, : place + 1]) for place in range(seen.shape[1])]
        return torch.stack(following, dim=1)[:, -tokens.shape[1] :], [seen[None]]


class Walk(Network):
    """Knows the walk above for certain, what states are about worth, and takes any action."""

    def __init__(self, values: tuple[int, ...] = (0, 3, 2)) -> None:
        super().__init__()
        self.values = torch.tensor(values)

    def after(self, seen):
        column = (seen.shape[1] - 1) % 4
        logits = torch.full((len(seen), 6), -100.0)
        if column == 0:
            logits[:, :3] = 0.0
            return logits
        begin = seen.shape[1] - 1 - column
        state, action = seen[:, begin], seen[:, begin + 1]
        likeliest = {1: REWARDS[state, action], 2: self.values[action], 3: action}[column]
        logits[torch.arange(len(seen)), likeliest] = 100.0
        return logits


def plan(start, horizon: int, walk: Network | None = None, task: TaskInfo = TASK) -> list:
    """The actions planned from each of the prefixes `start`."""
    search = BeamSearch(task, horizon, beam_width=8, expansions=4, top_p=1.0)
    noise = torch.Generator().manual_seed(0)
    plans = search.plan(walk or Walk(), torch.tensor(start), CENTRES, noise)
    assert plans.shape == (len(start), horizon, 4)
    assert plans[:, 0, 0].tolist() == [prefix[-1] for prefix in start]
    return plans[:, :, 1].tolist()


def test_it_finds_the_best_sequence_where_the_best_step_leads_elsewhere():
    # At once it is best to stay at 0 for a reward of 1; on the way from 1 to 2 there are 4.
    assert plan([[0]], horizon=1, walk=Walk(values=(0, 0, 0))) == [[0]]
    assert plan([[0]], horizon=3) == [[1, 2, 1]]


def test_every_environment_has_a_plan_of_its_own():
    assert plan([[0], [1], [2]], horizon=3) == [[1, 2, 1], [2, 1, 2], [1, 2, 1]]


def test_later_rewards_count_less():
    assert plan([[0]], horizon=2) == [[1, 2]]
    assert plan([[0]], horizon=2, task=replace(TASK, discount=0.1)) == [[0, 0]]


def test_past_steps_come_before_the_plan():
    # The prefix: in state 2 action 0 without a reward, and so to state 0.
    assert plan([[2, 0, 0, 0, 0]], horizon=3) == [[1, 2, 1]]


def test_every_token_is_read_once():
    walk = Walk()
    plan([[2, 0, 0, 0, 0]], horizon=2, walk=walk)
    assert walk.read == [5] + [1] * 7


def test_nothing_is_to_be_had_after_the_end_of_an_episode():
    class Ends(Walk):
        """Takes the episode for over once action 1 was the first."""

        def after(self, seen):
            logits = super().after(seen.clamp(max=2))
            if seen.shape[1] > 2:
                over = seen[:, 1] == 1
                logits[over] = -100.0
                logits[over, 5] = 100.0
            return logits

    assert plan([[0]], horizon=2) == [[1, 2]]
    assert plan([[0]], horizon=2, walk=Ends()) == [[2, 1]]


def test_the_present_step_is_not_taken_for_one_after_the_end():
    class Sure(Walk):
        """Would rather have the episode over now."""

        def after(self, seen):
            logits = super().after(seen)
            if seen.shape[1] == 1:
                logits[:, 5] = 50.0
            return logits

    assert plan([[0]], horizon=1, walk=Sure(values=(0, 0, 0))) == [[0]]


class Tree(Network):
    """Some actions at first, two at the second step; its rewards and values are those of tables.

    The tokens of reward and value are the number of the sequence of actions so far: 0, 1, ... for
    those of one step; after them 00, 01, 10, 11 for those of two.
    """

    def __init__(self, first_actions: int = 2) -> None:
        super().__init__()
        self.first_actions = first_actions

    def after(self, seen):
        step, column = divmod(seen.shape[1] - 1, 4)
        logits = torch.full((len(seen), 10), -100.0)
        actions = seen[:, 1::4]
        number = 0 * seen[:, 0]  # The likeliest action and the likeliest observation.
        if column in (1, 2):
            number = actions[:, 0]
            if step == 1:
                number = self.first_actions + 2 * actions[:, 0] + actions[:, 1]
        logits[torch.arange(len(seen)), number] = 100.0
        return logits


def searched(monkeypatch, width: int, rewards, values, horizon: int = 2) -> list[int]:
    """The best sequence of actions with a discount of 0.5, if each beam tries both actions."""
    tries = lambda logits, top_p, noise: torch.arange(len(logits))[:, None] % 2  # noqa: E731
    monkeypatch.setattr(beam_search, "draw", tries)
    columns = [(0,) * 6, (0,) * 6, rewards, values]
    centres = torch.tensor([[float(value) for value in column] for column in columns])
    search = BeamSearch(replace(TASK, discount=0.5), horizon, width, expansions=2, top_p=1.0)
    plans = search.plan(Tree(), torch.tensor([[0]]), centres, torch.Generator())
    return plans[0, :, 1].tolist()


NOTHING = (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(("value", "best"), [(1.9, [0]), (2.1, [1])])
def test_the_value_at_the_end_is_discounted_once_more_than_the_reward(monkeypatch, value, best):
    # Action 0 has a reward of 1 at once, action 1 a value of 1.9 or 2.1 one step later, so half.
    rewards, values = (1, 0, 0, 0, 0, 0), (0, value, 0, 0, 0, 0)
    assert searched(monkeypatch, 1, rewards, values, horizon=1) == best


@pytest.mark.parametrize(("later", "best"), [(1.9, [0, 0]), (2.1, [0, 1])])
def test_the_reward_of_the_second_step_counts_half_and_its_value_a_quarter(
    monkeypatch, later, best
):
    # After action 0: a value of 4 in two steps is worth 1, a reward in one step half of itself.
    rewards, values = (0, -9, 0, later, 0, 0), (0, 0, 4, 0, 0, 0)
    assert searched(monkeypatch, 1, rewards, values) == best


@pytest.mark.parametrize(
    ("width", "later", "best"), [(2, 7.5, [1, 1]), (2, 8.5, [0, 0]), (1, 8.5, [1, 1])]
)
def test_the_second_best_of_two_is_kept_and_can_win_later(monkeypatch, width, later, best):
    # Of actions 0, 1 and 2 with rewards of 1, 2 and 0 two are kept, or one. Then 00 has 1 + 7.5 or
    # 1 + 8.5 in all, and 11 has 2 + 7. What was to come after 0, 0.9, counts no longer.
    draws = iter([[0, 1, 2, 2], [0, 1, 0, 1]])
    monkeypatch.setattr(
        beam_search, "draw", lambda logits, *_: torch.tensor(next(draws))[: len(logits), None]
    )
    rewards, values, nothing = (1, 2, 0, later, 4, 5, 7, 0, 0), (0.9,) + (0,) * 8, (0,) * 9
    centres = torch.tensor([nothing, nothing, rewards, values])
    search = BeamSearch(replace(TASK, discount=1.0), 2, width, expansions=2, top_p=1.0)
    plans = search.plan(Tree(first_actions=3), torch.tensor([[0]]), centres, torch.Generator())
    assert plans[0, :, 1].tolist() == best


@pytest.mark.parametrize(("other", "rewards"), [(2, (4, 0, 2)), (6, (4, 2, 0))])
def test_the_mean_of_what_tokens_stand_for_is_what_is_expected(monkeypatch, other, rewards):
    # Action 0 has a reward of 4 for sure. Action 1 has token 1 or another one, half each: 0 or 7.8
    # or 8.2, or the latter or the end of the episode, token 6, which is no reward.
    class Even(Tree):
        def after(self, seen):
            logits = super().after(seen)
            if (seen.shape[1] - 1) % 4 == 1:
                logits[seen[:, 1] == 1, other] = logits[seen[:, 1] == 1, 1]
            return logits

    monkeypatch.setattr(beam_search, "draw", lambda logits, *_: torch.tensor([[0], [1]]))
    for half, best in ((3.9, 0), (4.1, 1)):
        of_reward = (rewards[0], *(half * reward for reward in rewards[1:]), 0, 0, 0)
        centres = torch.tensor([NOTHING, NOTHING, of_reward, NOTHING])
        search = BeamSearch(TASK, 1, beam_width=1, expansions=2, top_p=1.0)
        plans = search.plan(Even(), torch.tensor([[0]]), centres, torch.Generator())
        assert plans[0, 0, 1] == best


def test_every_column_of_observations_and_actions_is_a_token_of_its_own():
    class Counts(Network):
        """The token after k tokens is k."""

        def after(self, seen):
            logits = torch.full((len(seen), 40), -100.0)
            logits[:, seen.shape[1]] = 100.0
            return logits

    task = replace(TASK, observation_size=2, action_low=-np.ones(3), action_high=np.ones(3))
    search = BeamSearch(task, 2, beam_width=3, expansions=2, top_p=0.5)
    # A past step of 7 tokens and the present observation; plans have what follows.
    prefix = torch.arange(9).repeat(2, 1)
    plans = search.plan(Counts(), prefix, torch.zeros(7, 39), torch.Generator())
    assert plans.tolist() == [[list(range(7, 14)), list(range(14, 21))]] * 2


def test_actions_are_drawn_from_the_likeliest_alone_however_good_others_are():
    class Likes(Tree):
        def after(self, seen):
            logits = super().after(seen)
            if (seen.shape[1] - 1) % 4 == 0:
                logits[:, :2] = torch.tensor([0.7, 0.3]).log()
            return logits

    centres = torch.tensor([NOTHING, NOTHING, (0, 9, 0, 0, 0, 0), NOTHING]).float()
    for top_p, best in ((0.6, 0), (0.8, 1)):
        search = BeamSearch(TASK, 1, beam_width=4, expansions=8, top_p=top_p)
        noise = torch.Generator().manual_seed(0)
        plans = search.plan(Likes(), torch.tensor([[0]]), centres, noise)
        assert plans[0, 0, 1] == best


def test_the_best_of_each_environment_come_first():
    ranked = torch.tensor([1.0, 5, 3, 9, 2, 7])
    assert _best(ranked, 2, 2).tolist() == [1, 2, 3, 5]
    assert _best(ranked, 1, 3).tolist() == [3, 5, 1]


@pytest.mark.parametrize(
    ("top_p", "expected"), [(0.4, {2}), (0.5, {2}), (0.6, {2, 0}), (1.0, {0, 1, 2})]
)
def test_draws_come_from_the_likeliest_tokens(top_p, expected):
    logits = torch.tensor([[0.25, 0.25 - 1e-3, 0.5 + 1e-3]]).log().expand(300, 3)
    drawn = draw(logits, top_p, torch.Generator().manual_seed(0))
    assert drawn.shape == (300, 1) and set(drawn.flatten().tolist()) == expected


def test_no_more_tokens_are_drawn_from_than_have_the_share_that_it_says():
    assert len(draw(torch.zeros(300, 2), 0.5, torch.Generator()).unique()) == 1


def test_draws_are_as_frequent_as_they_are_likely():
    logits = torch.tensor([[0.3, 0.1, 0.6]]).log().expand(3000, 3)
    drawn = draw(logits, 0.8, torch.Generator().manual_seed(0)).flatten()
    # The two that are left have 0.3 and 0.6, so a third and two thirds.
    assert (torch.bincount(drawn, minlength=3) / 3000).tolist() == pytest.approx(
        [1 / 3, 0, 2 / 3], abs=0.03
    )


def test_the_likeliest_token_is_always_among_those_drawn():
    assert draw(torch.zeros(5, 1), 1e-6, torch.Generator()).tolist() == [[0]] * 5
