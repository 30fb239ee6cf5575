"""All agents on a GPU: whether they work there, how fast they are, and what a comparison costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.cli.options import DeviceOption, new_app, one_message
from benchmark.errors import UserError
from benchmark.records.devices import resolve_device
from benchmark.records.disk import check_writable
from benchmark.records.system import machine

app = new_app()


@app.command()
def main(
    out: Annotated[Path, typer.Option(help="Folder for figures.csv and figures.md.")] = Path(
        "results/gpu"
    ),
    device: DeviceOption = "cuda",
    tiny: Annotated[
        bool, typer.Option("--tiny", help="Two agents with tiny networks, to see that it runs.")
    ] = False,
    minutes: Annotated[
        float, typer.Option(help="After so many, what is left is not measured.", min=0.1, max=1440)
    ] = 8.0,
) -> None:
    """Check all agents on a GPU: tests, speed, memory, sharing, resuming; in eight minutes."""
    with one_message("figures that were measured are kept"):
        device = resolve_device(device)
        if (out / "figures.csv").exists():
            raise UserError(f"{out} has figures already; choose another folder with --out")
        check_writable(out)
        hardware = machine(device)
        typer.echo(f"{hardware.get('gpu', hardware['processor'])}, device {device}\n")
        # Keeps torch and MuJoCo out of --help.
        from benchmark.cli.gpu.figures import measure_all

        problems = measure_all(out, device, tiny, minutes, typer.echo)
    raise typer.Exit(1 if problems else 0)
