"""The autoencoder: what it is given, its losses, and that it learns to rebuild windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.windows import Windows
from tests.mage import plain


def _group_normal(layer: nn.GroupNorm, x: plain.Floats) -> plain.Floats:
    """Of all channels and positions (L, W) of a window together."""
    scaled = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
    return np.array(scaled * plain.array(layer.weight) + plain.array(layer.bias))


def _convolution(layer: nn.Conv1d, x: plain.Floats) -> plain.Floats:
    weight, bias = plain.array(layer.weight), plain.array(layer.bias)
    reach = weight.shape[2] // 2
    padded = np.pad(x, ((reach, reach), (0, 0)))
    return np.array(
        [
            sum(weight[:, :, tap] @ padded[place + tap] for tap in range(weight.shape[2])) + bias
            for place in range(len(x))
        ]
    )


def _network(layers: nn.Sequential, x: plain.Floats) -> plain.Floats:
    """Convolutions of width 1 at both ends, two blocks that add to their input between them."""
    first, one, other, last = layers
    x = _convolution(first, x)
    for block in (one, other):
        normal, _, wide, _, narrow = block.layers
        mixed = _convolution(wide, plain.silu(_group_normal(normal, x)))
        x = x + _convolution(narrow, plain.silu(mixed))
    return _convolution(last, x)


def test_shapes(planner: Planner, config: MAGEConfig) -> None:
    windows = torch.randn(3, config.pairs, 5)
    latent = planner.autoencoder.encode(windows)
    assert latent.shape == (3, 4, config.code_size)
    assert planner.autoencoder.decode(latent).shape == windows.shape
    assert planner.autoencoder.tokenize(windows, torch.ones(3, 8)).shape == (3, 7)


def test_encoder_and_decoder_are_those_of_plain_loops(planner: Planner) -> None:
    with torch.no_grad():
        for weight in planner.autoencoder.parameters():
            weight.add_(0.1 * torch.randn_like(weight))  # Those too that begin as 0 or 1.
    windows, latents = torch.randn(2, 8, 5), torch.randn(2, 4, 6)
    encoded, decoded = planner.autoencoder.encode(windows), planner.autoencoder.decode(latents)
    for row in range(2):
        # Two neighbouring steps of five numbers for each of four latent positions.
        patches = plain.array(windows[row]).reshape(4, 10)
        expected = _network(planner.autoencoder.encoder, patches)
        np.testing.assert_allclose(encoded[row].tolist(), expected, atol=1e-4)
        expected = _network(planner.autoencoder.decoder, plain.array(latents[row])).reshape(8, 5)
        np.testing.assert_allclose(decoded[row].tolist(), expected, atol=1e-4)


def test_each_latent_position_has_its_own_patch(planner: Planner) -> None:
    """But for the two blocks, through which neighbours tell of each other."""
    encoder = planner.autoencoder.encoder
    encoder[1], encoder[2] = nn.Identity(), nn.Identity()
    windows = torch.randn(1, 8, 5)
    before = planner.autoencoder.encode(windows)
    windows[0, 5] += 1  # The second step of the third patch.
    changed = (planner.autoencoder.encode(windows) != before).any(2)[0]
    assert changed.tolist() == [False, False, True, False]


def test_the_loss_is_reconstruction_and_that_of_the_quantiser(planner: Planner) -> None:
    autoencoder, windows = planner.autoencoder, torch.randn(3, 8, 5)
    result = autoencoder(windows)
    squares, residuals = [], []
    for row in range(3):
        latent = plain.array(autoencoder.encode(windows)[row])
        tokens, left = plain.quantise(autoencoder.quantizer, latent)
        assert result.quantised.tokens_BT[row].tolist() == tokens
        assert autoencoder.tokenize(windows, torch.ones(3, 8))[row].tolist() == tokens
        rebuilt = _network(autoencoder.decoder, latent - left[-1]).reshape(8, 5)
        squares.append((rebuilt - plain.array(windows[row])) ** 2)
        residuals.append([rest**2 for rest in left])
        np.testing.assert_allclose(result.latent_BLC[row].tolist(), latent, atol=1e-6)
    assert result.reconstruction.item() == pytest.approx(np.mean(squares), rel=1e-4)
    # Codebook and commitment loss, the mean over scales, with commitment 0.25.
    expected = np.mean(squares) + 1.25 * np.mean(residuals)
    assert result.loss.item() == pytest.approx(expected, rel=1e-4)


def test_losses_count_steps_but_no_padding(planner: Planner) -> None:
    """Steps 5 to 7 of the second window: half of its third patch, and all of its last."""
    autoencoder, windows = planner.autoencoder, torch.randn(2, 8, 5)
    real = torch.ones(2, 8)
    real[1, 5:] = 0
    windows[1, 5:] = 0
    result = autoencoder(windows, real)
    latent = autoencoder.encode(windows)
    quantised, loss = result.quantised, 0.0
    # The last position has nothing to say, so that all scales quantise 0 there.
    rest = latent * torch.tensor([[1.0] * 4, [1.0, 1, 1, 0]])[..., None]
    total, said = torch.zeros_like(latent), (rest != 0).float()
    weights = torch.tensor([[1.0] * 4, [1.0, 1, 0.5, 0]])
    assert torch.equal(autoencoder.real_patches(real), weights)
    for scale, tokens in enumerate(quantised.tokens_BT.split((1, 2, 4), 1)):
        quantizer = autoencoder.quantizer
        assert torch.equal(quantizer.nearest(quantizer.down(rest, scale)), tokens)
        added = quantizer.up(quantizer.codebook(tokens), scale)
        total, rest = total + added, (rest - added) * said
        squares = (latent - total).square().mean(2)
        loss += 1.25 * (squares * weights).sum().item() / 6.5 / 3
        energy = (rest.square().mean(2) * weights).sum() / 6.5
        assert quantised.residual_energy_K[scale].item() == pytest.approx(energy.item())
    error = (autoencoder.decode(total) - windows).square().mean(2)
    mean = (error[0].sum() + error[1, :5].sum()).item() / 13
    assert result.reconstruction.item() == pytest.approx(mean, rel=1e-5)
    assert result.loss.item() == pytest.approx(mean + loss, rel=1e-5)


def test_a_window_of_nothing_but_steps_needs_no_mask(planner: Planner) -> None:
    windows = torch.randn(3, 8, 5)
    without, masked = planner.autoencoder(windows), planner.autoencoder(windows, torch.ones(3, 8))
    assert torch.equal(without.loss, masked.loss)
    assert torch.equal(without.quantised.tokens_BT, masked.quantised.tokens_BT)


def test_sizes_are_those_of_the_settings(config: MAGEConfig) -> None:
    config = replace(config, autoencoder_width=9, code_size=3, codes=11, commitment=0.5)
    autoencoder = Planner(config, 4, 2).autoencoder
    assert [layer.weight.shape for layer in autoencoder.encoder[::3]] == [(9, 10, 1), (3, 9, 1)]
    assert [layer.weight.shape for layer in autoencoder.decoder[::3]] == [(9, 3, 1), (10, 9, 1)]
    assert autoencoder.quantizer.codebook.weight.shape == (11, 3)
    assert autoencoder.quantizer.scales == (1, 2, 4) and autoencoder.quantizer.commitment == 0.5


def test_training_lowers_the_reconstruction_error(planner: Planner, windows: Windows) -> None:
    batch = windows.cut(torch.arange(60))
    before = planner.autoencoder(batch).reconstruction.item()
    optimiser = torch.optim.Adam(planner.autoencoder.parameters(), 1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        planner.autoencoder(batch).loss.backward()
        optimiser.step()
    assert planner.autoencoder(batch).reconstruction.item() < 0.6 * before
