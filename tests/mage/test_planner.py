"""Planning top-down from a condition."""

from __future__ import annotations

from dataclasses import replace

import torch

from mage.planner import Planner


def test_a_new_adapter_leaves_the_decoder_as_it_is(planner: Planner) -> None:
    latent, wanted = torch.randn(2, 4, 6), torch.randn(2, 1)
    assert torch.equal(planner.decode(latent, wanted), planner.autoencoder.decode(latent))


def test_inverse_dynamics_can_be_blind_to_the_observation(planner: Planner) -> None:
    latent = torch.randn(2, 4, 6)
    conditions = torch.randn(2, 5), torch.randn(2, 5)
    seeing = [planner.inverse_dynamics(latent, each) for each in conditions]
    assert not torch.equal(*seeing)
    torch.manual_seed(0)
    blind = Planner(replace(planner.config, inverse_observation=False), 4, 2)
    assert torch.equal(*[blind.inverse_dynamics(latent, each) for each in conditions])


def test_inverse_dynamics_can_read_the_decoded_plan(planner: Planner) -> None:
    torch.manual_seed(0)
    planner = Planner(replace(planner.config, inverse_from="decoded"), 4, 2)
    latent, condition = torch.randn(3, 4, 6), torch.randn(3, 5)
    before = planner.inverse_dynamics(latent, condition)
    assert before.shape == (3, 2)
    with torch.no_grad():
        planner._adapter.bias.add_(1.0)  # What is decoded differs now, the latent does not.
    assert not torch.equal(planner.inverse_dynamics(latent, condition), before)
