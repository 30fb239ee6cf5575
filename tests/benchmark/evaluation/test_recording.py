"""Videos: made of the evaluation's episodes, of any agent, and never at a record's cost."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from benchmark.agents.registry import agent_class
from benchmark.agents.saved import save_agent
from benchmark.errors import UserError
from benchmark.evaluation import recording
from benchmark.records.files import RunFiles
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.tasks import TASKS

UMAZE = TASKS["maze2d-umaze"]


class Drawn(gym.Wrapper[Any, Any, Any, Any]):
    """Stands in for the recorder: needs neither a driver nor an encoder."""

    def __init__(self, env: gym.Env[Any, Any], folder: Path) -> None:
        super().__init__(env)
        self.folder, self.steps = folder, 0

    def step(self, action: Any) -> Any:
        self.steps += 1
        return super().step(action)

    def close(self) -> None:
        self.folder.mkdir()
        (self.folder / "episode.mp4").write_text(f"{self.steps} steps")
        super().close()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmark.tasks.environments import make_environment

    monkeypatch.setattr(
        "benchmark.evaluation.recording.recording_environment",
        lambda task, folder: Drawn(make_environment(task), folder),
    )


@pytest.fixture
def spec(agent_file: Path, tmp_path: Path) -> RunSpec:
    """A run of a third party's agent that has been trained; it lies below `tmp_path`."""
    source = f"{agent_file}:Pusher"
    run = RunSpec("maze2d-umaze", "pusher", 2, "smoke", 12, 2, source=source)
    agent = agent_class(source)(None, {}, "cpu")  # type: ignore[call-arg]
    agent.target = np.ones(2)  # type: ignore[attr-defined]
    save_agent(agent, run, RunFiles(tmp_path, run.name).agent)
    return run


@pytest.mark.usefixtures("drawn")
def test_one_episode_of_the_evaluation_is_filmed(spec: RunSpec, tmp_path: Path) -> None:
    lines: list[str] = []
    with Store(str(tmp_path)) as store:
        recording.film_runs([spec], store, "cpu", lines.append)
        path = RunFiles(tmp_path, spec.name).agent / "episode-1020000.mp4"
        assert path.read_text() == "300 steps"
        told = "video of maze2d-umaze/pusher/seed-2: episode of seed 1020000, 300 steps, return"
        assert len(lines) == 1 and lines[0].startswith(told)
        recording.film_runs([spec], store, "cpu", lines.append)
    assert len(lines) == 1, "what is there is not made again"
    assert {each.name for each in path.parent.iterdir()} == {"agent.json", "weights", path.name}


@pytest.mark.usefixtures("drawn")
def test_an_agent_that_fails_costs_only_its_own_video(
    spec: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(agent_class(str(spec.source)), "act", lambda *inputs: 1 / 0)
    never_trained = RunSpec("maze2d-umaze", "bc", 0, "smoke", 12, 2)
    with Store(str(tmp_path)) as store:
        recording.film_runs([never_trained, spec], store, "cpu", lines.append)
    (line,) = lines
    assert line.startswith("no video of maze2d-umaze/pusher/seed-2: no video ")
    assert "(ZeroDivisionError: division by zero); the run is as it was" in line


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_machine_that_cannot_draw_gets_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MUJOCO_GL", "glx")  # Known to MuJoCo, not to gymnasium.
    with pytest.raises(UserError, match=r"maze2d-umaze cannot be drawn .*MUJOCO_GL is glx") as told:
        recording.recording_environment(UMAZE, tmp_path)
    assert "MUJOCO_GL=egl with a GPU's driver or Mesa (apt install" in str(told.value)
    assert capfd.readouterr().err == ""


def test_the_user_has_the_last_word_on_how_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("MUJOCO_GL", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with recording._screenless():
        assert os.environ["MUJOCO_GL"] == "egl"
    assert "MUJOCO_GL" not in os.environ
    for name, value in (("DISPLAY", ":0"), ("MUJOCO_GL", "osmesa")):
        monkeypatch.setenv(name, value)
        with recording._screenless():
            assert os.environ.get("MUJOCO_GL") == (value if name == "MUJOCO_GL" else None)


@dataclass
class World:
    """As much of an environment as the camera needs."""

    mujoco_renderer: Any


def test_the_camera_of_a_task_comes_on_top_of_the_environments() -> None:
    class Renderer:
        default_cam_config: Any = {"distance": 1.0, "azimuth": -45.0}  # noqa: RUF012

    found = recording._aimed_renderer(World(Renderer()), TASKS["adroit-pen-expert"])
    assert found.default_cam_config == {"distance": 0.7, "azimuth": -45.0}


def test_a_real_video(spec: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("moviepy") is None:
        pytest.skip("needs moviepy")
    monkeypatch.setitem(TASKS, "maze2d-umaze", replace(UMAZE, max_steps=10))
    try:
        recording.check_video(UMAZE)
    except UserError as error:
        pytest.skip(str(error))
    path = tmp_path / "episode.mp4"
    evaluation = recording.film(RunFiles(tmp_path, spec.name).agent, path, seed=7)
    assert evaluation.seeds == [7] and evaluation.lengths == [10]
    assert path.read_bytes()[4:8] == b"ftyp"


def test_whether_a_task_can_be_drawn_is_tried_without_the_package_for_videos(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[bool] = []

    class Frame:
        def close(self) -> None:
            closed.append(True)

    monkeypatch.setattr(recording, "check_recorder", lambda: pytest.fail("not asked for"))
    monkeypatch.setattr(recording, "_drawn_environment", lambda task: Frame())
    recording.check_drawing(UMAZE)
    assert closed == [True]
