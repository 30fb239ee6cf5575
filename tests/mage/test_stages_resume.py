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


def test_it_goes_on_within_a_stage_and_between_them(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mage.stages._PATIENCE", 3)  # So that codes are moved all the time.
    fresh, training = deepcopy(planner), StagedTraining(planner, windows, windows.actions_NA, 20)
    kept: dict[int, Any] = {}

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        kept[step] = deepcopy(training.state()) | {"random": torch.get_rng_state()}

    take_steps(training, 20, keep)
    random = torch.get_rng_state()
    for stop in (3, 6, 8, 10, 12, 18, 19, 20):
        steps: list[int] = []
        again = StagedTraining(deepcopy(fresh), windows, windows.actions_NA, 20)
        again.load_state(deepcopy(kept[stop]))
        torch.set_rng_state(kept[stop]["random"])
        take_steps(again, 20, lambda step, _, steps=steps: steps.append(step))
        assert steps == list(range(stop + 1, 21))
        assert torch.equal(torch.get_rng_state(), random)
        for name, value in planner.state_dict().items():
            assert torch.equal(value, again.planner.state_dict()[name]), (stop, name)
