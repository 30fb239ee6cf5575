"""The seven sub-tasks of Franka Kitchen, each as a script for the arm.

Places are in m in the simulation's frame: x to the right, y away from the robot, z up. Where a
number seems to come from nowhere, it was found by trying, in simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from gymnasium_robotics.envs.franka_kitchen.kitchen_env import (
    BONUS_THRESH,
    OBS_ELEMENT_GOALS,
    OBS_ELEMENT_INDICES,
)

from benchmark.data.recipes.kitchen_arm import (
    AHEAD,
    APPROACH,
    CLOSE_IN,
    CLOSED,
    OPEN,
    RETREAT,
    Arm,
    EpisodeOverError,
    Pace,
    Vector,
    facing,
)
from benchmark.data.recipes.kitchen_doors import HINGE_CABINET, MICROWAVE, open_door

RETRIES = 2

_ESCAPE = Pace(0.04, 0.05, 16)

_HOME = np.array([0.12, -1.66, 1.84, -2.48, 0.15, 0.73, 1.68])  # Joint angles.
# Joint angles in front of what is to be pushed.
_BEFORE = {
    "light switch": np.array([-1.01, -1.19, 1.33, -2.48, -0.03, 1.96, 1.15]),
    "slide cabinet": np.array([-0.57, -0.67, 0.68, -2.16, -0.27, 1.58, 0.65]),
    "bottom burner": np.array([-1.1, -1.23, 1.4, -2.39, -0.01, 1.95, 1.2]),
    "top burner": np.array([-1.03, -1.01, 1.22, -2.26, -0.12, 1.81, 1.03]),
    "hinge cabinet": np.array([-1.09, -0.88, 1.33, -1.42, -0.15, 1.02, 0.96]),
}
_MICROWAVE_POSTURE = np.array([-1.45, -1.56, 2.09, -1.31, -1.0, 1.32, 2.47])
_KETTLE_POSTURE = np.array([-0.21, -1.61, 2.58, -2.58, 0.66, 1.47, 1.9])


def is_done(arm: Arm, task: str) -> bool:
    """Whether a sub-task is done now, by the environment's own rule."""
    distance = np.linalg.norm(arm.data.qpos[OBS_ELEMENT_INDICES[task]] - OBS_ELEMENT_GOALS[task])
    return bool(distance < BONUS_THRESH)


def perform(arm: Arm, tasks: Sequence[str], linger: int = 0) -> None:
    """Does sub-tasks one after the other; tries one that fails up to `RETRIES` times more.

    Args:
        arm: at the start of an episode.
        tasks: in this order. The hinge cabinet can only be the last: its open door is in the way.
        linger: steps to stay when all is done.
    """
    last: str | None = None
    try:
        for task in tasks:
            for _ in range(1 + RETRIES):
                SKILLS[task](arm, last)
                arm.rest()
                last = "again"
                if is_done(arm, task):
                    break
            last = task
        arm.hold(linger)
    except EpisodeOverError:
        return


def _go_before(arm: Arm, angles: Vector, last: str | None) -> None:
    """Leaves what was done last, and gets in front of what is next."""
    if last is None:
        return
    if last == "microwave":
        arm.move(np.array([-0.5, 0.08, 1.95]), AHEAD, pace=_ESCAPE)
        arm.move_joints(_HOME)
    arm.move_joints(angles)


def _microwave(arm: Arm, last: str | None) -> None:
    _go_before(arm, _HOME, last)
    arm.rest(_MICROWAVE_POSTURE, 0.2)
    open_door(arm, MICROWAVE)


def _hinge_cabinet(arm: Arm, last: str | None) -> None:
    _go_before(arm, _BEFORE["hinge cabinet"], last)
    open_door(arm, HINGE_CABINET)


def _kettle(arm: Arm, last: str | None) -> None:
    """Pushes the kettle to the back from behind its body, low down, and keeps it from turning."""
    if last != "microwave":
        _go_before(arm, _HOME, last)
    arm.rest(_KETTLE_POSTURE, 0.1)
    where = OBS_ELEMENT_INDICES["kettle"]  # x, y, z, and a quaternion.
    x, y = arm.data.qpos[where[:2]]
    orientation, height = facing(0.0, -0.4), 1.70
    arm.grip = OPEN
    arm.move(np.array([x, y - 0.25, 1.92]), orientation, pace=APPROACH)
    arm.move(np.array([x, y - 0.20, height]), orientation, pace=CLOSE_IN)
    for _ in range(50):
        x, y = arm.data.qpos[where[:2]]
        if y >= 0.55:
            break
        turned = 2 * np.arctan2(arm.data.qpos[where[6]], arm.data.qpos[where[3]])
        here = arm.position
        place = np.array([x + (x - here[0]) - 0.15 * turned, here[1] + 0.10, height])
        arm.lead(place, orientation, 0.2)
    arm.move(arm.position + np.array([0.0, -0.03, 0.12]), pace=RETREAT, weight=0.05)


def _light_switch(arm: Arm, last: str | None) -> None:
    """Pushes the switch to the left."""
    _go_before(arm, _BEFORE["light switch"], last)
    switch = arm.site("light_site")
    arm.grip = CLOSED
    arm.move(switch + np.array([0.07, -0.10, 0.0]), AHEAD, pace=APPROACH)
    arm.move(switch + np.array([0.06, -0.02, 0.0]), AHEAD, pace=CLOSE_IN)
    for _ in range(30):
        if arm.joint("light_switch") <= -0.62:
            break
        _, y, z = arm.site("light_site")
        arm.lead(np.array([arm.position[0] - 0.09, y - 0.02, z]), AHEAD, 0.2)
    arm.move(arm.position + np.array([0.0, -0.10, 0.0]), pace=RETREAT)


def _slide_cabinet(arm: Arm, last: str | None) -> None:
    """Pushes the handle of the sliding door to the right."""
    _go_before(arm, _BEFORE["slide cabinet"], last)
    up = -0.03 + arm.jitter(-0.06, 0.03)
    handle = arm.site("slide_site")
    arm.grip = CLOSED
    arm.move(handle + np.array([-0.09, -0.10, up]), AHEAD, pace=APPROACH)
    arm.move(handle + np.array([-0.07, 0.0, up]), AHEAD, pace=CLOSE_IN)
    for _ in range(40):
        if arm.joint("slide_cabinet") >= 0.33:
            break
        _, y, z = arm.site("slide_site")
        arm.lead(np.array([arm.position[0] + 0.11, y, z + up]), AHEAD, 0.1)
    arm.move(arm.position + np.array([-0.03, -0.10, 0.0]), pace=RETREAT)


@dataclass(frozen=True)
class _Knob:
    """A knob that is turned by pushing its wing to the right.

    Attributes:
        task: its sub-task.
        number: of the knob in the simulation.
        lead: m by which the gripper is led ahead of where it is.
        depth: m from the knob's middle, away from the robot.
        approach: m above the knob's middle at which it is approached.
        radius: m from the middle to where the wing is pushed.
        height: m above that.
        weight: of the gripper's orientation.
    """

    task: str
    number: int
    lead: float
    depth: float
    approach: float
    radius: float
    height: float
    weight: float


_BOTTOM_BURNER = _Knob("bottom burner", 2, 0.183, -0.032, 0.030, 0.037, 0.013, 0.059)
_TOP_BURNER = _Knob("top burner", 4, 0.106, -0.029, 0.041, 0.023, 0.010, 0.376)


def _turn_knob(arm: Arm, knob: _Knob, last: str | None) -> None:
    _go_before(arm, _BEFORE[knob.task], last)
    middle, joint = arm.site(f"knob{knob.number}_site"), f"knob_Joint_{knob.number}"
    arm.grip = CLOSED
    arm.move(middle + np.array([-0.06, -0.10, knob.approach]), AHEAD, pace=APPROACH)
    arm.move(middle + np.array([-0.06, knob.depth, knob.approach]), AHEAD, pace=CLOSE_IN)
    for _ in range(30):
        angle = arm.joint(joint)
        if angle <= -0.85:
            break
        height = middle[2] + knob.radius * np.cos(angle) + knob.height
        place = np.array([arm.position[0] + knob.lead, middle[1] + knob.depth, height])
        arm.lead(place, AHEAD, knob.weight)
    arm.move(arm.position + np.array([-0.02, -0.10, 0.0]), pace=RETREAT)


def _bottom_burner(arm: Arm, last: str | None) -> None:
    _turn_knob(arm, _BOTTOM_BURNER, last)


def _top_burner(arm: Arm, last: str | None) -> None:
    _turn_knob(arm, _TOP_BURNER, last)


SKILLS: dict[str, Callable[[Arm, str | None], None]] = {
    "microwave": _microwave,
    "kettle": _kettle,
    "bottom burner": _bottom_burner,
    "top burner": _top_burner,
    "light switch": _light_switch,
    "slide cabinet": _slide_cabinet,
    "hinge cabinet": _hinge_cabinet,
}
"""Sub-task -> its script, which is told the last sub-task: None at the start, `again` if failed.

In the order in which they can be done without one being in the way of the next."""
