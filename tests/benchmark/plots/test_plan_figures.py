"""Pictures of plans: what is drawn, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from benchmark.errors import UserError
from benchmark.evaluation.action_timing import random_dataset
from benchmark.plots.plan_figures import Shown, app, figure, joint_names, watch
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import task_info
from mage.agent import MAGEAgent
from tests.mage.conftest import TINY

UMAZE, DOOR = TASKS["maze2d-umaze"], TASKS["adroit-door-expert"]


def agent_for(task: Task, **settings: object) -> MAGEAgent:
    info = task_info(task)
    agent = MAGEAgent(info, {**TINY, **settings}, "cpu")
    agent.fit(random_dataset(info, 300), steps=2, seed=0, progress=lambda step, losses: None)
    return agent


@pytest.fixture(scope="module")
def maze() -> Shown:
    return watch(agent_for(UMAZE), UMAZE, seed=1)


class _Counting:
    """An episode of five steps whose observation and reward tell the step; it keeps the calls."""

    config = SimpleNamespace(sequence=("observation",), scales=(1, 2), pairs=3, stride=4)

    def __init__(self, how: str) -> None:
        self.how, self.time, self.calls = how, 0, []

    def reset(self, *given: int, seed: int | None = None) -> Any:
        self.calls.append(("seed", seed) if seed is not None else ("environments", *given))
        return np.array([0.0, 0.0], np.float32), {}

    def step(self, action: Any) -> Any:
        assert action.tolist() == [self.time, 7]
        self.time += 1
        over = self.time == 5
        seen = np.array([self.time, -self.time], np.float32)
        return seen, 10.0 * self.time, over and self.how == "ended", over and self.how == "cut", {}

    def act(self, observations: Any, rewards: Any) -> Any:
        self.calls.append(("act", *observations[0].tolist(), *rewards.tolist()))
        return np.array([[self.time, 7], [-1, -1]])

    def sketch(self, observations: Any, rewards: Any) -> Any:
        self.calls.append(("sketch", *observations[0].tolist(), *rewards.tolist()))
        return np.arange(24.0).reshape(2, 2, 3, 2)  # Of two scales and two environments.

    def close(self) -> None:
        self.calls.append(("close",))


@pytest.mark.parametrize("how", ["ended", "cut"])
@pytest.mark.parametrize("after", [0, 2, 4])
def test_an_episode_is_played_to_its_end_with_the_plan_of_one_step(
    how: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    both: Any = _Counting(how)
    monkeypatch.setattr("benchmark.plots.plan_figures.make_environment", lambda task: both)
    shown = watch(both, UMAZE, seed=3, after=after)
    # Each step is told the reward that the one before it brought.
    told = [(time, -time, 10 * time) for time in range(5)]
    calls: list[tuple[Any, ...]] = [("act", *each) for each in told]
    calls.insert(after, ("sketch", *told[after]))
    assert both.calls == [("environments", 1), ("seed", 3), *calls, ("close",)]
    assert shown.path.tolist() == [[time, -time] for time in range(after, 6)]
    assert shown.plan.tolist() == [[[0, 1], [2, 3], [4, 5]], [[12, 13], [14, 15], [16, 17]]]
    assert shown.steps.tolist() == [0, 4, 8]
    assert (shown.task, shown.scales) == (UMAZE, (1, 2))


def test_an_episode_that_ends_too_early_has_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    both: Any = _Counting("ended")
    monkeypatch.setattr("benchmark.plots.plan_figures.make_environment", lambda task: both)
    with pytest.raises(UserError, match="the episode of seed 3 ended before step 5; plan earlier"):
        watch(both, UMAZE, seed=3, after=5)


def test_the_plan_has_a_sketch_for_each_scale(maze: Shown) -> None:
    assert maze.plan.shape == (3, 8, 4)
    assert maze.path.shape == (301, 4)  # To the end of the episode.
    assert not np.allclose(maze.plan[0], maze.plan[2])


def test_a_maze_has_a_panel_for_each_scale(maze: Shown) -> None:
    drawn = figure(maze)
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
    drawn = figure(Shown(UMAZE, (1, 2, 3, 4, 5), np.arange(2), plan, path))
    assert len(drawn.axes) == 8
    assert [panel.axison for panel in drawn.axes] == [True] * 5 + [False] * 3
    assert drawn.axes[4].get_title() == "scale 5: 5 tokens"


def test_a_goal_that_the_agent_sees_is_marked(maze: Shown) -> None:
    path = np.tile(np.arange(6, dtype=np.float32), (5, 1))
    drawn = figure(replace(maze, task=TASKS["multi2d-umaze"], path=path)).axes[0]
    assert len(drawn.lines) == len(figure(maze).axes[0].lines) + 1
    assert drawn.lines[-1].get_xydata().tolist() == [[4, 5]]  # The columns of the goal.


def _joints_shown() -> Shown:
    path = np.zeros((8, 6), np.float32)
    # In the six steps that the plan spans, column 0 moves by 1, 2 by 3, 5 by 2; later 0 by 9.
    path[2, 0], path[3, 2], path[5, 5], path[7, 0] = 1, 3, -2, 9
    plan = np.arange(36, dtype=np.float32).reshape(2, 3, 6)
    return Shown(DOOR, (1, 2), np.array([0, 3, 6]), plan, path)


def test_a_robot_has_a_panel_for_each_of_the_two_joints_that_move_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "benchmark.plots.plan_figures.joint_names", lambda task: {0: "wrist", 2: "arm", 5: "thumb"}
    )
    shown = _joints_shown()
    drawn = figure(shown)
    assert [panel.get_title() for panel in drawn.axes] == ["joint arm", "joint thumb"]
    for panel, column in zip(drawn.axes, (2, 5), strict=True):
        first, second, path = panel.lines
        assert first.get_xdata().tolist() == [0, 3, 6]
        assert first.get_ydata().tolist() == [column, 6 + column, 12 + column]
        assert second.get_ydata().tolist() == [18 + column, 24 + column, 30 + column]
        assert path.get_ydata().tolist() == shown.path[:7, column].tolist()
    labels = [text.get_text() for text in drawn.legends[0].get_texts()]
    assert labels == ["plan, scale 1: 1 token", "plan, scale 2: 2 tokens", "path taken"]


def test_a_hand_is_drawn_with_its_own_joints() -> None:
    names = list(joint_names(DOOR).values())
    path = np.random.default_rng(0).random((8, 39), np.float32)
    shown = Shown(DOOR, (1, 2), np.array([0, 3, 6]), np.zeros((2, 3, 39), np.float32), path)
    drawn = [panel.get_title().removeprefix("joint ") for panel in figure(shown).axes]
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


def test_plans_without_observations_cannot_be_drawn() -> None:
    agent: Any = SimpleNamespace(config=SimpleNamespace(sequence=("return", "action")))
    with pytest.raises(
        UserError, match="the plans of this agent hold return, action; a picture needs"
    ):
        watch(agent, UMAZE, seed=0)


@pytest.mark.parametrize(
    ("arguments", "written", "kind", "asked"),
    [
        ([], "run/plan.png", "png", (0, 0)),
        (["--out", "drawn.pdf", "--seed", "4", "--after", "9"], "drawn.pdf", "pdf", (4, 9)),
    ],
)
def test_the_picture_is_written(
    arguments: list[str], written: str, kind: str, asked: tuple[int, int],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, maze: Shown,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("run").mkdir()
    agent, watched = MAGEAgent(task_info(UMAZE), TINY, "cpu"), []
    monkeypatch.setattr("benchmark.plots.plan_figures.load_agent", lambda run: agent)
    monkeypatch.setattr("benchmark.plots.plan_figures.trained_task", lambda run: "maze2d-umaze")
    monkeypatch.setattr(
        "benchmark.plots.plan_figures.watch", lambda *given: watched.append(given) or maze
    )
    monkeypatch.setattr(
        "benchmark.plots.plan_figures.figure_bytes", lambda drawn, kind: kind.encode()
    )
    result = CliRunner().invoke(app, ["run", *arguments])
    assert (result.exit_code, result.output.strip()) == (0, written)
    assert Path(written).read_text() == kind
    assert watched == [(agent, UMAZE, *asked)]


def test_another_agent_has_no_plans_of_this_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.plots.plan_figures.load_agent", lambda run: Figure())
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no MAGE" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--out", "plan.txt"], "--out plan.txt is no picture; valid: a name that ends"),
        (["none"], "no agent can be loaded from none"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
