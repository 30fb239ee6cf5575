"""What each part of the planner is given, and what it makes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.model.planner import Condition, Planner
from mage.returns.normalisers import LogitNormaliser, LogNormaliser, Normaliser
from mage.windows import Windows
from tests.mage import plain
from tests.mage.conftest import random_condition


def _planner(config: MAGEConfig, **settings: object) -> Planner:
    torch.manual_seed(0)
    return Planner(replace(config, **settings), 4, 2)  # type: ignore[arg-type]


def _fill(planner: Planner) -> None:
    """Gives the adapter weights, which begin as none."""
    with torch.no_grad():
        planner._adapter.weight.copy_(torch.randn(6, 7))
        planner._adapter.bias.copy_(torch.randn(6))


def test_a_new_adapter_leaves_the_decoder_as_it_is(planner: Planner) -> None:
    latent, wanted = torch.randn(2, 4, 6), torch.randn(2, 1)
    assert torch.equal(planner.decode(latent, wanted), planner.autoencoder.decode(latent))


def test_the_adapter_moves_where_the_plan_begins_by_what_return_is_wanted(
    planner: Planner,
) -> None:
    _fill(planner)
    latent, wanted = torch.randn(2, 4, 6), torch.randn(2, 1)
    decoded = planner.decode(latent, wanted)
    moved = latent.clone()
    for plan, target in zip(moved, wanted, strict=True):
        seen = np.concatenate([plain.array(plan[0]), plain.array(target)])
        plan[0] += torch.tensor(plain.linear(planner._adapter, seen), dtype=torch.float32)
    torch.testing.assert_close(decoded, planner.autoencoder.decode(moved))
    assert not torch.allclose(decoded, planner.decode(latent, wanted + 1))


def test_without_an_adapter_no_return_is_wanted(config: MAGEConfig) -> None:
    planner = _planner(config, adapter=False)
    _fill(planner)
    latent = torch.randn(2, 4, 6)
    decoded = [planner.decode(latent, torch.full((2, 1), value)) for value in (0.0, 9.0)]
    assert torch.equal(*decoded) and torch.equal(decoded[0], planner.autoencoder.decode(latent))


def test_inverse_dynamics_reads_the_whole_latent_and_the_observation(planner: Planner) -> None:
    latent, condition = torch.randn(3, 4, 6), random_condition(3)
    actions = planner.inverse_dynamics(latent, condition)
    for row in range(3):
        seen = [latent[row].flatten(), condition.observation_BS[row]]
        expected = plain.perceptron(planner.inverse, plain.array(torch.cat(seen)))
        np.testing.assert_allclose(actions[row].tolist(), expected, atol=1e-5)


def test_inverse_dynamics_can_be_blind_to_the_observation(config: MAGEConfig) -> None:
    latent = torch.randn(2, 4, 6)
    conditions = random_condition(2), random_condition(2)
    blind = _planner(config, inverse_observation=False)
    assert torch.equal(*[blind.inverse_dynamics(latent, each) for each in conditions])


def test_inverse_dynamics_can_read_the_first_two_decoded_steps(config: MAGEConfig) -> None:
    planner = _planner(config, inverse_from="decoded")
    _fill(planner)
    latent, condition = torch.randn(3, 4, 6), random_condition(3)
    actions = planner.inverse_dynamics(latent, condition)
    decoded = planner.decode(latent, condition.return_B1)
    for row in range(3):
        seen = [decoded[row, 0], decoded[row, 1], condition.observation_BS[row]]
        expected = plain.perceptron(planner.inverse, plain.array(torch.cat(seen)))
        np.testing.assert_allclose(actions[row].tolist(), expected, atol=1e-5)


@pytest.mark.parametrize(("hidden", "units"), [(0.25, 0.0), (0.0, 0.75)])
def test_so_many_numbers_of_the_plan_or_hidden_units_are_left_out(
    config: MAGEConfig, hidden: float, units: float
) -> None:
    planner = _planner(config, inverse_dropout=hidden, inverse_unit_dropout=units)
    seen: dict[str, torch.Tensor] = {}
    for name, layer in zip(("input", "first", "second"), planner.inverse[::2], strict=True):
        layer.register_forward_hook(lambda _, given, out, name=name: seen.update({name: given[0]}))
        torch.nn.init.ones_(layer.weight)  # So that every hidden unit is above 0.
    condition = random_condition(500)._replace(observation_BS=torch.ones(500, 4))
    actions = planner.inverse_dynamics(torch.ones(500, 4, 6), condition, dropout=True)
    assert (actions != 0).all(), "the action itself is never left out"
    # The observation, which comes last, is always seen; what is kept of the plan grows in turn.
    assert torch.equal(seen["input"][:, 24:], torch.ones(500, 4))
    plan = seen["input"][:, :24]
    assert (plan == 0).float().mean().item() == pytest.approx(hidden, abs=0.02)
    assert plan.max().item() == pytest.approx(1 / (1 - hidden))
    for layer in ("first", "second"):
        assert (seen[layer] == 0).float().mean().item() == pytest.approx(units, abs=0.03)
    planner.inverse_dynamics(torch.ones(500, 4, 6), condition)
    assert all((numbers != 0).all() for numbers in seen.values())


@pytest.mark.parametrize("relative", [True, False])
def test_what_a_window_holds_can_be_read_again(
    config: MAGEConfig, tiny_dataset: Dataset, relative: bool
) -> None:
    planner = _planner(config, relative=relative)
    windows = Windows(tiny_dataset, planner.config, 0.9, torch.device("cpu"))
    windows.normalise(planner)
    rows = torch.tensor([0, 5, 9])
    first, held = windows.observations_NS[rows], windows.cut(rows)
    seen = planner.from_window(held, first)
    for step in range(8):  # Two rows apart.
        torch.testing.assert_close(
            seen[:, step], torch.tensor(tiny_dataset.observations[rows + 2 * step])
        )
    again = planner.to_window(planner.observation_normaliser(seen), first)
    torch.testing.assert_close(again, held[..., planner.observed])


def test_relative_observations_by_hand(config: MAGEConfig) -> None:
    planner = Planner(config, 1, 2)
    planner.observation_normaliser.mean.fill_(10)
    planner.observation_normaliser.deviation.fill_(2)
    planner.difference_normaliser.mean.fill_(1)
    planner.difference_normaliser.deviation.fill_(4)
    first, observed = torch.tensor([[3.0]]), torch.tensor([[[3.0], [8.0]]])
    held = planner.to_window(observed, first)
    assert held.flatten().tolist() == [-0.25, 1.0]  # (0 - 1) / 4 and (5 - 1) / 4.
    plan = torch.cat([torch.zeros(1, 2, 1), held], 2)  # The return comes first.
    assert planner.from_window(plan, first).flatten().tolist() == [
        16,
        26,
    ]  # 10 + 2 * 3, 10 + 2 * 8.


def test_the_transformer_is_told_observation_return_and_advantage(planner: Planner) -> None:
    given: list[torch.Tensor] = []
    planner.transformer.embed_condition.register_forward_pre_hook(lambda _, x: given.append(x[0]))
    condition = Condition(torch.tensor([[1.0, 2, 3, 4]]), torch.full((1, 1), 5.0), torch.ones(1, 1))
    planner.embed(condition)
    planner.config = replace(planner.config, condition_on_advantage=False)
    planner.embed(condition)
    assert [each.tolist() for each in given] == [[[1, 2, 3, 4, 5, 1]], [[1, 2, 3, 4, 5, 0]]]


@pytest.mark.parametrize(
    ("sequence", "observed", "step_size"),
    [
        (("return", "observation"), slice(1, 5), 5),
        (("observation",), slice(0, 4), 4),
        (("return", "observation", "action"), slice(1, 5), 7),
        (("observation", "action"), slice(0, 4), 6),
    ],
)
def test_where_a_step_holds_its_observation(
    config: MAGEConfig, sequence: tuple[str, ...], observed: slice, step_size: int
) -> None:
    planner = _planner(config, sequence=sequence)
    assert planner.observed == observed
    assert planner.autoencoder.step_size == step_size


def test_stage_two_learns_transformer_inverse_dynamics_and_adapter(planner: Planner) -> None:
    learned = {id(weight) for weight in planner.stage_two_modules().parameters()}
    names = {
        name.split(".")[0] for name, weight in planner.named_parameters() if id(weight) in learned
    }
    assert names == {"transformer", "inverse", "_adapter"}
    assert len(learned) == sum(
        name.startswith(("transformer", "inverse", "_adapter"))
        for name, _ in planner.named_parameters()
    )


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({}, Normaliser),
        ({"log_returns": True}, LogNormaliser),
        ({"logit_returns": True}, LogitNormaliser),
    ],
)
def test_the_scale_of_returns_is_the_one_asked_for(
    config: MAGEConfig, settings: dict[str, bool], kind: type[Normaliser]
) -> None:
    assert type(_planner(config, **settings).return_normaliser) is kind


def test_networks_are_as_wide_as_asked_for_and_the_expectile_is_the_settings(
    config: MAGEConfig,
) -> None:
    planner = _planner(config, inverse_width=9, expectile=0.7)
    sizes = [(layer.in_features, layer.out_features) for layer in planner.inverse[::2]]
    assert sizes == [(4 * 6 + 4, 9), (9, 9), (9, 2)]
    assert planner.returns.network[0].out_features == 9
    assert planner.returns.expectiles_2.tolist() == pytest.approx([0.5, 0.7])
