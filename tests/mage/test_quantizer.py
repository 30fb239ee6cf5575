"""The quantiser: round trips, shapes, and what training it does."""

from __future__ import annotations

from itertools import pairwise

import torch

from mage.frozen import FrozenQuantizer
from mage.quantizer import MultiScaleQuantizer


def _quantizer(scales: tuple[int, ...] = (1, 2, 4), codes: int = 32) -> MultiScaleQuantizer:
    torch.manual_seed(0)
    return MultiScaleQuantizer(scales, codes, 6, commitment=0.25)


def test_tokens_give_back_the_quantised_latent() -> None:
    quantizer, latent = _quantizer(), torch.randn(5, 4, 6)
    result = quantizer(latent)
    frozen = FrozenQuantizer(quantizer)
    rebuilt = frozen.latent(frozen.codes_of(result.tokens_BT))
    torch.testing.assert_close(rebuilt, result.latent_BLC)
    assert result.tokens_BT.shape == (5, 7)


def test_a_latent_made_of_one_code_is_found_exactly() -> None:
    quantizer = _quantizer(scales=(4,))
    with torch.no_grad():
        quantizer.mend[0].weight.zero_()
        quantizer.mend[0].bias.zero_()
        latent = 0.5 * quantizer.codebook(torch.tensor([[3, 1, 4, 1]]))
        quantizer.codebook.weight.mul_(0.5)
    assert quantizer(latent).tokens_BT.tolist() == [[3, 1, 4, 1]]


def test_down_of_up_keeps_a_constant() -> None:
    quantizer, flat = _quantizer(), torch.ones(1, 2, 6)
    up = quantizer.get_buffer("_up_1") @ flat
    torch.testing.assert_close(up, torch.ones(1, 4, 6))
    torch.testing.assert_close(quantizer.down(up, 1), flat)


def test_training_lets_the_residual_fall_with_every_scale() -> None:
    quantizer, latents = _quantizer(codes=64), torch.randn(256, 4, 6)
    optimiser = torch.optim.Adam(quantizer.parameters(), 1e-2)
    for _ in range(150):
        result = quantizer(latents)
        quantizer.revive(latents, result.tokens_BT, patience=20)
        optimiser.zero_grad()
        result.loss.backward()
        optimiser.step()
    energy = [float(latents.square().mean()), *quantizer(latents).residual_energy_K.tolist()]
    assert all(later < earlier for earlier, later in pairwise(energy))


def test_gradients_pass_straight_to_the_encoder() -> None:
    quantizer = _quantizer()
    latent = torch.randn(2, 4, 6, requires_grad=True)
    quantizer(latent).latent_BLC.sum().backward()
    assert torch.equal(latent.grad, torch.ones_like(latent))


def test_unused_codes_move_to_the_data() -> None:
    quantizer, latent = _quantizer(), torch.randn(8, 4, 6)
    with torch.no_grad():
        quantizer.codebook.weight[1:] = 1e3
    for _ in range(2):
        tokens = quantizer(latent).tokens_BT
        assert tokens.unique().tolist() == [0]
        assert quantizer.revive(latent, tokens, patience=3) == 0
    assert quantizer.revive(latent, tokens, patience=3) == 31
    assert len(quantizer(latent).tokens_BT.unique()) > 3
