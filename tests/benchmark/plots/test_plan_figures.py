"""Pictures of plans: what is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.plots.plan_figures import maze_box, moments, plan_figure
from benchmark.plots.robot_columns import RobotColumn, robot_columns
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import TASKS

UMAZE, DOOR = TASKS["maze2d-umaze"], TASKS["adroit-door-expert"]


@pytest.fixture
def maze() -> PlanTrace:
    """An agent that goes to the right for 300 steps, and sees its goal after 90."""
    random = np.random.default_rng(0)
    plans = random.random((300, 3, 8, 4), np.float32) - 0.5
    path = np.zeros((301, 4), np.float32)
    path[:, 0] = np.linspace(-1, 1, 301)
    rewards = (np.arange(300) >= 90).astype(np.float32)
    return PlanTrace((1, 2, 4), 2 * np.arange(8), plans, path, rewards)


def test_a_maze_has_a_row_for_each_moment_and_a_column_for_each_scale(maze: PlanTrace) -> None:
    drawn = plan_figure(maze, UMAZE)
    *panels, whole = drawn.axes
    titles = [panel.get_title() for panel in panels]
    assert titles == ["scale 1\n1 token", "scale 2\n2 tokens", "scale 3\n4 tokens", *[""] * 6]
    rows = [panel.get_ylabel() for panel in panels]
    assert rows == ["step 0", "", "", "step 30", "", "", "step 60", "", ""]
    for place, panel in enumerate(panels):
        step, scale = 30 * (place // 3), place % 3
        start, past, ahead, plan, here = panel.lines
        assert start.get_xydata().tolist() == [[-1, 0]]
        np.testing.assert_allclose(past.get_xydata(), maze.path[: step + 1, :2])
        # As far as the plan looks.
        np.testing.assert_allclose(ahead.get_xydata(), maze.path[step : step + 15, :2])
        np.testing.assert_allclose(plan.get_xydata(), maze.plans[step, scale, :, :2])
        np.testing.assert_allclose(here.get_xydata(), maze.path[step : step + 1, :2])
    # Below them the whole maze, with all of the path and each of the plans.
    path, start, *rest = (line.get_xydata() for line in whole.lines)
    np.testing.assert_allclose(path, maze.path[:, :2])
    assert start.tolist() == [[-1, 0]] and len(rest) == 6
    for step, plan, here in zip((0, 30, 60), rest[::2], rest[1::2], strict=True):
        np.testing.assert_allclose(plan, maze.plans[step, -1, :, :2])
        np.testing.assert_allclose(here, maze.path[step : step + 1, :2])
    assert (whole.get_xlim(), whole.get_ylim()) == ((-2.5, 2.5), (-2.5, 2.5))
    labels = [text.get_text() for text in drawn.legends[0].get_texts()]
    # The goal of all its episodes.
    assert labels == ["goal", "start", "path so far", "path then taken", "plan", "agent"]


def test_moments_can_be_chosen(maze: PlanTrace) -> None:
    drawn = plan_figure(maze, UMAZE, [5, 299])
    assert [panel.get_ylabel() for panel in drawn.axes[:-1:3]] == ["step 5", "step 299"]


def test_a_plan_that_is_kept_is_drawn_where_it_was_made(maze: PlanTrace) -> None:
    kept = replace(maze, kept_for=16)
    assert moments(kept, UMAZE, 4) == [0, 16, 32, 64], "of 0, 22, 45 and 67"
    drawn = plan_figure(kept, UMAZE, [5, 15, 31])
    assert [panel.get_ylabel() for panel in drawn.axes[:-1:3]] == ["step 0", "step 16"]


def test_moments_are_spread_over_the_way_to_the_goal_or_else_over_the_episode(
    maze: PlanTrace,
) -> None:
    assert moments(maze, UMAZE, 3) == [0, 30, 60]
    assert moments(replace(maze, rewards=np.zeros(300)), UMAZE, 3) == [0, 100, 200]
    assert moments(maze, DOOR, 3) == [0, 100, 200], "rewards come all the time"
    assert moments(replace(maze, rewards=np.ones(300)), UMAZE, 3) == [0], "started at its goal"


def test_panels_are_cropped_to_the_plan_and_of_one_size(maze: PlanTrace) -> None:
    plans = np.zeros((300, 3, 8, 4), np.float32)
    plans[0, ..., 0], plans[60, ..., 1] = -1.0, 0.5
    path = np.zeros((301, 4), np.float32)
    drawn = plan_figure(replace(maze, plans=plans, path=path), UMAZE, [0, 60])
    # The first is from -1 to 0 with three quarters of a cell around; the maze is five cells wide.
    first, second = drawn.axes[0], drawn.axes[3]
    assert first.get_xlim() == pytest.approx((-1.75, 0.75))
    assert first.get_ylim() == pytest.approx((-1.25, 1.25))
    assert second.get_ylim() == pytest.approx((0.25 - 1.25, 0.25 + 1.25))


def test_what_is_outside_the_maze_is_not_shown() -> None:
    points = np.array([[0, 0], [9, -0.5]], np.float32)
    assert maze_box(points, UMAZE) == pytest.approx((-0.75, 2.5, -1.25, 0.75))


def test_of_many_scales_four_are_shown() -> None:
    plans, path = np.zeros((3, 8, 2, 4), np.float32), np.zeros((4, 4), np.float32)
    scales = (1, 2, 3, 4, 6, 8, 12, 16)
    trace = PlanTrace(scales, np.arange(2), plans, path, np.zeros(3, np.float32))
    drawn = plan_figure(trace, UMAZE, [0])
    titles = [panel.get_title().split("\n") for panel in drawn.axes]
    assert titles == [
        *(["scale 1", "1 token"], ["scale 3", "3 tokens"], ["scale 6", "8 tokens"]),
        *(["scale 8", "16 tokens"], ["the whole episode, and these plans"]),
    ]


def test_a_goal_that_the_agent_sees_is_marked(maze: PlanTrace) -> None:
    path = np.tile(np.arange(6, dtype=np.float32), (301, 1))
    seen = replace(maze, path=path, plans=np.zeros((300, 3, 8, 6), np.float32))
    drawn = plan_figure(seen, TASKS["multi2d-umaze"]).axes[0]
    assert len(drawn.lines) == len(plan_figure(maze, UMAZE).axes[0].lines) + 1
    assert drawn.lines[-1].get_xydata().tolist() == [[4, 5]]  # The columns of the goal.


def test_a_goal_beyond_all_panels_is_not_in_the_legend(maze: PlanTrace) -> None:
    for at, label in ((0.5, ["goal"]), (40.0, [])):
        path = np.zeros((301, 6), np.float32)
        path[:, 0], path[:, 4:] = maze.path[:, 0], at
        seen = replace(maze, path=path, plans=np.zeros((300, 3, 8, 6), np.float32))
        texts = plan_figure(seen, TASKS["multi2d-umaze"]).legends[0].get_texts()
        assert [text.get_text() for text in texts if text.get_text() == "goal"] == label


def _joints_trace() -> PlanTrace:
    path = np.zeros((13, 6), np.float32)
    # In the six steps that the plan spans, column 0 moves by 1, 2 by 3, 5 by 2; later 0 by 9.
    path[2, 0], path[3, 2], path[5, 5], path[12, 0] = 1, 3, -2, 9
    plans = np.zeros((12, 2, 3, 6), np.float32)
    plans[:6] = np.arange(36, dtype=np.float32).reshape(2, 3, 6)
    return PlanTrace((1, 2), np.array([0, 3, 6]), plans, path, np.ones(12, np.float32))


def test_a_robot_has_a_row_for_each_of_the_two_joints_that_move_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    columns = {at: RobotColumn(name, name) for at, name in ((0, "wrist"), (2, "arm"), (5, "thumb"))}
    monkeypatch.setattr("benchmark.plots.plan_figures.robot_columns", lambda task: columns)
    trace = _joints_trace()
    drawn = plan_figure(trace, DOOR, [0, 5])
    assert [panel.get_ylabel() for panel in drawn.axes] == ["arm", "", "thumb", ""]
    assert [panel.get_title() for panel in drawn.axes] == ["step 0", "step 5", "", ""]
    for place, panel in enumerate(drawn.axes):
        column, step = (2, 5)[place // 2], (0, 5)[place % 2]
        first, second, path = panel.lines
        assert first.get_xdata().tolist() == [step, step + 3, step + 6]
        assert first.get_ydata().tolist() == [column, 6 + column, 12 + column]
        assert second.get_ydata().tolist() == [18 + column, 24 + column, 30 + column]
        assert path.get_xdata().tolist() == list(range(step, step + 7))
        assert path.get_ydata().tolist() == trace.path[step : step + 7, column].tolist()
    labels = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert labels == ["plan, scale 1: 1 token", "plan, scale 2: 2 tokens", "path then taken"]


def test_parts_are_drawn_along_the_axis_of_the_largest_movement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # In metres column 2 moves by 6, 5 by 4 and 0 by 3; column 1 stays.
    columns = {
        0: RobotColumn("cube x", "cube", "x", "m", 3.0),
        1: RobotColumn("cube y", "cube", "y", "m", 3.0),
        2: RobotColumn("gripper y", "gripper", "y", "m", 2.0, 10.0),
        5: RobotColumn("gripper x", "gripper", "x", "m", -2.0),
    }
    monkeypatch.setattr("benchmark.plots.plan_figures.robot_columns", lambda task: columns)
    trace = _joints_trace()
    drawn = plan_figure(trace, DOOR, [0])
    assert [panel.get_ylabel() for panel in drawn.axes] == ["gripper y", "cube y"]
    assert drawn.get_supylabel() == "position (m)"
    plan, *_, path = drawn.axes[0].lines
    assert plan.get_ydata().tolist() == (2 * trace.plans[0, 0][:, 2] + 10).tolist()
    assert path.get_ydata().tolist() == (2 * trace.path[:7, 2] + 10).tolist()
    assert trace.path[3, 2] == 3, "the episode itself stays as it is"


def test_a_hand_is_drawn_with_its_own_joints() -> None:
    names = {column.name for column in robot_columns(DOOR).values()}
    path = np.random.default_rng(0).random((8, 39), np.float32)
    plans = np.zeros((7, 2, 3, 39), np.float32)
    trace = PlanTrace((1, 2), np.array([0, 3, 6]), plans, path, np.zeros(7, np.float32))
    drawn = [panel.get_ylabel() for panel in plan_figure(trace, DOOR, [0]).axes]
    assert len(drawn) == 2 and set(drawn) <= names
