from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.beam_search import BeamSearch, draw
from benchmark.interface import TaskInfo

ONE = np.ones(1, np.float32)
TASK = TaskInfo("made-up", 1, -ONE, ONE, 10, discount=0.9)
# What tokens 0 to 4 stand for, in the columns observation, action, reward and value.
CENTRES = torch.tensor([[0.0, 1, 2, 3, 4]] * 4)
# Reward of each action (columns) in each state (rows); an action leads to the state of its number.
REWARDS = torch.tensor([[1, 0, 0], [0, 0, 4], [0, 3, 0]])


class Walk:
    """Knows the walk above for certain, what states are about worth, and takes any action."""

    def __init__(self, values: tuple[int, ...] = (0, 3, 2)) -> None:
        self.values = torch.tensor(values)
        self.read: list[int] = []

    def __call__(self, tokens, cache):
        self.read.append(tokens.shape[1])
        seen = tokens if cache is None else torch.cat([cache[0][0], tokens], dim=1)
        # The token after each one seen, as the walk would have it.
        following = [self.after(seen[:, : place + 1]) for place in range(seen.shape[1])]
        return torch.stack(following, dim=1)[:, -tokens.shape[1] :], [seen[None]]

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


def plan(start, horizon: int, walk: Walk | None = None, task: TaskInfo = TASK) -> list:
    """The actions planned from each of the prefixes `start`."""
    search = BeamSearch(task, horizon, beam_width=8, expansions=4, top_p=1.0)
    noise = torch.Generator().manual_seed(0)
    found = search.plan(walk or Walk(), torch.tensor(start), CENTRES, noise)
    assert found.shape == (len(start), horizon, 4)
    assert found[:, 0, 0].tolist() == [prefix[-1] for prefix in start]
    return found[:, :, 1].tolist()


def test_it_finds_the_best_sequence_where_the_best_step_leads_elsewhere():
    # At once it is best to stay at 0 for a reward of 1; on the way from 1 to 2 there are 4.
    assert plan([[0]], horizon=1, walk=Walk(values=(0, 0, 0))) == [[0]]
    assert plan([[0]], horizon=3) == [[1, 2, 1]]


def test_every_environment_has_a_plan_of_its_own():
    assert plan([[0], [1], [2]], horizon=3) == [[1, 2, 1], [2, 1, 2], [1, 2, 1]]


def test_what_is_worth_most_to_reach_makes_up_for_less_reward():
    assert plan([[0]], horizon=1, walk=Walk(values=(0, 0, 4))) == [[2]]


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


@pytest.mark.parametrize(("top_p", "expected"), [(0.4, {2}), (0.6, {2, 0}), (1.0, {0, 1, 2})])
def test_draws_come_from_the_likeliest_tokens(top_p, expected):
    logits = torch.tensor([[0.3, 0.2, 0.5]]).log().expand(300, 3)
    drawn = draw(logits, top_p, torch.Generator().manual_seed(0))
    assert drawn.shape == (300, 1) and set(drawn.flatten().tolist()) == expected
