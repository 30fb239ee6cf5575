"""What each part of the planner is given, and what it makes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.model.planner import Condition, Planner
from mage.returns.normalisers import LogNormaliser, Normaliser
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


@pytest.mark.parametrize("told", [True, False])
def test_inverse_dynamics_can_read_no_plan_but_what_is_asked_for(
    config: MAGEConfig, told: bool
) -> None:
    planner = _planner(config, inverse_from="condition", condition_on_advantage=told)
    condition = random_condition(3)
    actions = planner.inverse_dynamics(torch.randn(3, 4, 6), condition)
    for row in range(3):
        seen = [condition.return_B1[row], condition.advantage_B1[row] * told]
        seen.append(condition.observation_BS[row])
        expected = plain.perceptron(planner.inverse, plain.array(torch.cat(seen)))
        np.testing.assert_allclose(actions[row].tolist(), expected, atol=1e-5)
    again = planner.inverse_dynamics(torch.randn(3, 4, 6), condition)
    assert torch.equal(actions, again), "whatever the plan is"


def test_what_is_asked_for_is_never_left_out(config: MAGEConfig) -> None:
    planner = _planner(config, inverse_from="condition", inverse_dropout=0.9)
    seen: list[torch.Tensor] = []
    planner.inverse[0].register_forward_hook(lambda _, given, out: seen.append(given[0]))
    condition = random_condition(500)
    planner.inverse_dynamics(torch.randn(500, 4, 6), condition, regularised=True)
    whole = torch.cat([condition.return_B1, condition.advantage_B1, condition.observation_BS], 1)
    assert torch.equal(seen[0], whole)


@pytest.mark.parametrize("sequence", [("action",), ("return", "observation", "action")])
def test_the_action_can_be_the_first_that_the_decoded_plan_holds(
    config: MAGEConfig, sequence: tuple[str, ...]
) -> None:
    sources = {"inverse_from": "action", "shares": (0.3, 0.2, 0.0)}
    planner = _planner(config, sequence=sequence, **sources)
    _fill(planner)
    latent, condition = torch.randn(3, 4, 6), random_condition(3)
    actions = planner.inverse_dynamics(latent, condition, regularised=True)
    assert actions.shape == (3, 2)
    assert torch.equal(actions, planner.decode(latent, condition.return_B1)[:, 0, -2:])
    assert not list(planner.inverse.parameters()), "there is no network for it"


def test_the_observation_has_so_much_noise_where_that_is_learned(config: MAGEConfig) -> None:
    torch.manual_seed(0)
    planner, seen = _planner(config, inverse_noise=0.3, inverse_dropout=0.0), []
    planner.inverse[0].register_forward_hook(lambda _, given, out: seen.append(given[0]))
    latent, condition = torch.ones(2000, 4, 6), random_condition(2000)
    planner.inverse_dynamics(latent, condition, regularised=True)
    planner.inverse_dynamics(latent, condition)
    noise = seen[0][:, 24:] - condition.observation_BS
    assert noise.std().item() == pytest.approx(0.3, abs=0.01)
    assert noise.mean().item() == pytest.approx(0, abs=0.01)
    assert torch.equal(seen[0][:, :24], latent.flatten(1)), "the plan has none"
    assert torch.equal(seen[1][:, 24:], condition.observation_BS), "nor has it in acting"


def test_so_many_numbers_of_the_plan_are_left_out(config: MAGEConfig) -> None:
    planner, seen = _planner(config, inverse_dropout=0.25), []
    planner.inverse[0].register_forward_hook(lambda _, given, out: seen.append(given[0]))
    condition = random_condition(500)._replace(observation_BS=torch.ones(500, 4))
    planner.inverse_dynamics(torch.ones(500, 4, 6), condition, regularised=True)
    planner.inverse_dynamics(torch.ones(500, 4, 6), condition)
    # The observation, which comes last, is always seen; what is kept of the plan grows in turn.
    assert torch.equal(seen[0][:, 24:], torch.ones(500, 4))
    plan = seen[0][:, :24]
    assert (plan == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert plan.max().item() == pytest.approx(1 / 0.75)
    assert (seen[1] == 1).all(), "nothing is left out in acting"


def test_an_adapter_may_be_told_no_return(config: MAGEConfig) -> None:
    planner = _planner(config, adapter_return=False)
    _fill(planner)
    latent = torch.randn(2, 4, 6)
    decoded = [planner.decode(latent, torch.full((2, 1), value)) for value in (0.0, 9.0)]
    assert torch.equal(*decoded)
    assert not torch.equal(decoded[0], planner.autoencoder.decode(latent)), "it adapts all the same"
    planner.config = config
    assert torch.equal(planner.decode(latent, torch.zeros(2, 1)), decoded[0])


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


def test_relative_observations_by_hand(config: MAGEConfig) -> None:
    planner = Planner(config, 1, 2)
    planner.observation_normaliser.mean.fill_(10)
    planner.observation_normaliser.deviation.fill_(2)
    planner.difference_normaliser.mean.fill_(1)
    planner.difference_normaliser.deviation.copy_(torch.arange(8.0)[:, None])
    # The return comes first. The second step is 1 deviation of 1 beyond the mean of 1, from 3 on;
    # the third -0.5 deviations of 2. The first, which a plan can be wrong about, is as it is.
    plan = torch.zeros(1, 8, 2)
    plan[0, :3, 1] = torch.tensor([3.5, 1.0, -0.5])
    seen = planner.from_window(plan, torch.tensor([[3.0]])).flatten().tolist()
    assert seen[:3] == [17, 20, 16]  # 10 + 2 * 3.5, 10 + 2 * (3 + 1 + 1), 10 + 2 * (3 + 1 - 1).


def test_the_transformer_is_told_observation_return_and_advantage_and_that_they_are_known(
    planner: Planner,
) -> None:
    given: list[torch.Tensor] = []
    planner.transformer.embed_condition.register_forward_pre_hook(lambda _, x: given.append(x[0]))
    asked = torch.full((1, 1), 5.0), torch.full((1, 1), 6.0)
    condition = Condition.asking(torch.tensor([[1.0, 2, 3, 4]]), *asked)
    assert condition.known_B1.tolist() == [[1.0]]
    planner.embed(condition)
    planner.embed(condition.asking_nothing())
    planner.config = replace(planner.config, condition_on_advantage=False)
    planner.embed(condition)
    assert [each[0].tolist() for each in given] == [
        *([1, 2, 3, 4, 5, 6, 1], [1, 2, 3, 4, 0, 0, 0], [1, 2, 3, 4, 5, 0, 1]),
    ]


def test_a_return_that_is_not_asked_for_does_not_reach_the_transformer(planner: Planner) -> None:
    one, other = random_condition(3), random_condition(3)
    other = other._replace(observation_BS=one.observation_BS)
    embedded = [planner.embed(each.asking_nothing()) for each in (one, other)]
    assert torch.equal(*embedded)
    assert not torch.equal(planner.embed(one), planner.embed(other))
    assert torch.equal(one.asking_nothing().return_B1, one.return_B1), "others still know it"


def test_at_finer_scales_the_return_can_be_left_out_and_the_observation_stays(
    config: MAGEConfig,
) -> None:
    planner, condition = _planner(config, return_at_finer_scales=False), random_condition(3)
    embedded = planner.embed(condition)
    assert embedded.shape == (3, 7, 16)
    none = planner.embed(condition.asking_nothing())
    assert torch.equal(embedded[:, 1:], none[:, 1:]) and not torch.equal(embedded[:, 0], none[:, 0])
    moved = condition._replace(observation_BS=condition.observation_BS + 1)
    assert (planner.embed(moved) != embedded).any(2).all()
    planner.config = config
    everywhere = planner.embed(condition)
    assert torch.equal(everywhere, embedded[:, :1].expand(3, 7, 16))


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
    [({}, Normaliser), ({"log_returns": True}, LogNormaliser)],
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
