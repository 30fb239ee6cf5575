"""The network that denoises: its size, and what it depends on."""

from __future__ import annotations

import torch

from baselines.flow_policies.noise_network import NoiseNetwork, ResidualBlock


def test_a_block_adds_to_what_comes_in() -> None:
    block = ResidualBlock(4, 0.0)
    last = block.layers[-1]
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.constant_(last.bias, 2.0)
    seen = torch.randn(3, 4)
    torch.testing.assert_close(block(seen), seen + 2)


def test_it_sees_the_observation_the_action_and_the_step() -> None:
    torch.manual_seed(0)
    network = NoiseNetwork(3, 2, width=8, blocks=2, dropout=0.0)
    state, action, step = torch.randn(1, 3), torch.randn(1, 2), torch.tensor([1])
    noise = network(state, action, step)
    assert noise.shape == (1, 2)
    for other in ((state + 1, action, step), (state, action + 1, step), (state, action, step + 1)):
        assert not torch.allclose(network(*other), noise)


def test_at_its_default_size_it_has_1_6_million_weights() -> None:
    network = NoiseNetwork(28, 5, width=256, blocks=3, dropout=0.1)
    count = sum(weight.numel() for weight in network.parameters())
    assert 1.6e6 < count < 1.7e6
