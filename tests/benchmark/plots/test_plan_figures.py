"""Pictures of plans: what is drawn."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.plots.plan_figures import joint_names, plan_figure
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import TASKS

UMAZE, DOOR = TASKS["maze2d-umaze"], TASKS["adroit-door-expert"]


@pytest.fixture
def maze() -> PlanTrace:
    random = np.random.default_rng(0)
    plan, path = random.random((3, 8, 4), np.float32), random.random((301, 4), np.float32)
    return PlanTrace((1, 2, 4), 2 * np.arange(8), plan, path)


def test_a_maze_has_a_panel_for_each_scale(maze: PlanTrace) -> None:
    drawn = plan_figure(maze, UMAZE)
    titles = [panel.get_title() for panel in drawn.axes]
    assert titles == ["scale 1: 1 token", "scale 2: 2 tokens", "scale 3: 4 tokens"]
    for scale, panel in enumerate(drawn.axes):
        plan, path, start = panel.lines[:3]
        np.testing.assert_allclose(plan.get_xydata(), maze.plan[scale][:, :2])
        np.testing.assert_allclose(path.get_xydata(), maze.path[:, :2])
        np.testing.assert_allclose(start.get_xydata(), maze.path[:1, :2])
    labels = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert labels == ["goal", "plan", "path taken"]  # The goal of all its episodes.


def test_more_than_four_scales_take_another_row() -> None:
    plan, path = np.zeros((5, 2, 4), np.float32), np.zeros((3, 4), np.float32)
    drawn = plan_figure(PlanTrace((1, 2, 3, 4, 5), np.arange(2), plan, path), UMAZE)
    assert len(drawn.axes) == 8
    assert [panel.axison for panel in drawn.axes] == [True] * 5 + [False] * 3
    assert drawn.axes[4].get_title() == "scale 5: 5 tokens"


def test_a_goal_that_the_agent_sees_is_marked(maze: PlanTrace) -> None:
    path = np.tile(np.arange(6, dtype=np.float32), (5, 1))
    drawn = plan_figure(replace(maze, path=path), TASKS["multi2d-umaze"]).axes[0]
    assert len(drawn.lines) == len(plan_figure(maze, UMAZE).axes[0].lines) + 1
    assert drawn.lines[-1].get_xydata().tolist() == [[4, 5]]  # The columns of the goal.


def _joints_trace() -> PlanTrace:
    path = np.zeros((8, 6), np.float32)
    # In the six steps that the plan spans, column 0 moves by 1, 2 by 3, 5 by 2; later 0 by 9.
    path[2, 0], path[3, 2], path[5, 5], path[7, 0] = 1, 3, -2, 9
    plan = np.arange(36, dtype=np.float32).reshape(2, 3, 6)
    return PlanTrace((1, 2), np.array([0, 3, 6]), plan, path)


def test_a_robot_has_a_panel_for_each_of_the_two_joints_that_move_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "benchmark.plots.plan_figures.joint_names", lambda task: {0: "wrist", 2: "arm", 5: "thumb"}
    )
    trace = _joints_trace()
    drawn = plan_figure(trace, DOOR)
    assert [panel.get_title() for panel in drawn.axes] == ["joint arm", "joint thumb"]
    for panel, column in zip(drawn.axes, (2, 5), strict=True):
        first, second, path = panel.lines
        assert first.get_xdata().tolist() == [0, 3, 6]
        assert first.get_ydata().tolist() == [column, 6 + column, 12 + column]
        assert second.get_ydata().tolist() == [18 + column, 24 + column, 30 + column]
        assert path.get_ydata().tolist() == trace.path[:7, column].tolist()
    labels = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert labels == ["plan, scale 1: 1 token", "plan, scale 2: 2 tokens", "path taken"]


def test_a_hand_is_drawn_with_its_own_joints() -> None:
    names = list(joint_names(DOOR).values())
    path = np.random.default_rng(0).random((8, 39), np.float32)
    trace = PlanTrace((1, 2), np.array([0, 3, 6]), np.zeros((2, 3, 39), np.float32), path)
    drawn = [panel.get_title().removeprefix("joint ") for panel in plan_figure(trace, DOOR).axes]
    assert len(drawn) == 2 and set(drawn) <= set(names)
    assert joint_names(DOOR)[0] == "ARRx" and "WRJ1" in names and len(names) >= 26


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
        "benchmark.plots.plan_figures.make_environment", lambda task: _Simulator(off)
    )
    assert joint_names(DOOR) == found


def test_joints_are_found_in_noisy_observations() -> None:
    names = joint_names(TASKS["kitchen-complete"])
    arm = [names[column] for column in range(9)]
    assert arm[:7] == [f"robot:panda0_joint{number}" for number in range(1, 8)]
    assert names[29] == "left_hinge_cabinet"  # None but itself hangs at its angle.
