"""The frozen quantiser gives what the learning one gives."""

from __future__ import annotations

import torch

from mage.frozen import FrozenQuantizer
from mage.quantizer import MultiScaleQuantizer


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


def test_next_inputs_are_the_sum_so_far_at_each_scale() -> None:
    quantizer = _quantizer()
    frozen = FrozenQuantizer(quantizer)
    codes = frozen.codes_of(torch.tensor([[1, 2, 3, 4, 5, 6, 7]]))
    inputs = frozen.next_inputs(codes)
    assert inputs.shape == (1, 2 + 4, 6)
    first = quantizer.up(codes[0], 0)
    torch.testing.assert_close(inputs[:, :2], quantizer.down(first, 1))
    torch.testing.assert_close(inputs[:, 2:], quantizer.down(first + quantizer.up(codes[1], 1), 2))


def test_a_single_scale_has_no_next() -> None:
    frozen = FrozenQuantizer(_quantizer((4,)))
    codes = frozen.codes_of(torch.zeros(2, 4, dtype=torch.long))
    assert frozen.next_inputs(codes).shape == (2, 0, 6)
