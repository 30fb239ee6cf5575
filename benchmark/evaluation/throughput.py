"""How many gradient steps a second each agent takes: `python -m benchmark.updates`.

All agents learn from the same random numbers, with the same batch, in turns, so that whatever else
the machine does hits all alike. MAGE is timed in its last and longest stage.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any

import typer
from tabulate import tabulate

from benchmark.agents.builtin import default_agents
from benchmark.agents.registry import agent_class, split_variant, variant_settings
from benchmark.agents.settings import agent_settings, find_preset
from benchmark.cli.options import one_message, parse_agents
from benchmark.errors import UserError
from benchmark.evaluation.action_timing import TASK, noise
from benchmark.interface import Agent, Dataset, TaskInfo
from benchmark.records.system import machine
from benchmark.running.compute import check_device, resolve_device
from benchmark.tasks import TASKS

HEADER = ("agent", "weights", "batch", "updates/s", "steps timed")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    agents: Annotated[
        str, typer.Option(help="Names or path/to/file.py:ClassName, with commas between.")
    ] = default_agents(None),
    preset: Annotated[str, typer.Option(help="Whose sizes: smoke, quick or paper.")] = "quick",
    batch: Annotated[int, typer.Option(help="Windows or transitions a step.", min=1)] = 128,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "cpu",
    steps: Annotated[int, typer.Option(help="Gradient steps of a turn.", min=8)] = 40,
    rounds: Annotated[int, typer.Option(help="Turns of each agent.", min=1)] = 5,
) -> None:
    """Count the gradient steps a second of every agent, all with the same batch."""
    with one_message("nothing was written"):
        find_preset(preset)
        check_device(device)
        device = resolve_device(device)
        names = {each.name: each.source for each in parse_agents(agents)}
        about = machine(device)
        typer.echo(f"{about['processor']}, {about.get('gpu', 'no GPU')}, one thread\n")
        rows = measure(names, preset, batch, device, steps, rounds)
        typer.echo(tabulate(rows, HEADER, tablefmt="simple", floatfmt=".1f", intfmt=","))


def measure(
    agents: Mapping[str, str | None], preset: str, batch: int, device: str, steps: int, rounds: int
) -> Sequence[tuple[Any, ...]]:
    """A row of `HEADER` for each agent.

    Args:
        agents: name -> `path/to/file.py:ClassName`, or None for an agent known by name.
        preset: whose settings they have, but for the batch.
        batch: what all of them learn from at a time.
        device: name of a torch device.
        steps: gradient steps of a turn, of which the last half is timed.
        rounds: turns.

    Raises:
        UserError: for an agent whose settings know no `batch_size`.
    """
    import torch

    from benchmark.tasks.environments import task_info

    torch.set_num_threads(1)
    info = task_info(TASKS[TASK])
    data = noise(info)
    seconds: dict[str, list[float]] = {name: [] for name in agents}
    weights = {}
    for _ in range(rounds):
        for name, source in agents.items():
            agent = _make(name, source, info, preset, batch, device)
            seconds[name] += _times(agent, data, steps)
            weights[name] = getattr(agent, "parameter_count", None)
    return [
        (name, weights[name], batch, 1 / statistics.median(found), len(found))
        for name, found in seconds.items()
    ]


def _make(
    name: str, source: str | None, info: TaskInfo, preset: str, batch: int, device: str
) -> Agent:
    found = agent_class(source or name)
    base = name if source else split_variant(name)[0]
    of_task = TASKS[TASK].settings_for(base, preset) | ({} if source else variant_settings(name))
    try:
        settings = agent_settings(found, preset, {**of_task, "batch_size": batch})[1]
        return found(info, settings, device)
    except ValueError as error:
        raise UserError(f"agent {name!r} cannot be made: {error}; leave it out") from error


def _times(agent: Agent, data: Dataset, steps: int) -> list[float]:
    """Seconds of each of the last half of the gradient steps."""
    ends: list[float] = []
    agent.fit(data, steps=steps, seed=0, progress=lambda *_: ends.append(time.perf_counter()))
    half = ends[len(ends) // 2 :]
    return [end - begin for begin, end in pairwise(half)]


if __name__ == "__main__":
    app()
