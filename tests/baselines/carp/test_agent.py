from __future__ import annotations

import numpy as np
import pytest
import torch

from baselines.carp.agent import CARP
from baselines.carp.config import CARPConfig
from baselines.shared.window_sampler import RangeNormaliser
from benchmark.interface import Dataset
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import dataset_of, no_progress, task_for

TINY = {
    "scales": (1, 2),
    "replan_every": 4,
    "n_codes": 16,
    "channels": 4,
    "tokeniser_share": 0.5,
    "tokeniser_rate": 1e-2,
    "width": 32,
    "n_layers": 1,
    "n_heads": 2,
    "batch_size": 32,
    "learning_rate": 3e-3,
}


def ramps(n_episodes: int = 30, length: int = 16) -> Dataset:
    """Episodes in which the action rises at a speed that the observation (speed, step) tells."""
    rng = np.random.default_rng(0)
    speeds = np.repeat(rng.uniform(-1, 1, n_episodes), length)
    steps = np.tile(np.arange(length), n_episodes)
    ends = dict.fromkeys(range(length - 1, n_episodes * length, length), "terminal")
    actions = speeds * steps / length
    return dataset_of(np.stack([speeds, steps], 1), actions[:, None], np.zeros(len(steps)), ends)


def fitted(steps: int, progress=no_progress, **settings) -> CARP:
    agent = CARP(task_for(ramps()), {**TINY, **settings}, "cpu")
    agent.fit(ramps(), steps=steps, seed=0, progress=progress)
    return agent


def test_a_chunk_is_executed_for_as_long_as_it_says():
    agent = fitted(2, replan_every=3)
    agent.reset(2)
    seen = []
    predict = agent._predict
    agent._predict = lambda observations: seen.append(observations) or predict(observations)
    observations = np.array([[0.8, 2], [-0.5, 4]], np.float32)
    rewards = np.zeros(2, np.float32)
    actions = [agent.act(observations + step, rewards) for step in range(7)]
    assert [batch[0, 1].item() for batch in seen] == [2, 5, 8]
    second = predict(torch.as_tensor(observations + 3))
    np.testing.assert_allclose(actions[4], second[:, 1].clip(-1, 1), rtol=1e-5)


def test_first_the_tokeniser_learns_and_then_the_transformer():
    weights: list[dict[str, torch.Tensor]] = []
    losses: list[set[str]] = []

    def progress(step, metrics):
        weights.append(
            {name: weight.clone() for name, weight in agent._networks.state_dict().items()}
        )
        losses.append(set(metrics))

    agent = CARP(task_for(ramps()), {**TINY, "tokeniser_share": 0.5}, "cpu")
    agent.fit(ramps(), steps=4, seed=0, progress=progress)
    assert losses == [{"reconstruction", "quantisation"}] * 2 + [{"cross_entropy"}] * 2
    for before, after, moving in ((0, 1, "tokeniser"), (1, 3, "transformer")):
        for name, weight in weights[before].items():
            moved = not torch.equal(weight, weights[after][name])
            assert moved == name.startswith(moving), name


def test_its_settings_are_those_of_the_paper_and_of_quick_runs():
    assert CARP.config_class is CARPConfig and CARP.statistics_class is RangeNormaliser
    # Steps of the paper: 4,000 epochs over 25,000 steps in batches of 256: 390,625.
    check_presets(CARP)


def test_each_network_has_a_rate_of_its_own():
    agent = fitted(1, tokeniser_rate=0.02, learning_rate=0.004, weight_decay=0.3)
    optimiser = agent._optimiser()
    assert isinstance(optimiser, torch.optim.AdamW)
    for group, (name, rate) in zip(
        optimiser.param_groups, (("tokeniser", 0.02), ("transformer", 0.004)), strict=True
    ):
        assert (group["lr"], group["betas"], group["weight_decay"]) == (rate, (0.9, 0.95), 0.3)
        mine = list(agent._networks[name].parameters())
        assert all(a is b for a, b in zip(group["params"], mine, strict=True))


@pytest.mark.parametrize(("share", "tokenising"), [(0.25, 1), (0.5, 2), (1.0, 4), (0.0, 0)])
def test_the_tokeniser_learns_in_the_first_part_of_the_training(share, tokenising):
    reports = []
    fitted(4, progress=lambda _, metrics: reports.append(set(metrics)), tokeniser_share=share)
    first, then = {"reconstruction", "quantisation"}, {"cross_entropy"}
    assert reports == [first] * tokenising + [then] * (4 - tokenising)


def test_batches_are_chunks_of_normalised_actions_and_observations():
    agent = fitted(1, scales=(1, 3), batch_size=50)
    batch = agent._batches(ramps())(np.random.default_rng(0))
    assert batch.shape == (50, 12, 3)
    # The last column is the step, from 0 to 15; past the end of an episode the last is repeated.
    steps = ((batch[:, :, 2] + 1) * 7.5).round()
    expected = (steps[:, :1] + torch.arange(12.0)).clamp(max=15)
    torch.testing.assert_close(steps, expected)


class Learns:
    """In the place of both networks: notes what they are given."""

    def losses(self, actions):
        self.actions = actions
        return {"reconstruction": actions.sum()}

    def encode(self, actions):
        self.encoded = actions
        return "tokens"

    def loss(self, observations, tokens, tokenizer):
        self.given = (observations, tokens, tokenizer)
        return torch.tensor(3.0)


def test_the_transformer_learns_tokens_of_the_actions_from_the_first_observation():
    agent = CARP(task_for(ramps()), TINY, "cpu")
    tokenizer, transformer = Learns(), Learns()
    agent._networks = {"tokeniser": tokenizer, "transformer": transformer}
    batch = torch.arange(24.0).view(1, 8, 3)  # One action and two columns of the observation.
    agent._losses(batch, 0.49)
    assert tokenizer.actions.flatten().tolist() == [0, 3, 6, 9, 12, 15, 18, 21]
    assert agent._losses(batch, 0.5) == {"cross_entropy": 3}
    observations, tokens, used = transformer.given
    assert torch.equal(tokenizer.encoded, tokenizer.actions)
    assert (observations.tolist(), tokens, used) == ([[1, 2]], "tokens", tokenizer)


class Predicts:
    """In the place of both networks: chunks of 0, 0.25, 0.5, ... as networks see them."""

    def predict(self, observed, tokenizer):
        self.observed, self.tokenizer = observed, tokenizer
        return "total"

    def decode(self, total):
        assert total == "total"
        return torch.arange(8.0)[:, None].expand(2, 8, 1) / 4


def test_chunks_come_back_in_units_of_actions_and_are_clipped_to_their_bounds():
    bounds = {"action_low": np.array([-9], np.float32), "action_high": np.array([16], np.float32)}
    agent = CARP(task_for(ramps(), **bounds), {**TINY, "replan_every": 5}, "cpu")
    # Actions are from 2 to 14, observations from 0 to 4 and from -1 to 1.
    agent._statistics = RangeNormaliser(torch.tensor([2.0, 0, -1]), torch.tensor([14.0, 4, 1]))
    agent._networks = {"tokeniser": Predicts(), "transformer": Predicts()}
    observations = np.array([[1, 0.5], [4, -1]], np.float32)
    done = [agent.act(observations, np.zeros(2, np.float32)).tolist() for _ in range(6)]
    assert done == [[[action]] * 2 for action in (8, 9.5, 11, 12.5, 14, 8)]
    transformer = agent._networks["transformer"]
    assert transformer.observed.tolist() == [[-0.5, 0.5], [1, -1]]
    assert transformer.tokenizer is agent._networks["tokeniser"]
    agent._task = task_for(ramps(), **{**bounds, "action_high": np.array([9], np.float32)})
    again = [agent.act(observations, np.zeros(2, np.float32))[0, 0] for _ in range(2)]
    assert again == [9, 9]
    agent.reset(2)  # A new chunk begins.
    assert agent.act(observations, np.zeros(2, np.float32))[0, 0] == 8


def test_a_chunk_is_what_was_recorded_from_the_observation_on():
    agent = fitted(300)
    observations = np.array([[0.8, 2], [-0.5, 4]], np.float32)
    agent.reset(2)
    chunk = [agent.act(observations, np.zeros(2, np.float32))[:, 0] for _ in range(4)]
    steps = observations[:, 1] + np.arange(4)[:, None]
    np.testing.assert_allclose(chunk, observations[:, 0] * steps / 16, atol=0.15)
