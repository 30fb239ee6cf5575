"""How long an agent takes to act: `python -m benchmark.latency`.

All agents are timed in one run, in turns, so that whatever else the machine does hits all alike.
Weights are untrained: they do not change the time. The task is one of the paper's, a hand.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from tabulate import tabulate

from benchmark.agents.builtin import default_agents
from benchmark.agents.registry import agent_class, variant_settings
from benchmark.agents.settings import agent_settings, find_preset
from benchmark.cli.options import one_message, parse_agents, parse_list
from benchmark.errors import UserError
from benchmark.interface import Agent, Dataset, TaskInfo
from benchmark.records.files import write_atomically
from benchmark.records.system import machine
from benchmark.running.compute import check_device
from benchmark.statistics.costs import CONTROL_MS
from benchmark.tasks import TASKS

TASK = "adroit-door-expert"
_ROUNDS, _WARM_UP = 10, 3

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@dataclass
class Case:
    """One agent at one size, with one batch on one device.

    Attributes:
        agent: its name.
        preset: whose settings it has.
        batch: environments that act together.
        device: name of a torch device.
        parameters: number of its weights; None if it does not tell.
        milliseconds: of each call.
    """

    agent: str
    preset: str
    batch: int
    device: str
    parameters: int | None = None
    milliseconds: list[float] = field(default_factory=list)

    def row(self) -> tuple[Any, ...]:
        """For the table; the last column says whether a loop at 20 Hz is met."""
        times = self.milliseconds
        median, p95, p99 = np.percentile(times, [50, 95, 99])
        met = "yes" if p99 <= CONTROL_MS else "no"
        return (
            *(self.agent, self.preset, self.device, self.batch, self.parameters),
            *(float(np.mean(times)), median, p95, p99, len(times), met),
        )


HEADER = (
    *("agent", "preset", "device", "batch", "weights"),
    *("mean", "median", "p95", "p99", "calls", "20 Hz at p99"),
)


@app.command()
def main(
    agents: Annotated[
        str, typer.Option(help="Names or path/to/file.py:ClassName, with commas between.")
    ] = default_agents(None),
    presets: Annotated[str, typer.Option(help="Sizes, with commas between.")] = "quick,paper",
    batches: Annotated[str, typer.Option(help="Environments at once, with commas.")] = "1,64",
    devices: Annotated[
        str | None, typer.Option(help="With commas [default: cpu, and cuda if present].")
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="About how long each agent is timed.", min=0.1)
    ] = 10.0,
    out: Annotated[Path | None, typer.Option(help="Also write the table to this CSV file.")] = None,
) -> None:
    """Time single calls of `act`, on the CPU with one thread, and on a GPU if there is one."""
    with one_message("nothing was written"):
        chosen = [agent_class(each.source or each.name) for each in parse_agents(agents)]
        names = [each.name for each in parse_agents(agents)]
        for preset in parse_list(presets):
            find_preset(preset)
        sizes = _numbers(batches)
        found_devices = parse_list(devices) if devices else _all_devices()
        for device in found_devices:
            check_device(device)
        about = machine(found_devices[-1])
        typer.echo(f"{about['processor']}, {about.get('gpu', 'no GPU')}; milliseconds per call\n")
        cases = measure(
            dict(zip(names, chosen, strict=True)),
            parse_list(presets),
            sizes,
            found_devices,
            seconds,
        )
        rows = [case.row() for case in cases]
        typer.echo(tabulate(rows, HEADER, tablefmt="simple", floatfmt=".2f", intfmt=","))
        if out is not None:
            lines = [",".join(map(str, row)) for row in [HEADER, *rows]]
            write_atomically(out, "\n".join(lines) + "\n")


def _numbers(text: str) -> list[int]:
    parts = parse_list(text)
    if not parts or not all(part.isdigit() and int(part) for part in parts):
        raise UserError(f"--batches {text!r}; valid: numbers of 1 or more, with commas between")
    return [int(part) for part in parts]


def _all_devices() -> list[str]:
    import torch

    return ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


def measure(
    agents: Mapping[str, type[Any]],
    presets: Sequence[str],
    batches: Sequence[int],
    devices: Sequence[str],
    seconds: float,
) -> list[Case]:
    """Times every agent at every size, in turns.

    Args:
        agents: name -> class.
        presets: whose settings the agents have.
        batches: environments at once.
        devices: names of torch devices.
        seconds: about how long each is timed, warm-up apart.
    """
    import torch

    torch.set_num_threads(1)
    cases: list[Case] = []
    for device in devices:
        for preset in presets:
            fitted = {name: make(name, each, preset, device) for name, each in agents.items()}
            if {"mage", "dt"} <= set(agents):
                fitted |= _alike(agents, preset, device)
            for batch in batches:
                cases += _in_turns(fitted, preset, batch, device, seconds)
    return cases


def make(name: str, found: type[Any], preset: str, device: str, **changes: Any) -> Agent:
    """An agent that was trained for two steps on noise: enough to act.

    Args:
        name: of the agent.
        found: its class.
        preset: whose settings it has.
        device: name of a torch device.
        changes: settings that differ.
    """
    from benchmark.tasks.environments import task_info

    info = task_info(TASKS[TASK])
    of_task = {**TASKS[TASK].settings_for(name, preset), **changes}
    agent: Agent = found(info, agent_settings(found, preset, of_task)[1], device)
    agent.fit(noise(info), steps=2, seed=0, progress=lambda step, metrics: None)
    return agent


def _alike(agents: Mapping[str, type[Any]], preset: str, device: str) -> dict[str, Agent]:
    """MAGE with eight scales, also without its cache, and a DT of as many weights."""
    found, eight = agents["mage"], variant_settings("mage.k8")
    if preset == "paper":  # There it has eight anyway.
        eight = {}
    mage = make("mage", found, preset, device, **eight)
    slow = make("mage", found, preset, device, **eight, cache=False)
    wanted = _parameters(mage) or 0
    low, high = 8, 1024  # Widths, of which weights are an increasing function.
    while high - low > 4:
        width = (low + high) // 8 * 4
        dt = make("dt", agents["dt"], preset, device, width=width)
        low, high = (width, high) if (_parameters(dt) or 0) < wanted else (low, width)
    return {"mage (K = 8)": mage, "mage (no cache)": slow, "dt (as many weights)": dt}


def noise(info: TaskInfo, steps: int = 2_000) -> Dataset:
    """A dataset of random numbers with a task's sizes."""
    rng = np.random.default_rng(0)
    ends = np.arange(1, steps + 1) % info.max_steps == 0
    ends[-1] = True
    return Dataset(
        observations=rng.standard_normal((steps, info.observation_size)).astype(np.float32),
        actions=rng.uniform(info.action_low, info.action_high, (steps, info.action_size)).astype(
            np.float32
        ),
        rewards=rng.standard_normal(steps).astype(np.float32),
        terminals=np.zeros(steps, bool),
        timeouts=ends,
    )


def _in_turns(
    agents: Mapping[str, Agent], preset: str, batch: int, device: str, seconds: float
) -> Iterator[Case]:
    """Times each agent in as many short turns as all others."""
    from benchmark.tasks.environments import task_info

    info = task_info(TASKS[TASK])
    observations = np.random.default_rng(1).standard_normal((batch, info.observation_size))
    calls = {}
    for name, agent in agents.items():
        act = _caller(agent, observations.astype(np.float32), info.max_steps)
        for _ in range(_WARM_UP):
            next(act)
        calls[name] = (Case(name, preset, batch, device, _parameters(agent)), act)
    for _ in range(_ROUNDS):
        for case, act in calls.values():
            end = time.perf_counter() + seconds / _ROUNDS
            case.milliseconds.append(next(act))
            while time.perf_counter() < end:
                case.milliseconds.append(next(act))
    return iter(case for case, _ in calls.values())


def _caller(agent: Agent, observations: Any, max_steps: int) -> Iterator[float]:
    """Acts for ever, in episodes as long as the task's; yields the milliseconds of each call."""
    rewards = np.zeros(len(observations), np.float32)
    while True:
        agent.reset(len(observations))
        for _ in range(max_steps):
            begin = time.perf_counter()
            agent.act(observations, rewards)
            yield 1000 * (time.perf_counter() - begin)


def _parameters(agent: Agent) -> int | None:
    return getattr(agent, "parameter_count", None)


if __name__ == "__main__":
    app()
