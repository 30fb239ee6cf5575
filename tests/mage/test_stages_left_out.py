"""Stages that a training does without, and what is then learned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from mage.model.planner import Planner
from mage.returns.labels import best_rows
from mage.stages import StagedTraining
from mage.windows import Windows
from tests.mage.conftest import take_steps


def _reported(planner: Planner, windows: Windows, steps: int) -> list[list[str]]:
    """What each step of a training reports, but for the use of codes."""
    seen: list[list[str]] = []
    take_steps(
        StagedTraining(planner, windows, steps),
        steps,
        lambda _, metrics: seen.append([name for name in metrics if "codebook" not in name]),
    )
    return seen


def test_a_stage_of_no_share_is_left_out(planner: Planner, windows: Windows) -> None:
    """As in the paper: no return model, no stage for the inverse dynamics alone."""
    asked = {"return_asked": "target", "best_of": 1, "condition_on_advantage": False}
    planner = Planner(replace(planner.config, shares=(0.0, 0.3, 0.0), **asked), 4, 2)
    before = {name: value.clone() for name, value in planner.named_parameters()}
    parts = ["loss", "cross_entropy", "inverse", "condition"]
    expected = [["loss", "reconstruction"]] * 3 + [parts] * 7
    assert _reported(planner, windows, 10) == expected
    rest = {name for name, value in planner.named_parameters() if torch.equal(value, before[name])}
    assert rest == {name for name in before if name.startswith("returns.")}
    assert not windows.advantages_N1.any(), "nobody needs them"


def test_without_a_plan_all_steps_are_left_to_returns_and_inverse_dynamics(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"inverse_from": "condition", "shares": (0.3, 0.0, 0.7)}
    planner = Planner(replace(planner.config, **settings), 4, 2)
    monkeypatch.setattr("mage.stages.sampled_tokens", None)  # No plan is made that nobody reads.
    seen = _reported(planner, windows, 10)
    assert seen == [["loss"]] * 3 + [["loss", "inverse"]] * 7
    assert windows.advantages_N1.any()


@pytest.mark.parametrize(
    ("settings", "labelled"),
    [
        ({}, [True, False, True]),  # How recorded plans are followed needs no label.
        ({"inverse_from": "condition", "shares": (0.3, 0.0, 0.7)}, [True, True]),
    ],
)
def test_only_following_a_recorded_plan_is_learned_from_windows_without_labels(
    planner: Planner,
    windows: Windows,
    settings: dict[str, Any],
    labelled: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    planner = Planner(replace(planner.config, **settings), 4, 2)
    windows.recorded_returns.labelled_rows = rows = torch.arange(60)  # A cached property.
    seen: list[bool] = []
    draw = lambda *given: seen.append(given[3] is rows) or best_rows(*given)  # noqa: E731
    monkeypatch.setattr("mage.token_dataset.best_rows", draw)
    _reported(planner, windows, 10)
    assert seen == labelled


def test_without_a_plan_nothing_is_said_of_a_codebook(planner: Planner, windows: Windows) -> None:
    settings = {"inverse_from": "condition", "shares": (0.3, 0.0, 0.7)}
    planner = Planner(replace(planner.config, **settings), 4, 2)
    seen: list[str] = []
    training = StagedTraining(planner, windows, 10)
    take_steps(training, 10, lambda _, metrics: seen.extend(metrics))
    assert set(seen) == {"loss", "inverse"}


def test_actions_of_the_decoded_plan_are_learned_in_stage_two(
    planner: Planner, windows: Windows
) -> None:
    parts = ("return", "observation", "action")
    settings = {"inverse_from": "action", "sequence": parts, "shares": (0.3, 0.3, 0.0)}
    planner = Planner(replace(planner.config, **settings), 4, 2)
    windows._steps_ND = torch.cat([windows._steps_ND, windows.actions_NA], 1)
    seen = _reported(planner, windows, 10)
    assert [len(names) for names in seen] == [1] * 3 + [2] * 3 + [4] * 4
