"""Training in stages that was interrupted ends as if it had not been."""

from __future__ import annotations

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
    fresh, training = deepcopy(planner), StagedTraining(planner, windows, windows.actions_NA, 20)
    kept: dict[int, Any] = {}
    told: dict[int, dict[str, float]] = {}

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        kept[step] = deepcopy(training.state()) | {"random": torch.get_rng_state()}
        told[step] = {name: loss() for name, loss in losses.items()}

    take_steps(training, 20, keep)
    random = torch.get_rng_state()
    for stop in (3, 6, 8, 10, 12, 18, 19, 20):
        again = StagedTraining(deepcopy(fresh), windows, windows.actions_NA, 20)
        again.load_state(deepcopy(kept[stop]))
        torch.set_rng_state(kept[stop]["random"])
        assert _told(again) == {step: told[step] for step in range(stop + 1, 21)}
        assert torch.equal(torch.get_rng_state(), random)
        for name, value in planner.state_dict().items():
            assert torch.equal(value, again.planner.state_dict()[name]), (stop, name)


def test_a_checkpoint_of_before_which_counted_no_codes_goes_on_too(
    planner: Planner, windows: Windows
) -> None:
    training = StagedTraining(planner, windows, windows.actions_NA, 20)
    states: list[dict[str, Any]] = []
    take_steps(training, 20, lambda *_: states.append(deepcopy(training.state())))
    del states[3]["used_codes"]
    again = StagedTraining(planner, windows, windows.actions_NA, 20)
    again.load_state(states[3])
    assert list(_told(again)) == list(range(5, 21))
