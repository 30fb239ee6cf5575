"""A made-up world for runs: data, episodes and agents, on a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from benchmark.agents import registry
from benchmark.data.loading import LoadedDataset
from benchmark.evaluation.rollout import Evaluation
from benchmark.interface import Dataset, TaskInfo
from benchmark.running import monitor, trial
from benchmark.tasks import Task


class World:
    """What a run finds: made-up data and episodes. Its time passes only when it is told to.

    Attributes:
        seen: what happened, in order.
        about: what is known of the dataset.
    """

    def __init__(self, dataset: Dataset, info: TaskInfo) -> None:
        self.dataset, self.info = dataset, info
        self.now = 100.0
        self.seen: list[Any] = []
        self.about: dict[str, Any] = {"id": "made-up", "reference_scores": [10.0, 30.0]}

    def perf_counter(self) -> float:
        return self.now

    monotonic = perf_counter

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def load(self, task: Task, info: TaskInfo, data: str) -> LoadedDataset:
        self.wait(3)
        self.seen.append(("load", task.name, info.name, data))
        return LoadedDataset(self.dataset, self.about)

    @contextmanager
    def pool(self, task: Task) -> Iterator[Task]:
        yield task

    def evaluate(self, agent: Any, pool: Task, seeds: list[int]) -> Evaluation:
        """The scores are 1, 3, 9 and so on, which is 10 s of playing each."""
        self.wait(10 * len(seeds))
        self.seen.append(("evaluate", agent.step, pool.min_score, pool.max_score, *seeds))
        places = range(len(seeds))
        scores = [3.0**place for place in places]
        solved = [place == 1 for place in places]
        return Evaluation(seeds, [2 * s for s in scores], scores, solved, [7 + p for p in places])

    def measure_latency(self, agent: Any, pool: Task) -> list[float]:
        self.wait(5)
        self.seen.append(("latency", agent.step))
        return [0.5, 0.25]


@dataclass(frozen=True)
class Config:
    width: int = 1
    depth: int = 2
    scales: tuple[int, ...] = ()
    place: Path = field(default=Path("here"))


class Noted:
    """An agent that notes what it is given; `world` is put in by the tests."""

    world: ClassVar[Any]
    needs: ClassVar[dict[str, Any]] = {"threads": 3}
    parameter_count = 77

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        self.world.wait(1)
        self.step, self.config = 0, Config(**settings)
        self.asked = (task.name, dict(settings), device)
        self.world.seen.append(("make", task.name, device))

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
        self.world.seen.append(("fit", len(dataset), steps, seed))
        for step in range(1, steps + 1):
            self.world.wait(2)
            self.step = step
            progress(step, {"loss": self.loss(step)})

    def loss(self, step: int) -> float:
        return 1.0 / step

    def reset(self, n_envs: int) -> None: ...

    def act(self, observations: Any, last_rewards: Any) -> Any: ...

    def save(self, folder: Path) -> None:
        self.world.wait(6)
        self.world.seen.append(("save", self.step))
        (folder / "step").write_text(str(self.step))

    def load(self, folder: Path) -> None:
        self.step = int((folder / "step").read_text())


class Plain(Noted):
    config = None


class Lasting(Noted):
    """Goes on after an interruption; the first is asked for at step 4."""

    stop: ClassVar[Path]

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
        for step in range(self.step + 1, steps + 1):
            self.world.wait(2)
            self.step = step
            if step == 4:
                self.stop.touch()
            progress(step, {"loss": 1.0})

    def training_state(self) -> dict[str, Any]:
        return {"step": self.step}

    def resume(self, state: dict[str, Any]) -> None:
        self.step = state["step"]


AGENTS = {"noted": Noted, "plain": Plain, "lasting": Lasting}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tiny_dataset: Dataset, tiny_task: TaskInfo) -> World:
    world = World(tiny_dataset, tiny_task)
    Noted.world = world
    monkeypatch.setattr(
        registry, "_registered", {"noted": Noted, "plain": Plain, "lasting": Lasting}
    )
    monkeypatch.setattr(trial, "time", world)
    monkeypatch.setattr(monitor, "time", world)
    monkeypatch.setattr("benchmark.tasks.environments.task_info", lambda task: world.info)
    monkeypatch.setattr(trial, "info_of", lambda task, data, evaluated: world.info)
    monkeypatch.setattr(trial, "load", world.load)
    monkeypatch.setattr(trial, "EnvironmentPool", world.pool)
    monkeypatch.setattr(trial, "evaluate", world.evaluate)
    monkeypatch.setattr(trial, "measure_latency", world.measure_latency)
    monkeypatch.setattr("benchmark.records.system.peak_memory_mb", lambda: 321.5)
    monkeypatch.setattr("torch.set_num_threads", lambda n: world.seen.append(("threads", n)))
    return world
