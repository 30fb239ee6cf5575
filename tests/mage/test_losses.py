"""The losses of stage 2 against the paper's formulas in plain loops, on tiny arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from mage.config import MAGEConfig
from mage.losses import gumbel_softmax, stage_two_losses
from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer
from mage.stages import stage_two
from mage.token_dataset import Batch
from mage.windows import Windows
from tests.mage import plain
from tests.mage.conftest import random_condition

TOKENS = [[1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14], [0, 0, 15, 15, 1, 2, 3]]


def _planner(config: MAGEConfig, **settings: object) -> Planner:
    torch.manual_seed(0)
    planner = Planner(replace(config, **settings), 4, 2)  # type: ignore[arg-type]
    with torch.no_grad():
        planner._adapter.weight.copy_(torch.randn(6, 7))
        planner.difference_normaliser.mean.copy_(torch.tensor([1.0, 2.0, 3.0, 4.0]))
        planner.difference_normaliser.deviation.fill_(2.0)
    return planner


def _batch() -> Batch:
    torch.manual_seed(5)
    return Batch(torch.tensor(TOKENS), random_condition(3), torch.randn(3, 2))


def _losses(planner: Planner, batch: Batch) -> dict[str, torch.Tensor]:
    return stage_two_losses(planner, FrozenQuantizer(planner.autoencoder.quantizer), batch)


def _cross_entropy(planner: Planner, batch: Batch) -> float:
    """L_CE: minus the log-probability of every token; the mean of tokens and windows, by scale."""
    found = []
    for start, end in ((0, 1), (1, 3), (3, 7)):
        terms = []
        for row, tokens in enumerate(batch.tokens_BT.tolist()):
            given = plain.array(torch.cat([each[row] for each in batch.condition]))
            logits = plain.logits(planner, given, tokens)
            for place in range(start, end):
                chances = np.exp(logits[place]) / np.exp(logits[place]).sum()
                terms.append(-np.log(chances[tokens[place]]))
        found.append(np.mean(terms))
    return float(np.mean(found))


def _latents(planner: Planner, tokens: list[list[int]]) -> torch.Tensor:
    quantizer = planner.autoencoder.quantizer
    latents = [plain.latent_of(quantizer, each) for each in tokens]
    return torch.tensor(np.array(latents), dtype=torch.float32)


def _inverse(planner: Planner, batch: Batch, tokens: list[list[int]]) -> float:
    """L_inv: the square of I(Z) - a_0, the mean over windows and numbers of an action."""
    terms = []
    for row, latent in enumerate(_latents(planner, tokens)):
        seen = torch.cat([latent.flatten(), batch.condition.observation_BS[row]])
        action = plain.perceptron(planner.inverse, plain.array(seen))
        terms.append((action - plain.array(batch.actions_BA[row])) ** 2)
    return float(np.mean(terms))


def _first_pair(
    planner: Planner, batch: Batch, tokens: list[list[int]], observed: list[list[float]]
) -> float:
    """L_cond: the square of D'(Z, R_0)_0 - (R_0, s_0), its mean; s_0 as windows hold it."""
    decoded = plain.array(planner.decode(_latents(planner, tokens), batch.condition.return_B1))
    terms = []
    for row, first in enumerate(decoded[:, 0]):
        wanted = [batch.condition.return_B1[row].item(), *observed[row]]
        terms.append((first - np.array(wanted)) ** 2)
    return float(np.mean(terms))


# From s_0 to s_0 it is no way, normalised (0 - mean) / deviation.
AT_REST = [[-0.5, -1.0, -1.5, -2.0]] * 3


def test_without_samples_all_is_learned_from_the_recorded_plan(config: MAGEConfig) -> None:
    planner = _planner(config, gumbel=False, inverse_weight=3.0, condition_weight=0.5)
    batch = _batch()
    losses = {name: value.item() for name, value in _losses(planner, batch).items()}
    expected = {
        "cross_entropy": _cross_entropy(planner, batch),
        "inverse": _inverse(planner, batch, TOKENS),
        "condition": _first_pair(planner, batch, TOKENS, AT_REST),
    }
    expected["loss"] = (
        expected["cross_entropy"] + 3.0 * expected["inverse"] + 0.5 * expected["condition"]
    )
    assert losses == pytest.approx(expected, rel=1e-4)


def test_with_samples_l_inv_is_the_mean_of_both_plans_and_l_cond_that_of_the_sampled(
    config: MAGEConfig,
) -> None:
    planner, batch = _planner(config, inverse_weight=3.0, condition_weight=0.5), _batch()
    with torch.no_grad():
        planner.transformer.head[1].bias[9] = 40  # So that code 9 is sampled everywhere.
    sampled = [[9] * 7] * 3
    losses = {name: value.item() for name, value in _losses(planner, batch).items()}
    recorded = _inverse(planner, batch, TOKENS)
    expected = {
        "cross_entropy": _cross_entropy(planner, batch),
        "inverse": (recorded + _inverse(planner, batch, sampled)) / 2,
        "condition": _first_pair(planner, batch, sampled, AT_REST),
    }
    expected["loss"] = (
        expected["cross_entropy"] + 3.0 * expected["inverse"] + 0.5 * expected["condition"]
    )
    assert losses == pytest.approx(expected, rel=1e-4)
    assert losses["inverse"] != pytest.approx(recorded, rel=0.01)


def test_where_windows_are_not_relative_l_cond_asks_for_the_observation_itself(
    config: MAGEConfig,
) -> None:
    planner, batch = _planner(config, gumbel=False, relative=False), _batch()
    observed = batch.condition.observation_BS.tolist()
    expected = _first_pair(planner, batch, TOKENS, observed)
    assert _losses(planner, batch)["condition"].item() == pytest.approx(expected, rel=1e-4)


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
    planner, batch = _planner(config, gumbel=False, sequence=sequence), _batch()
    first = planner.decode(_latents(planner, TOKENS), batch.condition.return_B1)[:, 0]
    wanted = torch.cat([batch.condition.return_B1, torch.tensor(AT_REST)], 1)[:, columns]
    expected = (plain.array(first[:, : wanted.shape[1]]) - plain.array(wanted)) ** 2
    found = _losses(planner, batch)["condition"].item()
    assert found == pytest.approx(expected.mean(), rel=1e-4)


@pytest.mark.parametrize("settings", [{"sequence": ("action",)}, {"condition_weight": 0.0}])
def test_there_is_no_l_cond_where_nothing_is_to_be_met(
    config: MAGEConfig, settings: dict[str, object]
) -> None:
    assert _losses(_planner(config, **settings), _batch())["condition"] == 0


def test_in_stage_two_nothing_is_left_out_of_the_plan(config: MAGEConfig) -> None:
    planner = _planner(config, gumbel=False, inverse_dropout=0.9, inverse_unit_dropout=0.9)
    batch = _batch()
    assert _losses(planner, batch)["inverse"].item() == pytest.approx(
        _inverse(planner, batch, TOKENS), rel=1e-4
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
        planner = _planner(config, gumbel=gumbel, **{**none, weight: value})
        torch.manual_seed(1)
        _losses(planner, _batch())["loss"].backward()
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
    steps = stage_two(planner, windows, 10 * windows.actions_NA, 3)
    for _ in range(2):
        loss, metrics = next(steps)
        assert loss.item() == metrics["loss"]() == 2.0 and metrics["inverse"]() == 0.5
        assert "codebook_perplexity_3" in metrics
    for batch in batches:
        assert batch.tokens_BT.shape == (16, 7)
        row = (windows.observations_NS == batch.condition.observation_BS[0]).all(1).nonzero()[0]
        assert torch.equal(batch.actions_BA[:1], 10 * windows.actions_NA[row])
    assert not torch.equal(batches[0].actions_BA, batches[1].actions_BA)


def test_the_condition_is_what_stage_two_is_given(config: MAGEConfig) -> None:
    """All of it: observation, return and advantage change the cross-entropy."""
    planner, batch = _planner(config, gumbel=False), _batch()
    base = _losses(planner, batch)["cross_entropy"].item()
    for name in Condition._fields:
        moved = batch.condition._replace(**{name: getattr(batch.condition, name) + 1})
        changed = _losses(planner, batch._replace(condition=moved))["cross_entropy"].item()
        assert changed != base
