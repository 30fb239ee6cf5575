"""Ways to a reward, and the windows that are learned of them."""

from __future__ import annotations

import numpy as np
import torch

from baselines.diffusion.rewarded_ways import PlansAndPairs, ways_to_reward
from baselines.shared.window_sampler import RangeNormaliser, WindowSampler
from benchmark.interface import Dataset
from tests.baselines.synthetic_tasks import dataset_of, numbered_steps


def recorded(rewards: list[float], ends: dict[int, str]) -> Dataset:
    rows = np.arange(len(rewards))
    return dataset_of(rows[:, None], rows[:, None] / 10, np.array(rewards, np.float32), ends)


def test_a_way_ends_at_its_first_reward_and_every_step_until_then_costs_1():
    # To the goal in rows 0 to 2, there in row 3 as well, away again, and the episode is cut.
    ways = ways_to_reward(recorded([0, 0, 1, 1, 0, 0], {5: "timeout"}), longest=10, beyond=0)
    assert ways.observations[:, 0].tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(ways.terminals).tolist() == [2, 3] and not ways.timeouts.any()
    assert ways.returns_to_go(1.0).tolist() == [-2, -1, 0, 0]


def test_a_way_goes_on_where_it_is_rewarded_for_as_long_as_it_may():
    dataset = recorded([0, 1, 1, 1, 1, 0, 0, 1, 0], {8: "timeout"})
    ways = ways_to_reward(dataset, longest=10, beyond=2)
    # Of four rewarded rows three belong to the way and one is its own; of the other way one.
    assert ways.observations[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert np.flatnonzero(ways.terminals).tolist() == [3, 4, 7]
    assert ways.returns_to_go(1.0).tolist() == [-1, 0, 0, 0, 0, -2, -1, 0]
    longer = ways_to_reward(recorded([0, 0, 0, 1, 1], {4: "timeout"}), longest=3, beyond=9)
    assert longer.observations[:, 0].tolist() == [1, 2, 3, 4], "only steps until the reward count"


def test_rewarded_rows_of_two_episodes_are_two_ways():
    ways = ways_to_reward(recorded([0, 1, 1, 1], {1: "timeout", 3: "timeout"}), 10, beyond=9)
    assert np.flatnonzero(ways.terminals).tolist() == [1, 3]
    assert ways.last_rows.tolist() == [1, 1, 3, 3]


def test_no_way_leads_from_one_episode_into_the_next():
    ways = ways_to_reward(
        recorded([0, 0, 0, 1], {1: "timeout", 3: "terminal"}), longest=10, beyond=0
    )
    assert ways.observations[:, 0].tolist() == [2, 3]
    assert ways.returns_to_go(1.0).tolist() == [-1, 0]


def test_what_is_longer_than_allowed_loses_its_beginning():
    ways = ways_to_reward(recorded([0, 0, 0, 0, 1], {4: "timeout"}), longest=3, beyond=0)
    assert ways.observations[:, 0].tolist() == [2, 3, 4]
    assert ways.returns_to_go(1.0).tolist() == [-2, -1, 0]


def test_data_without_a_reward_stays_as_it_is():
    dataset = recorded([0, 0, 0], {2: "timeout"})
    assert ways_to_reward(dataset, longest=10, beyond=0) is dataset


def test_a_plan_stays_where_the_reward_is():
    ways = ways_to_reward(recorded([0, 0, 1, 0], {3: "timeout"}), longest=10, beyond=0)
    rows = ways.window_rows(np.array([0, 2]), np.arange(4))
    assert ways.observations[rows, 0].tolist() == [[0, 1, 2, 2], [2, 2, 2, 2]]


def test_each_plan_comes_with_pairs_of_states_of_whatever_was_recorded():
    dataset = numbered_steps()
    normaliser = RangeNormaliser.of(dataset, "cpu")
    first = Dataset(*(getattr(dataset, name)[:4] for name in FIELDS))
    values = np.arange(4, dtype=np.float32)
    plans = WindowSampler(first, normaliser, 3, values)
    pairs = WindowSampler(dataset, normaliser, 2, np.zeros(9, np.float32), 2)
    rng = np.random.default_rng(0)
    seen: set[tuple[int, int]] = set()
    for _ in range(20):
        windows, drawn = PlansAndPairs(plans, pairs, 2).sample(rng, 5)
        assert windows.shape == (5, 3 + 2 * 2, 3)
        rows = ((windows[:, :, 1] + 1) * 4).round().int()  # Observations are from 0 to 8.
        assert torch.equal(rows[:, 0], drawn.int()), "values are those of the plans"
        assert (rows[:, :3] < 4).all()
        seen |= {tuple(pair) for pair in rows[:, 3:].reshape(-1, 2).tolist()}
    # Two steps apart, or to where the episode ends; the last row before a cut leads nowhere.
    assert seen == {(0, 2), (1, 3), (2, 3), (3, 3), (4, 6), (5, 6), (7, 8)}


FIELDS = ("observations", "actions", "rewards", "terminals", "timeouts")
