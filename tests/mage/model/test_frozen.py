"""The frozen quantiser gives what the learning one gives, and what plain loops give."""

from __future__ import annotations

import numpy as np
import torch

from mage.model.frozen import FrozenQuantizer
from mage.model.quantizer import MultiScaleQuantizer
from tests.mage import plain


def _quantizer(scales: tuple[int, ...] = (1, 2, 4)) -> MultiScaleQuantizer:
    torch.manual_seed(0)
    return MultiScaleQuantizer(scales, codes=16, code_size=6, commitment=0.25)


def test_the_latent_is_the_sum_of_what_every_scale_adds() -> None:
    quantizer = _quantizer((1, 2, 3, 4))
    frozen, tokens = FrozenQuantizer(quantizer), torch.randint(16, (5, 10))
    codes = frozen.codes_of(tokens)
    parts = tokens.split((1, 2, 3, 4), 1)
    for mine, own in zip(codes, parts, strict=True):
        assert torch.equal(mine, quantizer.codebook(own))
    added = [quantizer.up(each, scale) for scale, each in enumerate(codes)]
    torch.testing.assert_close(frozen.latent(codes), sum(added))
    expected = [plain.latent_of(quantizer, row) for row in tokens.tolist()]
    np.testing.assert_allclose(frozen.latent(codes), expected, atol=1e-5)


def test_next_inputs_are_the_sum_so_far_at_each_scale() -> None:
    quantizer = _quantizer((1, 2, 3, 4))
    frozen, tokens = FrozenQuantizer(quantizer), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    codes = frozen.codes_of(torch.tensor([tokens]))
    inputs = frozen.next_inputs(codes)
    assert inputs.shape == (1, 2 + 3 + 4, 6)
    for scale, rows in ((1, slice(0, 2)), (2, slice(2, 5)), (3, slice(5, 9))):
        coarser = plain.latent_of(quantizer, tokens, scale)
        expected = plain.down(coarser, quantizer.scales[scale])
        np.testing.assert_allclose(inputs[0, rows], expected, atol=1e-5)


def test_a_single_scale_has_no_next() -> None:
    frozen = FrozenQuantizer(_quantizer((4,)))
    codes = frozen.codes_of(torch.zeros(2, 4, dtype=torch.long))
    assert frozen.next_inputs(codes).shape == (2, 0, 6)


def test_latents_are_averaged_for_a_scale() -> None:
    quantizer, latent = _quantizer(), torch.randn(3, 4, 6)
    for scale in range(3):
        averaged = FrozenQuantizer(quantizer).down(latent.transpose(1, 2), scale)
        torch.testing.assert_close(averaged, quantizer.down(latent, scale))


def test_gradients_reach_the_codes_but_nothing_that_is_frozen() -> None:
    quantizer = _quantizer()
    frozen = FrozenQuantizer(quantizer)
    codes = [each.requires_grad_() for each in frozen.codes_of(torch.arange(7)[None])]
    assert not frozen.latent([each.detach() for each in codes]).requires_grad
    frozen.latent(codes).sum().backward()
    assert all(each.grad is not None for each in codes)
    assert all(weight.grad is None for weight in quantizer.parameters())
