"""How long trainings take: whole ones, in turns, of two lengths; and what counts as alike."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from benchmark.agents import registry
from benchmark.agents.builtin import GOAL_AGENTS, TIMED_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import AgentSettings
from benchmark.agents.training_costs import AgentCost
from benchmark.errors import UserError
from benchmark.evaluation import device_clock, training_time
from benchmark.evaluation.action_timing import random_dataset
from benchmark.evaluation.training_time import (
    ROWS,
    Workload,
    pooled,
    shared_steps,
    time_environment,
    time_shares,
    time_training,
    workloads,
)
from benchmark.interface import Dataset, TaskInfo
from benchmark.tasks import TASKS

STEPS = AgentSettings(500, {}, {"steps": "test"})


class Clock:
    now = 100.0

    def process_time(self) -> float:
        return self.now


class Staged:
    """Three seconds to get ready, and a second stage whose steps take longer."""

    clock: ClassVar[Clock]
    log: ClassVar[list[Any]]
    act_seconds = 0.5

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        if settings:
            raise ValueError(f"unknown settings {sorted(settings)}")

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
        self.log.append((type(self).__name__, steps, len(dataset)))
        self.clock.now += 3
        for step in range(steps):
            self.clock.now += 0.25 if step < steps // 2 else 0.75
            progress(step + 1, {})

    def reset(self, n_envs: int = 1) -> None: ...

    def act(self, observations: Any, last_rewards: Any) -> Any:
        self.clock.now += self.act_seconds
        return np.zeros((len(observations), 2), np.float32)

    save = load = reset


class Quick(Staged):
    """The same without stages, and eight times faster."""

    act_seconds = 0.25

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
        self.log.append((type(self).__name__, steps, len(dataset)))
        self.clock.now += 0.0625 * steps


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo) -> list[Workload]:
    Staged.clock, Staged.log = Clock(), []
    monkeypatch.setattr(registry, "_registered", {"staged": Staged, "quick": Quick})
    monkeypatch.setattr(device_clock, "time", Staged.clock)
    return [
        Workload(AgentChoice("staged"), ("maze2d-umaze",), tiny_task, STEPS),
        Workload(AgentChoice("quick"), ("maze2d-umaze",), tiny_task, STEPS),
    ]


def test_a_step_never_costs_nothing(loads: list[Workload]) -> None:
    load = loads[0]
    load.lengths = (10, 40)
    load.seconds = [(8.0, 6.0)]  # Something else took the machine during the short training.
    assert load.cost().step_seconds == 6.0 / 40
    load.seconds = [(8.0, 6.0), (1.0, 7.0), (1.0, 7.0)]
    assert load.cost().step_seconds == 0.2


def test_all_stages_count_and_what_does_not_depend_on_the_steps(loads: list[Workload]) -> None:
    costs = time_training(loads, rows=50, seconds=20, rounds=2)
    assert costs == [
        AgentCost("staged", ("maze2d-umaze",), 500, 0.5, 3.0, 0.5),
        AgentCost("quick", ("maze2d-umaze",), 500, 0.0625, 0.0, 0.25),
    ]
    lengths = {load.agent.name: load.lengths for load in loads}
    # As long as asked for, in whole twentieths, and a training four times shorter.
    assert lengths == {"staged": (10, 40), "quick": (80, 320)}
    turn = [("Staged", 10), ("Staged", 40), ("Quick", 80), ("Quick", 320)]
    assert [entry[:2] for entry in Staged.log[-8:]] == turn * 2, "in turns"
    assert {rows for _, _, rows in Staged.log} == {50}


def test_steps_are_timed_for_as_long_as_what_does_not_depend_on_them(
    loads: list[Workload],
) -> None:
    load = loads[0]
    data = random_dataset(load.info, 30)
    # The fewest take three seconds beside 4 steps of 0.25 or 0.75: no fewer than 5 seconds.
    assert training_time._long_enough(load, data, 0.5) == 10
    assert training_time._long_enough(load, data, 50.0) == 100


def test_a_share_of_the_steps_is_timed_in_turns(loads: list[Workload]) -> None:
    assert time_shares(loads, rows=50, share=0.2, rounds=3) == [3 + 0.5 * 100, 0.0625 * 100]
    assert [entry[:2] for entry in Staged.log] == [("Staged", 100), ("Quick", 100)] * 3
    assert [shared_steps(1234, share) for share in (1, 0.5, 0.05, 0.001)] == [1234, 620, 60, 1]


def test_an_agent_that_cannot_be_made_is_named(loads: list[Workload]) -> None:
    loads[0].settings = AgentSettings(1, {"odd": 1}, {"odd": "a test"})
    with pytest.raises(UserError, match=r"agent 'staged' cannot be made for .*: unknown"):
        time_training(loads, rows=50, seconds=1, rounds=1)


def test_what_costs_the_same_is_one_at_its_mean() -> None:
    def cost(agent: str, task: str, seconds: float) -> AgentCost:
        return AgentCost(agent, (task,), 9, seconds, 2 * seconds, 4 * seconds)

    given = [
        cost("hd", "maze2d-umaze", 1.0),
        cost("hd", "maze2d-large", 2.0),
        cost("bc", "maze2d-umaze", 1.0),
        cost("hd", "maze2d-medium", 1.1),
    ]
    assert pooled(given) == [
        AgentCost("hd", ("maze2d-umaze", "maze2d-medium"), 9, 1.05, 2.1, 4.2),
        given[1],
        given[2],
    ]


def groups(agents: tuple[str, ...], benchmark: str) -> dict[str, list[set[str]]]:
    found: dict[str, list[set[str]]] = {}
    for load in workloads([AgentChoice(name) for name in agents], benchmark, "quick"):
        found.setdefault(load.agent.name, []).append(set(load.tasks))
    return found


def test_tasks_are_timed_apart_where_networks_or_steps_have_other_sizes() -> None:
    mazes = groups(("mage", "hd", "bc"), "maze2d")
    names = {task.name for task in TASKS.values() if task.benchmark == "maze2d"}
    assert mazes["mage"] == mazes["bc"] == [names]
    assert sorted(map(len, mazes["hd"])) == [1, 1, 1], "its plans are longer in larger mazes"
    bodies = groups(("tt",), "locomotion")["tt"]
    assert [{name.split("-")[0] for name in group} for group in bodies] == [
        {"hopper"},
        {"halfcheetah", "walker2d"},
    ]


def test_every_benchmark_has_as_many_rows_as_its_data() -> None:
    assert set(ROWS) == {task.benchmark for task in TASKS.values()}


def test_mage_trains_all_its_stages_however_short(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, int] = {}
    from mage import stages

    def counted(name: str, learn: Any) -> Any:
        def count(*arguments: Any) -> Any:
            for step in learn(*arguments):
                taken[name] = taken.get(name, 0) + 1
                yield step

        return count

    for name in ("learn_returns", "stage_one", "stage_two", "learn_inverse"):
        monkeypatch.setattr(stages, name, counted(name, getattr(stages, name)))
    (load,) = workloads([AgentChoice("mage")], "maze2d", "smoke")
    _, agent = load.train(training_time.random_dataset(load.info, 400), 20)
    assert taken == {"learn_returns": 3, "stage_one": 2, "stage_two": 5, "learn_inverse": 10}
    assert training_time._acting(agent, load.info) > 0


def test_an_environment_is_timed_too() -> None:
    seconds_to_make, seconds_a_step = time_environment(TASKS["maze2d-umaze"])
    assert seconds_to_make > seconds_a_step > 0


def test_all_learning_agents_can_be_timed_on_every_benchmark() -> None:
    agents = [AgentChoice(name) for name in TIMED_AGENTS]
    for benchmark in ("maze2d", "multi2d", "locomotion"):
        names = {task.name for task in TASKS.values() if task.benchmark == benchmark}
        timed = groups(tuple(agent.name for agent in agents), benchmark)
        left_out = set() if benchmark == "multi2d" else set(GOAL_AGENTS)
        assert set(timed) == set(TIMED_AGENTS) - left_out
        assert all(set().union(*of_agent) == names for of_agent in timed.values())


def test_the_task_in_the_middle_stands_for_those_of_the_same_cost() -> None:
    (load,) = workloads([AgentChoice("bc")], "maze2d", "quick")
    assert len(load.tasks) == 3 and load.info.name == load.tasks[1]
