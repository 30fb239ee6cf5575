from __future__ import annotations

import pytest
import torch

from baselines.diffusion.unet import (
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


def test_a_conditional_denoiser_sees_the_return_it_is_conditioned_on():
    network, plans = build_conditional_denoiser(6, 8, (32, 64)), torch.randn(1, 6, 8)
    level, returns = torch.tensor([3]), torch.tensor([[0.2], [0.9]])
    for conditioned, same in ((0.0, True), (1.0, False)):
        low, high = (
            network(plans, with_returns(level, value, torch.tensor([conditioned]))).sample
            for value in returns
        )
        assert torch.equal(low, high) == same
        assert low.shape == plans.shape


def test_the_noise_level_matters_to_a_conditional_denoiser():
    network, plans = build_conditional_denoiser(6, 8, (32, 64)), torch.randn(1, 6, 8)
    outputs = [
        network(plans, with_returns(torch.tensor([level]), torch.ones(1), torch.ones(1))).sample
        for level in (0, 10)
    ]
    assert not torch.allclose(*outputs)


SHARED = {
    "in_channels": 6,
    "out_channels": 6,
    "time_embedding_type": "positional",
    "use_timestep_embedding": True,
    "flip_sin_to_cos": False,
    "freq_shift": 1,
    "act_fn": "mish",
    "layers_per_block": 1,
}


def config_of(network, names) -> dict:
    return {name: network.config[name] for name in names}


def test_networks_are_those_that_diffusers_keeps_for_hopper():
    # unet and value_function of bglick13/hopper-medium-v2-value-function-hor32.
    denoiser = {
        **SHARED,
        "sample_size": 16,
        "down_block_types": ("DownResnetBlock1D",) * 3,
        "mid_block_type": "MidResTemporalBlock1D",
        "up_block_types": ("UpResnetBlock1D",) * 2,
        "out_block_type": "OutConv1DBlock",
        "block_out_channels": (32, 96, 64),
    }
    assert config_of(build_denoiser(6, 16, (32, 96, 64)), denoiser) == denoiser
    conditional = build_conditional_denoiser(6, 16, (32, 96, 64))
    assert config_of(conditional, denoiser) == denoiser
    value = {
        **SHARED,
        "sample_size": 32,
        "down_block_types": ("DownResnetBlock1D",) * 4,
        "mid_block_type": "ValueFunctionMidBlock1D",
        "up_block_types": (),
        "out_block_type": "ValueFunction",
        "block_out_channels": (32, 64, 128, 256),
        "downsample_each_block": True,
    }
    assert config_of(build_value_model(6, 32, (32, 64, 128, 256)), value) == value


@pytest.mark.parametrize(
    # Halved once a level and twice in the middle: 16 to 8, 4, 2, 1, and 17 or 32 once more.
    ("horizon", "levels"),
    [(16, (32, 64)), (17, (32, 64, 64)), (64, (32, 64, 64, 64)), (384, (32,) + (64,) * 6)],
)
def test_a_value_model_has_levels_enough_to_halve_a_window_to_one_step(horizon, levels):
    network = build_value_model(6, horizon, (32, 64))
    assert tuple(network.config.block_out_channels) == levels
    assert len(network.config.down_block_types) == len(levels)


def test_the_embedding_of_the_return_is_added_to_that_of_the_level_where_it_is_conditioned():
    embedding = build_conditional_denoiser(6, 8, (32, 64)).time_mlp
    returns, conditioned = torch.tensor([0.4, 0.4]), torch.tensor([0.0, 1.0])
    condition = with_returns(torch.tensor([3, 3]), returns, conditioned)
    assert condition.tolist() == [[3, pytest.approx(0.4), 0], [3, pytest.approx(0.4), 1]]
    level, both = embedding(condition)
    of_level = embedding.embed_level(embedding.project(torch.tensor([3])))[0]
    torch.testing.assert_close(level, of_level)
    torch.testing.assert_close(both - level, embedding.embed_return(torch.tensor([[0.4]]))[0])
    layers = embedding.embed_return
    assert tuple(layers.linear_1.weight.shape) == (4 * 32, 1)
    assert tuple(layers.linear_2.weight.shape) == (32, 4 * 32)
    assert type(layers.act).__name__ == "Mish"
