"""A plan as it grows, scale by scale, with what then happened: `python -m mage.show RUN`.

For a maze: where the plan leads, over the walls. For a robot: the two joints that move most. RUN is
the folder that a completed run leaves behind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.saved import load_agent, trained_task
from benchmark.cli.options import TrainedArgument, new_app, one_message
from benchmark.errors import UserError
from benchmark.interface import PlanSketcher
from benchmark.records.disk import check_writable_file
from benchmark.records.files import write_atomically
from benchmark.tasks import TASKS

app = new_app()


@app.command()
def main(
    run: TrainedArgument,
    out: Annotated[
        Path | None, typer.Option(help="Picture, png or pdf [default: RUN/plan.png].")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the episode.", min=0)] = 0,
    after: Annotated[int, typer.Option(help="Steps played before the plan is made.", min=0)] = 0,
) -> None:
    """Draw one plan of a trained MAGE scale by scale, and the path that was taken."""
    with one_message("nothing was written"):
        out = out or run / "plan.png"
        if out.suffix not in (".png", ".pdf"):
            raise UserError(f"--out {out} is no picture; valid: a name that ends in .png or .pdf")
        task_name = trained_task(run)  # Refuses a folder without an agent first.
        check_writable_file(out)
        agent = load_agent(run)
        if not isinstance(agent, PlanSketcher):
            raise UserError(f"{run} holds no MAGE, whose plans these pictures are of")
        # Keeps MuJoCo and matplotlib out of --help.
        from benchmark.evaluation.plan_trace_recorder import record_plan_trace
        from benchmark.plots import figure_bytes
        from benchmark.plots.plan_figures import plan_figure

        task = TASKS[task_name]
        figure = plan_figure(record_plan_trace(agent, task, seed, after), task)
        write_atomically(out, figure_bytes(figure, out.suffix[1:]))
        typer.echo(str(out))
