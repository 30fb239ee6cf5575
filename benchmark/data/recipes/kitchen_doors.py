"""The two doors of Franka Kitchen that are pulled open by a handle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.data.recipes.kitchen_arm import (
    APPROACH,
    CLOSE_IN,
    CLOSED,
    OPEN,
    RETREAT,
    Arm,
    facing,
)


@dataclass(frozen=True)
class Door:
    """A door that is pulled open by its handle.

    Attributes:
        task: its sub-task.
        joint: that it turns about.
        hinge: body at that joint.
        handle: site of the handle.
        open: joint angle to reach.
        lead: rad by which the gripper is led ahead of the handle.
        yaw, pitch: of the gripper at the closed door.
        follow: rad that the gripper turns per rad of the door.
        grasp: m from the handle's middle to the gripper's, along the gripper.
        height: m above the handle's middle.
        height_jitter: largest random part of it.
        weight: of the gripper's orientation when pulling.
        slipped: distance in m from the handle at which it is given up.
    """

    task: str
    joint: str
    hinge: str
    handle: str
    open: float
    lead: float
    yaw: float
    pitch: float
    follow: float
    grasp: float
    height: float
    height_jitter: float
    weight: float
    slipped: float


MICROWAVE = Door(
    task="microwave",
    joint="microwave",
    hinge="microdoorroot",
    handle="microhandle_site",
    open=-0.62,
    lead=-0.154,
    yaw=0.487,
    pitch=-0.6,
    follow=0.52,
    grasp=0.012,
    height=-0.012,
    height_jitter=0.03,
    weight=0.3,
    slipped=0.10,
)
HINGE_CABINET = Door(
    task="hinge cabinet",
    joint="right_hinge_cabinet",
    hinge="hingerightdoor",
    handle="hinge_site2",
    open=1.35,
    lead=0.131,
    yaw=-0.405,
    pitch=0.237,
    follow=0.052,
    grasp=0.014,
    height=-0.082,
    height_jitter=0.0,
    weight=0.084,
    slipped=0.13,
)


def open_door(arm: Arm, door: Door) -> None:
    """Grasps the handle and leads it around the hinge."""
    orientation = facing(door.yaw, door.pitch)
    ahead = orientation[:, 2]
    up = np.array([0.0, 0.0, door.height + arm.jitter(-door.height_jitter, door.height_jitter)])
    handle = arm.site(door.handle) + up
    arm.grip = OPEN
    arm.move(handle - 0.12 * ahead, orientation, pace=APPROACH)
    arm.move(handle - door.grasp * ahead, orientation, pace=CLOSE_IN)
    arm.hold(3, grip=CLOSED)
    hinge = arm.body(door.hinge)
    handle = arm.site(door.handle)
    radius = np.hypot(*(handle - hinge)[:2])
    closed = np.arctan2(*(handle - hinge)[1::-1]) - arm.joint(door.joint)
    for _ in range(60):
        angle = arm.joint(door.joint)
        if abs(angle) >= abs(door.open):
            break
        if np.linalg.norm(arm.site(door.handle) - arm.position) > door.slipped:
            break
        angle += door.lead
        orientation = facing(door.yaw + door.follow * angle, door.pitch)
        around = radius * np.array([np.cos(closed + angle), np.sin(closed + angle), 0.0])
        place = np.array([hinge[0], hinge[1], handle[2]]) + around + up
        arm.lead(place - door.grasp * orientation[:, 2], orientation, door.weight)
    arm.hold(2, grip=OPEN)
    arm.move(arm.position - 0.1 * arm.orientation[:, 2], pace=RETREAT)
