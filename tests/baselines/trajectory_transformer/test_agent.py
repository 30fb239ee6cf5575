from __future__ import annotations

from math import log

import numpy as np
import pytest
import torch

from baselines.trajectory_transformer.agent import TrajectoryTransformer, _after_end
from baselines.trajectory_transformer.config import TrajectoryTransformerConfig
from baselines.trajectory_transformer.discretizer import Discretizer
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import (
    dataset_of,
    no_progress,
    numbered_steps,
    task_for,
    two_armed_bandit,
)

TINY = {
    "n_bins": 10,
    "context": 1,
    "horizon": 3,
    "beam_width": 4,
    "width": 16,
    "n_layers": 1,
    "n_heads": 2,
    "dropout": 0.0,
    "batch_size": 32,
    "learning_rate": 1e-2,
}


def new_agent(dataset, **settings) -> TrajectoryTransformer:
    return TrajectoryTransformer(task_for(dataset, discount=0.5), {**TINY, **settings}, "cpu")


def fitted(dataset, steps: int = 1, **settings) -> TrajectoryTransformer:
    agent = new_agent(dataset, **settings)
    agent.fit(dataset, steps=steps, seed=0, progress=no_progress)
    return agent


def test_its_settings_are_those_of_the_paper_and_of_quick_runs():
    assert TrajectoryTransformer.config_class is TrajectoryTransformerConfig
    assert (
        TrajectoryTransformer.statistics_class is Discretizer and TrajectoryTransformer.makes_plans
    )
    # Steps of the paper: 50 epochs of 1,000,000 sequences, in batches of 256: 195,312.
    check_presets(TrajectoryTransformer)


def test_the_search_is_what_the_settings_say():
    agent = new_agent(numbered_steps(), horizon=7, beam_width=5, expansions=3, top_p=0.3)
    search = agent._search
    assert (search.horizon, search.beam_width, search.expansions) == (7, 5, 3)
    assert search.top_p == 0.3 and search.task is agent._task


def test_the_optimiser_is_what_the_settings_say():
    agent = fitted(numbered_steps(), learning_rate=0.03, weight_decay=0.2)
    (group,) = agent._optimiser().param_groups
    assert isinstance(agent._optimiser(), torch.optim.AdamW)
    assert (group["lr"], group["betas"], group["weight_decay"]) == (0.03, (0.9, 0.95), 0.2)
    assert len(group["params"]) == len(list(agent._networks.parameters()))


def test_a_step_is_observation_action_reward_and_the_discounted_return_of_what_follows():
    observations, actions, rewards, values = fitted(numbered_steps())._arrays(numbered_steps())
    assert observations[2].tolist() == [2, -2] and actions[2] == np.float32(0.2)
    assert rewards[:, 0].tolist() == list(range(9))
    # Rewards are 0 to 3, 4 to 6, 7 and 8.
    expected = [1 + 0.5 * 2 + 0.25 * 3, 2 + 0.5 * 3, 3, 0, 5 + 0.5 * 6, 6, 0, 8, 0]
    np.testing.assert_allclose(values[:, 0], expected)


def test_every_column_has_bins_of_its_own():
    bins = fitted(numbered_steps(), n_bins=9)._statistics
    # Nine values of each column but the last, which has six; its other bins stand for the highest.
    rows = [list(range(9)), list(range(-8, 1)), [k / 10 for k in range(9)], list(range(9))]
    np.testing.assert_allclose(bins.centres[:4], rows, rtol=1e-6)
    np.testing.assert_allclose(bins.centres[4, :7], [0, 2.75, 3, 3.5, 6, 8, 8])


def test_batches_are_sequences_from_a_random_step_on():
    agent = fitted(numbered_steps(), n_bins=9, context=1, horizon=2, batch_size=200)
    tokens, known = agent._batches(numbered_steps())(np.random.default_rng(0))
    assert tokens.shape == (200, 3, 5) and known.shape == (200, 3)
    # Rows 6 and 8 are cut by a timeout, so none begins there; 9 says that the episode is over.
    steps = {
        tuple(zip(row, seen, strict=True))
        for row, seen in zip(tokens[:, :, 0].tolist(), known.tolist(), strict=True)
    }
    assert steps == {
        ((0, True), (1, True), (2, True)),
        ((1, True), (2, True), (3, True)),
        ((2, True), (3, True), (9, True)),
        ((3, True), (9, True), (9, True)),
        ((4, True), (5, True), (6, True)),
        ((5, True), (6, True), (6, False)),
        ((7, True), (8, True), (8, False)),
    }


def test_past_a_terminal_the_episode_is_over_and_past_a_timeout_all_is_unknown():
    # Row 3 is a terminal, row 6 a timeout.
    over, unknown = _after_end(numbered_steps(), np.array([2, 5]), np.arange(4))
    assert over.tolist() == [[False, False, True, True], [False] * 4]
    assert unknown.tolist() == [[False] * 4, [False, False, True, True]]
    steps = np.zeros((2, 4, 5), np.float32)
    tokens, known = fitted(numbered_steps())._sequences(steps, (over, unknown))
    assert (tokens == 10).all(dim=2).tolist() == over.tolist()
    assert known.tolist() == (~unknown).tolist()


class SureBut:
    """In the place of the network: sure of every next token, but one where all are as likely."""

    def __init__(self, tokens: torch.Tensor, unsure: int) -> None:
        self.following, self.unsure = tokens.flatten(1)[:, 1:], unsure

    def train(self):
        self.training = True

    def __call__(self, read):
        logits = 100.0 * torch.nn.functional.one_hot(self.following, 11).float()
        logits[:, self.unsure] = 0.0
        assert read.shape == self.following.shape
        return logits, None


def loss_where_unsure(known: list[bool]) -> list[float]:
    """The loss at each of the tokens 1 to 9 of two steps, as a part of one of 9 tokens."""
    agent = new_agent(numbered_steps(), action_weight=7.0)
    tokens = torch.arange(10).view(1, 2, 5)
    losses = []
    for place in range(9):
        agent._networks = SureBut(tokens, place)
        loss = agent._losses((tokens, torch.tensor([known])), 0.0)["cross_entropy"]
        assert agent._networks.training
        losses.append(round(loss.item() / log(11) * 9, 4))
    return losses


def test_only_the_tokens_of_actions_weigh_more():
    # Two observations, an action, a reward and a value; the first token of all is not predicted.
    assert loss_where_unsure([True, True]) == [1, 7, 1, 1, 1, 1, 7, 1, 1]


def test_what_is_unknown_is_not_learned():
    assert loss_where_unsure([True, False]) == [1, 7, 1, 1, 0, 0, 0, 0, 0]


class Watched:
    """In the place of the search: notes what it is given, and plans tokens that count upwards."""

    def __init__(self, agent: TrajectoryTransformer) -> None:
        self.agent, self.prefixes, self.drawn, self.training = agent, [], [], []

    def plan(self, network, prefix, centres, noise):
        assert network is self.agent._networks and centres is self.agent._statistics.centres
        self.prefixes.append(prefix)
        self.drawn.append(torch.rand((), generator=noise).item())
        self.training.append(network.training)
        # Action k of a plan is token k + 1, that of 0.1 * (k + 1); all others are token 8.
        plan = torch.full((len(prefix), 3, 5), 8)
        plan[:, :, 2] = torch.arange(1, 4)
        return plan


def watched(**settings) -> TrajectoryTransformer:
    agent = fitted(numbered_steps(), n_bins=9, **settings)
    agent._search = Watched(agent)
    agent.reset(2)
    return agent


def act(agent: TrajectoryTransformer, places, rewards) -> list[float]:
    """What it does where the observations are (place, -place)."""
    observations = np.array([[place, -place] for place in places], np.float32)
    return agent.act(observations, np.array(rewards, np.float32))[:, 0].tolist()


def test_a_plan_is_executed_for_as_long_as_it_says():
    agent = watched(replan_every=2)
    done = [act(agent, [3, 1], [0, 0])[0] for _ in range(5)]
    assert done == pytest.approx([0.1, 0.2, 0.1, 0.2, 0.1])
    assert len(agent._search.prefixes) == 3 and agent._search.training == [False] * 3


def test_a_plan_is_executed_no_longer_than_it_takes_any_episode_to_go_on():
    class Ending(Watched):
        """Says of the second environment that it is over before its second step."""

        def plan(self, *arguments):
            plan = super().plan(*arguments)
            plan[1, 1:, 2] = 9
            return plan

    agent = watched(replan_every=3)
    agent._search = Ending(agent)
    done = [act(agent, [3, 1], [0, 0]) for _ in range(3)]
    assert done == [pytest.approx([0.1, 0.1])] * 3
    assert len(agent._search.prefixes) == 3


def test_the_prefix_has_the_last_steps_with_the_rewards_that_followed_them():
    agent = watched(context=2, replan_every=1)
    for places, rewards in (([0, 5], [9, 9]), ([1, 6], [2, 3]), ([2, 7], [4, 5]), ([3, 8], [6, 7])):
        act(agent, places, rewards)
    prefixes = agent._search.prefixes
    assert [prefix.shape[1] for prefix in prefixes] == [2, 7, 12, 12]
    assert prefixes[0].tolist() == [[0, 8], [5, 3]]
    # Tokens of place and minus place, the action 0.1, the reward told a step later, any value.
    assert [[*row[:4], *row[5:]] for row in prefixes[1].tolist()] == [
        [0, 8, 1, 2, 1, 7],
        [5, 3, 1, 3, 6, 2],
    ]
    assert [row[:4] + row[5:9] + row[10:] for row in prefixes[3].tolist()] == [
        [1, 7, 1, 4, 2, 6, 1, 6, 3, 5],
        [6, 2, 1, 5, 7, 1, 1, 7, 8, 0],
    ]
    agent.reset(2)
    act(agent, [0, 5], [9, 9])
    assert prefixes[4].tolist() == [[0, 8], [5, 3]]


def test_without_a_context_only_the_present_is_seen():
    agent = watched(context=0, replan_every=1)
    act(agent, [0, 5], [0, 0])
    act(agent, [1, 6], [2, 3])
    assert agent._search.prefixes[1].tolist() == [[1, 7], [6, 2]]


def test_a_reset_ends_the_plan_and_begins_the_same_noise():
    agent = watched(replan_every=3)
    assert act(agent, [0, 5], [0, 0])[0] == pytest.approx(0.1)
    agent.reset(2)
    assert act(agent, [0, 5], [0, 0])[0] == pytest.approx(0.1)
    drawn = agent._search.drawn
    expected = torch.rand((), generator=torch.Generator().manual_seed(0)).item()
    assert drawn == [expected, expected]


def test_actions_are_clipped_to_the_bounds():
    bounds = {
        "action_low": np.array([0.15], np.float32),
        "action_high": np.array([0.25], np.float32),
    }
    agent = watched(replan_every=3)
    agent._task = task_for(numbered_steps(), **bounds)
    done = [act(agent, [0, 5], [0, 0])[0] for _ in range(3)]
    assert done == pytest.approx([0.15, 0.2, 0.25])


def test_episodes_of_one_step_can_be_learned():
    zeros = np.zeros((3, 1))
    agent = fitted(dataset_of(zeros, zeros, zeros[:, 0], dict.fromkeys(range(3), "terminal")))
    agent.reset(1)
    assert agent.act(np.zeros((1, 1), np.float32), np.zeros(1, np.float32)).tolist() == [[0]]


def test_it_plans_for_reward():
    wide = {"top_p": 1.0, "beam_width": 16}
    agent = fitted(two_armed_bandit(), steps=120, horizon=1, context=0, **wide)
    agent.reset(20)
    actions = agent.act(two_armed_bandit().observations[:20].copy(), np.zeros(20, np.float32))
    assert (np.abs(actions - 0.5) < 0.2).mean() > 0.9
