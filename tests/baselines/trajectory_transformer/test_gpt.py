from __future__ import annotations

import pytest
import torch

from baselines.trajectory_transformer.config import TrajectoryTransformerConfig
from baselines.trajectory_transformer.gpt import TrajectoryGPT

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


def plain(gpt: TrajectoryGPT, tokens: list[int]) -> torch.Tensor:
    """(T, N + 1) the logits of one sequence, place by place and head by head."""
    rows = [gpt.embed.weight[7 * (place % 4) + token] for place, token in enumerate(tokens)]
    x = [row + gpt.position[place] for place, row in enumerate(rows)]
    for block in gpt.blocks:
        mixed = [block.query_key_value(block.attention_norm(row)) for row in x]
        nexts = []
        for place, here in enumerate(x):
            # All that came before but the values, which are every fourth token.
            seen = [other for other in range(place + 1) if other % 4 != 3]
            read = []
            for head in range(2):
                query, keys, values = (
                    [row[16 * part + 8 * head : 16 * part + 8 * head + 8] for row in mixed]
                    for part in range(3)
                )
                scores = torch.stack([query[place] @ keys[k] / 8**0.5 for k in seen])
                shares = torch.exp(scores) / torch.exp(scores).sum()
                read.append(sum(s * values[k] for s, k in zip(shares, seen, strict=True)))
            after = here + block.project[0](torch.cat(read))
            inner = torch.nn.functional.gelu(block.perceptron[0](block.norm(after)))
            nexts.append(after + block.perceptron[2](inner))
        x = nexts
    return torch.stack([gpt.norm(row) @ gpt.head[place % 4] for place, row in enumerate(x)])


def test_logits_are_those_of_a_gpt_worked_out_place_by_place(gpt, tokens):
    logits, _ = gpt(tokens[:2, :10])
    expected = torch.stack([plain(gpt, sequence[:10].tolist()) for sequence in tokens[:2]])
    assert logits.shape == (2, 10, 7)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)


def test_the_same_token_means_something_else_in_another_column(gpt):
    assert gpt.embed.num_embeddings == 4 * 7
    tokens = torch.tensor([[2, 2, 5, 6, 2, 2]])
    before, _ = gpt(tokens)
    with torch.no_grad():
        gpt.embed.weight[7 * 1 + 2] += 1.0  # Token 2 of the second column.
    after, _ = gpt(tokens)
    changed = (before != after).any(dim=2)[0].tolist()
    assert changed == [False, True, True, True, True, True]
    with torch.no_grad():
        gpt.embed.weight[7 * 3 + 5] += 1.0  # Token 5 of the last column, where it does not occur.
        gpt.embed.weight[7 * 2 + 6] += 1.0
    assert torch.equal(gpt(tokens)[0], after)


def test_networks_begin_with_small_random_weights():
    torch.manual_seed(0)
    config = TrajectoryTransformerConfig(n_bins=30, context=6, horizon=4, width=64, n_layers=3)
    network = TrajectoryGPT(5, config)
    assert network.position.shape == (10 * 5, 64) and network.head.shape == (5, 64, 31)
    for weights in (network.position, network.head, network.embed.weight):
        assert weights.std().item() == pytest.approx(0.02, rel=0.1)
        assert weights.mean().item() == pytest.approx(0, abs=2e-3)
    assert len(network.blocks) == 3
    assert [block.query_key_value.weight.shape for block in network.blocks] == [(192, 64)] * 3
    assert network.blocks[0].perceptron[0].weight.shape == (256, 64)


def test_dropout_acts_in_training_alone_and_in_each_of_its_places(tokens):
    torch.manual_seed(0)
    settings = {"n_bins": 6, "context": 2, "horizon": 3, "width": 16, "n_layers": 1, "n_heads": 2}
    network = TrajectoryGPT(N_COLUMNS, TrajectoryTransformerConfig(**settings, dropout=0.3))
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    network.eval()
    assert torch.equal(network(tokens)[0], network(tokens)[0])
    block = network.blocks[0]
    places = [network.dropout, block.project[1], block.perceptron[3]]
    assert [place.p for place in places] == [0.3] * 3
    network.train()
    for place in places:
        place.p = 0.0
    # Attention is left, which drops what it reads.
    assert not torch.equal(network(tokens)[0], network(tokens)[0])
    for place in (*places, block):
        vars(place).update({"p": 0.0} if place is not block else {"_dropout": 0.0})
    assert torch.equal(network(tokens)[0], network(tokens)[0])
    network.dropout.p = 0.3
    assert not torch.equal(network(tokens)[0], network(tokens)[0])
