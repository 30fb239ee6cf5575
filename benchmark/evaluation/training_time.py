"""How long agents train: all stages of their training, timed in turns, so that ratios are right.

A training of n gradient steps takes T(n) = fixed + n * step seconds; both come from trainings of
two lengths, in several rounds, of which the medians count. An agent learns from random numbers with
the sizes of a task: they do not change the time. On a processor the clock is the time of this
process, which has one thread: other work on the machine changes it little, and hits all alike.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from benchmark.agents.builtin import GOAL_AGENTS
from benchmark.agents.construction import make_agent
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import AgentSettings, resolve_settings
from benchmark.agents.training_costs import AgentCost
from benchmark.evaluation.action_timing import random_dataset
from benchmark.evaluation.device_clock import seconds_now
from benchmark.evaluation.rollout import ENVIRONMENTS_AT_ONCE
from benchmark.interface import Agent, Dataset, TaskInfo
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment, task_info

# Recorded steps, about as many as the data of these tasks has; fewer where it takes long to get
# them ready, which varies by more than a short training takes.
ROWS = {
    "adroit": 100_000,
    "kitchen": 100_000,
    "antmaze": 300_000,
    "maze2d": 400_000,
    "multi2d": 1_600_000,
    "locomotion": 1_000_000,
    "ogbench-maze": 50_000,
    "ogbench-arm": 50_000,
}
_FEWEST = 4  # Gradient steps: one for each stage of MAGE.
_SHORT = 4  # Times shorter than the long training, which it is compared with.
_WHOLE = 20  # Stages that have shares of the steps get whole numbers of such a number of steps.
_SIZES_ALIKE = 1.1  # Tasks whose steps have columns in no larger a ratio take as long.
SAME_COST = 1.1  # Costs of an agent in no larger a ratio are taken for one, and averaged.
_ACTING_SECONDS, _ENV_SECONDS = 3.0, 0.5  # At most so long each is timed.


@dataclass
class Workload:
    """An agent on tasks that it is trained on at one cost.

    Attributes:
        agent: as the user asked for it.
        tasks: names of these tasks.
        info: of the one that stands for all.
        settings: of the agent on it.
        device: name of the torch device that it is trained on.
        lengths: gradient steps of the short and of the long training.
        seconds: of both, in every round.
        act_seconds: of a call of `act`.
    """

    agent: AgentChoice
    tasks: tuple[str, ...]
    info: TaskInfo
    settings: AgentSettings
    device: str = "cpu"
    lengths: tuple[int, int] = (1, 2)
    seconds: list[tuple[float, float]] = field(default_factory=list)
    act_seconds: float = 0.0

    def make(self) -> Agent:
        """A new agent.

        Raises:
            UserError: if it cannot be made.
        """
        return make_agent(self.agent, self.info, self.settings, self.device)

    def train(self, data: Dataset, steps: int) -> tuple[float, Agent]:
        """Seconds of one training, and who was trained."""
        agent, begin = self.make(), seconds_now(self.device)
        agent.fit(data, steps=steps, seed=0, progress=lambda step, metrics: None)
        return seconds_now(self.device) - begin, agent

    def choose_lengths(self, data: Dataset, seconds: float) -> None:
        """Sets the lengths, so that the long training takes about so many seconds."""
        long = _long_enough(self, data, seconds)
        self.lengths = (max(1, _in_whole(long // _SHORT)), long)

    def time_turn(self, data: Dataset) -> Agent:
        """Times a training of each length; returns who had the long one."""
        before, _ = self.train(data, self.lengths[0])
        after, agent = self.train(data, self.lengths[1])
        self.seconds.append((before, after))
        return agent

    def cost(self) -> AgentCost:
        """What was measured."""
        short, long = self.lengths
        step = statistics.median(
            (after - before) / (long - short) for before, after in self.seconds
        )
        if step <= 0:  # As it varies, a few rounds can find the long training to be the shorter.
            step = statistics.median(after / long for _, after in self.seconds)
        fixed = statistics.median(before - short * step for before, _ in self.seconds)
        return AgentCost(
            self.agent.name,
            self.tasks,
            self.settings.steps,
            step,
            max(0.0, fixed),
            self.act_seconds,
        )


def workloads(agents: Sequence[AgentChoice], benchmark: str, preset: str) -> list[Workload]:
    """What has to be timed on a benchmark: tasks on which an agent costs the same are one.

    They do where observations and actions have about the same size, and where settings are the
    same but for switches and numbers with a fraction, such as rates and weights. Built-in agents
    that reach goals are left out where none are shown.
    """
    loads = []
    for infos in _alike(
        [task_info(task) for task in TASKS.values() if task.benchmark == benchmark]
    ):
        for agent in agents:
            groups: dict[str, list[tuple[TaskInfo, AgentSettings]]] = {}
            for info in infos:
                if agent.name in GOAL_AGENTS and info.hindsight is None:
                    continue
                settings = resolve_settings(agent, TASKS[info.name], preset)
                sizes = {k: v for k, v in settings.values.items() if may_change_cost(v)}
                groups.setdefault(repr(sorted(sizes.items())), []).append((info, settings))
            for group in groups.values():
                info, settings = group[len(group) // 2]
                loads.append(Workload(agent, tuple(i.name for i, _ in group), info, settings))
    return loads


def _alike(infos: list[TaskInfo]) -> list[list[TaskInfo]]:
    """Tasks with steps of about the same size, the smallest action first."""
    groups: list[list[TaskInfo]] = []
    for info in sorted(infos, key=_columns):
        if not groups or _columns(info) > _SIZES_ALIKE * _columns(groups[-1][0]):
            groups.append([])
        groups[-1].append(info)
    return [sorted(group, key=lambda info: info.action_size) for group in groups]


def _columns(info: TaskInfo) -> int:
    return info.observation_size + info.action_size


def may_change_cost(value: Any) -> bool:
    """Whether another such value may make a gradient step longer: a size, a number or a name."""
    if isinstance(value, (tuple, list)):
        return all(map(may_change_cost, value))
    return isinstance(value, (int, str)) and not isinstance(value, bool)


def time_training(
    loads: Sequence[Workload], rows: int, seconds: float, rounds: int
) -> list[AgentCost]:
    """Times all in turns.

    Args:
        loads: of one benchmark.
        rows: recorded steps to learn from.
        seconds: about how long the long training of each turn takes.
        rounds: turns of each.

    Raises:
        UserError: for an agent that cannot be made.
    """
    torch.set_num_threads(1)
    for load, data in _with_data(loads, rows):
        load.choose_lengths(data, seconds)
    for _ in range(rounds):
        for load, data in _with_data(loads, rows):
            agent = load.time_turn(data)
            load.act_seconds = load.act_seconds or _acting(agent, load.info)
    return pooled([load.cost() for load in loads])


def pooled(costs: Sequence[AgentCost]) -> list[AgentCost]:
    """Puts tasks together on which an agent turned out to cost the same, at their mean cost."""
    groups: list[list[AgentCost]] = []
    for cost in sorted(costs, key=lambda cost: cost.step_seconds):
        cheapest = next((g for g in groups[::-1] if g[0].agent == cost.agent), None)
        if cheapest and cost.step_seconds <= SAME_COST * cheapest[0].step_seconds:
            cheapest.append(cost)
        else:
            groups.append([cost])
    order = [cost.agent for cost in costs]
    return sorted(map(_mean_cost, groups), key=lambda cost: order.index(cost.agent))


def _mean_cost(group: Sequence[AgentCost]) -> AgentCost:
    tasks = {task for cost in group for task in cost.tasks}
    parts = ("step_seconds", "fixed_seconds", "act_seconds")
    means = {part: statistics.mean(getattr(cost, part) for cost in group) for part in parts}
    return replace(group[0], tasks=tuple(name for name in TASKS if name in tasks), **means)


def time_shares(loads: Sequence[Workload], rows: int, share: float, rounds: int) -> list[float]:
    """Seconds of a share of each one's steps, in turns; the median of the rounds."""
    torch.set_num_threads(1)
    seconds: list[list[float]] = [[] for _ in loads]
    for _ in range(rounds):
        for (load, data), times in zip(_with_data(loads, rows), seconds, strict=True):
            times.append(load.train(data, shared_steps(load.settings.steps, share))[0])
    return [statistics.median(times) for times in seconds]


def shared_steps(steps: int, share: float) -> int:
    """A share of gradient steps, as `time_shares` takes them."""
    return steps if share == 1 else max(1, _in_whole(round(steps * share)))


def _with_data(loads: Sequence[Workload], rows: int) -> Iterator[tuple[Workload, Dataset]]:
    """Each with random data of its sizes; those of the same sizes come one after the other."""
    data: dict[tuple[int, int], Dataset] = {}
    for load in loads:
        size = (load.info.observation_size, load.info.action_size)
        if size not in data:
            data = {size: random_dataset(load.info, rows)}
        yield load, data[size]


def _long_enough(load: Workload, data: Dataset, seconds: float) -> int:
    """Gradient steps that take so long, beside what does not depend on them."""
    load.train(data, _FEWEST)  # Warms up.
    fewest, steps = load.train(data, _FEWEST)[0], 2 * _FEWEST
    # Beside a large part that does not depend on them, a short one is lost in what that varies by.
    seconds = max(seconds, fewest)
    while (taken := load.train(data, steps)[0] - fewest) < seconds / 8:
        steps *= 2
    return max(2 * _FEWEST, _in_whole(round((steps - _FEWEST) * seconds / taken)))


def _in_whole(steps: int) -> int:
    return steps if steps < _WHOLE else round(steps / _WHOLE) * _WHOLE


def _acting(agent: Agent, info: TaskInfo) -> float:
    """Seconds of a call of `act` in an episode of several environments side by side."""
    shape = (ENVIRONMENTS_AT_ONCE, info.observation_size)
    observations = np.random.default_rng(1).standard_normal(shape, np.float32)
    rewards = np.zeros(len(observations), np.float32)
    agent.reset(len(observations))
    agent.act(observations, rewards)  # The first call may prepare what later ones use.
    agent.reset(len(observations))
    calls, begin = 0, seconds_now("cpu")
    while calls < info.max_steps and seconds_now("cpu") - begin < _ACTING_SECONDS:
        agent.act(observations, rewards)
        calls += 1
    return (seconds_now("cpu") - begin) / calls


def time_environment(task: Task) -> tuple[float, float]:
    """Seconds to make and reset an environment, and of one of its steps."""
    begin = seconds_now("cpu")
    env = make_environment(task)
    env.reset(seed=0)
    ready = seconds_now("cpu")
    steps = 0
    while seconds_now("cpu") - ready < _ENV_SECONDS:
        _, _, ended, cut, _ = env.step(env.action_space.sample())
        steps += 1
        if ended or cut:
            env.reset()
    seconds = (seconds_now("cpu") - ready) / steps
    env.close()
    return ready - begin, seconds
