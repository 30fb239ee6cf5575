"""Which actions an environment gets, and which end a run."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

from benchmark.evaluation.playable_actions import playable_actions

SPACE = gym.spaces.Box(-1, 1, (2,), np.float32)
BOTH = np.ones(2, np.bool_)


@pytest.mark.parametrize("kind", [np.float32, np.float64, list, torch.tensor])
def test_actions_of_any_kind_of_number_are_clipped(kind: Any) -> None:
    wanted = [[0.5, -1.25], [-1.0, 1.0]]
    given = kind(wanted) if kind in (list, torch.tensor) else np.array(wanted, kind)
    actions, clipped = playable_actions(given, SPACE, BOTH)
    assert actions.tolist() == [[0.5, -1], [-1, 1]]
    assert clipped.tolist() == [True, False]


@pytest.mark.parametrize("done", [99.0, np.nan, np.inf])
def test_what_is_done_after_the_end_of_an_episode_is_no_fault(done: float) -> None:
    running = np.array([True, False])
    actions, clipped = playable_actions(np.array([[0.5, 0.0], [done, 0.5]]), SPACE, running)
    assert actions.tolist() == [[0.5, 0], [0, 0]] and not clipped.any()


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (np.zeros((1, 2)), r"actions of shape \(1, 2\); expected \(2, 2\)"),
        (np.zeros((2, 1)), r"actions of shape \(2, 1\); expected \(2, 2\)"),
        (np.zeros((2, 2), complex), "actions of type complex128; expected float32"),
        (np.full((2, 2), "a"), "actions of type <U1; expected float32"),
        (None, r"actions of shape \(\); expected \(2, 2\)"),
        ([[0, 0], [0, np.nan]], "not finite; has training diverged"),
        ([[-np.inf, 0], [0, 0]], "not finite; has training diverged"),
        ([[0, 0], [0, 5]], "returned 5 for action 1, far outside its bounds of -1 to 1; an agent"),
    ],
)
def test_other_actions_end_the_run(wanted: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        playable_actions(wanted, SPACE, BOTH)
