from __future__ import annotations

import pytest
import torch

from baselines.trajectory_gpt import TrajectoryGPT, TrajectoryTransformerConfig

# Two steps of past, three of plan; steps of four tokens: observation, action, reward, value.
CONFIG = TrajectoryTransformerConfig(
    n_bins=6, context=2, horizon=3, width=16, n_layers=2, n_heads=2, dropout=0.0
)
N_COLUMNS, LENGTH = 4, 20


@pytest.fixture
def gpt() -> TrajectoryGPT:
    torch.manual_seed(0)
    network = TrajectoryGPT(N_COLUMNS, CONFIG)
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.3)  # So that every path can be told from zero.
    return network


@pytest.fixture
def tokens() -> torch.Tensor:
    return torch.randint(6, (3, LENGTH), generator=torch.Generator().manual_seed(1))


def changed_places(gpt: TrajectoryGPT, tokens: torch.Tensor, place: int) -> set[int]:
    """Where logits change if one token does."""
    other = tokens.clone()
    other[:, place] = (other[:, place] + 1) % 6
    changes = (gpt(tokens)[0] - gpt(other)[0]).abs().amax(dim=(0, 2))
    return set(torch.nonzero(changes > 1e-6).flatten().tolist())


@pytest.mark.parametrize("place", [0, 5, 14])
def test_a_token_changes_what_comes_after_it_and_nothing_before(gpt, tokens, place):
    assert changed_places(gpt, tokens, place) == set(range(place, LENGTH))


def test_no_later_token_looks_at_a_value(gpt, tokens):
    for place in range(N_COLUMNS - 1, LENGTH, N_COLUMNS):
        assert changed_places(gpt, tokens, place) == {place}


def test_token_by_token_with_a_cache_it_says_the_same(gpt, tokens):
    whole, _ = gpt(tokens)
    logits, cache = gpt(tokens[:, :7])
    parts = [logits]
    for place in range(7, LENGTH):
        logits, cache = gpt(tokens[:, place : place + 1], cache)
        parts.append(logits)
    torch.testing.assert_close(torch.cat(parts, dim=1), whole)


def test_the_same_token_means_something_else_in_another_column(gpt):
    tokens = torch.zeros(1, 2, dtype=torch.long)
    with torch.no_grad():
        gpt.position.zero_()
    assert gpt.embed.num_embeddings == N_COLUMNS * 7
    embedded = gpt.embed.weight[torch.tensor([0, 7])]
    assert not torch.equal(*embedded)
    logits, _ = gpt(tokens)
    assert logits.shape == (1, 2, 7) and not torch.equal(*logits[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"top_p": 0.0}, r"top_p=0.0 .* valid: 1e-06 to 1"),
        ({"replan_every": 16}, r"replan_every=16 .* valid: 1 to 15"),
        ({"n_bins": 1}, r"n_bins=1 .* valid: 2 to inf"),
        ({"width": 30}, r"width=30 .* no multiple of n_heads=4; choose one that is"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TrajectoryTransformerConfig(**settings)
