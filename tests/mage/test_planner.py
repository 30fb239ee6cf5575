"""Planning top-down from a condition."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.planner import Planner
from mage.windows import Windows
from tests.mage.conftest import random_condition


def test_a_new_adapter_leaves_the_decoder_as_it_is(planner: Planner) -> None:
    latent, wanted = torch.randn(2, 4, 6), torch.randn(2, 1)
    assert torch.equal(planner.decode(latent, wanted), planner.autoencoder.decode(latent))


def test_the_adapter_touches_only_where_the_plan_begins(planner: Planner) -> None:
    latent, wanted, seen = torch.randn(2, 4, 6), torch.randn(2, 1), []
    with torch.no_grad():
        planner._adapter.bias.add_(1.0)
    planner.autoencoder.decoder.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    planner.decode(latent, wanted)
    assert torch.equal(seen[0].transpose(1, 2)[:, 1:], latent[:, 1:])
    assert not torch.equal(seen[0].transpose(1, 2)[:, 0], latent[:, 0])


def test_inverse_dynamics_can_be_blind_to_the_observation(planner: Planner) -> None:
    latent = torch.randn(2, 4, 6)
    conditions = random_condition(2), random_condition(2)
    seeing = [planner.inverse_dynamics(latent, each) for each in conditions]
    assert not torch.equal(*seeing)
    torch.manual_seed(0)
    blind = Planner(replace(planner.config, inverse_observation=False), 4, 2)
    assert torch.equal(*[blind.inverse_dynamics(latent, each) for each in conditions])


def test_inverse_dynamics_can_read_the_decoded_plan(planner: Planner) -> None:
    torch.manual_seed(0)
    planner = Planner(replace(planner.config, inverse_from="decoded"), 4, 2)
    latent, condition = torch.randn(3, 4, 6), random_condition(3)
    before = planner.inverse_dynamics(latent, condition)
    assert before.shape == (3, 2)
    with torch.no_grad():
        planner._adapter.bias.add_(1.0)  # What is decoded differs now, the latent does not.
    assert not torch.equal(planner.inverse_dynamics(latent, condition), before)


@pytest.mark.parametrize("relative", [True, False])
def test_what_a_window_holds_can_be_read_again(
    config: MAGEConfig, tiny_dataset: Dataset, relative: bool
) -> None:
    config = replace(config, relative=relative)
    planner, windows = (
        Planner(config, 4, 2),
        Windows(tiny_dataset, config, 0.9, torch.device("cpu")),
    )
    windows.normalise(planner)
    rows = torch.tensor([0, 5, 9])
    first, held = windows.observations_NS[rows], windows.cut(rows)
    seen = planner.from_window(held, first)
    torch.testing.assert_close(seen[:, 0], torch.tensor(tiny_dataset.observations[rows]))
    again = planner.to_window(planner.observation_normaliser(seen), first)
    torch.testing.assert_close(again, held[..., planner.observed])


def test_the_advantage_can_be_kept_from_the_transformer(planner: Planner) -> None:
    condition = random_condition(3)
    other = condition._replace(advantage_B1=condition.advantage_B1 + 1)
    assert not torch.equal(planner.embed(condition), planner.embed(other))
    planner.config = replace(planner.config, condition_on_advantage=False)
    assert torch.equal(planner.embed(condition), planner.embed(other))
