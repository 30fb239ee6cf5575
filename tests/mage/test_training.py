"""The stages: which loss reaches what, and that both learn."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch

from benchmark.interface import Progress
from mage.acting import PlanMaker
from mage.frozen import FrozenQuantizer
from mage.planner import Planner
from mage.plans import Batch
from mage.training import Training, stage_two_losses
from mage.windows import Windows


def train(planner: Planner, windows: Windows, steps: int, progress: Progress) -> None:
    Training(planner).run(windows, windows.actions_NA, steps, progress)


def _losses(planner: Planner, windows: Windows) -> dict[str, torch.Tensor]:
    rows = torch.arange(32)
    tokens = planner.autoencoder.tokenise(windows.cut(rows))
    batch = Batch(tokens, windows.condition(rows), windows.actions_NA[rows])
    frozen = FrozenQuantizer(planner.autoencoder.quantizer)
    return stage_two_losses(planner, frozen, batch)


@pytest.mark.parametrize("weight", ["inverse_weight", "condition_weight"])
def test_both_losses_reach_the_transformer_through_the_samples(
    planner: Planner, windows: Windows, weight: str
) -> None:
    gradients = {}
    for value in (0.0, 1.0):
        planner.config = replace(
            planner.config, **{"inverse_weight": 0.0, "condition_weight": 0.0, weight: value}
        )
        torch.manual_seed(1)
        planner.zero_grad()
        _losses(planner, windows)["loss"].backward()
        gradients[value] = planner.transformer.embed_codes.weight.grad.clone()
    assert not torch.allclose(gradients[0.0], gradients[1.0])


def test_without_gumbel_they_do_not(planner: Planner, windows: Windows) -> None:
    gradients = []
    for weight in (0.0, 1.0):
        planner.config = replace(planner.config, gumbel=False, inverse_weight=weight)
        planner.zero_grad()
        _losses(planner, windows)["loss"].backward()
        gradients.append(planner.transformer.embed_codes.weight.grad.clone())
    assert torch.equal(*gradients)


def test_training_takes_exactly_the_steps_and_learns(planner: Planner, windows: Windows) -> None:
    seen: list[Mapping[str, Any]] = []
    train(planner, windows, 200, lambda step, losses: seen.append(losses))
    assert len(seen) == 200
    # Before them come 60 steps of the return model.
    first, second, inverse = seen[60:100], seen[100:180], seen[180:]
    assert all("reconstruction" in losses for losses in first)
    assert all(losses.keys() >= {"loss", "inverse"} for losses in inverse)
    assert all("cross_entropy" in losses for losses in second)
    assert inverse[-1]["inverse"]() < inverse[0]["inverse"]()
    assert all("codebook_use_3" in losses for losses in seen[60:])
    assert second[-1]["cross_entropy"]() < second[0]["cross_entropy"]()
    assert second[-1]["condition"]() < second[0]["condition"]()


def test_the_inverse_dynamics_learns_last_at_a_rate_of_its_own(
    planner: Planner, windows: Windows
) -> None:
    planner.config = replace(planner.config, inverse_learning_rate=0.5, shares=(0.1, 0.1, 0.4))
    training, rates, kept = Training(planner), [], {}

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        rates.append(training._optimiser.param_groups[0]["lr"])
        if step == 12:  # The end of stage 2.
            kept.update(deepcopy(planner.state_dict()))

    training.run(windows, windows.actions_NA, 20, keep)
    # The rate of the step that comes next: held for six of eight, then down.
    assert rates[12:] == pytest.approx([0.5] * 6 + [0.25, 0.0])
    changed = {
        name.split(".")[0]
        for name, value in planner.state_dict().items()
        if not torch.equal(value, kept[name])
    }
    assert changed == {"inverse"}


@pytest.mark.parametrize("dropped", ["inverse_dropout", "inverse_unit_dropout"])
def test_plan_and_hidden_units_are_left_out_only_when_asked(
    planner: Planner, windows: Windows, dropped: str
) -> None:
    none = {"inverse_dropout": 0.0, "inverse_unit_dropout": 0.0}
    planner.config = replace(planner.config, **{**none, dropped: 0.5})
    condition, latent = windows.condition(torch.arange(8)), torch.randn(8, 4, 6)
    whole = planner.inverse_dynamics(latent, condition)
    assert torch.equal(planner.inverse_dynamics(latent, condition), whole)
    assert not torch.equal(planner.inverse_dynamics(latent, condition, dropout=True), whole)


def test_parts_of_a_plan_are_left_out_but_not_the_observation(
    planner: Planner, windows: Windows
) -> None:
    condition, empty = windows.condition(torch.arange(8)), torch.zeros(8, 4, 6)
    without = planner.inverse_dynamics(empty, condition, dropout=True)
    assert torch.equal(without, planner.inverse_dynamics(empty, condition))


def test_stage_two_leaves_the_autoencoder_alone(planner: Planner, windows: Windows) -> None:
    kept: dict[str, torch.Tensor] = {}

    def remember(step: int, losses: Mapping[str, Any]) -> None:
        if step == 10:  # Six steps of the return model, four of the autoencoder.
            kept.update({k: v.clone() for k, v in planner.autoencoder.state_dict().items()})

    train(planner, windows, 20, remember)
    for name, value in planner.autoencoder.state_dict().items():
        assert torch.equal(value, kept[name]), name


@pytest.mark.parametrize("stop", [3, 6, 8, 10, 11, 12, 19])
def test_it_goes_on_within_a_stage_and_between_them(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    monkeypatch.setattr("mage.training._PATIENCE", 3)  # So that codes are moved all the time.
    fresh = deepcopy(planner)
    kept: dict[str, Any] = {}
    training = Training(planner)

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        if step == stop:
            kept.update(deepcopy(training.state()), random=torch.get_rng_state())

    training.run(windows, windows.actions_NA, 20, keep)
    random = torch.get_rng_state()
    steps: list[int] = []
    again = Training(fresh)
    again.resume(kept)
    torch.set_rng_state(kept["random"])
    again.run(windows, windows.actions_NA, 20, lambda step, losses: steps.append(step))
    assert steps == list(range(stop + 1, 21))
    assert torch.equal(torch.get_rng_state(), random)
    for name, value in planner.state_dict().items():
        assert torch.equal(value, fresh.state_dict()[name]), name


def test_the_adapter_pulls_the_first_pair_onto_the_condition(
    planner: Planner, windows: Windows
) -> None:
    train(planner, windows, 200, lambda step, losses: None)
    rows = torch.arange(64)
    condition = windows.condition(rows)
    target = windows.cut(rows)[:, 0]
    latent = PlanMaker(planner).generate(condition, None)
    adapted = planner.decode(latent, condition.return_B1)[:, 0]
    plain = planner.autoencoder.decode(latent)[:, 0]
    assert (adapted - target).square().mean() < (plain - target).square().mean()
