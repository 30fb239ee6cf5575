"""Plans as they grow, scale by scale, with what then happened: `python -m mage.show RUN`.

For a maze: where the plans lead, over the walls. For a robot: the two joints that move most. RUN is
the folder that a completed run leaves behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.saved import load_agent, local_folder, trained_task
from benchmark.cli.options import new_app, one_message
from benchmark.cli.trained_run import TrainedArgument, output_file
from benchmark.errors import UserError
from benchmark.interface import PlanSketcher
from benchmark.records.disk import check_writable_file
from benchmark.records.files import write_atomically
from benchmark.records.text import listed

_STILL, _MOVING = (".png", ".pdf"), (".gif",)

app = new_app()


@app.command()
def main(
    run: TrainedArgument,
    out: Annotated[
        Path | None,
        typer.Option(help="Picture, png or pdf [default: RUN/plan.png, or plan.gif]."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the episode.", min=0)] = 0,
    after: Annotated[
        list[int] | None,
        typer.Option(
            help="Steps played before a plan; may be given several times "
            "[default: three moments of the episode].",
            min=0,
        ),
    ] = None,
    animate: Annotated[
        bool, typer.Option("--animate", help="Make a GIF of plans and agent in motion.")
    ] = False,
) -> None:
    """Draw the plans of a trained MAGE scale by scale, and the path that was taken."""
    with one_message("nothing was written", urls=True):
        out = output_file(run, out, "RUN/plan.gif" if animate else "RUN/plan.png")
        _check_options(out, after, animate)
        with local_folder(run) as folder:
            task = trained_task(folder)  # Refuses a folder without an agent first.
            check_writable_file(out)
            agent = load_agent(folder)
        if not isinstance(agent, PlanSketcher):
            raise UserError(f"{run} holds no MAGE, whose plans these pictures are of")
        # Keeps MuJoCo and matplotlib out of --help.
        from benchmark.evaluation.plan_trace_recorder import record_plan_trace
        from benchmark.plots.plan_animation import plan_picture

        trace = record_plan_trace(agent, task, seed)
        if late := [step for step in after or () if step >= len(trace.plans)]:
            raise UserError(
                f"the episode of seed {seed} ended after {len(trace.plans)} steps, and --after "
                f"asks for the plan of step {listed(late)}; valid: 0 to {len(trace.plans) - 1}"
            )
        out.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(out, plan_picture(trace, task, out.suffix[1:], after))
        typer.echo(str(out))


def _check_options(out: Path, after: Sequence[int] | None, animate: bool) -> None:
    """Refuses a file of another kind than what is to be made, and moments of an animation."""
    endings = _MOVING if animate else _STILL
    if out.suffix not in endings:
        what = "animation" if animate else "picture"
        hint = "; for one that moves add --animate" if out.suffix in _MOVING else ""
        raise UserError(
            f"--out {out} is no {what}; valid: a name that ends in {' or '.join(endings)}{hint}"
        )
    if animate and after:
        raise UserError("--after chooses moments of a picture; leave it or --animate out")
