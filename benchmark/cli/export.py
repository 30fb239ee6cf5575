"""A trained agent as one file that acts by itself: `python -m benchmark.export RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.saved import local_folder, trained_name
from benchmark.cli.options import new_app, one_message
from benchmark.cli.trained_run import TrainedArgument, output_file
from benchmark.errors import UserError
from benchmark.records.disk import check_writable_file

app = new_app()


@app.command()
def main(
    run: TrainedArgument,
    to: Annotated[str, typer.Option(help="onnx, torchscript or torch-export.")] = "onnx",
    out: Annotated[
        Path | None, typer.Option(help="File [default: RUN.onnx, RUN.pt or RUN.pt2].")
    ] = None,
) -> None:
    """Write a trained agent to one file, from observation and state to action, and check it."""
    with one_message("a file that was not checked has `.unchecked` in its name", urls=True):
        from benchmark.deployment import policy_file  # Keeps torch out of --help.

        policy_file.check_form(to)
        ending = policy_file.SUFFIXES[to]
        out = output_file(run, out, f"RUN{ending}")
        if out.suffix != ending:
            raise UserError(f"--out {out} is no file for --to {to}; valid: a name in {ending}")
        check_writable_file(out)
        with local_folder(run) as folder:
            trained_name(folder)  # A wrong folder is told before d3rlpy and MuJoCo are loaded.
            out.parent.mkdir(parents=True, exist_ok=True)
            # Keeps MuJoCo out of --help.
            from benchmark.deployment.exporting import export_agent

            policy = export_agent(folder, out, to)
        for line in policy.summary():
            typer.echo(line)
        if not policy.comparison.passed:
            typer.echo(
                f"error: {policy.path} does not do what its agent does; do not use it. {out} is "
                "as it was before",
                err=True,
            )
            raise typer.Exit(1)
