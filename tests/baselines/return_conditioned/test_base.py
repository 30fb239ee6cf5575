"""What both perceptrons share: rows, losses, bounds and settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from baselines.return_conditioned.base import PerceptronConfig, PolicyNetworks, RowSampler
from baselines.return_conditioned.filtered_cloning import FilteredCloning
from baselines.return_conditioned.rvs import RvS
from tests.baselines.synthetic_tasks import no_progress, numbered_steps, task_for


def _rows(best_of: int) -> RowSampler:
    """Thirty steps that are numbered by their observation, return and action."""
    numbers = torch.arange(30.0)[:, None]
    torch.manual_seed(0)
    rows = RowSampler(numbers, 100 * numbers, best_of)
    rows.label(10 * numbers, numbers % 3)
    return rows


def test_a_batch_holds_parts_of_the_same_rows() -> None:
    observation, returns, advantage, action = _rows(2).draw(np.random.default_rng(0), 40)
    assert observation.shape == returns.shape == advantage.shape == action.shape == (40, 1)
    assert torch.equal(returns, 10 * observation) and torch.equal(action, 100 * observation)
    assert torch.equal(advantage, observation % 3)


def test_all_rows_are_learned_from_where_none_is_preferred() -> None:
    rng, rows = np.random.default_rng(0), _rows(1)
    observations = torch.cat([rows.draw(rng, 50)[0] for _ in range(10)])
    assert set(observations.flatten().tolist()) == set(range(30))


def test_the_best_of_many_rows_is_of_the_largest_advantage() -> None:
    rng = np.random.default_rng(0)
    assert set(_rows(100).draw(rng, 50)[2].flatten().tolist()) == {2.0}
    assert set(_rows(1).draw(rng, 500)[2].flatten().tolist()) == {0.0, 1.0, 2.0}


def test_rows_may_be_drawn_from_some_alone() -> None:
    numbers = torch.arange(30.0)[:, None]
    rows = RowSampler(numbers, numbers, 1, torch.tensor([4, 7]))
    rows.label(numbers, numbers)
    drawn = rows.draw(np.random.default_rng(0), 50)[0]
    assert set(drawn.flatten().tolist()) == {4.0, 7.0}


def test_the_policy_learns_from_rows_with_labels_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data, among = numbered_steps(), []
    start = RowSampler.__init__
    monkeypatch.setattr(
        RowSampler, "__init__", lambda *given: among.append(given[4]) or start(*given)
    )
    for steps in (0, 2):
        agent = RvS(task_for(data), {"width": 8, "bootstrap_steps": steps}, "cpu")
        agent.fit(data, steps=2, seed=0, progress=no_progress)
    rows = np.arange(len(data))
    labelled = (rows + 2 <= data.last_rows) | data.terminals[data.last_rows]
    assert among[0] is None and among[1].tolist() == rows[labelled].tolist()
    assert 0 < labelled.sum() < len(data)


def test_the_networks_have_two_hidden_layers_each() -> None:
    networks = PolicyNetworks(PerceptronConfig(width=7), 3, 2, 4)
    sizes = [tuple(layer.weight.shape) for layer in networks.policy[::2]]
    assert sizes == [(7, 5), (7, 7), (4, 7)]
    assert [tuple(layer.weight.shape) for layer in networks.returns.network[::2]] == [
        (7, 3), (7, 7), (2, 7),
    ]  # fmt: skip


def test_at_its_default_size_it_has_140_000_weights_where_the_state_has_4_numbers() -> None:
    networks = PolicyNetworks(PerceptronConfig(), 4, 2, 2)
    assert sum(weight.numel() for weight in networks.parameters()) == pytest.approx(1.4e5, rel=0.05)


def _labels(monkeypatch: pytest.MonkeyPatch, steps: int, **settings: Any) -> list[float]:
    """The normalised returns that a policy is labelled with, by row."""
    seen: list[torch.Tensor] = []
    label = RowSampler.label

    def noted(rows: RowSampler, returns: torch.Tensor, advantages: torch.Tensor) -> None:
        seen.append(returns)
        label(rows, returns, advantages)

    monkeypatch.setattr(RowSampler, "label", noted)
    data = numbered_steps()
    small = {"width": 8, "batch_size": 8, **settings}
    agent = FilteredCloning(task_for(data), small, "cpu")
    agent.fit(data, steps=steps, seed=0, progress=no_progress)
    returns = agent._networks.return_normaliser.inverse(seen[-1])[:, 0]
    return [float(value) for value in returns]


@pytest.mark.parametrize("discount", [0.5, 1.0])
def test_labels_are_returns_by_the_discount_that_is_set(
    monkeypatch: pytest.MonkeyPatch, discount: float
) -> None:
    found = _labels(monkeypatch, 4, discount=discount, return_share=0.5)
    assert found == pytest.approx(numbered_steps().returns_to_go(discount).tolist(), abs=1e-4)


def test_labels_may_be_bootstrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    data, settings = numbered_steps(), {"discount": 0.5, "return_share": 0.5}
    whole = data.returns_to_go(0.5)
    found = np.array(_labels(monkeypatch, 4, bootstrap_steps=1, **settings))
    last = np.isin(np.arange(len(data)), data.ends - 1)
    # Where an episode ends, nothing follows; elsewhere a network says what does.
    assert found[last & data.terminals] == pytest.approx(whole[last & data.terminals], abs=1e-4)
    assert not np.allclose(found[~last], whole[~last], atol=1e-4)


def test_places_are_seen_by_both_networks_where_that_is_set() -> None:
    data = numbered_steps()
    task = task_for(data, position_columns=(0,))
    plain, seeing = (
        FilteredCloning(task, {"width": 8, "place_features": count}, "cpu")._build()
        for count in (0, 3)
    )

    def inputs(networks: PolicyNetworks) -> list[int]:
        firsts = (
            next(layer for layer in part.modules() if isinstance(layer, torch.nn.Linear))
            for part in (networks.policy, networks.returns.network)
        )
        return [first.in_features for first in firsts]

    assert [more - few for few, more in zip(inputs(plain), inputs(seeing), strict=True)] == [6, 6]


def _in_bounds(agent_class: type) -> Any:
    """Trained on numbered steps with actions of 5 in bounds of -2 and 6: 3/4 between -1 and 1."""
    dataset = numbered_steps()
    dataset = replace(dataset, actions=np.full_like(dataset.actions, 5))
    low, high = np.array([-2], np.float32), np.array([6], np.float32)
    settings = {"width": 16, "batch_size": 32, "best_of": 1, "learning_rate": 0.01}
    agent = agent_class(task_for(dataset, action_low=low, action_high=high), settings, "cpu")
    agent.fit(dataset, steps=200, seed=0, progress=no_progress)
    agent.reset(9)
    return agent


def test_actions_are_learned_on_the_scale_of_their_bounds() -> None:
    acted = _in_bounds(FilteredCloning).act(numbered_steps().observations, np.zeros(9, np.float32))
    np.testing.assert_allclose(acted, 5, atol=0.3)


@pytest.mark.parametrize("agent_class", [RvS, FilteredCloning])
def test_what_the_network_says_is_brought_to_the_bounds_and_stays_inside(agent_class: type) -> None:
    agent, rewards = _in_bounds(agent_class), np.zeros(9, np.float32)
    last = agent._networks.policy[-1].requires_grad_(False)
    last.weight.zero_()
    for output, expected in ((0.75, 5), (-0.5, 0), (9, 6), (-9, -2)):
        last.bias.fill_(output)
        acted = agent.act(numbered_steps().observations, rewards)
        assert acted.dtype == np.float32 and (acted == expected).all()


def test_the_return_model_takes_its_share_of_the_steps() -> None:
    dataset, names = numbered_steps(), []
    agent = FilteredCloning(task_for(dataset), {"width": 8, "return_share": 0.3}, "cpu")
    agent.fit(dataset, steps=10, seed=0, progress=lambda step, losses: names.extend(losses))
    assert names == ["return_loss"] * 3 + ["action_loss"] * 7


@pytest.mark.parametrize("agent_class", [RvS, FilteredCloning])
def test_so_many_hidden_units_are_left_out_in_learning_and_none_in_acting(
    agent_class: type,
) -> None:
    dataset = numbered_steps()
    settings = {"width": 400, "dropout": 0.3}
    agent = agent_class(task_for(dataset), settings, "cpu")
    agent.fit(dataset, steps=1, seed=0, progress=no_progress)
    dropped: list[float] = []
    for layer in agent._networks.policy[::2]:
        layer.register_forward_hook(
            lambda _, given, out: dropped.append((given[0] == 0).float().mean().item())
        )
        torch.nn.init.ones_(layer.weight)  # So that all units are above 0.
    one = torch.ones(9, 1)
    agent._losses(torch.ones(9, dataset.observations.shape[1]), one, one, one)
    agent.reset(9)
    agent.act(np.full_like(dataset.observations, 100), np.zeros(9, np.float32))
    assert dropped[:3] == pytest.approx([0, 0.3, 0.3], abs=0.04)
    assert dropped[3:] == [0, 0, 0]


@pytest.mark.parametrize(
    "settings",
    [
        {"width": 0},
        {"batch_size": 0},
        {"learning_rate": 1.1},
        {"dropout": 1.1},
        {"return_share": -0.1},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    (name,) = settings
    for agent_class in (RvS, FilteredCloning):
        with pytest.raises(ValueError, match=f"setting {name}=.* is out of range; valid: "):
            agent_class(task_for(numbered_steps()), settings, "cpu")
        with pytest.raises(ValueError, match="setting best_of = 0 is not valid; expected 1 or"):
            agent_class(task_for(numbered_steps()), {"best_of": 0}, "cpu")
