"""Trains baselines where the answer is known, and says whether they give it: `benchmark.sanity`.

A baseline that was weakened by mistake makes everything else look good; this finds it.
"""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.agents.agent_facts import shortcoming
from benchmark.agents.builtin import GOAL_AGENTS, LEARNING_AGENTS
from benchmark.agents.registry import agent_class
from benchmark.cli import options
from benchmark.cli.run import GOES_ON, Extras, default_folder, run_comparison
from benchmark.cli.workers import WorkersOption, worker_count
from benchmark.errors import UserError
from benchmark.records.disk import use_temp
from benchmark.records.files import read_records, write_atomically
from benchmark.records.store import Store
from benchmark.records.text import counted
from benchmark.running.compute import Compute
from benchmark.running.grid import Grid, plan_runs
from benchmark.tasks.suites import select_tasks

SANITY_TASKS = (
    *("adroit-door-expert", "adroit-pen-expert"),
    *("maze2d-umaze", "maze2d-medium", "maze2d-large"),
    *("multi2d-umaze", "antmaze-umaze", "kitchen-complete"),
)
# Those that learn goals need a task that shows one, as not all of these do.
_AGENTS = ",".join(name for name in LEARNING_AGENTS if name not in GOAL_AGENTS)
_TASKS = ",".join(SANITY_TASKS)

app = options.new_app()


@app.command()
def main(
    agents: options.AgentsOption = _AGENTS,
    tasks: options.TasksOption = _TASKS,
    preset: options.PresetOption = "quick",
    seeds: options.SeedsOption = "1",
    out: options.OutOption = None,
    temp: options.TempOption = None,
    workers: WorkersOption = None,
    device: options.DeviceOption = "auto",
    resume: options.ResumeOption = False,
    data: options.DataOption = "auto",
    dataset: options.DatasetOption = None,
    reference: options.ReferenceOption = None,
    train: Annotated[
        bool, typer.Option("--train/--no-train", help="Train, or only compare the runs in --out.")
    ] = True,
) -> None:
    """Train agents where the result is known beforehand, and compare."""
    with options.one_message(GOES_ON, urls=True):
        grid = Grid(
            tasks=select_tasks(None, options.parse_list(tasks)),
            agents=options.parse_agents(agents),
            seeds=options.parse_seeds(seeds),
            preset=preset,
            data=data,
        )
        workers = worker_count(workers)
        options.check_options(grid, device)
        grid = options.with_datasets(grid, dataset)
        location = options.output_location(out, default_folder(None, "sanity", preset))
        use_temp(temp)
        code = 0
        if train:
            compute = Compute(device, workers)
            code = run_comparison(grid, location, resume, compute, Extras(reference=reference))
        if code != 130:
            code = 0 if compare_with_expectations(grid, location) and code == 0 else 1
    raise typer.Exit(code)


def compare_with_expectations(grid: Grid, location: str) -> bool:
    """Compares the records of a grid with what is expected, prints and writes the comparison.

    It goes to `report/sanity.md` and `report/sanity.csv` in the output folder.

    Returns:
        Whether all runs are there, and everything expected of them holds.

    Raises:
        UserError: if there is no record of these runs.
    """
    # Keep pandas out of --help.
    from benchmark.reporting import expectations
    from benchmark.reporting.formats import to_csv, to_markdown
    from benchmark.statistics.score_frames import run_frame

    with Store(location) as store:
        store.pull("runs/*/*/seed-*.json")
        asked = {run.name for run in plan_runs(grid)}
        records = [record for record in read_records(store.folder) if record.run.name in asked]
        missing = len(asked) - len(records)
        if not records:
            raise UserError(
                f"{location} holds no record of these runs; name their folder with --out, or leave "
                "out --no-train"
            )
        runs = run_frame(records)
        classes = {agent.name: agent_class(agent.source or agent.name) for agent in grid.agents}
        planners = {name for name, cls in classes.items() if getattr(cls, "makes_plans", False)}
        answers = expectations.evaluate_expectations(runs, planners)
        table = to_markdown(expectations.expectation_table(answers, runs))
        reasons = {name: shortcoming(agent_cls) for name, agent_cls in classes.items()}
        if explained := expectations.explanations(answers, reasons):
            table = f"{table}\n{explained}"
        files = {
            "sanity.md": f"# Sanity of the baselines\n\n{table}",
            "sanity.csv": to_csv(answers),
        }
        (store.folder / "report").mkdir(exist_ok=True)  # A remote place has it there alone.
        for name, content in files.items():
            write_atomically(store.folder / "report" / name, content)
            store.push(store.folder / "report" / name)
    if missing:
        typer.echo(f"{missing} of {counted(len(asked), 'run')} that were asked for are not there")
    typer.echo(f"{table}\nthe same: {location.rstrip('/')}/report/sanity.md")
    return not missing and expectations.all_hold(answers)
