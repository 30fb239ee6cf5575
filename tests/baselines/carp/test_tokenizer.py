from __future__ import annotations

import pytest
import torch

from baselines.carp.config import CARPConfig
from baselines.carp.tokenizer import ActionTokenizer, resized

CONFIG = CARPConfig(
    scales=(1, 2, 4), n_codes=32, channels=4, width=16, n_layers=1, n_heads=2, replan_every=1
)


def waves(n: int, seed: int = 0) -> torch.Tensor:
    """(n, 16, 2) smooth chunks of two action columns that have nothing to do with each other."""
    random = torch.rand(3, n, 1, 2, generator=torch.Generator().manual_seed(seed))
    place = torch.linspace(0, 1, 16)[:, None]
    return (random[0] - 0.5) + 0.5 * torch.sin(6 * (random[1] + 0.5) * place + 6 * random[2])


@pytest.fixture(scope="module")
def untrained() -> ActionTokenizer:
    torch.manual_seed(0)
    return ActionTokenizer(2, CONFIG)


@pytest.fixture(scope="module")
def trained() -> ActionTokenizer:
    torch.manual_seed(0)
    tokenizer = ActionTokenizer(2, CONFIG)
    optimiser = torch.optim.Adam(tokenizer.parameters(), 1e-2)
    for step in range(200):
        optimiser.zero_grad()
        torch.stack(list(tokenizer.losses(waves(32, step)).values())).sum().backward()
        optimiser.step()
    return tokenizer


def test_tokens_have_a_place_in_each_scale_and_column(untrained):
    tokens = untrained.encode(waves(5))
    assert [tokens_BAp.shape for tokens_BAp in tokens] == [(5, 2, 1), (5, 2, 2), (5, 2, 4)]
    assert all(tokens_BAp.min() >= 0 and tokens_BAp.max() < 32 for tokens_BAp in tokens)
    assert untrained.decode(untrained.totals(tokens)[-1]).shape == (5, 16, 2)


def test_the_nearest_code_is_the_one_of_the_same_direction(untrained):
    longer = torch.cat([3 * untrained.codes_AVC[0, 7], 0.1 * untrained.codes_AVC[1, 20]])
    latents = longer.detach()[None, :, None].expand(1, 16, 4)
    assert untrained.tokens(latents)[0].tolist() == [[[7], [20]]]


def test_the_coarsest_code_is_spread_over_the_chunk_and_all_scales_add_up(untrained):
    tokens = untrained.encode(waves(3))
    contributions = [untrained.contribution(k, tokens_BAp) for k, tokens_BAp in enumerate(tokens)]
    totals = untrained.totals(tokens)
    torch.testing.assert_close(totals[0], contributions[0])
    torch.testing.assert_close(totals[2], sum(contributions))


def test_a_gradient_reaches_every_weight(untrained):
    torch.stack(list(untrained.losses(waves(64)).values())).sum().backward()
    assert all(weight.grad is not None for weight in untrained.parameters())
    assert untrained.encoder[0].weight.grad.abs().max() > 0


def test_latents_are_averaged_over_equal_shares():
    assert resized(torch.tensor([[[1.0, 3, 5, 7]]]), 2).tolist() == [[[2, 6]]]


def small(scales: tuple[int, ...], smooth: bool = False) -> ActionTokenizer:
    """One action column; codes (6, 0), (0, 1), (-1, 0), (0, -1); half of a code is added.

    The other half goes through a convolution, which says nothing here, or 2 everywhere.
    """
    settings = {"scales": scales, "n_codes": 4, "code_size": 2, "channels": 1, "replan_every": 1}
    tokenizer = ActionTokenizer(1, CARPConfig(**settings))
    codes = torch.tensor([[[6.0, 0], [0, 1], [-1, 0], [0, -1]]])
    tokenizer.codes_AVC = torch.nn.Parameter(codes)
    for conv in tokenizer.smooth:
        torch.nn.init.zeros_(conv.weight)
        torch.nn.init.constant_(conv.bias, 2.0 if smooth else 0.0)
    return tokenizer


def test_each_scale_names_what_all_coarser_ones_leave_over():
    # Pairs of numbers at four positions; their mean is (4, -0.5), of the direction of code 0.
    latents = torch.tensor([[[4.0, 4, 4, 4], [1.3, 2.7, -3, -3]]])
    # Less half of (6, 0), (1, 1.3), (1, 2.7), (1, -3), (1, -3) are left. Their halves have means
    # of (1, 2) and (1, -3): codes 1 and 3. Half of these, stretched by lines, are 0.5, 0.25, -0.25
    # and -0.5 of the second number, so that 0.8, 2.45, -2.75 and -2.5 are left beside 1.
    tokenizer = small((1, 2, 4))
    tokens = tokenizer.tokens(latents)
    assert [tokens_BAp[0, 0].tolist() for tokens_BAp in tokens] == [[0], [1, 3], [0, 1, 3, 3]]
    totals = tokenizer.totals(tokens)
    assert totals[0][0].tolist() == [[3] * 4, [0] * 4]
    assert totals[1][0].tolist() == [[3] * 4, [0.5, 0.25, -0.25, -0.5]]
    assert totals[2][0].tolist() == [[6, 3, 3, 3], [0.5, 0.75, -0.75, -1]]


def test_the_length_of_a_code_does_not_matter_to_which_is_nearest():
    # Code 2 is short, but it is the one in this direction; code 0 is long, and in the other.
    assert small((1,)).tokens(torch.tensor([[[-1.0], [0.5]]]))[0].item() == 2
    assert small((1,)).tokens(torch.tensor([[[0.5], [1.0]]]))[0].item() == 1


def test_half_of_a_code_goes_through_the_convolution_of_its_scale():
    tokenizer = small((1, 2), smooth=True)
    torch.nn.init.constant_(tokenizer.smooth[1].bias, 8.0)
    added = [tokenizer.contribution(k, torch.zeros(1, 1, k + 1, dtype=torch.long)) for k in (0, 1)]
    assert added[0][0].tolist() == [[3 + 1] * 2, [1] * 2]
    assert added[1][0].tolist() == [[3 + 4] * 2, [4] * 2]


class Says(torch.nn.Module):
    """In the place of encoder or decoder."""

    def __init__(self, answer) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, given):
        return self.answer(given)


def losses_of_two_scales() -> tuple[dict[str, torch.Tensor], torch.Tensor, ActionTokenizer]:
    """Losses of latents (4, -0.5), (4, 0.5), their gradient, and what they come from.

    The first scale adds (3, 0); (1, -0.5) and (1, 0.5) are left, of the direction of code 0 again.
    """
    tokenizer = small((1, 2))
    latents = torch.tensor([[[4.0, 4], [-0.5, 0.5]]], requires_grad=True)
    tokenizer.encoder = Says(lambda _: latents)
    tokenizer.decoder = Says(lambda total: total)
    return tokenizer.losses(torch.tensor([[[5.0, 1], [5, 1]]])), latents, tokenizer


def test_both_losses_have_their_known_values():
    losses, *_ = losses_of_two_scales()
    # Sums of (3, 0) and (6, 0): errors of 1 and 2 in the first number, of 0.5 in the second.
    quantisation = 1.25 * ((1 + 0.25) / 2 + (4 + 0.25) / 2) / 2
    assert losses["quantisation"].item() == pytest.approx(quantisation)
    # Read back is (6, 0), where (5, 1) was recorded.
    assert losses["reconstruction"].item() == pytest.approx((1 + 1) / 2)


def test_latents_are_drawn_to_their_codes_at_a_quarter():
    losses, latents, tokenizer = losses_of_two_scales()
    losses["quantisation"].backward()
    # The mean of four squares: a quarter of 2 * error / 4 for each scale, and the mean of two.
    # Errors of the first number are 4 - 3 and 4 - 6, of the second -0.5 or 0.5 twice.
    expected = torch.tensor([[[-1.0, -1], [-1, 1]]]) * 0.25 * 2 / 4 / 2
    torch.testing.assert_close(latents.grad, expected)
    # Code 0 is in the first sum by a half, in the second by two halves, at two positions each; the
    # errors of these sums are 3 - 4 and 6 - 4.
    first = 2 / 4 / 2 * ((3 - 4) * 0.5 * 2 + (6 - 4) * (0.5 + 0.5) * 2)
    torch.testing.assert_close(tokenizer.codes_AVC.grad[0, 0, 0], torch.tensor(first))


def test_the_gradient_of_what_is_read_back_goes_past_the_codes_to_the_latents():
    losses, latents, tokenizer = losses_of_two_scales()
    losses["reconstruction"].backward()
    # 2 * (6 - 5) / 4 and 2 * (0 - 1) / 4.
    torch.testing.assert_close(latents.grad, torch.tensor([[[0.5, 0.5], [-0.5, -0.5]]]))
    assert tokenizer.codes_AVC.grad is None or not tokenizer.codes_AVC.grad.any()


def test_codes_begin_small_and_as_large_as_their_number_allows():
    codes = ActionTokenizer(3, CARPConfig(n_codes=20, code_size=5)).codes_AVC
    assert codes.shape == (3, 20, 5)
    assert 0.045 < codes.max() <= 0.05 and -0.05 <= codes.min() < -0.045


def test_columns_have_layers_of_their_own_of_the_width_of_the_settings():
    tokenizer = ActionTokenizer(3, CARPConfig(scales=(1, 2), replan_every=1, channels=6))
    assert tokenizer.size == 3 * 8 and len(tokenizer.smooth) == 2
    layers = [layer for layer in tokenizer.modules() if hasattr(layer, "groups")]
    assert {layer.groups for layer in layers} == {3}
    assert [tuple(layer.weight.shape) for layer in tokenizer.encoder[::2]] == [
        (18, 1, 3),
        (18, 6, 4),
        (18, 6, 4),
        (24, 6, 3),
    ]
    assert {
        type(layer).__name__ for layer in (*tokenizer.encoder[1::2], *tokenizer.decoder[1::2])
    } == {"GELU"}


def test_a_chunk_comes_back_from_its_tokens(trained):
    chunks = waves(200, seed=1000)
    back = trained.decode(trained.totals(trained.encode(chunks))[-1])
    assert ((back - chunks) ** 2).mean() < 0.25 * chunks.var()


def test_what_is_left_over_shrinks_with_every_scale(trained):
    chunks = waves(200, seed=1000)
    with torch.no_grad():
        latents = trained.encoder(chunks.mT)
        totals = trained.totals(trained.tokens(latents))
        left = [((latents - total) ** 2).mean().item() for total in (torch.zeros(1), *totals)]
    assert left == sorted(left, reverse=True) and left[-1] < 0.3 * left[0]


def test_columns_know_nothing_of_each_other(trained):
    chunks, other = waves(5), waves(5)
    other[:, :, 1] = waves(5, seed=1)[:, :, 1]
    for mine, theirs in zip(trained.encode(chunks), trained.encode(other), strict=True):
        assert torch.equal(mine[:, 0], theirs[:, 0])
        assert not torch.equal(mine[:, 1], theirs[:, 1])
