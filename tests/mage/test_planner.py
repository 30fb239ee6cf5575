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
    observations = torch.randn(2, 4), torch.randn(2, 4)
    seeing = [planner.inverse_dynamics(latent, each) for each in observations]
    assert not torch.equal(*seeing)
    torch.manual_seed(0)
    blind = Planner(replace(planner.config, inverse_observation=False), 4, 2)
    assert torch.equal(*[blind.inverse_dynamics(latent, each) for each in observations])
