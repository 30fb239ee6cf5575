"""Plans in motion: which frames there are, what each shows, and how large the file is."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from benchmark.plots.plan_animation import (
    Frame,
    PlanView,
    frames,
    plan_animation,
    plan_picture,
)
from benchmark.plots.robot_columns import RobotColumn
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import TASKS

LARGE, DOOR = TASKS["antmaze-large-play"], TASKS["adroit-door-expert"]


def episode(size: int) -> PlanTrace:
    """A random walk of 60 steps whose plans, of eight scales, look 40 steps ahead."""
    random = np.random.default_rng(0)
    path = random.normal(0, 0.5, (61, size)).cumsum(0).astype(np.float32)
    plans = random.normal(0, 5, (60, 8, 5, size)).astype(np.float32)
    scales = (1, 2, 3, 4, 6, 8, 12, 16)
    return PlanTrace(scales, 10 * np.arange(5), plans, path, np.zeros(60, np.float32))


def test_at_each_moment_the_plan_grows_and_then_the_agent_goes_on() -> None:
    trace = replace(episode(4), scales=(1, 2, 4))
    assert list(frames(trace, LARGE, [0, 30])) == [
        *(Frame(0, 0, scale) for scale in range(3)),
        *(Frame(now, 0, 2) for now in (10, 20)),
        *(Frame(30, 30, scale) for scale in range(3)),
        *(Frame(now, 30, 2) for now in (40, 50)),
        Frame(60, 30, 2),
    ]


def test_in_a_maze_it_ends_at_the_goal() -> None:
    trace = replace(episode(4), scales=(1,), rewards=(np.arange(60) >= 30).astype(np.float32))
    assert [frame.now for frame in frames(trace, LARGE, [0])] == [0, 10, 20, 30]
    assert [frame.now for frame in frames(trace, DOOR, [0])] == [0, 20, 40, 60]


@pytest.mark.parametrize("across", [0, None])
def test_a_frame_shows_the_way_so_far_and_the_plan(across: int | None) -> None:
    trace = episode(4)
    ax = Figure().subplots()
    PlanView(ax, trace, across, 1).show(Frame(12, 10, 3))
    past, plan, here = (line.get_xydata() for line in ax.lines)
    path = np.stack([np.arange(61), trace.path[:, 1]], 1) if across is None else trace.path[:, :2]
    np.testing.assert_allclose(past, path[:13])
    np.testing.assert_allclose(here, path[12:13])
    np.testing.assert_allclose(plan[:, 1], trace.plans[10, 3, :, 1])
    expected = 10 + trace.steps if across is None else trace.plans[10, 3, :, 0]
    np.testing.assert_allclose(plan[:, 0], expected)


def test_the_animation_has_all_frames_and_stays_small() -> None:
    content = plan_animation(episode(31), LARGE)
    assert content.startswith(b"GIF89a") and len(content) < 2**20
    # Of eight scales four are shown at each of ten moments, and two frames are on the way.
    picture = Image.open(io.BytesIO(content))
    assert picture.n_frames == 10 * (4 + 2) + 1
    assert picture.width < 400


def test_positions_move_over_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("benchmark.plots.plan_animation._MOMENTS", 1)
    columns = {3: RobotColumn("a", "a", unit="m", factor=0.5, offset=2.0)}
    monkeypatch.setattr("benchmark.plots.plan_figures.robot_columns", lambda task: columns)
    monkeypatch.setattr(PlanView, "show", lambda self, frame: seen.append(self.path()))
    trace = episode(39)
    picture = Image.open(io.BytesIO(plan_animation(trace, DOOR)))
    assert picture.n_frames == 4 + 2 + 1
    np.testing.assert_allclose(seen[0][:, 1], 0.5 * trace.path[:, 3] + 2, rtol=1e-5)


def test_only_a_gif_moves() -> None:
    trace = episode(31)
    assert plan_picture(trace, LARGE, "pdf").startswith(b"%PDF")
    assert plan_picture(trace, LARGE, "png", [7]).startswith(b"\x89PNG")
