"""The arm goes where it is led."""

from __future__ import annotations

from collections.abc import Callable

import gymnasium as gym
import numpy as np
import pytest

from benchmark.data.recipes.kitchen_arm import (
    AHEAD,
    APPROACH,
    CLOSED,
    RETREAT,
    Arm,
    EpisodeOverError,
    Style,
    facing,
)
from benchmark.tasks import TASKS
from benchmark.tasks.environments import make_environment

Actions = list[np.ndarray]
MakeArm = Callable[..., tuple[Arm, Actions]]
EXACT = Style()


@pytest.fixture(scope="module")
def kitchen() -> gym.Env:
    return make_environment(TASKS["kitchen-complete"]).unwrapped


@pytest.fixture
def make_arm(kitchen: gym.Env) -> MakeArm:
    def make(style: Style = EXACT, steps: int = 100) -> tuple[Arm, Actions]:
        kitchen.reset(seed=0)
        actions: Actions = []

        def step(action: np.ndarray) -> bool:
            kitchen.step(action)
            actions.append(action)
            return len(actions) >= steps

        return Arm(kitchen, step, style, np.random.default_rng(0)), actions

    return make


def test_it_moves_along_a_line_to_a_pose(make_arm: MakeArm) -> None:
    arm, actions = make_arm()
    start = arm.position
    end = start + np.array([-0.15, 0.1, 0.1])
    arm.move(end, AHEAD, pace=APPROACH)
    assert np.linalg.norm(arm.position - end) < APPROACH.tolerance
    assert np.abs(arm.orientation - AHEAD).max() < 0.3
    assert len(actions) < APPROACH.steps
    assert {action.dtype for action in actions} == {np.dtype(np.float32)}
    assert np.abs(actions).max() <= 1


def test_it_holds_against_gravity(make_arm: MakeArm) -> None:
    arm, actions = make_arm()
    start = arm.position
    arm.hold(20, grip=CLOSED)
    assert np.linalg.norm(arm.position - start) < 0.02
    assert len(actions) == 20
    assert all((action[7:] == CLOSED).all() for action in actions)


def test_it_turns_its_joints(make_arm: MakeArm) -> None:
    arm, _ = make_arm()
    wanted = arm.joints + np.array([0.5, 0.3, -0.4, 0.2, 0.3, 0.4, -0.5])
    arm.move_joints(wanted)
    assert np.abs(arm.joints - wanted).max() < 0.3


def test_noise_is_on_every_action_and_jitter_on_some_places(make_arm: MakeArm) -> None:
    ends, noisy = [], []
    for style in (EXACT, Style(noise=0.1), Style(jitter=0.05)):
        arm, actions = make_arm(style)
        arm.move(arm.position + np.array([0.0, 0.0, 0.1]), pace=APPROACH)
        ends.append(arm.position)
        noisy.append(len({action[7] for action in actions}) > 1)  # The gripper's action is noise.
    assert noisy == [False, True, False]
    assert 0.01 < np.linalg.norm(ends[2] - ends[0]) < 0.15
    arm, _ = make_arm(Style(jitter=0.05))
    arm.move(arm.position + np.array([0.0, 0.0, 0.1]), pace=RETREAT)
    assert np.linalg.norm(arm.position - ends[0]) < 0.05
    assert make_arm()[0].jitter(1, 2) == 0


def test_the_last_step_ends_it(make_arm: MakeArm) -> None:
    arm, actions = make_arm(steps=4)
    with pytest.raises(EpisodeOverError):
        arm.hold(10)
    assert len(actions) == 4


def test_facing() -> None:
    assert np.allclose(AHEAD[:, 2], [0, 1, 0])
    assert np.allclose(facing(np.pi / 2)[:, 2], [-1, 0, 0])
    assert np.allclose(facing(0, np.pi / 2)[:, 2], [0, 0, 1])
    for orientation in (facing(0.4, -0.6), facing(-1.0, 0.2)):
        assert np.allclose(orientation.T @ orientation, np.eye(3))
        assert np.linalg.det(orientation) == pytest.approx(1)
