"""Gradient steps a second, as a table: `python -m benchmark.updates`."""

from __future__ import annotations

from typing import Annotated

import typer
from tabulate import tabulate

from benchmark.agents.builtin import default_agents
from benchmark.agents.settings import find_preset
from benchmark.cli.options import (
    AgentsOption,
    DeviceOption,
    PresetOption,
    new_app,
    one_message,
    parse_agents,
)
from benchmark.records.system import machine
from benchmark.running.compute import check_device, resolve_device

THROUGHPUT_COLUMNS = ("agent", "weights", "batch", "updates/s", "steps timed")
_AGENTS = default_agents(None)

app = new_app()


@app.command()
def main(
    agents: AgentsOption = _AGENTS,
    preset: PresetOption = "quick",
    batch: Annotated[int, typer.Option(help="Windows or transitions a step.", min=1)] = 128,
    device: DeviceOption = "cpu",
    steps: Annotated[int, typer.Option(help="Gradient steps of a turn.", min=8)] = 40,
    rounds: Annotated[int, typer.Option(help="Turns of each agent.", min=1)] = 5,
) -> None:
    """Count the gradient steps a second of every agent, all with the same batch."""
    with one_message("nothing was written"):
        find_preset(preset)
        check_device(device)
        device = resolve_device(device)
        chosen = parse_agents(agents)
        hardware = machine(device)
        typer.echo(f"{hardware['processor']}, {hardware.get('gpu', 'no GPU')}, one thread\n")
        # Keeps torch and MuJoCo out of --help.
        from benchmark.evaluation.throughput import count_updates

        rows = count_updates(chosen, preset, batch, device, steps, rounds)
        typer.echo(
            tabulate(rows, THROUGHPUT_COLUMNS, tablefmt="simple", floatfmt=".1f", intfmt=",")
        )
