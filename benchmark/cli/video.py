"""A video of a trained agent: `python -m benchmark.video RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.saved import local_folder, trained_task
from benchmark.cli.options import DeviceOption, new_app, one_message
from benchmark.cli.trained_run import EpisodeSeedOption, TrainedArgument, output_file
from benchmark.errors import UserError
from benchmark.records.devices import check_device, resolve_device
from benchmark.records.disk import check_writable_file

app = new_app()


@app.command()
def main(
    run: TrainedArgument,
    out: Annotated[
        Path | None, typer.Option(help="Video, mp4 [default: RUN/episode-SEED.mp4].")
    ] = None,
    seed: EpisodeSeedOption = None,
    device: DeviceOption = "auto",
) -> None:
    """Play one episode with a trained agent, and record a video of it."""
    with one_message("nothing was written", urls=True):
        check_device(device)
        if out is not None and out.suffix != ".mp4":
            raise UserError(f"--out {out} is no video; valid: a name that ends in .mp4")
        if out is not None:
            check_writable_file(out)
        from benchmark.evaluation import recording  # Keeps MuJoCo out of --help.

        with local_folder(run) as folder:
            trained_task(folder)  # A wrong folder is told before what is not installed.
            recording.check_recorder()
            seed = recording.first_seed(folder) if seed is None else seed
            default = str(recording.video_path(Path("RUN"), seed))
            path = output_file(run, out, default)
            path.parent.mkdir(parents=True, exist_ok=True)
            evaluation = recording.film(folder, path, seed, resolve_device(device))
        typer.echo(f"{path}: {recording.summary(evaluation)}")
