"""Times of single calls: what is measured, and what is refused."""

from __future__ import annotations

from itertools import cycle, groupby, islice
from typing import Any, ClassVar

import numpy as np
import pytest

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice
from benchmark.evaluation import action_timing
from benchmark.evaluation.action_timing import TIMED_TASK, fitted_agent, random_dataset, time_agents
from benchmark.interface import Dataset, TaskInfo, TaskSettings
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info


class Clock:
    """Time that passes only when agents act or reset."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Timed:
    """Its calls take the times that it is given, in ms, in turns; a reset takes a second."""

    parameter_count = 5

    def __init__(self, clock: Clock, log: list[Any], name: str, *milliseconds: float) -> None:
        self.clock, self.log, self.name = clock, log, name
        self.milliseconds = cycle(milliseconds)

    def reset(self, n_envs: int) -> None:
        self.log.append((self.name, "reset", n_envs))
        self.clock.now += 1

    def act(self, observations: Any, last_rewards: Any) -> None:
        self.log.append((self.name, *observations.shape, *last_rewards.tolist()))
        self.clock.now += next(self.milliseconds) / 1000


def test_agents_take_turns_and_the_first_calls_do_not_count(
    monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo
) -> None:
    clock, log = Clock(), []
    monkeypatch.setattr(action_timing, "time", clock)
    monkeypatch.setattr(action_timing, "task_info", lambda task: tiny_task)
    agents: Any = {
        "one": Timed(clock, log, "one", 500, 400, 300, 20, 30),  # The first three are slow.
        "other": Timed(clock, log, "other", 250),
    }
    threads: list[int] = []
    monkeypatch.setattr("torch.set_num_threads", threads.append)
    # Each has ten turns of 0.1 s.
    cases = list(action_timing._in_turns(agents, "quick", 2, "cpu", 1.0, {"other": 3}))
    assert threads == [1, 3] * 11, "each warms up and acts with its own"
    assert [(each.agent, each.preset, each.batch, each.parameters) for each in cases] == [
        ("one", "quick", 2, 5),
        ("other", "quick", 2, 5),
    ]
    calls = [(name, len(list(group))) for name, group in groupby(log, lambda each: each[0])]
    assert calls[:2] == [("one", 4), ("other", 4)], "a reset and three calls to warm up"
    # 20 and 30 ms come before the slow ones again; one call of 250 ms is a turn.
    assert [name for name, _ in calls[2:]] == ["one", "other"] * 10
    assert cases[0].milliseconds[:3] == pytest.approx([20, 30, 500])
    assert cases[1].milliseconds == pytest.approx([250] * 10)
    assert log[:2] == [("one", "reset", 2), ("one", 2, 4, 0.0, 0.0)], "two environments, no reward"


def test_an_episode_starts_anew_after_as_many_calls_as_the_task_has_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, log = Clock(), []
    monkeypatch.setattr(action_timing, "time", clock)
    agent: Any = Timed(clock, log, "one", 5, 6)
    calls = action_timing._caller(agent, np.zeros((3, 2), np.float32), max_steps=4)
    assert list(islice(calls, 9)) == pytest.approx([5, 6, 5, 6, 5, 6, 5, 6, 5])
    assert [place for place, each in enumerate(log) if each[1] == "reset"] == [0, 5, 10]


def test_every_agent_is_timed_at_every_size_on_every_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, timed = [], []
    threads: list[int] = []
    monkeypatch.setattr("torch.set_num_threads", threads.append)
    monkeypatch.setattr(action_timing, "fitted_agent", lambda *what: made.append(what) or what[0])  # type: ignore[func-returns-value]
    monkeypatch.setattr(action_timing, "_in_turns", lambda *what: timed.append(what) or [what[1:4]])  # type: ignore[func-returns-value]
    agents = [AgentChoice("bc"), AgentChoice("mine", "mine.py:Mine")]
    found = time_agents(agents, ["quick", "paper"], [1, 64], ["cpu", "cuda"], 2.5, {"bc": 2})
    assert threads == [1]
    assert made == [
        (choice, preset, device)
        for device in ("cpu", "cuda")
        for preset in ("quick", "paper")
        for choice in agents
    ]
    assert found == [
        (preset, batch, device)
        for device in ("cpu", "cuda")
        for preset in ("quick", "paper")
        for batch in (1, 64)
    ]
    by_name = dict(zip(("bc", "mine"), agents, strict=True))
    assert timed[0] == (by_name, "quick", 1, "cpu", 2.5, {"bc": 2})


class Sized:
    """An agent of known size: a MAGE has 9,000 weights, a DT 100 for each of its width."""

    def __init__(self, name: str, settings: dict[str, Any]) -> None:
        self.name, self.settings = name, settings
        self.parameter_count = 100 * settings["width"] if name == "dt" else 9_000


@pytest.mark.parametrize(("preset", "eight"), [("quick", "mage.k8"), ("paper", "mage")])
def test_mage_is_set_beside_a_decision_transformer_of_its_size(
    monkeypatch: pytest.MonkeyPatch, preset: str, eight: str
) -> None:
    made = []

    def make(choice: AgentChoice, preset: str, device: str, **settings: Any) -> Sized:
        made.append((choice.name, choice.source, preset, device))
        return Sized(choice.name, settings)

    monkeypatch.setattr(action_timing, "fitted_agent", make)
    found: Any = action_timing._matched_variants(preset, "cuda")
    assert {name: each.name for name, each in found.items()} == {
        "mage (K = 8)": eight,
        "mage (no cache)": eight,
        "dt (as many weights)": "dt",
    }
    assert found["mage (K = 8)"].settings == {}
    assert found["mage (no cache)"].settings == {"cache": False}
    width = found["dt (as many weights)"].settings["width"]
    assert abs(width - 90) <= 4 and width % 4 == 0  # 9,000 weights are a width of 90.
    assert set(made) == {(eight, None, preset, "cuda"), ("dt", None, preset, "cuda")}


def test_what_agents_learn_from_has_the_tasks_sizes() -> None:
    info = task_info(TASKS[TIMED_TASK])
    assert info.name == "adroit-door-expert", "a hand, as in the paper"
    dataset = random_dataset(info, steps=450)
    dataset.check_fits(info)
    assert np.diff(dataset.ends, prepend=0).tolist() == [200, 200, 50]
    assert not dataset.terminals.any()
    assert dataset.actions.min() >= info.action_low.min()
    assert dataset.actions.max() <= info.action_high.max()
    assert dataset.actions.std() > 0.5 and abs(dataset.observations.std() - 1) < 0.05
    assert len(random_dataset(info)) == 2_000


class Fitted:
    """Notes what it is made of and what it learns."""

    presets: ClassVar[dict[str, Any]] = {"smoke": {"steps": 9, "width": 3, "depth": 4}}
    task_settings = (
        TaskSettings("adroit", {"depth": 5, "heads": 6}, "test"),
        TaskSettings(TIMED_TASK, {"width": 7}, "test", "smoke"),
    )
    variants: ClassVar[dict[str, Any]] = {"tall": {"depth": 9}}

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        self.made = (task.name, settings, device)

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
        self.fitted = (len(dataset), steps)
        progress(1, {})

    def reset(self) -> None: ...

    act = save = load = reset


@pytest.mark.parametrize(("name", "depth"), [("own", 5), ("own.tall", 9)])
def test_an_agent_is_made_of_its_settings_and_fitted_a_little(
    monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo, name: str, depth: int
) -> None:
    monkeypatch.setattr(registry, "_registered", {"own": Fitted})
    monkeypatch.setattr(action_timing, "task_info", lambda task: tiny_task)
    agent: Any = fitted_agent(AgentChoice(name), "smoke", "cuda", heads=8)
    assert agent.made == ("tiny", {"width": 7, "depth": depth, "heads": 8}, "cuda")
    assert agent.fitted == (2_000, 2)


def test_a_variant_of_mage_is_timed_with_its_own_settings_and_the_tasks() -> None:
    agent: Any = fitted_agent(AgentChoice("mage.k1"), "smoke", "cpu")
    assert agent.config.scales == (16,), "the variant's"
    assert (agent.config.best_of, agent.config.inverse_dropout) == (1, 0.2), "the task's"
    assert agent.config.width == 16, "the preset's"
