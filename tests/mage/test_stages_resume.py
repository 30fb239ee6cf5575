"""Training in stages that was interrupted ends as if it had not been."""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
import torch

from mage.model.planner import Planner
from mage.stages import StagedTraining
from mage.windows import Windows
from tests.mage.conftest import take_steps


def _told(training: StagedTraining) -> dict[int, dict[str, float]]:
    """Takes the steps that are left; what each of them tells, the use of the codebook too."""
    told: dict[int, dict[str, float]] = {}

    def tell(step: int, losses: Mapping[str, Any]) -> None:
        told[step] = {name: loss() for name, loss in losses.items()}

    take_steps(training, 20, tell)
    return told


def test_it_goes_on_within_a_stage_and_between_them(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mage.stages._PATIENCE", 3)  # So that codes are moved all the time.
    fresh, training = deepcopy(planner), StagedTraining(planner, windows, 20)
    kept: dict[int, Any] = {}
    told: dict[int, dict[str, float]] = {}

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        kept[step] = deepcopy(training.state()) | {"random": torch.get_rng_state()}
        told[step] = {name: loss() for name, loss in losses.items()}

    take_steps(training, 20, keep)
    random = torch.get_rng_state()
    for stop in (3, 6, 8, 10, 12, 18, 19, 20):
        again = StagedTraining(deepcopy(fresh), windows, 20)
        again.load_state(deepcopy(kept[stop]))
        torch.set_rng_state(kept[stop]["random"])
        assert _told(again) == {step: told[step] for step in range(stop + 1, 21)}
        assert torch.equal(torch.get_rng_state(), random)
        for name, value in planner.state_dict().items():
            assert torch.equal(value, again.planner.state_dict()[name]), (stop, name)


def test_a_checkpoint_of_before_which_counted_no_codes_goes_on_too(
    planner: Planner, windows: Windows
) -> None:
    training = StagedTraining(planner, windows, 20)
    states: list[dict[str, Any]] = []
    take_steps(training, 20, lambda *_: states.append(deepcopy(training.state())))
    del states[3]["used_codes"]
    again = StagedTraining(planner, windows, 20)
    again.load_state(states[3])
    assert list(_told(again)) == list(range(5, 21))


def test_with_more_steps_each_stage_goes_on_with_its_share_of_them(
    planner: Planner, windows: Windows
) -> None:
    fresh, training = deepcopy(planner), StagedTraining(planner, windows, 20)
    states: list[dict[str, Any]] = []
    take_steps(training, 20, lambda *_: states.append(deepcopy(training.state())))
    ended = states[-1]
    assert ended["taken"] == [6, 4, 8, 2]
    longer = StagedTraining(deepcopy(fresh), windows, 40)
    longer.load_state(deepcopy(ended))
    for name, value in planner.state_dict().items():
        assert torch.equal(value, longer.planner.state_dict()[name]), "from where it had ended"
    taken: list[list[int]] = []
    rates: list[float] = []

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        taken.append(list(longer.state()["taken"]))
        rates.append(longer._optimiser.param_groups[0]["lr"])

    take_steps(longer, 40, keep)
    assert taken[0] == [7, 4, 8, 2] and taken[5] == [12, 4, 8, 2]
    assert taken[9] == [12, 8, 8, 2] and taken[17] == [12, 8, 16, 2] and taken[-1] == [12, 8, 16, 4]
    # Along the cosine of a return model's training of 12 steps, from its middle on.
    peak = planner.config.learning_rate
    cosine = [peak * 0.5 * (1 + math.cos(math.pi * step / 12)) for step in range(6, 12)]
    assert rates[:6] == pytest.approx(cosine)
    for number, state in longer.state()["optimisers"].items():
        counts = {int(state["step"]) for state in state["optimiser"]["state"].values()}
        assert counts == {taken[-1][int(number)]}, "each optimiser is the one of before"


def test_with_more_steps_it_may_be_interrupted_again(planner: Planner, windows: Windows) -> None:
    training = StagedTraining(deepcopy(planner), windows, 20)
    ended: list[Any] = []
    take_steps(training, 20, lambda *_: ended.append(deepcopy(training.state())))
    whole = StagedTraining(deepcopy(planner), windows, 40)
    whole.load_state(deepcopy(ended[-1]))
    kept: dict[int, Any] = {}

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        kept[step] = deepcopy(whole.state()), torch.get_rng_state()

    take_steps(whole, 40, keep)
    for stop in (24, 36):
        again = StagedTraining(deepcopy(planner), windows, 40)
        again.load_state(deepcopy(kept[stop][0]))
        torch.set_rng_state(kept[stop][1])
        take_steps(again, 40, lambda *_: None)
        for name, value in whole.planner.state_dict().items():
            assert torch.equal(value, again.planner.state_dict()[name]), (stop, name)


def test_a_checkpoint_of_before_which_counted_no_steps_of_stages_goes_on_too(
    planner: Planner, windows: Windows
) -> None:
    fresh, training = deepcopy(planner), StagedTraining(planner, windows, 20)
    kept: dict[int, Any] = {}

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        state = deepcopy(training.state())
        number = max(number for number, taken in enumerate(state.pop("taken")) if taken)
        older = {"step": step, **state, **state.pop("optimisers")[str(number)]}
        kept[step] = older, torch.get_rng_state()

    take_steps(training, 20, keep)
    for stop in (10, 19):
        again = StagedTraining(deepcopy(fresh), windows, 20)
        again.load_state(kept[stop][0])
        torch.set_rng_state(kept[stop][1])
        assert list(_told(again)) == list(range(stop + 1, 21))
        for name, value in planner.state_dict().items():
            assert torch.equal(value, again.planner.state_dict()[name]), (stop, name)
