"""Doors are opened as far as they should, and let go of when the gripper slips."""

from __future__ import annotations

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

from benchmark.data.recipes.kitchen_arm import OPEN, Arm, Style
from benchmark.data.recipes.kitchen_doors import MICROWAVE, Door, open_door
from benchmark.tasks import TASKS
from benchmark.tasks.environments import make_environment


@pytest.fixture(scope="module")
def kitchen() -> gym.Env:
    return make_environment(TASKS["kitchen-complete"]).unwrapped


def _opened(kitchen: gym.Env, door: Door) -> tuple[float, int, Arm]:
    kitchen.reset(seed=0)
    actions: list[np.ndarray] = []

    def step(action: np.ndarray) -> bool:
        kitchen.step(action)
        actions.append(action)
        return len(actions) >= 150

    arm = Arm(kitchen, step, Style(), np.random.default_rng(0))
    open_door(arm, door)
    return arm.joint(door.joint), len(actions), arm


def test_a_door_is_opened_and_let_go(kitchen: gym.Env) -> None:
    angle, _, arm = _opened(kitchen, MICROWAVE)
    assert angle <= MICROWAVE.open
    assert arm.grip == OPEN
    assert np.linalg.norm(arm.site(MICROWAVE.handle) - arm.position) > 0.05


def test_a_handle_that_slips_is_given_up(kitchen: gym.Env) -> None:
    angle, steps, _ = _opened(kitchen, replace(MICROWAVE, slipped=0.0))
    assert angle > -0.2
    assert steps < 80
