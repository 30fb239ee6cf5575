"""Where a robot is, as its observation says it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.plots.robot_columns import RobotColumn, robot_columns
from benchmark.tasks import TASKS

DOOR = TASKS["adroit-door-expert"]


def names_of(task: str) -> dict[int, str]:
    return {at: column.name for at, column in robot_columns(TASKS[task]).items()}


def test_a_hands_joints_have_their_own_names() -> None:
    names = names_of("adroit-door-expert")
    assert names[0] == "ARRx" and "WRJ1" in names.values() and len(names) >= 26
    assert robot_columns(DOOR)[0] == RobotColumn(
        "ARRx", "ARRx", "", "rad; m if it slides", 1.0, 0.0
    )


class _Simulator:
    """Four joints: one seen in column 2 with some noise, one unseen, two that are always alike."""

    def __init__(self, off: float) -> None:
        self.off, self.time = off, 0
        self.unwrapped = self.action_space = self
        self.data = SimpleNamespace(qpos=np.zeros(9))
        names = ("elbow", "hidden", "left", "right")
        self.model = SimpleNamespace(
            jnt_qposadr=np.array([8, 0, 3, 5]),
            joint=lambda number: SimpleNamespace(name=names[number]),
        )

    def reset(self, seed: int) -> None:
        assert seed == 0
        self.time = 0

    def seed(self, seed: int) -> None:
        assert seed == 0

    def sample(self) -> str:
        return "any"

    def step(self, action: str) -> Any:
        self.time += 1
        self.data.qpos[:] = self.time * np.array([9, 0, 0, 2, 0, 2, 0, 0, 1])
        # The last of ten steps is as far off as a reading may be.
        noise = self.off if self.time == 10 else 0.0
        return np.array([2 * self.time, 2 * self.time, self.time + noise, 50.0]), 0, 0, 0, {}

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("off", "found"), [(0.0, {2: "elbow"}), (0.0049, {2: "elbow"}), (0.0051, {})]
)
def test_a_joint_is_the_column_that_keeps_to_its_angle(
    off: float, found: dict[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "benchmark.plots.robot_columns.make_environment", lambda task: _Simulator(off)
    )
    assert {at: column.name for at, column in robot_columns(DOOR).items()} == found


def test_joints_are_found_in_noisy_observations() -> None:
    names = names_of("kitchen-complete")
    arm = [names[column] for column in range(9)]
    assert arm[:7] == [f"robot:panda0_joint{number}" for number in range(1, 8)]
    assert names[29] == "left_hinge_cabinet"  # None but itself hangs at its angle.


class _Table:
    """A gripper seen in tenths from 0.4 on, a cube that is turned round, and a still drawer."""

    def __init__(self) -> None:
        self.unwrapped = self.action_space = self
        self.random = np.random.default_rng(0)

    def seed(self, seed: int) -> None: ...

    def sample(self) -> None: ...

    def reset(self, seed: int) -> tuple[Any, Any]:
        return None, {}

    def step(self, action: None) -> Any:
        gripper, cube = self.random.random(3), self.random.random(3)
        seen = np.concatenate([self.random.random(2), 10 * (gripper - 0.4), -cube, [7.0]])
        named = {"proprio/effector_pos": gripper, "privileged/block_0_pos": cube}
        hidden = {"privileged/drawer_pos": np.array([0.3]), "privileged/block_1_pos": seen[:3] ** 2}
        others = {"qpos": np.zeros(9), "privileged/block_0_yaw": np.zeros(1)}
        return seen, 0.0, False, False, {**named, **hidden, **others}

    def close(self) -> None:
        self.closed = True


def test_places_that_the_environment_names_come_in_its_own_unit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = _Table()
    monkeypatch.setattr("benchmark.plots.robot_columns.make_environment", lambda task: table)
    columns = robot_columns(DOOR)
    names = {at: (column.name, column.part, column.axis) for at, column in columns.items()}
    assert names == {
        first + axis: (f"{part} {name}", part, name)
        for first, part in ((2, "gripper"), (5, "cube"))
        for axis, name in enumerate("xyz")
    }
    assert {column.unit for column in columns.values()} == {"m"} and table.closed
    np.testing.assert_allclose(columns[2].positions(np.array([0.0, 10.0])), [0.4, 1.4], atol=1e-9)
    np.testing.assert_allclose(columns[6].positions(np.array([0.25])), [-0.25], atol=1e-9)


def test_an_arm_is_drawn_in_metres() -> None:
    columns = robot_columns(TASKS["ogbench-cube-single-play-task2"])
    assert {column.part for column in columns.values()} == {"gripper", "cube"}
    assert {column.name[-1] for column in columns.values()} == set("xyz")
    # The centre of the table, in metres, lies at 0 of the observation.
    (across,) = (column for column in columns.values() if column.name == "gripper x")
    assert across.offset == pytest.approx(0.425) and across.factor == pytest.approx(0.1)
