from __future__ import annotations

import pytest
import torch

from baselines.carp.coarse_to_fine import CoarseToFine
from baselines.carp.config import CARPConfig
from baselines.carp.tokenizer import ActionTokenizer, resized

CONFIG = CARPConfig(
    scales=(1, 2, 4), n_codes=8, channels=2, width=16, n_layers=2, n_heads=2, replan_every=1
)
SCALE_OF_PLACE = [0, 1, 1, 2, 2, 2, 2]
OBSERVATIONS = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def tokenizer() -> ActionTokenizer:
    torch.manual_seed(0)
    return ActionTokenizer(2, CONFIG)


@pytest.fixture
def transformer() -> CoarseToFine:
    torch.manual_seed(1)
    return CoarseToFine(5, 2, CONFIG).eval()


@pytest.fixture
def tokens() -> list[torch.Tensor]:
    noise = torch.Generator().manual_seed(2)
    return [torch.randint(8, (3, 2, positions), generator=noise) for positions in CONFIG.scales]


@pytest.fixture
def coarser() -> list[torch.Tensor]:
    noise = torch.Generator().manual_seed(3)
    return [torch.randn(3, 16, positions, generator=noise) for positions in CONFIG.scales]


@pytest.mark.parametrize("place", range(7))
def test_a_position_is_seen_by_its_own_scale_and_by_finer_ones(transformer, coarser, place):
    other = torch.cat(coarser, dim=2)
    other[:, :, place] += 1.0
    changes = transformer(OBSERVATIONS, coarser) - transformer(
        OBSERVATIONS, list(other.split(CONFIG.scales, dim=2))
    )
    changed = changes.abs().amax(dim=(0, 1, 2)) > 1e-6
    assert changed.tolist() == [scale >= SCALE_OF_PLACE[place] for scale in SCALE_OF_PLACE]


def test_every_scale_sees_the_observation(transformer, coarser):
    changes = transformer(OBSERVATIONS, coarser) - transformer(OBSERVATIONS + 1, coarser)
    assert (changes.abs().amax(dim=(0, 1, 2)) > 1e-4).all()


def test_the_first_scales_are_the_same_without_the_finer_ones(transformer, coarser):
    whole = transformer(OBSERVATIONS, coarser)
    assert whole.shape == (3, 2, 8, 7)
    torch.testing.assert_close(transformer(OBSERVATIONS, coarser[:2]), whole[..., :3])


def test_the_loss_is_that_of_tokens_given_the_true_coarser_ones(transformer, tokenizer, tokens):
    totals = tokenizer.totals(tokens)
    before = [torch.zeros(3, 16, 1), resized(totals[0], 2), resized(totals[1], 4)]
    likelihoods = transformer(OBSERVATIONS, before).log_softmax(2)
    picked = likelihoods.gather(2, torch.cat(tokens, dim=2)[:, :, None])
    loss = transformer.loss(OBSERVATIONS, tokens, tokenizer)
    torch.testing.assert_close(loss, -picked.mean())


def test_after_learning_one_chunk_by_heart_it_predicts_it(transformer, tokenizer, tokens):
    optimiser = torch.optim.Adam(transformer.parameters(), 1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        transformer.loss(OBSERVATIONS, tokens, tokenizer).backward()
        optimiser.step()
    predicted = transformer.predict(OBSERVATIONS, tokenizer)
    torch.testing.assert_close(predicted, tokenizer.totals(tokens)[-1])


def test_layers_have_the_sizes_of_the_settings():
    config = CARPConfig(
        scales=(1, 3), n_codes=5, code_size=4, width=24, n_layers=3, n_heads=2, replan_every=1
    )
    transformer = CoarseToFine(7, 2, config)
    assert [tuple(transformer.observe[k].weight.shape) for k in (0, 2)] == [(24, 7), (24, 24)]
    assert tuple(transformer.embed.weight.shape) == (24, 2 * 4)
    assert tuple(transformer.head.weight.shape) == (2 * 5, 24)
    assert transformer.position.shape == (1 + 3, 24)
    assert transformer.mask.int().tolist() == [[0, 1, 1, 1]] + [[0] * 4] * 3
    assert len(transformer.blocks.layers) == 3
    block = transformer.blocks.layers[0]
    assert (block.self_attn.num_heads, block.linear1.out_features) == (2, 4 * 24)
    assert block.norm_first and block.self_attn.batch_first and block.dropout.p == 0
    assert block.activation is torch.nn.functional.gelu
    assert "mask" not in transformer.state_dict()


def test_positions_begin_small():
    torch.manual_seed(0)
    config = CARPConfig(scales=(1, 20), width=64, n_layers=1, n_heads=2, replan_every=1)
    assert CoarseToFine(2, 1, config).position.std().item() == pytest.approx(0.02, rel=0.1)


def test_a_place_of_its_own_is_added_to_what_is_known(transformer):
    transformer.blocks = torch.nn.Identity()
    transformer.blocks.forward = lambda x, mask: x
    coarser = [torch.ones(1, 16, 1), 2 * torch.ones(1, 16, 2)]
    with torch.no_grad():
        known = [transformer.embed(k * torch.ones(16)) for k in (1.0, 2.0, 2.0)]
        seen = transformer.observe(OBSERVATIONS[:1])[0]
        rows = [
            transformer.head(k + seen + p)
            for k, p in zip(known, transformer.position, strict=False)
        ]
        logits = transformer(OBSERVATIONS[:1], coarser)
    # The eight codes of the first column, then those of the second.
    for place, row in enumerate(rows):
        torch.testing.assert_close(logits[0, :, :, place], row.view(2, 8))


class Sure:
    """In the place of `forward`: names token 1 of the first scale, 2 of the second, and so on."""

    def __init__(self) -> None:
        self.heard: list[list[torch.Tensor]] = []

    def __call__(self, observations, coarser):
        self.heard.append([total_BZp.clone() for total_BZp in coarser])
        place = torch.tensor([1, 2, 2, 3, 3, 3, 3])[
            : sum(total_BZp.shape[2] for total_BZp in coarser)
        ]
        return torch.nn.functional.one_hot(place, 8).float().T.expand(3, 2, -1, -1)


class Adds:
    """In the place of a tokeniser: token t of scale k adds 10 ** k * t everywhere."""

    scales, size = (1, 2, 4), 4

    def contribution(self, scale, tokens):
        assert tokens.shape == (3, 2, self.scales[scale]) and len(tokens.unique()) == 1
        return torch.full((3, 4, 4), float(10**scale * tokens[0, 0, 0]))


def test_each_scale_is_predicted_from_the_sum_of_all_coarser_ones(transformer):
    transformer.forward = Sure()
    assert transformer.predict(OBSERVATIONS, Adds()).unique().tolist() == [1 + 20 + 300]
    last = transformer.forward.heard[-1]
    assert [total_BZp.shape for total_BZp in last] == [(3, 4, 1), (3, 4, 2), (3, 4, 4)]
    assert [total_BZp.unique().tolist() for total_BZp in last] == [[0], [1], [21]]
    assert [len(total_BZp) for total_BZp in transformer.forward.heard] == [1, 2, 3]
