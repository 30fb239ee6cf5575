"""The time of single actions, as a table: `python -m benchmark.latency`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from tabulate import tabulate

from benchmark.agents.builtin import default_agents
from benchmark.agents.registry import agent_class
from benchmark.agents.settings import PRESETS, find_preset
from benchmark.cli.options import AgentsOption, new_app, one_message, parse_agents, parse_list
from benchmark.errors import UserError
from benchmark.records.devices import check_device, resolve_device
from benchmark.records.disk import check_writable_file
from benchmark.records.files import write_atomically
from benchmark.records.system import machine
from benchmark.running.compute import needs_of

if TYPE_CHECKING:
    from benchmark.evaluation.action_timing import Timing

LATENCY_COLUMNS = (
    *("agent", "preset", "device", "batch", "weights"),
    *("mean", "median", "p95", "p99", "calls", "20 Hz at p99"),
)
_AGENTS = default_agents(None)

app = new_app()


@app.command()
def main(
    agents: AgentsOption = _AGENTS,
    preset: Annotated[
        str, typer.Option(help="smoke, quick, standard, paper; commas between.")
    ] = "quick,paper",
    batches: Annotated[str, typer.Option(help="Environments at once, with commas.")] = "1,64",
    devices: Annotated[
        str | None,
        typer.Option(help="Devices, with commas between [default: cpu, and cuda if present]."),
    ] = None,
    seconds: Annotated[
        float, typer.Option(help="About how long each agent is timed.", min=0.1, max=3600)
    ] = 10.0,
    out: Annotated[Path | None, typer.Option(help="Also write the table to this CSV file.")] = None,
) -> None:
    """Time single calls of `act`, with the threads of a run, and on a GPU if there is one."""
    with one_message("nothing was written"):
        chosen = parse_agents(agents)
        # A class that is none, or needs what is none, is refused here.
        needs = {one.name: needs_of(agent_class(one.source or one.name)) for one in chosen}
        presets = _parse_presets(preset)
        sizes = _parse_batches(batches)
        chosen_devices = _parse_devices(devices)
        if out is not None:
            check_writable_file(out)  # Not only after all is timed.
        hardware = machine(chosen_devices[-1])
        typer.echo(
            f"{hardware['processor']}, {hardware.get('gpu', 'no GPU')}; milliseconds per call\n"
        )
        # Keeps torch and MuJoCo out of --help.
        from benchmark.evaluation.action_timing import time_agents

        threads = {name: need.threads for name, need in needs.items()}
        timings = time_agents(chosen, presets, sizes, chosen_devices, seconds, threads)
        rows = [latency_row(timing) for timing in timings]
        typer.echo(tabulate(rows, LATENCY_COLUMNS, tablefmt="simple", floatfmt=".2f", intfmt=","))
        if out is not None:
            lines = [",".join(map(str, row)) for row in [LATENCY_COLUMNS, *rows]]
            out.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(out, "\n".join(lines) + "\n")


def latency_row(timing: Timing) -> tuple[Any, ...]:
    """A row of `LATENCY_COLUMNS`; the last one says whether a loop at 20 Hz is met."""
    from benchmark.statistics.costs import CONTROL_MS  # Keeps pandas out of --help.

    times = timing.milliseconds
    median, p95, p99 = np.percentile(times, [50, 95, 99])
    met = "yes" if p99 <= CONTROL_MS else "no"
    return (
        *(timing.agent, timing.preset, timing.device, timing.batch, timing.parameters),
        *(float(np.mean(times)), median, p95, p99, len(times), met),
    )


def _parse_presets(text: str) -> list[str]:
    presets = parse_list(text)
    if not presets:
        raise UserError(f"--preset {text!r} names no preset; valid: {', '.join(PRESETS)}")
    for preset in presets:
        find_preset(preset)
    return presets


def _parse_batches(text: str) -> list[int]:
    parts = parse_list(text)
    if not parts or not all(re.fullmatch(r"[1-9]\d{0,5}", part, re.ASCII) for part in parts):
        raise UserError(f"--batches {text!r}; valid: numbers from 1 to 999999, with commas between")
    return [int(part) for part in parts]


def _parse_devices(text: str | None) -> list[str]:
    """The devices named, each once; without any, the processor and a GPU if there is one."""
    names = ["cpu", "auto"] if text is None else parse_list(text)
    if not names:
        raise UserError(
            f"--devices {text!r} names no device; valid: a comma list such as cpu,cuda; leave it "
            "out for all that there are"
        )
    for name in names:
        check_device(name)  # Before any is looked for, which takes a second.
    return list(dict.fromkeys(map(resolve_device, names)))
