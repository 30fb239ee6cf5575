"""The arm of Franka Kitchen, led along straight lines by inverse kinematics.

The controller looks into the simulation: joint angles, and where handles are. What it does is
recorded as the environment's own actions, joint velocities from -1 to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import mujoco
import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

OPEN, CLOSED = 1.0, -1.0  # The gripper.
RESTING = np.array([0.148, -1.3, 1.844, -2.2, 0.26, 0.9, 1.595])  # Preferred joint angles, rad.

_JOINTS = 7
# A little inside the joints' own limits, so that the arm is never pushed against them.
_LOW = np.array([-2.85, -1.74, -2.85, -3.0, -2.85, 0.02, -2.85])
_HIGH = np.array([2.85, 1.74, 2.85, -0.42, 2.85, 2.09, 2.85])
_ACTION_ANGLE = 0.16  # rad that an action of 1 asks for in a step: 2 rad/s for 0.08 s.
_GAIN = 1.6  # Of the angles still to go, asked for in one step; the joints lag behind.
_RESTING_GAIN = 0.05  # Pull towards the preferred angles, where the gripper's pose allows it.
_DAMPING = 0.03  # Of the least squares, near singular poses.
_TURN = 0.12  # rad per step.
_LOOSE = 0.3  # Weight of the gripper's orientation against its position, m/rad.


class EpisodeOverError(Exception):
    """The environment took its last step."""


@dataclass(frozen=True)
class Style:
    """How an arm moves, which differs from episode to episode.

    Attributes:
        noise: standard deviation of the noise on every action, which lies in [-1, 1].
        jitter: largest error, along each axis, of the places it passes, in m.
        speed: factor on all speeds.
    """

    noise: float = 0.0
    jitter: float = 0.0
    speed: float = 1.0


@dataclass(frozen=True)
class Pace:
    """How a straight line is followed.

    Attributes:
        speed: m per step.
        tolerance: distance in m from which the end counts as reached.
        steps: after so many the line is given up.
        jittered: whether the end is missed at random, as the style says.
    """

    speed: float
    tolerance: float
    steps: int
    jittered: bool = True


APPROACH = Pace(0.035, 0.03, 45)
CLOSE_IN = Pace(0.03, 0.012, 14, jittered=False)
RETREAT = Pace(0.04, 0.04, 8, jittered=False)


def facing(yaw: float, pitch: float = 0.0) -> Matrix:
    """The gripper's orientation (3, 3) when it points ahead, turned left and up by so many rad."""
    ahead = np.array([-np.sin(yaw) * np.cos(pitch), np.cos(yaw) * np.cos(pitch), np.sin(pitch)])
    aside = np.array([np.cos(yaw), np.sin(yaw), 0.0])  # The way the fingers open.
    return np.stack([np.cross(aside, ahead), aside, ahead], axis=1)


AHEAD = facing(0.0)


class Arm:
    """Drives the arm of one environment for one episode, from its reset on.

    Args:
        env: a Franka Kitchen that was just reset.
        step: takes an action (9,) in the environment; true if that was the last.
        style: how to move.
        rng: for noise and jitter.

    Attributes:
        data: state of the simulation.
        grip: `OPEN` or `CLOSED`, kept up by every action.
        posture: (7,) joint angles to prefer where several give the same pose.
        posture_gain: how much.
        jittered: whether the style has jitter.
        rng: for noise and jitter.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        step: Callable[[NDArray[np.float32]], bool],
        style: Style,
        rng: np.random.Generator,
    ) -> None:
        kitchen: Any = env.unwrapped
        self._model, self.data = kitchen.model, kitchen.data
        self._step, self._style, self.rng = step, style, rng
        self._plan = mujoco.MjData(self._model)  # To try angles out in.
        self._gripper = self._model.site("end_effector").id
        self._softness = -1.0 / self._model.actuator_biasprm[:_JOINTS, 1]  # rad per Nm.
        self.grip = OPEN
        self.rest()
        self._lead_from_here()

    @property
    def position(self) -> Vector:
        """(3,) where the gripper is."""
        position: Vector = self.data.site_xpos[self._gripper].copy()
        return position

    @property
    def orientation(self) -> Matrix:
        """(3, 3) the gripper's axes as columns: the third one points ahead."""
        orientation: Matrix = self.data.site_xmat[self._gripper].reshape(3, 3).copy()
        return orientation

    @property
    def joints(self) -> Vector:
        """(7,) the arm's joint angles."""
        joints: Vector = self.data.qpos[:_JOINTS].copy()
        return joints

    def site(self, name: str) -> Vector:
        """(3,) where a named site, such as a handle, is."""
        position: Vector = self.data.site_xpos[self._model.site(name).id].copy()
        return position

    def body(self, name: str) -> Vector:
        """(3,) where a named body is."""
        position: Vector = self.data.xpos[self._model.body(name).id].copy()
        return position

    def joint(self, name: str) -> float:
        """Angle or offset of a named joint."""
        return float(self.data.qpos[self._model.jnt_qposadr[self._model.joint(name).id]])

    def jitter(self, low: float, high: float) -> float:
        """A random number, or 0 for an arm without jitter."""
        return float(self.rng.uniform(low, high)) if self._style.jitter else 0.0

    def rest(self, posture: Vector = RESTING, gain: float = _RESTING_GAIN) -> None:
        """Prefers other joint angles from now on; without arguments, the usual ones."""
        self._posture, self._posture_gain = posture, gain

    def move(
        self,
        position: Vector,
        orientation: Matrix | None = None,
        *,
        pace: Pace,
        weight: float = _LOOSE,
    ) -> None:
        """Leads the gripper along a straight line.

        Args:
            position: (3,) the line's end.
            orientation: (3, 3) to be reached on the way; stays as it is by default.
            pace: how.
            weight: of the orientation against the position.
        """
        if pace.jittered:
            position = position + self._style.jitter * self.rng.uniform(-1, 1, 3)
        if np.linalg.norm(self._led_to - self.position) > 0.06:
            self._lead_from_here()
        start, first = self._led_to, self._led_turn
        last = first if orientation is None else orientation
        parts = self._parts(float(np.linalg.norm(position - start)), first, last, pace)
        done = 0
        for _ in range(pace.steps):
            if np.linalg.norm(self._led_to - self.position) < 0.09:  # Else wait for the arm.
                done = min(parts, done + 1)
            share = done / parts
            self.lead(start + share * (position - start), _between(first, last, share), weight)
            if done == parts and np.linalg.norm(position - self.position) < pace.tolerance:
                return

    def _parts(self, distance: float, first: Matrix, last: Matrix, pace: Pace) -> int:
        """Steps that a line takes at the wanted speed."""
        angle = np.arccos(np.clip((np.trace(last @ first.T) - 1) / 2, -1, 1))
        steps = max(distance / pace.speed, float(angle) / _TURN) / self._style.speed
        return max(1, int(np.ceil(steps)))

    def lead(self, position: Vector, orientation: Matrix, weight: float) -> None:
        """Takes one step towards a pose of the gripper."""
        self._led_to, self._led_turn = position, orientation
        self._turn_joints(self._joints_for(position, orientation, weight))

    def move_joints(self, angles: Vector, steps: int = 45) -> None:
        """Turns all joints towards given angles (7,), roughly."""
        start = self.joints
        parts = max(1, int(np.ceil(np.abs(angles - start).max() / (_TURN * self._style.speed))))
        done = 0
        for _ in range(steps):
            if np.abs(start + done / parts * (angles - start) - self.joints).max() < 0.35:
                done = min(parts, done + 1)
            self._turn_joints(start + done / parts * (angles - start))
            if np.abs(angles - self.joints).max() < 0.3:
                break
        self._lead_from_here()

    def hold(self, steps: int, grip: float | None = None) -> None:
        """Stays, and opens or closes the gripper."""
        self.grip = self.grip if grip is None else grip
        for _ in range(steps):
            self.lead(self._led_to, self._led_turn, _LOOSE)

    def _lead_from_here(self) -> None:
        self._led_to, self._led_turn = self.position, self.orientation

    def _turn_joints(self, angles: Vector) -> None:
        """One action towards joint angles (7,); holds against gravity, by which the arm sags."""
        sag = self.data.qfrc_bias[:_JOINTS] * self._softness
        velocities = (_GAIN * (angles - self.joints) + sag) / _ACTION_ANGLE
        velocities /= max(1.0, np.abs(velocities).max())
        action = np.concatenate([velocities, [self.grip, self.grip]])
        action = action + self._style.noise * self.rng.standard_normal(len(action))
        if self._step(np.clip(action, -1.0, 1.0).astype(np.float32)):
            raise EpisodeOverError

    def _joints_for(self, position: Vector, orientation: Matrix, weight: float) -> Vector:
        """Angles (7,) that bring the gripper nearer to a pose: damped least squares."""
        model, plan, angles = self._model, self._plan, self.joints
        plan.qpos[:] = self.data.qpos
        moving, turning = np.zeros((3, model.nv)), np.zeros((3, model.nv))
        for _ in range(6):
            plan.qpos[:_JOINTS] = angles
            mujoco.mj_kinematics(model, plan)
            mujoco.mj_comPos(model, plan)
            mujoco.mj_jacSite(model, plan, moving, turning, self._gripper)
            now = plan.site_xmat[self._gripper].reshape(3, 3)
            shift = _at_most(position - plan.site_xpos[self._gripper], 0.06)
            turn = _at_most(0.5 * np.cross(now.T, orientation.T).sum(0), 0.15)
            jacobian = np.vstack([moving[:, :_JOINTS], weight * turning[:, :_JOINTS]])
            error = np.concatenate([shift, weight * turn])
            angles = np.clip(angles + self._correction(jacobian, error, angles), _LOW, _HIGH)
        return angles

    def _correction(self, jacobian: Matrix, error: Vector, angles: Vector) -> Vector:
        """One step (7,) of the least squares; joints at their limit stay out of it."""
        free = np.ones(_JOINTS, bool)
        step = np.zeros(_JOINTS)
        for _ in range(4):
            used = jacobian * free
            inverse = used.T @ np.linalg.inv(used @ used.T + _DAMPING**2 * np.eye(len(error)))
            spare = np.eye(_JOINTS) - inverse @ used  # What does not move the gripper.
            towards_posture = self._posture_gain * (self._posture - angles)
            step = (inverse @ error + spare @ towards_posture) * free
            low = (angles + step < _LOW) & (step < 0) & (angles < _LOW + 0.02)
            high = (angles + step > _HIGH) & (step > 0) & (angles > _HIGH - 0.02)
            stuck = free & (low | high)
            if not stuck.any():
                break
            free &= ~stuck
        return step


def _at_most(vector: Vector, length: float) -> Vector:
    shortened: Vector = vector * min(1.0, length / max(float(np.linalg.norm(vector)), 1e-9))
    return shortened


def _between(first: Matrix, last: Matrix, share: float) -> Matrix:
    """The orientation (3, 3) that lies so far on the way from the first to the last."""
    start, end, turned = np.zeros(4), np.zeros(4), np.zeros(9)
    mujoco.mju_mat2Quat(start, first.flatten())
    mujoco.mju_mat2Quat(end, last.flatten())
    quaternion = (1 - share) * start + share * (end if start @ end >= 0 else -end)
    mujoco.mju_quat2Mat(turned, quaternion / np.linalg.norm(quaternion))
    return turned.reshape(3, 3)
