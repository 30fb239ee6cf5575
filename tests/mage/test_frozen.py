"""The frozen quantiser gives what the learning one gives."""

from __future__ import annotations

import torch

from mage.frozen import FrozenQuantizer
from mage.quantizer import MultiScaleQuantizer


def test_latents_and_inputs_are_the_same() -> None:
    torch.manual_seed(0)
    quantizer = MultiScaleQuantizer((1, 2, 3, 4), codes=16, code_size=6, commitment=0.25)
    frozen, tokens = FrozenQuantizer(quantizer), torch.randint(16, (5, 10))
    codes = quantizer.codes_of(tokens)
    for mine, theirs in zip(frozen.codes_of(tokens), codes, strict=True):
        assert torch.equal(mine, theirs)
    torch.testing.assert_close(frozen.latent(codes), quantizer.latent(codes))
    torch.testing.assert_close(frozen.next_inputs(codes), quantizer.next_inputs(codes))


def test_a_single_scale_has_no_next() -> None:
    quantizer = MultiScaleQuantizer((4,), codes=16, code_size=6, commitment=0.25)
    codes = quantizer.codes_of(torch.zeros(2, 4, dtype=torch.long))
    assert FrozenQuantizer(quantizer).next_inputs(codes).shape == (2, 0, 6)
