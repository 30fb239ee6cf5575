"""Videos of trained agents.

An agent plays one episode of the evaluation once more, from the files that its run has left behind.
That is after its score is recorded, so no video can change one, and it works for every agent that
can be loaded again. The loop is the evaluation's own, the recorder gymnasium's.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.agents.saved import has_agent, load_agent, trained_seed, trained_task
from benchmark.errors import UserError, with_type
from benchmark.evaluation.episode_seeds import evaluation_seeds
from benchmark.records.files import RunFiles, write_atomically
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.tasks import Task

if TYPE_CHECKING:
    import gymnasium as gym

    from benchmark.evaluation.rollout import Evaluation

PACKAGE = "moviepy>=2.2,<3"  # With which gymnasium's recorder writes files; the extra `video`.
_ABOVE = 1.4  # Distance that shows a square of side 1 and its walls, in a view of 45 degrees.


def first_seed(run: Path) -> int:
    """The environment seed of a run's first evaluation episode, which a video shows by default.

    Raises:
        UserError: if the run has left no agent behind.
    """
    return evaluation_seeds(1, trained_seed(run))[0]


def video_path(run: Path, seed: int) -> Path:
    """Where the video of an episode lies: with the agent, and gone with it if it is trained anew.

    Args:
        run: folder of the trained agent.
        seed: of the environment.
    """
    return run / f"episode-{seed}.mp4"


def summary(evaluation: Evaluation) -> str:
    """What is to be seen in a video of one episode."""
    (seed,), (steps,) = evaluation.seeds, evaluation.lengths
    solved = ", solved" if any(evaluation.successes) else ""
    return f"episode of seed {seed}, {steps} steps, return {evaluation.returns[0]:.1f}{solved}"


def check_recorder() -> None:
    """Looks for the package that writes videos.

    Raises:
        UserError: if it is not installed.
    """
    if importlib.util.find_spec("moviepy") is None:
        raise UserError(
            f"a video needs the package moviepy, which is not installed; pip install '{PACKAGE}'"
        )


def check_video(task: Task) -> None:
    """Tries whether videos can be made on this machine, so that hours of training are not for it.

    Raises:
        UserError: if not.
    """
    check_recorder()
    with tempfile.TemporaryDirectory() as scratch, _screenless():
        recording_environment(task, Path(scratch) / "video").close()


def film_runs(
    runs: Sequence[RunSpec], store: Store, device: str, report: Callable[[str], None]
) -> None:
    """Records a video of each run that has a trained agent and none yet.

    Args:
        runs: which were asked for.
        store: where they lie.
        device: name of a torch device.
        report: gets one line for each video: what is to be seen, or why there is nothing.
    """
    for run in runs:
        store.pull(f"runs/{run.name}")
        agent = RunFiles(store.folder, run.name).agent
        if not has_agent(agent):
            continue
        try:
            seed = first_seed(agent)
            path = video_path(agent, seed)
            if path.exists():
                continue
            evaluation = film(agent, path, seed, device)
        except UserError as error:
            report(f"no video of {run.name}: {error}")
            continue
        store.push(path)
        report(f"video of {run.name}: {summary(evaluation)}")


def film(run: Path, path: Path, seed: int, device: str = "cpu") -> Evaluation:
    """Records one episode of a trained agent.

    Args:
        run: the folder that its run left behind.
        path: of the video, which is there whole or not at all.
        seed: of the environment.
        device: name of a torch device.

    Returns:
        What the agent did in it; its score is by the table's reference returns.

    Raises:
        UserError: if there is no such agent, or no video of it can be made.
    """
    task = trained_task(run)
    with tempfile.TemporaryDirectory() as scratch, _screenless():
        # MuJoCo decides how to draw as it is imported, which a loaded agent does.
        _drawn_environment(task).close()
        agent = load_agent(run, device)
        # As in `recording_environment`.
        from benchmark.evaluation.rollout import EnvironmentPool, evaluate

        folder = Path(scratch) / "video"  # Not there yet, or the recorder warns of it.
        try:
            with EnvironmentPool(task, lambda task: recording_environment(task, folder)) as pool:
                evaluation = evaluate(agent, pool, [seed])
            (video,) = folder.glob("*.mp4")  # Written as the environment was closed.
            write_atomically(path, video.read_bytes())
        except UserError:
            raise
        except Exception as error:  # Of the agent, the renderer, the recorder or the disk.
            raise UserError(
                f"no video {path} could be made ({with_type(error)}); the "
                "run is as it was: the same command tries again"
            ) from error
    return evaluation


def check_drawing(task: Task) -> None:
    """Tries whether a task can be drawn on this machine, whether or not videos can be written.

    Raises:
        UserError: if not.
    """
    with _screenless():
        _drawn_environment(task).close()


def recording_environment(task: Task, folder: Path) -> gym.Env[Any, Any]:
    """An environment that records its episodes; each video is written when the next one begins.

    Args:
        task: row of the table of tasks.
        folder: where the videos go.

    Raises:
        UserError: if this machine cannot draw it.
    """
    import gymnasium as gym

    env = _drawn_environment(task)
    return gym.wrappers.RecordVideo(env, str(folder), episode_trigger=lambda episode: True)


def _drawn_environment(task: Task) -> gym.Env[Any, Any]:
    """An environment whose first frame has been drawn.

    Raises:
        UserError: if this machine cannot draw it.
    """
    try:
        import mujoco

        # MuJoCo reads MUJOCO_GL as it is imported, and fails if it does not know the value.
        from benchmark.tasks.environments import make_environment

        env = make_environment(task, "rgb_array")
        renderer = _aimed_renderer(env.unwrapped, task)
        env.reset(seed=0)
        frame: Any = env.render()
    except Exception as error:  # Drivers fail in many ways.
        with contextlib.redirect_stderr(io.StringIO()):
            traceback.clear_frames(error.__traceback__)  # A viewer that is not whole complains.
        raise UserError(
            f"{task.name} cannot be drawn on this machine ({with_type(error)}; "
            f"MUJOCO_GL is {os.environ.get('MUJOCO_GL', 'not set')}); valid: "
            "MUJOCO_GL=egl with a GPU's driver or Mesa (apt install libegl1 libgl1-mesa-dri), "
            "MUJOCO_GL=osmesa (apt install libosmesa6), MUJOCO_GL=glfw with a screen; or go "
            "without videos"
        ) from error
    if not isinstance(frame, np.ndarray):
        raise UserError(
            f"the environment of the task {task.name} draws no picture: its render gives "
            f"{type(frame).__name__}; valid: an environment with render_mode='rgb_array', or go "
            "without videos"
        )
    # Without these a processor draws a frame of the kitchen five times as fast.
    if (viewer := getattr(renderer, "viewer", None)) is not None:
        for effect in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            viewer.scn.flags[effect] = False
    return env


def _aimed_renderer(world: Any, task: Task) -> Any:
    """Points the camera at all of the task: at a maze from above, else as the task's row says.

    Returns:
        Gymnasium's renderer; None of an environment that draws otherwise, with a camera of its own.
    """
    camera: dict[str, Any] = dict(task.camera)
    maze = getattr(world, "maze", None)
    for part in ("point_env", "ant_env", "robot_env"):  # Mazes and the kitchen are around these.
        world = getattr(world, part, world)
    renderer = getattr(world, "mujoco_renderer", None)
    if renderer is None:
        return None
    if maze is not None:
        side = maze.maze_size_scaling * max(maze.map_length, maze.map_width)
        above = {"distance": _ABOVE * side, "azimuth": 90.0, "elevation": -90.0}
        camera |= {**above, "lookat": np.zeros(3)}
        renderer.camera_id = -1  # A free one, not the one that follows the ant.
        world.model.mat_texid[:] = -1  # From far above, an ant is lost on a chequered floor.
    renderer.default_cam_config = {**(renderer.default_cam_config or {}), **camera}
    return renderer


@contextlib.contextmanager
def _screenless() -> Iterator[None]:
    """Lets MuJoCo draw without a window on Linux without a screen, unless the user says how."""
    chosen = {"MUJOCO_GL", "DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ)
    if chosen or sys.platform != "linux":
        yield
        return
    os.environ["MUJOCO_GL"] = "egl"
    try:
        yield
    finally:
        # Or all processes that are started from here would load a driver that they do not need.
        del os.environ["MUJOCO_GL"]
