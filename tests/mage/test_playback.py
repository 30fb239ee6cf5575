"""However the calls of a plan are made, they give the same plan."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mage.config import PLAYBACKS, MAGEConfig
from mage.model.planner import Condition, Planner
from mage.playback import playable
from mage.sampling import PlanSampler
from tests.mage.conftest import random_condition


def _twice_and_one(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return 2 * x + y


@pytest.mark.parametrize("playback", ["plain", "traced", "graph"])
def test_new_numbers_give_what_the_call_gives(playback: str) -> None:
    played = playable(_twice_and_one, (torch.zeros(3), torch.zeros(3)), playback)
    x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.5, 0.0, -1.0])
    assert played(x, y).tolist() == [2.5, 4.0, 5.0]
    assert played(y, x).tolist() == [2.0, 2.0, 1.0]


@pytest.mark.parametrize("playback", ["graph", pytest.param("compiled", marks=pytest.mark.slow)])
@pytest.mark.gpu
def test_on_a_gpu_too(playback: str) -> None:
    zeros = torch.zeros(3, device="cuda")
    with torch.no_grad():
        played = playable(_twice_and_one, (zeros, zeros), playback)
        first = played(zeros + 1, zeros)
        second = played(zeros, zeros + 5)
    assert first.tolist() == [2.0] * 3 and second.tolist() == [5.0] * 3


@pytest.mark.parametrize(
    ("device", "playback"),
    [
        ("cpu", "plain"),
        pytest.param("cpu", "compiled", marks=pytest.mark.slow),
        *(pytest.param("cuda", one, marks=pytest.mark.gpu) for one in PLAYBACKS),
    ],
)
def test_plans_are_the_same_but_for_rounding(
    config: MAGEConfig, device: str, playback: str
) -> None:
    torch.manual_seed(0)
    planner = Planner(config, 4, 2).to(device)
    conditions = [Condition(*(part.to(device) for part in random_condition(3))) for _ in range(2)]
    traced = PlanSampler(planner)
    planner.config = replace(config, playback=playback)
    other = PlanSampler(planner)
    for condition in conditions:
        latent = other.generate(condition, None)
        torch.testing.assert_close(latent, traced.generate(condition, None))
