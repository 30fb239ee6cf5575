"""The quantiser: known answers, the paper's scheme in plain loops, and what training it does."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from mage.model.quantizer import FrozenQuantizer, MultiScaleQuantizer, weighted_mean
from tests.mage import plain


def _quantizer(scales: tuple[int, ...] = (1, 2, 4), codes: int = 32) -> MultiScaleQuantizer:
    torch.manual_seed(0)
    return MultiScaleQuantizer(scales, codes, 6, commitment=0.25)


def _by_hand(scales: tuple[int, ...], codes: list[float]) -> MultiScaleQuantizer:
    """Codes of one number, and convolutions that change nothing."""
    quantizer = MultiScaleQuantizer(scales, len(codes), 1, commitment=0.25)
    with torch.no_grad():
        quantizer.codebook.weight[:, 0] = torch.tensor(codes)
        for mend in quantizer.mend:
            mend.weight.copy_(torch.tensor([[[0.0, 1.0, 0.0]]]))
            mend.bias.zero_()
    return quantizer


def _column(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(1, -1, 1)


def test_each_scale_encodes_what_all_coarser_ones_leave() -> None:
    quantizer = _by_hand((1, 2, 4), [-4.0, -3.0, 0.0, 1.0, 2.5, 6.0])
    result = quantizer(_column(0.0, 2.0, 8.0, 12.0))
    # Scale 1: the mean 5.5 is nearest to 6. Left: -6 -4 2 6; mean square 23.
    # Scale 2: the means -5 and 4 are nearest to -4 and 2.5; drawn out to four positions that is
    # -4, -4 * 3/4 + 2.5 / 4 = -2.375, 0.875, 2.5. Left: -2 -1.625 1.125 3.5; mean square 5.0390625.
    # Scale 4: nearest are -3, -3, 1 and 2.5. Left: 1 1.375 0.125 1; mean square 0.9765625.
    assert result.tokens_BT.tolist() == [[5, 0, 4, 1, 1, 3, 4]]
    assert result.residual_energy_K.tolist() == [23.0, 5.0390625, 0.9765625]
    assert not result.residual_energy_K.requires_grad
    torch.testing.assert_close(result.latent_BLC, _column(-1.0, 0.625, 7.875, 11.0))
    # Both losses are these mean squares, the commitment's a quarter as heavy; the mean of scales.
    assert result.loss.item() == pytest.approx(1.25 * (23 + 5.0390625 + 0.9765625) / 3)


def test_tokens_and_residuals_are_those_of_plain_loops() -> None:
    quantizer = MultiScaleQuantizer((1, 2, 3, 5), 12, 3, commitment=0.25)
    latents = torch.randn(4, 5, 3)
    result = quantizer(latents)
    energy = []
    for latent, tokens in zip(latents, result.tokens_BT, strict=True):
        expected, left = plain.quantise(quantizer, plain.array(latent))
        assert tokens.tolist() == expected
        energy.append([(rest**2).mean() for rest in left])
    np.testing.assert_allclose(result.residual_energy_K.tolist(), np.mean(energy, 0), rtol=1e-4)


def test_the_codebook_learns_from_one_loss_and_the_encoder_from_the_other() -> None:
    quantizer = _by_hand((1, 2), [0.0, 1.0, 4.0])
    latent = _column(2.0, 8.0).requires_grad_()
    result = quantizer(latent)
    assert result.tokens_BT.tolist() == [[2, 0, 2]]  # 4 for both, then 0 and 4.
    result.loss.backward()
    # The sums are 4 4 and 4 8, so the latent is off by -2 4 and -2 0. Means are over two positions
    # and two scales, and a square has a derivative of twice: 2 / 4 = 0.5 for each number.
    # Encoder: 0.25 * 0.5 * (-2 - 2), 0.25 * 0.5 * (4 + 0).
    assert latent.grad.flatten().tolist() == [-0.5, 0.5]
    # Codes are pulled the other way. Code 0, the left token of scale 2: -0.5 * -2. Code 2, scale 1
    # in both sums and the right token of scale 2: -0.5 * (-2 + 4 - 2 + 0) - 0.5 * 0.
    assert quantizer.codebook.weight.grad.flatten().tolist() == [1.0, 0.0, 0.0]


def test_codes_begin_as_large_as_their_size_asks() -> None:
    torch.manual_seed(0)
    codebook = MultiScaleQuantizer((1,), 4000, 16, 0.25).codebook.weight
    assert codebook.std().item() == pytest.approx(0.25, rel=0.02)  # 1 / sqrt(16).


def test_a_scale_adds_half_a_line_and_half_its_own_convolution() -> None:
    quantizer = _by_hand((1, 2, 4), [0.0])
    with torch.no_grad():
        quantizer.mend[0].weight.zero_()
        quantizer.mend[1].weight.copy_(torch.tensor([[[1.0, 0.0, 0.0]]]))  # One to the right.
        quantizer.mend[1].bias.fill_(2.0)
    assert quantizer.up(_column(6.0), 0).flatten().tolist() == [3, 3, 3, 3]
    # The line is 4 5 7 8; moved on and with 2 more it is 2 6 7 9.
    assert quantizer.up(_column(4.0, 8.0), 1).flatten().tolist() == [3, 5.5, 7, 8.5]
    assert quantizer.up(_column(1.0, 2.0, 3.0, 5.0), 2).flatten().tolist() == [1, 2, 3, 5]


def test_a_latent_is_averaged_to_the_length_of_a_scale() -> None:
    quantizer, latent = _by_hand((1, 2, 3), [0.0]), _column(1.0, 2.0, 6.0)
    averaged = [quantizer.down(latent, scale).flatten().tolist() for scale in range(3)]
    assert averaged == [pytest.approx([3.0]), [1.5, 4.0], [1.0, 2.0, 6.0]]


def test_the_nearest_code_is_not_the_one_with_the_largest_product() -> None:
    quantizer = _by_hand((1,), [0.0, 10.0, -2.0])
    assert quantizer.nearest(_column(4.9, 5.1, 100.0, -0.9, -1.1)).tolist() == [[0, 1, 1, 0, 2]]


def test_tokens_give_back_the_quantised_latent() -> None:
    quantizer, latent = _quantizer(), torch.randn(5, 4, 6)
    result = quantizer(latent)
    frozen = FrozenQuantizer(quantizer)
    rebuilt = frozen.latent(frozen.codes_of(result.tokens_BT))
    torch.testing.assert_close(rebuilt, result.latent_BLC)
    assert result.tokens_BT.shape == (5, 7)


def test_training_lets_the_residual_fall_with_every_scale() -> None:
    quantizer, latents = _quantizer(codes=64), torch.randn(64, 4, 6)
    optimiser = torch.optim.Adam(quantizer.parameters(), 2e-2)
    for _ in range(60):
        result = quantizer(latents)
        quantizer.revive(latents, result.tokens_BT, torch.ones(64, 4), patience=20)
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
    assert quantizer.codebook.weight.grad is None


def test_unused_codes_move_to_the_data() -> None:
    quantizer, latent = _quantizer(), torch.randn(8, 4, 6)
    with torch.no_grad():
        quantizer.codebook.weight[1:] = 1e3
    for _ in range(2):
        tokens = quantizer(latent).tokens_BT
        assert tokens.unique().tolist() == [0]
        assert quantizer.revive(latent, tokens, torch.ones(8, 4), patience=3) == 0
    assert quantizer.unused_V.tolist() == [0] + 31 * [2]
    assert quantizer.revive(latent, tokens, torch.ones(8, 4), patience=3) == 31
    assert quantizer.unused_V.tolist() == 32 * [0], "what was moved gets as much time again"
    assert quantizer.revive(latent, tokens, torch.ones(8, 4), patience=3) == 0
    assert len(quantizer(latent).tokens_BT.unique()) > 3


def test_codes_move_onto_what_is_to_be_encoded_at_all_scales() -> None:
    quantizer = _by_hand((1, 2, 4), [4.0, *[1e3] * 60])
    torch.manual_seed(0)
    latent, tokens = _column(5.0, 7.0, 11.0, 13.0), torch.zeros(1, 7, dtype=torch.long)
    assert quantizer.revive(latent, tokens, torch.ones(1, 4), patience=1) == 60
    # Scale 1 encodes the mean 9; scale 2, after 4 was taken off, 2 and 8; scale 4, after 4 more,
    # -3 -1 3 5.
    moved = quantizer.codebook.weight[1:].flatten().unique().tolist()
    assert moved == [-3, -1, 2, 3, 5, 8, 9]
    assert quantizer.codebook.weight[0].item() == 4


def test_of_padding_nothing_is_left_to_say_and_no_code_moves_onto_it() -> None:
    quantizer = _by_hand((1, 2, 4), [4.0, *[1e3] * 60])
    torch.manual_seed(0)
    # The third position is padding in part, which counts a quarter; the last is nothing else.
    latent, real = _column(5.0, 7.0, 11.0, 99.0), torch.tensor([[1.0, 1.0, 0.25, 0.0]])
    result = quantizer(latent, real)
    assert result.tokens_BT.tolist() == [[0] * 7]
    # Left after each scale: 1 3 7, -3 -1 3 and -7 -5 -1, of squares 1 9 49, 9 1 9 and 49 25 1.
    energy = [(1 + 9 + 49 / 4) / 2.25, (9 + 1 + 9 / 4) / 2.25, (49 + 25 + 1 / 4) / 2.25]
    assert result.residual_energy_K.tolist() == pytest.approx(energy)
    assert result.loss.item() == pytest.approx(1.25 * sum(energy) / 3)
    assert quantizer.revive(latent, result.tokens_BT, real, patience=1) == 60
    # Scale 1 encodes 23 / 4; scale 2 then 1 3 and 7 0; scale 4 after 4 more -3 -1 3, and no 0.
    moved = quantizer.codebook.weight[1:].flatten().unique().tolist()
    assert moved == [-3, -1, 2, 3, 3.5, 5.75]


def test_whatever_padding_holds_changes_nothing() -> None:
    quantizer, latent = _quantizer(), torch.randn(3, 4, 6)
    real = torch.ones(3, 4)
    real[0, 2:] = real[1, 3] = 0
    results = []
    for filler in (0.0, 50.0):
        latent[real == 0] = filler
        quantizer.zero_grad()
        result = quantizer(latent, real)
        result.loss.backward()
        slopes = [weight.grad.clone() for weight in quantizer.parameters()]
        results.append((result.loss, result.tokens_BT, result.residual_energy_K, *slopes))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other)


def test_a_mean_by_weights() -> None:
    values, weights = torch.tensor([[1.0, 4.0], [9.0, 7.0]]), torch.tensor([[1.0, 0.5], [0, 0]])
    assert weighted_mean(values, weights).item() == 2.0  # (1 + 2) / 1.5.


def test_only_codes_and_convolutions_are_saved() -> None:
    mends = {f"mend.{scale}.{part}" for scale in range(3) for part in ("weight", "bias")}
    assert set(_quantizer().state_dict()) == {"codebook.weight", *mends}


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
