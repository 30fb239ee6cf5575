from __future__ import annotations

import pytest
import torch

from baselines.action_tokeniser import ActionTokeniser, CARPConfig, resized
from baselines.coarse_to_fine import CoarseToFine

CONFIG = CARPConfig(
    scales=(1, 2, 4), n_codes=8, channels=2, width=16, n_layers=2, n_heads=2, replan_every=1
)
SCALE_OF_PLACE = [0, 1, 1, 2, 2, 2, 2]
OBSERVATIONS = torch.randn(3, 5, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def tokeniser() -> ActionTokeniser:
    torch.manual_seed(0)
    return ActionTokeniser(2, CONFIG)


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


def test_the_loss_is_that_of_tokens_given_the_true_coarser_ones(transformer, tokeniser, tokens):
    totals = tokeniser.totals(tokens)
    before = [torch.zeros(3, 16, 1), resized(totals[0], 2), resized(totals[1], 4)]
    likelihoods = transformer(OBSERVATIONS, before).log_softmax(2)
    picked = likelihoods.gather(2, torch.cat(tokens, dim=2)[:, :, None])
    loss = transformer.loss(OBSERVATIONS, tokens, tokeniser)
    torch.testing.assert_close(loss, -picked.mean())


def test_after_learning_one_chunk_by_heart_it_predicts_it(transformer, tokeniser, tokens):
    optimiser = torch.optim.Adam(transformer.parameters(), 1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        transformer.loss(OBSERVATIONS, tokens, tokeniser).backward()
        optimiser.step()
    predicted = transformer.predict(OBSERVATIONS, tokeniser)
    torch.testing.assert_close(predicted, tokeniser.totals(tokens)[-1])
