"""The autoencoder: shapes, and that it learns to rebuild windows."""

from __future__ import annotations

import torch

from mage.config import MAGEConfig
from mage.planner import Planner
from mage.windows import Windows


def test_shapes(planner: Planner, config: MAGEConfig) -> None:
    windows = torch.randn(3, config.pairs, 5)
    latent = planner.autoencoder.encode(windows)
    assert latent.shape == (3, 4, config.code_size)
    assert planner.autoencoder.decode(latent).shape == windows.shape
    assert planner.autoencoder.tokenise(windows).shape == (3, 7)


def test_each_latent_position_has_its_own_patch(planner: Planner, config: MAGEConfig) -> None:
    first = planner.autoencoder.encoder[0]
    windows = torch.arange(config.pairs * 5, dtype=torch.float32).view(1, config.pairs, 5)
    patches = windows.reshape(1, 4, -1)
    assert patches[0, 0].tolist() == list(range(10)), "two neighbouring steps of five numbers"
    assert first.in_channels == 10


def test_training_lowers_the_reconstruction_error(planner: Planner, windows: Windows) -> None:
    batch = windows.cut(torch.arange(100))
    before = planner.autoencoder(batch).reconstruction.item()
    optimiser = torch.optim.Adam(planner.autoencoder.parameters(), 1e-2)
    for _ in range(100):
        optimiser.zero_grad()
        planner.autoencoder(batch).loss.backward()
        optimiser.step()
    assert planner.autoencoder(batch).reconstruction.item() < 0.6 * before
