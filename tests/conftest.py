"""What all tests share: folders of their own, tiny data, and a tiny agent."""

from __future__ import annotations

import functools
import gc
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmark.agents import registry
from benchmark.interface import Dataset, TaskInfo
from benchmark.records import system
from benchmark.records.files import RunPlace
from benchmark.running import monitor
from benchmark.running.synthetic_task import random_episodes, synthetic_task
from benchmark.tasks import TASKS, task_registry
from tests.agent_file import AGENT_FILE

# Read by the client library when it is first imported: no test is to reach the network.
os.environ["HF_HUB_OFFLINE"] = "1"

REAL_DATASETS = os.environ.get("MINARI_DATASETS_PATH")
_UMAZE = "mage/maze2d/umaze-v0"
# Files of tests that take more than 20 seconds, those that take longest first.
_LONGEST = (
    # Two that start Ray at a time wait for each other: other files lie between.
    *("test_agents", "test_end_to_end", "test_readme", "test_clean_seeds"),
    *("test_extreme_columns", "test_deployment", "test_faults", "test_own_agents"),
    *("test_without_ray", "test_calibration", "test_layout", "test_serial_runner"),
    *("test_run_calibration", "test_comparing", "test_trial_real", "test_tune", "test_own_tasks"),
    *("test_own_datasets", "test_datasets", "test_documents", "test_updates"),
    *("test_kitchen_skills", "test_kitchen_chains", "test_collect", "test_ogbench_envs"),
    *("test_following_agents", "test_browser_tools"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option of `make fast`, and that of `tests/test_tasks.py`."""
    parser.addoption(
        "--fast", action="store_true", help="skip what learns, traces, draws or starts a process"
    )
    parser.addoption("--task", help="check path/to/tasks.py:NAME, and no task of the table")


def pytest_configure() -> None:
    """Lets Ctrl-C interrupt: a shell has it ignored by what it starts in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what needs a GPU, where there is none."""
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("needs a GPU")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has the files that take longest first, so that no process ends long after the others."""
    places = {name: place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_collection_finish() -> None:
    """Leaves out of each collection of garbage what has been imported and collected by now."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _code_does_not_change_meanwhile() -> Iterator[None]:
    """Asks git and the installation once, of what every record holds."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("commit", "version"):
            patch.setattr(system, name, functools.cache(getattr(system, name)))
        yield


@pytest.fixture(scope="session", autouse=True)
def fast(pytestconfig: pytest.Config) -> Iterator[None]:
    """With `--fast`, skips what learns, traces, draws, or starts a process or environment."""

    def skip(*arguments: object, **options: object) -> None:
        pytest.skip("learns, traces or draws, or starts a process or environment")

    with pytest.MonkeyPatch.context() as patch:
        if pytestconfig.getoption("--fast"):
            # Some versions start a process when they are imported, which is then left half done.
            with suppress(ImportError):
                import_module("ray")
            patch.setattr("subprocess.Popen.__init__", skip)
            patch.setattr("multiprocessing.process.BaseProcess.start", skip)
            patch.setattr("gymnasium.make", skip)
            patch.setattr("torch.Tensor.backward", skip)
            patch.setattr("torch.jit.trace", skip)
            patch.setattr("matplotlib.figure.Figure.draw", skip)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_compiled_is_kept() -> Iterator[None]:
    """Python does not see that an agent's file has changed, if that takes less than a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        yield


@pytest.fixture(autouse=True)
def _no_real_folders(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Keeps tests away from the user's datasets, and from what is remembered of them."""
    if "tmp_path" in request.fixturenames:
        home = request.getfixturevalue("tmp_path")
    else:  # Most tests need no folder, and thousands of empty ones take long to remove.
        home = tmp_path_factory.getbasetemp() / f"not-made-{uuid.uuid4().hex}"
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(home / "minari"))
    monkeypatch.setenv("MAGE_BENCH_CACHE", str(home / "cache"))


@pytest.fixture(autouse=True)
def _nothing_registered_by_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgets the tasks and agents that a test registers in the tests' own process."""
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    for name in ("_registered", "_places", "_importable", "_plugged"):
        known = getattr(task_registry, name)
        monkeypatch.setattr(task_registry, name, type(known)(known))


@pytest.fixture(autouse=True)
def _hasty_agents_change_nothing_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts back what the agents of `AGENT_FILE` change where they run in the tests' own process."""
    for name in ("CHECKPOINT_EVERY", "_CHECK_EVERY"):
        monkeypatch.setattr(monitor, name, getattr(monitor, name))


@pytest.fixture
def shared_minari(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Minari's folder with real datasets, where the caller of the tests has named one."""
    if REAL_DATASETS is None:
        pytest.skip("needs real datasets: set MINARI_DATASETS_PATH to Minari's folder")
    monkeypatch.setenv("MINARI_DATASETS_PATH", REAL_DATASETS)
    return Path(REAL_DATASETS)


@pytest.fixture(scope="session")
def _small_umaze(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from benchmark.data import prepare
    from benchmark.data.recipes import RECIPES
    from benchmark.tasks import TASKS
    from benchmark.tasks.environments import task_info

    root = tmp_path_factory.mktemp("minari")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINARI_DATASETS_PATH", str(root))
        patch.setitem(RECIPES, _UMAZE, replace(RECIPES[_UMAZE], episodes=5))
        prepare(TASKS["maze2d-umaze"], task_info(TASKS["maze2d-umaze"]), "local", print)
    return root


@pytest.fixture
def small_umaze(_small_umaze: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Minari's folder with a small dataset for maze2d-umaze in it."""
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(_small_umaze))
    return _small_umaze


@pytest.fixture
def short_umaze(small_umaze: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same where nothing depends on how long an episode is: one has 40 steps, not 300."""
    task = replace(TASKS["maze2d-umaze"], max_steps=40)
    monkeypatch.setitem(TASKS, task.name, task)
    return small_umaze


@pytest.fixture
def own_umaze(small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a copy of the collected dataset, to be damaged."""
    root = shutil.copytree(small_umaze, tmp_path / "damaged")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(root))
    return root / _UMAZE


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports whose pictures are empty files, as drawing takes seconds."""
    monkeypatch.setattr("benchmark.plots.figure_bytes", lambda figure, kind: kind.encode())


@pytest.fixture
def agent_file(tmp_path: Path) -> Path:
    """A file with agents that learn at once: Pusher, and some that misbehave."""
    path = tmp_path / "my_agents.py"
    path.write_text(AGENT_FILE, encoding="utf-8")
    return path


@pytest.fixture
def place(tmp_path: Path) -> RunPlace:
    """Where a run finds nothing but an output folder."""
    return RunPlace(tmp_path / "out", tmp_path / "shared", tmp_path / "stop")


@pytest.fixture
def tiny_dataset() -> Dataset:
    """Four episodes of 30 steps with 4 observed numbers and 2 actions; the last is a timeout."""
    return random_episodes()


@pytest.fixture
def tiny_task() -> TaskInfo:
    """The task that `tiny_dataset` belongs to, with bounds of -1 and 1."""
    ones = np.ones(2, np.float32)
    return replace(synthetic_task(), name="tiny", action_low=-ones, action_high=ones)
