"""Which numbers of an observation say where the parts of a robot, and the things around it, are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment

# To find a joint in the observations: steps compared, and by how much they may be off (the kitchen
# adds up to 0.001 rad).
_COMPARED = 10
_NOISE = 0.005
# To find a place: episodes, in which things lie elsewhere, and what the correlation may lack to 1.
_EPISODES = 8
_LACK = 1e-6
_PLACE = re.compile(r"(?:proprio|privileged)/(effector|block_\d+|drawer|window)_pos")
_CALLED = {"effector": "gripper", "block_0": "cube"}


@dataclass(frozen=True)
class RobotColumn:
    """One number of the observation.

    Attributes:
        name: of what it is the position of; the axis stands behind it.
        part: what has one such number, or one for each axis.
        axis: of these; empty for a joint.
        unit: that positions are in.
        factor: from the number to the position.
        offset: that is added then.
    """

    name: str
    part: str
    axis: str = ""
    unit: str = "rad; m if it slides"
    factor: float = 1.0
    offset: float = 0.0

    def positions(self, numbers: NDArray[Any]) -> NDArray[Any]:
        """Positions in their unit, from numbers of the observation."""
        return self.factor * numbers + self.offset


def robot_columns(task: Task) -> dict[int, RobotColumn]:
    """The columns of a task's observation that are positions, as far as they can be known.

    These are gripper and things on a table where the environment names their places, and joints of
    the simulator elsewhere.
    """
    env = make_environment(task)
    try:
        return _places(env) or _joints(env)
    finally:
        env.close()


def _places(env: Any) -> dict[int, RobotColumn]:
    """Columns that follow, up to a factor and an offset, a place which the environment names."""
    env.action_space.seed(0)
    observations, places = [], []
    for seed in range(_EPISODES):
        env.reset(seed=seed)
        for _ in range(_COMPARED):
            observation, *_, info = env.step(env.action_space.sample())
            observations.append(observation)
            places.append(_named_places(info))
            if not places[0]:
                return {}
    seen_TO = np.array(observations, float)
    columns = {}
    for part, axis in places[0]:
        place_T = np.array([named[part, axis] for named in places])
        correlation_O = np.abs(_correlations(seen_TO, place_T))
        column = int(correlation_O.argmax())
        if correlation_O[column] > 1 - _LACK:
            factor, offset = np.polyfit(seen_TO[:, column], place_T, 1)
            name = f"{part} {axis}".rstrip()
            columns[column] = RobotColumn(name, part, axis, "m", float(factor), float(offset))
    return columns


def _named_places(info: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """Places by part and axis, out of what the environment says beside an observation."""
    places: dict[tuple[str, str], float] = {}
    for key, value in info.items():
        if named := _PLACE.fullmatch(key):
            part = _CALLED.get(named[1], named[1].replace("block_", "cube "))
            axes = "xyz" if np.size(value) > 1 else [""]
            places |= {(part, axis): float(at) for axis, at in zip(axes, value, strict=True)}
    return places


def _correlations(seen_TO: NDArray[Any], place_T: NDArray[Any]) -> NDArray[Any]:
    """(O,) of each column with a place; 0 where one of the two never changes."""
    seen_TO, place_T = seen_TO - seen_TO.mean(0), place_T - place_T.mean()
    size_O = np.sqrt((seen_TO**2).sum(0) * (place_T**2).sum())
    correlation_O: NDArray[Any] = np.zeros(len(size_O))
    np.divide(place_T @ seen_TO, size_O, out=correlation_O, where=size_O > 1e-9)
    return correlation_O


def _joints(env: Any) -> dict[int, RobotColumn]:
    """Columns that hold the positions of joints, found by comparing them with the simulator's own.

    Observations may be noisy. A joint at rest beside others like it is left out. There are none
    where MuJoCo does not simulate.
    """
    simulator: Any = env.unwrapped
    if not (hasattr(simulator, "data") and hasattr(simulator, "model")):
        return {}
    env.reset(seed=0)
    env.action_space.seed(0)
    observations, angles = [], []
    for _ in range(_COMPARED):
        observations.append(env.step(env.action_space.sample())[0])
        angles.append(simulator.data.qpos[simulator.model.jnt_qposadr].copy())
    difference_TOJ = np.abs(np.array(observations)[:, :, None] - np.array(angles)[:, None])
    columns = {}
    for joint, difference_O in enumerate(difference_TOJ.max(0).T):
        nearest, second = np.argsort(difference_O)[:2]
        if difference_O[nearest] < min(_NOISE, 0.1 * difference_O[second]):
            name = simulator.model.joint(joint).name
            columns[int(nearest)] = RobotColumn(name, name)
    return columns
