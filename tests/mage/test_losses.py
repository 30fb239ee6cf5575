"""The losses of stage 2 against the paper's formulas in plain loops, on tiny arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from mage.config import MAGEConfig
from mage.losses import cross_entropy, gumbel_softmax
from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer
from mage.stages import stage_two
from mage.token_dataset import Batch
from mage.windows import Windows
from tests.mage.loss_formulas import (
    TOKENS,
    batch_of_three,
    losses_of,
    plain_cross_entropy,
    plain_first_pair,
    plain_inverse,
    planner_of,
)


def test_without_samples_all_is_learned_from_the_recorded_plan(config: MAGEConfig) -> None:
    planner = planner_of(config, gumbel=False, inverse_weight=3.0, condition_weight=0.5)
    batch = batch_of_three()
    losses = {name: value.item() for name, value in losses_of(planner, batch).items()}
    expected = {
        "cross_entropy": plain_cross_entropy(planner, batch),
        "inverse": plain_inverse(planner, batch, TOKENS),
        "condition": plain_first_pair(planner, batch, TOKENS),
    }
    expected["loss"] = (
        expected["cross_entropy"] + 3.0 * expected["inverse"] + 0.5 * expected["condition"]
    )
    assert losses == pytest.approx(expected, rel=1e-4)


def test_with_samples_l_inv_is_the_mean_of_both_plans_and_l_cond_that_of_the_sampled(
    config: MAGEConfig,
) -> None:
    planner, batch = planner_of(config, inverse_weight=3.0, condition_weight=0.5), batch_of_three()
    with torch.no_grad():
        planner.transformer.head[1].bias[9] = 40  # So that code 9 is sampled everywhere.
    sampled = [[9] * 7] * 3
    losses = {name: value.item() for name, value in losses_of(planner, batch).items()}
    recorded = plain_inverse(planner, batch, TOKENS)
    expected = {
        "cross_entropy": plain_cross_entropy(planner, batch),
        "inverse": (recorded + plain_inverse(planner, batch, sampled)) / 2,
        "condition": plain_first_pair(planner, batch, sampled),
    }
    expected["loss"] = (
        expected["cross_entropy"] + 3.0 * expected["inverse"] + 0.5 * expected["condition"]
    )
    assert losses == pytest.approx(expected, rel=1e-4)
    assert losses["inverse"] != pytest.approx(recorded, rel=0.002)


def test_tokens_count_by_how_much_of_them_is_no_padding(config: MAGEConfig) -> None:
    planner, batch = planner_of(config, gumbel=False), batch_of_three()
    # Of the first window only two positions and half of a third, of the second one alone.
    real = torch.tensor([[1, 1, 0.5, 0], [1, 0, 0, 0], [1, 1, 1, 1]])
    batch = batch._replace(real_BL=real)
    found = losses_of(planner, batch)["cross_entropy"].item()
    assert found == pytest.approx(plain_cross_entropy(planner, batch), rel=1e-4)
    # Where a token is padding altogether, which one it is does not matter at the finest scale.
    other = batch.tokens_BT.clone()
    other[0, 6] = other[1, 4:] = 15
    logits = torch.randn(3, 7, 16)
    shares = [torch.tensor([[0.625], [0.25], [1.0]]), torch.tensor([[1, 0.25], [0.5, 0], [1, 1]])]
    shares.append(real)
    both = [cross_entropy(logits, tokens, shares).item() for tokens in (batch.tokens_BT, other)]
    assert both[0] == both[1]
    surprise = -logits.log_softmax(-1).gather(2, batch.tokens_BT[..., None])[..., 0]
    parts = zip(surprise.split((1, 2, 4), 1), shares, strict=True)
    scales = [np.average(part.numpy(), weights=share.numpy()) for part, share in parts]
    assert both[0] == pytest.approx(np.mean(scales), rel=1e-5)


def test_l_inv_can_leave_out_the_recorded_plan(config: MAGEConfig) -> None:
    for gumbel in (True, False):
        planner, batch = (
            planner_of(config, inverse_on_recorded=False, gumbel=gumbel),
            batch_of_three(),
        )
        with torch.no_grad():
            planner.transformer.head[1].bias[9] = 40
        plan = [[9] * 7] * 3 if gumbel else TOKENS  # Without samples there is no other.
        found = losses_of(planner, batch)["inverse"].item()
        assert found == pytest.approx(plain_inverse(planner, batch, plan), rel=1e-4)


def test_in_stage_two_nothing_is_left_out_of_the_plan(config: MAGEConfig) -> None:
    planner = planner_of(config, gumbel=False, inverse_dropout=0.9)
    batch = batch_of_three()
    assert losses_of(planner, batch)["inverse"].item() == pytest.approx(
        plain_inverse(planner, batch, TOKENS), rel=1e-4
    )


def test_samples_are_one_hot_and_as_frequent_as_they_are_likely() -> None:
    torch.manual_seed(0)
    logits = torch.tensor([0.7, 0.2, 0.1]).log().expand(20_000, 3)
    for temperature in (0.3, 3.0):  # Which only says how soft the gradient is.
        samples = gumbel_softmax(logits, temperature)
        torch.testing.assert_close(samples, samples.round(), atol=1e-6, rtol=0)
        assert samples.mean(0).tolist() == pytest.approx([0.7, 0.2, 0.1], abs=0.012)


@pytest.mark.parametrize("drawn", [0.0, 1.0])
def test_samples_are_finite_whatever_number_is_drawn(
    drawn: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "rand_like", lambda like: torch.full_like(like, drawn))
    assert gumbel_softmax(torch.tensor([1.0, 0.0]), 0.5).tolist() == pytest.approx([1, 0])


def test_gradients_are_those_of_the_relaxed_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    # With 1 / e drawn there is no noise: log(-log(1 / e)) = 0.
    monkeypatch.setattr(torch, "rand_like", lambda like: torch.full_like(like, np.exp(-1)))
    logits = torch.tensor([3.0, 1.0]).log().requires_grad_()
    gumbel_softmax(logits, 0.5)[0].backward()
    # At temperature 0.5 they are 9 : 1; the slope is 0.9 * 0.1 / 0.5, and the other way.
    assert logits.grad.tolist() == pytest.approx([0.18, -0.18], rel=1e-4)


@pytest.mark.parametrize("weight", ["inverse_weight", "condition_weight"])
def test_both_losses_reach_the_transformer_through_the_samples_only(
    config: MAGEConfig, weight: str
) -> None:
    gradients = {}
    for gumbel, value in ((True, 0.0), (True, 1.0), (False, 0.0), (False, 1.0)):
        none = {"inverse_weight": 0.0, "condition_weight": 0.0}
        planner = planner_of(config, gumbel=gumbel, **{**none, weight: value})
        torch.manual_seed(1)
        losses_of(planner, batch_of_three())["loss"].backward()
        gradients[gumbel, value] = planner.transformer.embed_codes.weight.grad
    assert not torch.allclose(gradients[True, 0.0], gradients[True, 1.0])
    assert torch.equal(gradients[False, 0.0], gradients[False, 1.0])


def test_stage_two_goes_on_with_new_batches(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[Batch] = []

    def losses(planner: Planner, quantizer: FrozenQuantizer, batch: Batch) -> dict[str, Any]:
        batches.append(batch)
        return {"loss": torch.tensor(2.0), "inverse": torch.tensor(0.5)}

    monkeypatch.setattr("mage.stages.stage_two_losses", losses)
    windows.actions_NA *= 10
    steps = stage_two(planner, windows, 3)
    for _ in range(2):
        loss, metrics = next(steps)
        assert loss.item() == metrics["loss"]() == 2.0 and metrics["inverse"]() == 0.5
        assert "codebook_perplexity_3" in metrics
    for batch in batches:
        assert batch.tokens_BT.shape == (16, 7)
        row = (windows.observations_NS == batch.condition.observation_BS[0]).all(1).nonzero()[0]
        assert torch.equal(batch.actions_BA[:1], windows.actions_NA[row])
    assert not torch.equal(batches[0].actions_BA, batches[1].actions_BA)


def test_the_condition_is_what_stage_two_is_given(config: MAGEConfig) -> None:
    """All of it: observation, return, advantage and the flag change the cross-entropy."""
    planner, batch = planner_of(config, gumbel=False), batch_of_three()
    base = losses_of(planner, batch)["cross_entropy"].item()
    for name in Condition._fields:
        moved = batch.condition._replace(**{name: getattr(batch.condition, name) - 1})
        changed = losses_of(planner, batch._replace(condition=moved))["cross_entropy"].item()
        assert changed != base
