"""What the condition does in the losses: L_cond, and returns that are hidden."""

from __future__ import annotations

import pytest
import torch

from mage.config import MAGEConfig
from mage.losses import condition_loss, hide_returns
from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer
from tests.mage import plain
from tests.mage.conftest import random_condition
from tests.mage.loss_formulas import (
    TOKENS,
    batch_of_three,
    latents_of,
    losses_of,
    plain_cross_entropy,
    plain_first_pair,
    plain_inverse,
    planner_of,
)


@pytest.mark.parametrize(
    ("sequence", "columns"),
    [
        (("return", "observation", "action"), slice(0, 5)),
        (("observation", "action"), slice(1, 5)),
        (("return", "action"), slice(0, 1)),
    ],
)
def test_l_cond_asks_for_what_the_windows_hold_but_for_actions(
    config: MAGEConfig, sequence: tuple[str, ...], columns: slice
) -> None:
    planner, batch = planner_of(config, gumbel=False, sequence=sequence), batch_of_three()
    first = planner.decode(latents_of(planner, TOKENS), batch.condition.return_B1)[:, 0]
    wanted = torch.cat([batch.condition.return_B1, batch.condition.observation_BS], 1)[:, columns]
    expected = (plain.array(first[:, : wanted.shape[1]]) - plain.array(wanted)) ** 2
    found = losses_of(planner, batch)["condition"].item()
    assert found == pytest.approx(expected.mean(), rel=1e-4)


@pytest.mark.parametrize("settings", [{"sequence": ("action",)}, {"condition_weight": 0.0}])
def test_there_is_no_l_cond_where_nothing_is_to_be_met(
    config: MAGEConfig, settings: dict[str, object]
) -> None:
    assert losses_of(planner_of(config, **settings), batch_of_three())["condition"] == 0


def _trained_to_begin_as_asked(config: MAGEConfig) -> tuple[Planner, Condition]:
    """Its autoencoder knows windows of 5 conditions by heart, so its tokens tell the first pair."""
    planner, condition = planner_of(config), random_condition(5)
    with torch.no_grad():
        planner._adapter.weight.zero_()
    first = torch.cat([condition.return_B1, condition.observation_BS], 1)
    windows = first[:, None].repeat(1, 8, 1)
    optimiser = torch.optim.Adam(planner.autoencoder.parameters(), 1e-2)
    for _ in range(120):
        optimiser.zero_grad()
        result = planner.autoencoder(windows)
        quantizer = planner.autoencoder.quantizer
        quantizer.revive(result.latent_BLC, result.quantised.tokens_BT, torch.ones(5, 4), 20)
        result.loss.backward()
        optimiser.step()
    return planner, condition


def test_a_random_plan_has_a_large_l_cond(config: MAGEConfig) -> None:
    """With relative windows, too: their first observation is as it is."""
    assert config.relative
    planner, condition = _trained_to_begin_as_asked(config)
    first = torch.cat([condition.return_B1, condition.observation_BS], 1)
    tokens = planner.autoencoder.tokenize(first[:, None].repeat(1, 8, 1), torch.ones(5, 8))
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    plans = {"own": tokens, "another's": tokens.roll(1, 0), "random": torch.randint(16, (5, 7))}
    losses = {
        name: condition_loss(planner, quantizer.latent(quantizer.codes_of(each)), condition).item()
        for name, each in plans.items()
    }
    assert losses["own"] < 0.1 * losses["another's"]
    assert losses["own"] < 0.1 * losses["random"]


def test_which_tokens_are_sampled_decides_what_l_cond_teaches(config: MAGEConfig) -> None:
    planner, condition = planner_of(config), random_condition(3)
    codes = [each.requires_grad_() for each in _codes(planner, TOKENS)]
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    condition_loss(planner, quantizer.latent(codes), condition).backward()
    slopes = [each.grad for each in codes]
    assert all(slope.abs().sum() > 0 for slope in slopes), "at every scale"
    others = [each.requires_grad_() for each in _codes(planner, [row[::-1] for row in TOKENS])]
    condition_loss(planner, quantizer.latent(others), condition).backward()
    assert not any(torch.allclose(one, each.grad) for one, each in zip(slopes, others, strict=True))


def _codes(planner: Planner, tokens: list[list[int]]) -> list[torch.Tensor]:
    return FrozenQuantizer(planner.autoencoder.quantizer).codes_of(torch.tensor(tokens))


def test_the_transformer_sees_no_return_of_so_many_windows(config: MAGEConfig) -> None:
    torch.manual_seed(0)
    condition = random_condition(4000)
    for share in (0.0, 0.15, 0.8):
        seen = hide_returns(condition, share)
        assert seen.known_B1.mean().item() == pytest.approx(1 - share, abs=0.02)
        assert set(seen.known_B1.flatten().tolist()) <= {0.0, 1.0}
        assert all(torch.equal(*both) for both in zip(seen[:3], condition[:3], strict=True))
    nothing = condition.asking_nothing()
    assert not hide_returns(nothing, 0.0).known_B1.any(), "what is not asked for is not asked for"


def test_hidden_returns_are_neither_seen_nor_asked_for(
    config: MAGEConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, hidden = batch_of_three(), []
    planner = planner_of(config, gumbel=False, condition_dropout=0.5)
    drawn = torch.tensor([[0.49], [0.51], [0.2]])
    monkeypatch.setattr(torch, "rand_like", lambda like: drawn.expand_as(like))
    planner.transformer.embed_condition.register_forward_pre_hook(
        lambda _, given: hidden.append(given[0])
    )
    found = {name: value.item() for name, value in losses_of(planner, batch).items()}
    assert [row[4:].tolist() == [0, 0, 0] for row in hidden[0]] == [True, False, True]
    seen = batch.condition._replace(known_B1=torch.tensor([[0.0], [1.0], [0.0]]))
    by_hand = batch._replace(condition=seen)
    assert found["cross_entropy"] == pytest.approx(plain_cross_entropy(planner, by_hand), rel=1e-4)
    assert found["inverse"] == pytest.approx(plain_inverse(planner, batch, TOKENS), rel=1e-4)
    assert found["condition"] == pytest.approx(plain_first_pair(planner, by_hand, TOKENS), rel=1e-4)
