"""A scripted trot for gymnasium's ant, which walks towards any direction without turning first.

The hips and ankles follow a periodic curve, held by a proportional-derivative controller. The ant
has four equal legs, so it walks north, west, south or east by taking another leg for its first;
what is left of the angle to the wanted direction it steers off with longer steps on one side.

Source: our own. The numbers of `TROT` were found by CMA-ES for progress along the ways of a maze
and against falling, in simulation with action noise 0.2, from a trot drawn by hand; `balance` was
added last, and takes the falls from 0.21 to 0.05 in 1,000 steps. Nothing is learned from data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

STEP_SECONDS = 0.05  # Of simulation per environment step.

# Legs 1 to 4 point to 45, 135, 225 and 315 degrees.
_LEG_DIRECTIONS = math.sqrt(0.5) * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
# Bending a leg moves its ankle joint this way.
_BEND_SIGN = np.array([1.0, -1.0, -1.0, 1.0])
_WIDE_STANCE = 0.6  # Bend of all ankles when standing still or about to fall.
_HIP_LIMIT = 0.55
_BEND_LIMITS = (0.5, 1.25)
_BALANCED_LIMITS = (0.4, 1.4)
_SWITCH_LEGS = math.radians(55)  # More than 45, so that it does not waver between two first legs.


@dataclass(frozen=True)
class Swing:
    """The angle of a joint over one cycle of the gait: a mean and two harmonics, in rad."""

    mean: float
    first: float
    first_phase: float
    second: float
    second_phase: float

    def at(self, phase: float) -> float:
        """The angle at a phase in rad."""
        return (
            self.mean
            + self.first * math.cos(phase + self.first_phase)
            + self.second * math.cos(2 * phase + self.second_phase)
        )


@dataclass(frozen=True)
class Gait:
    """A gait. The two legs of a diagonal move together, half a cycle after those of the other.

    Attributes:
        frequency: cycles per second.
        front_hip: of the left leg in front; the right one is its mirror image.
        back_hip: of the left leg behind.
        front_bend: of the ankle of the left leg in front.
        back_bend: of the ankle of the left leg behind.
        stiffness: torque per rad off the curve.
        damping: torque per rad/s of joint velocity.
        steering: part by which steps get longer on one side, per rad off the direction.
        turn_damping: the same, against turning, per rad/s.
        righting: how soon a tilted body takes a wide stance instead of walking on.
        balance: rad by which legs on the side that is up bend, and those on the other side reach
            out, per sine of the tilt.
    """

    frequency: float
    front_hip: Swing
    back_hip: Swing
    front_bend: Swing
    back_bend: Swing
    stiffness: float
    damping: float
    steering: float
    turn_damping: float
    righting: float
    balance: float


TROT = Gait(
    frequency=2.6454157812860264,
    front_hip=Swing(
        0.5664924069419651, 0.8235142503313061, 0.0, 0.2391719444242887, -0.3298880796771895
    ),
    back_hip=Swing(
        -0.04775153170454947,
        0.5229934413998213,
        -2.1638497815985196,
        -0.3360777242783156,
        2.6216292918136195,
    ),
    front_bend=Swing(
        0.6848522855525412,
        0.709108584578167,
        0.8401900250905201,
        -0.03500088493737737,
        1.2133012057906998,
    ),
    back_bend=Swing(
        1.0214186139317556,
        0.14235344775685013,
        -0.7106200182802077,
        0.1854818873058347,
        -0.8998225490982614,
    ),
    stiffness=1.2757470332081127,
    damping=0.1318763187012114,
    steering=0.8776547110636133,
    turn_damping=0.1442217559618678,
    righting=0.2758260474973917,
    balance=1.5,
)


class Walker:
    """Turns directions into torques; remembers the phase of the gait and the leg in front."""

    def __init__(self, gait: Gait = TROT) -> None:
        self._gait = gait
        self.reset()

    def reset(self) -> None:
        """Gets ready for an ant that stands; every walk starts at the same phase.

        With a random phase, which no observation shows, the data could not be imitated.
        """
        self._phase = 0.0
        self._first_leg: int | None = None

    def act(self, body: Vector, direction: float, stand: bool) -> Vector:
        """The torques (8,) in [-1, 1], in the order of the environment's actions.

        Args:
            body: (27,) the environment's `observation`.
            direction: to walk to, in rad from the x axis.
            stand: whether to stay here instead.
        """
        gait = self._gait
        yaw, up = _yaw_and_up(body[1:5])
        joints, velocities, turning = body[5:13], body[19:27], float(body[18])
        ahead = _wrap(direction - yaw)
        first = self._choose_first_leg(ahead)
        off = _wrap(ahead - first * math.pi / 2)
        turn = min(1.0, max(-1.0, gait.steering * off - gait.turn_damping * turning))
        step = 2 * math.pi * gait.frequency * STEP_SECONDS
        self._phase = 0.0 if stand else (self._phase + step) % (2 * math.pi)
        hips, bends = self._legs(turn)
        tilted = gait.righting * (0.95 - up[2]) / 0.25
        stance = 1.0 if stand else min(1.0, max(0.0, tilted))
        roles = (np.arange(4) - first) % 4  # What leg 1, 2, 3, 4 is: front left, back left, ...
        hips = (1 - stance) * np.clip(hips, -_HIP_LIMIT, _HIP_LIMIT)
        bends = (1 - stance) * np.clip(bends, *_BEND_LIMITS) + stance * _WIDE_STANCE
        balanced = bends[roles] + gait.balance * (_LEG_DIRECTIONS @ up[:2])
        wanted = np.empty(8)
        wanted[0::2] = hips[roles]
        wanted[1::2] = _BEND_SIGN * np.clip(balanced, *_BALANCED_LIMITS)
        torques = gait.stiffness * (wanted - joints) - gait.damping * velocities
        return np.clip(np.roll(torques, 2), -1.0, 1.0)  # The actions begin with leg 4.

    def _choose_first_leg(self, ahead: float) -> int:
        """Which leg is front left, given the angle from the body's x axis to the direction."""
        leg = self._first_leg
        if leg is None or abs(_wrap(ahead - leg * math.pi / 2)) > _SWITCH_LEGS:
            leg = round(ahead / (math.pi / 2)) % 4
        self._first_leg = leg
        return leg

    def _legs(self, turn: float) -> tuple[Vector, Vector]:
        """Hip angles and ankle bends of the legs front left, back left, back right, front right."""
        gait, left, right = self._gait, self._phase, self._phase + math.pi
        front, back = gait.front_hip, gait.back_hip
        shorter, longer = 1 - turn, 1 + turn
        hips = [
            front.mean + shorter * (front.at(left) - front.mean),
            back.mean + shorter * (back.at(left) - back.mean),
            -back.mean - longer * (back.at(right) - back.mean),
            -front.mean - longer * (front.at(right) - front.mean),
        ]
        bends = [
            gait.front_bend.at(left),
            gait.back_bend.at(left),
            gait.back_bend.at(right),
            gait.front_bend.at(right),
        ]
        return np.array(hips), np.array(bends)


def _wrap(angle: float) -> float:
    return (angle + math.pi) % (2 * math.pi) - math.pi


def _yaw_and_up(quaternion: Vector) -> tuple[float, Vector]:
    """The angle of the body's x axis, and the world's upward direction (3,) seen from the body."""
    w, x, y, z = (float(part) for part in quaternion)
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    up = [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]
    return yaw, np.array(up)
