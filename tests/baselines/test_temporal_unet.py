from __future__ import annotations

import pytest
import torch

from baselines.temporal_unet import build_denoiser, build_value_model


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
