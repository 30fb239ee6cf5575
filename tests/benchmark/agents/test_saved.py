"""Trained agents come back from their folder."""

from __future__ import annotations

import errno
import inspect
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.agents import registry
from benchmark.agents.saved import (
    load_agent,
    save_agent,
    trained_seed,
    trained_task,
)
from benchmark.errors import UserError
from benchmark.interface import TaskInfo
from benchmark.records.record import RunSpec
from tests.agent_file import AGENT_FILE
from tests.benchmark.running.trial_world import Config

SETTINGS = {"width": 8, "scales": (1, 2)}
RUN = RunSpec("adroit-pen-human", "kept", 3, "smoke", 12, 4, settings=SETTINGS)


class Kept:
    """An agent that keeps its step, and what it was made with."""

    config: Any = Config(width=8)

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        self.step, self.given = 0, (task.name, settings, device)

    def save(self, folder: Path) -> None:
        assert list(folder.iterdir()) == []
        (folder / "step").write_text(str(self.step))

    def load(self, folder: Path) -> None:
        self.step = int((folder / "step").read_text())

    def fit(self) -> None: ...

    reset = act = fit


class NoConfig(Kept):
    config = None


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo) -> Any:
    monkeypatch.setattr(registry, "_registered", {"kept": Kept})
    monkeypatch.setattr("benchmark.tasks.environments.task_info", lambda task: tiny_task)
    return Kept(tiny_task, SETTINGS, "cpu")


def test_an_agent_comes_back_with_the_settings_it_had(agent: Any, tmp_path: Path) -> None:
    folder = tmp_path / "seed-3"
    (folder / "weights").mkdir(parents=True)
    (folder / "weights" / "old").touch()
    agent.step = 12
    save_agent(agent, RUN, folder)
    assert sorted(path.name for path in folder.rglob("*")) == ["agent.json", "step", "weights"]
    assert json.loads((folder / "agent.json").read_text()) == {
        **{
            "task": "adroit-pen-human",
            "task_source": None,
            "task_hash": None,
            "agent": "kept",
            "seed": 3,
            "source": None,
        },
        **{"settings": {"width": 8, "scales": [1, 2]}, "source_hash": None},
        "threads": torch.get_num_threads(),
        "info": None,
    }
    for gone in ("cuda:7", "gpu"):
        with pytest.raises(UserError, match=f"device '{gone}'"):
            load_agent(folder, gone)
    loaded: Any = load_agent(folder, "cpu")
    assert loaded.given == ("tiny", {"width": 8, "scales": [1, 2]}, "cpu")
    assert loaded.step == 12
    assert (trained_task(folder).name, trained_seed(folder)) == ("adroit-pen-human", 3)
    (folder / "agent.json").write_text('{"task": "adroit-pen-human"}')
    assert trained_seed(folder) == 0, "as older versions wrote it, for which seeds were all alike"


def test_the_trouble_of_the_machine_is_not_the_agents(
    agent: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(agent: Any, folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    save_agent(agent, RUN, tmp_path / "seed-3")
    monkeypatch.setattr(Kept, "load", refuse)
    with pytest.raises(UserError, match=r"PermissionError: .*; it may be all right: put") as told:
        load_agent(tmp_path / "seed-3")
    assert "train it again" not in str(told.value)


def test_where_saving_fails_the_agent_of_before_stays_and_no_half_of_another(
    agent: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_agent(agent, RUN, tmp_path / "seed-3")

    def full(agent: Any, folder: Path) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Kept, "save", full)
        for name in ("seed-3", "seed-4"):
            with pytest.raises(OSError, match="No space"):
                save_agent(agent, RUN, tmp_path / name)
    assert [path.name for path in tmp_path.glob("seed-*")] == ["seed-3"]
    load_agent(tmp_path / "seed-3")
    with pytest.raises(UserError, match="no agent can be loaded"):
        load_agent(tmp_path / "seed-4")


def test_an_agent_from_a_file_comes_back_and_one_that_was_altered_does_not(
    agent_file: Path, tmp_path: Path
) -> None:
    source = f"{agent_file}:Pusher"
    run = RunSpec("maze2d-umaze", "pusher", 0, "smoke", 12, 2, settings={"gain": 2}, source=source)
    pusher: Any = registry.agent_class(source)(None, {}, "cpu")
    pusher.target = np.array([1.0, 2.0])
    save_agent(pusher, run, tmp_path / "seed-0")
    agent = load_agent(tmp_path / "seed-0")
    agent.reset(1)
    observations = np.array([[0.75, 2.125, 0, 0]], np.float32)
    actions = agent.act(observations, np.zeros(1, np.float32))
    np.testing.assert_allclose(actions, [[0.5, -0.25]], atol=1e-5)  # The gain is 2.
    (tmp_path / "seed-0" / "weights" / "target.npy").write_bytes(b"something else")
    message = f"no agent can be loaded from {tmp_path / 'seed-0'} .*train it again"
    with pytest.raises(UserError, match=message):
        load_agent(tmp_path / "seed-0")


def trained(folder: Path, agent_file: Path) -> Path:
    """What a run with an agent of one's own leaves behind; it imports a file from beside it."""
    (agent_file.parent / "helper.py").write_text("GAIN = 2.0\n")
    agent_file.write_text(
        agent_file.read_text() + "\nfrom helper import GAIN\nfrom benchmark import register\n\n"
        "@register('own')\nclass Own(Pusher):\n    gain_of_file = GAIN\n"
    )
    choice = registry.find_agent(f"{agent_file}:Own")
    own: Any = registry.agent_class(str(choice.source))(None, {}, "cpu")
    own.target = np.array([1.0, 2.0])
    more = {"source": choice.source, "source_hash": choice.source_hash}
    save_agent(own, RunSpec("maze2d-umaze", "own", 0, "smoke", 12, 2, **more), folder)
    return folder


def test_results_with_an_agent_of_ones_own_can_be_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    project = tmp_path / "project"
    project.mkdir()
    file = project / "my_agents.py"
    file.write_text(AGENT_FILE, encoding="utf-8")
    folder = trained(project / "results" / "seed-0", file)
    assert str(tmp_path) not in (folder / "agent.json").read_text()
    moved = project.rename(tmp_path / "moved") / "results" / "seed-0"
    file = tmp_path / "moved" / "my_agents.py"
    loaded: Any = load_agent(moved)
    assert (loaded.gain_of_file, loaded.target.tolist()) == (2.0, [1, 2])
    assert Path(inspect.getfile(type(loaded))) == file, "its own file, not the copy, if it is there"
    (file.parent / "helper.py").write_text("GAIN = 3.0\n")
    assert load_agent(moved).gain_of_file == 2.0  # type: ignore[attr-defined]
    file.unlink()
    for where in (moved, Path(shutil.copytree(moved, tmp_path / "copied"))):
        loaded = load_agent(where)
        assert loaded.gain_of_file == 2.0
        assert Path(inspect.getfile(type(loaded))) == where / "source" / "my_agents.py"
    (moved / "source" / "helper.py").write_text("GAIN = 4.0\n")
    text = (
        r"file of Own that it was trained with has the hash \w{12}, but .*my_agents.py is not there"
    )
    with pytest.raises(
        UserError, match=text + r"; .*source/my_agents.py has \w{12}; put it back, or"
    ):
        load_agent(moved)


def test_an_agent_acts_with_the_threads_that_it_was_trained_with(
    agent: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []
    monkeypatch.setattr("torch.get_num_threads", lambda: 3)
    monkeypatch.setattr("torch.set_num_threads", threads.append)
    save_agent(agent, RUN, tmp_path / "seed-3")
    load_agent(tmp_path / "seed-3")
    path = tmp_path / "seed-3" / "agent.json"
    old = {name: value for name, value in json.loads(path.read_text()).items() if name != "threads"}
    path.write_text(json.dumps(old))
    load_agent(tmp_path / "seed-3")
    assert threads == [3, 1]


def test_a_folder_without_an_agent_is_named(tmp_path: Path) -> None:
    for look in (load_agent, trained_seed):
        with pytest.raises(UserError, match="expected the folder that a completed run left behind"):
            look(tmp_path)


def _kept(agent: Any, out: Path, *seeds: int) -> list[Path]:
    folders = [out / "runs" / "maze2d-umaze" / "kept" / f"seed-{seed}" for seed in seeds]
    for folder in folders:
        save_agent(agent, RUN, folder)
        folder.with_suffix(".json").touch()
    return folders


@pytest.mark.parametrize(
    "asked", [".", "runs", "runs/maze2d-umaze", "runs/maze2d-umaze/kept", ".."]
)
def test_of_a_folder_around_runs_those_are_named(agent: Any, tmp_path: Path, asked: str) -> None:
    folders = _kept(agent, tmp_path / "out", 0, 1, 2, 3)
    folder = tmp_path if asked == ".." else tmp_path / "out" / asked
    names = ", ".join(map(str, folders[:3]))
    message = (
        f"no agent can be loaded from {folder}: it is not the folder of one trained agent; valid: "
        f"{names} and 1 more; name one of them"
    )
    for look in (load_agent, trained_seed):
        with pytest.raises(UserError, match=re.escape(message)):
            look(folder)


@pytest.mark.parametrize("asked", ["seed-0.json", "seed-0.mp4", "seed-0/weights"])
def test_of_a_file_of_a_run_its_folder_is_named(agent: Any, tmp_path: Path, asked: str) -> None:
    (folder,) = _kept(agent, tmp_path, 0)
    with pytest.raises(UserError, match=f"valid: {folder}; name one of them"):
        load_agent(folder.parent / asked)


@pytest.mark.parametrize("asked", [".", "runs/maze2d-umaze/kept/seed-0"])
def test_records_that_were_passed_on_have_no_agents(agent: Any, tmp_path: Path, asked: str) -> None:
    (folder,) = _kept(agent, tmp_path, 0)
    shutil.rmtree(folder)
    message = "it holds records of runs, but none of their trained agents, .*; train again: python"
    with pytest.raises(UserError, match=message):
        load_agent(tmp_path / asked)
