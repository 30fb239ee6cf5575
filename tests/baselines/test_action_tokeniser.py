from __future__ import annotations

import pytest
import torch

from baselines.action_tokeniser import ActionTokeniser, CARPConfig, resized

CONFIG = CARPConfig(
    scales=(1, 2, 4), n_codes=32, channels=4, width=16, n_layers=1, n_heads=2, replan_every=1
)


def waves(n: int, seed: int = 0) -> torch.Tensor:
    """(n, 16, 2) smooth chunks of two action columns that have nothing to do with each other."""
    random = torch.rand(3, n, 1, 2, generator=torch.Generator().manual_seed(seed))
    place = torch.linspace(0, 1, 16)[:, None]
    return (random[0] - 0.5) + 0.5 * torch.sin(6 * (random[1] + 0.5) * place + 6 * random[2])


@pytest.fixture(scope="module")
def untrained() -> ActionTokeniser:
    torch.manual_seed(0)
    return ActionTokeniser(2, CONFIG)


@pytest.fixture(scope="module")
def trained() -> ActionTokeniser:
    torch.manual_seed(0)
    tokeniser = ActionTokeniser(2, CONFIG)
    optimiser = torch.optim.Adam(tokeniser.parameters(), 4e-3)
    for step in range(300):
        optimiser.zero_grad()
        torch.stack(list(tokeniser.losses(waves(32, step)).values())).sum().backward()
        optimiser.step()
    return tokeniser


def test_tokens_have_a_place_in_each_scale_and_column(untrained):
    tokens = untrained.encode(waves(5))
    assert [each.shape for each in tokens] == [(5, 2, 1), (5, 2, 2), (5, 2, 4)]
    assert all(each.min() >= 0 and each.max() < 32 for each in tokens)
    assert untrained.decode(untrained.totals(tokens)[-1]).shape == (5, 16, 2)


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


def test_the_nearest_code_is_the_one_of_the_same_direction(untrained):
    longer = torch.cat([3 * untrained.codes_AVC[0, 7], 0.1 * untrained.codes_AVC[1, 20]])
    latents = longer.detach()[None, :, None].expand(1, 16, 4)
    assert untrained.tokens(latents)[0].tolist() == [[[7], [20]]]


def test_the_coarsest_code_is_spread_over_the_chunk_and_all_scales_add_up(untrained):
    tokens = untrained.encode(waves(3))
    contributions = [untrained.contribution(*each) for each in enumerate(tokens)]
    totals = untrained.totals(tokens)
    torch.testing.assert_close(totals[0], contributions[0])
    torch.testing.assert_close(totals[2], sum(contributions))


def test_a_gradient_reaches_every_weight(untrained):
    torch.stack(list(untrained.losses(waves(64)).values())).sum().backward()
    assert all(weight.grad is not None for weight in untrained.parameters())
    assert untrained.encoder[0].weight.grad.abs().max() > 0


def test_latents_are_averaged_over_equal_shares():
    assert resized(torch.tensor([[[1.0, 3, 5, 7]]]), 2).tolist() == [[[2, 6]]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scales": (1, 2, 2)}, r"scales=\(1, 2, 2\) must ascend, such as \(1, 2, 4\)"),
        ({"scales": ()}, r"scales=\(\) must ascend"),
        ({"replan_every": 17}, r"replan_every=17 .* valid: 1 to 16"),
        ({"tokeniser_share": 1.5}, r"tokeniser_share=1.5 .* valid: 0 to 1"),
        ({"n_heads": 5}, r"width=64 .* no multiple of n_heads=5; choose one that is"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        CARPConfig(**settings)
