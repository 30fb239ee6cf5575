from __future__ import annotations

import pytest
import torch

from baselines.temporal_unet import (
    build_conditional_denoiser,
    build_denoiser,
    build_value_model,
    with_returns,
)


@pytest.mark.parametrize(
    ("horizon", "channels"),
    [(8, (32, 64)), (32, (32, 64, 128)), (128, (32, 64)), (384, (32, 64)), (4, (64,))],
)
def test_networks_keep_their_shapes(horizon, channels):
    plans, levels = torch.randn(2, 6, horizon), torch.tensor([0, 3])
    assert build_denoiser(6, horizon, channels)(plans, levels).sample.shape == plans.shape
    assert build_value_model(6, horizon, channels)(plans, levels).sample.shape == (2, 1)


def test_the_noise_level_matters():
    plans = torch.randn(1, 6, 8)
    for build in (build_denoiser, build_value_model):
        network = build(6, 8, (32, 64))
        outputs = [network(plans, torch.tensor([level])).sample for level in (0, 10)]
        assert not torch.allclose(*outputs)


def test_a_conditional_denoiser_sees_the_return_if_it_is_told():
    network, plans = build_conditional_denoiser(6, 8, (32, 64)), torch.randn(1, 6, 8)
    level, returns = torch.tensor([3]), torch.tensor([[0.2], [0.9]])
    for told, same in ((0.0, True), (1.0, False)):
        found = [network(plans, with_returns(level, r, torch.tensor([told]))) for r in returns]
        assert torch.equal(found[0].sample, found[1].sample) == same
        assert found[0].sample.shape == plans.shape


def test_the_noise_level_matters_to_a_conditional_denoiser():
    network, plans = build_conditional_denoiser(6, 8, (32, 64)), torch.randn(1, 6, 8)
    outputs = [
        network(plans, with_returns(torch.tensor([level]), torch.ones(1), torch.ones(1))).sample
        for level in (0, 10)
    ]
    assert not torch.allclose(*outputs)
