"""Places as sines and cosines: known answers, and which networks see them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from benchmark.interface import TaskInfo
from mage.agent import MAGEAgent
from mage.returns.config import LabelConfig
from mage.returns.labels import ReturnLabeller
from mage.returns.place_features import PlaceFeatures, place_columns


def test_sines_and_cosines_stand_behind_what_they_are_of() -> None:
    features = PlaceFeatures([2], 3)
    inputs = torch.tensor([[5.0, 6.0, 0.0], [5.0, 6.0, 1.0]])
    outputs = features(inputs)
    assert outputs.shape == (2, 3 + features.added) and features.added == 6
    assert torch.equal(outputs[:, :3], inputs)
    assert outputs[0, 3:].tolist() == [0, 0, 0, 1, 1, 1]
    angles = features.frequencies_PF[0]
    torch.testing.assert_close(outputs[1, 3:], torch.cat([angles.sin(), angles.cos()]))


def test_frequencies_are_the_same_for_all_and_disturb_nobody() -> None:
    before = torch.random.get_rng_state()
    one, other = (PlaceFeatures([0, 1], 64).frequencies_PF for _ in range(2))
    assert torch.equal(one, other) and one.std() == pytest.approx(2, rel=0.15)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not PlaceFeatures([0], 2).state_dict()  # Two networks may share one.


def test_only_mazes_have_places(tiny_task: TaskInfo) -> None:
    assert place_columns(replace(tiny_task, position_columns=(), goal_columns=())) == ()
    maze = replace(tiny_task, position_columns=(0, 1), goal_columns=(3,))
    assert place_columns(maze) == (0, 1, 3)


@pytest.mark.parametrize(("count", "places"), [(0, (0,)), (4, ())])
def test_nothing_is_added_where_nothing_is_asked_for_or_known(
    count: int, places: tuple[int, ...]
) -> None:
    labeller = ReturnLabeller(LabelConfig(place_features=count), 2, 8, places)
    assert labeller.places is None
    assert isinstance(labeller.returns.network[0], nn.Linear)


def test_all_networks_that_see_an_observation_see_its_places(tiny_task: TaskInfo) -> None:
    task = replace(tiny_task, position_columns=(1,), goal_columns=(2,))
    settings = {**MAGEAgent.presets["smoke"], "place_features": 4}
    settings.pop("steps")
    planner = MAGEAgent(task, settings)._planner
    networks: list[Any] = [
        planner.returns.network, planner.transformer.embed_condition, planner.inverse,
    ]  # fmt: skip
    for network in networks:
        assert isinstance(network[0], PlaceFeatures) and network[0].added == 8
    # Before the observation the inverse dynamics reads the plan.
    read = planner.config.scales[-1] * planner.config.code_size
    inputs = torch.randn(1, read + task.observation_size)
    seen = networks[2][0](inputs)[:, -8:]
    torch.testing.assert_close(seen, networks[0][0](inputs[:, read:])[:, -8:])
