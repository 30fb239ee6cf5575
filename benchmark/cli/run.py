"""The command line: `python -m benchmark.run --suite NAME`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.builtin import default_agents
from benchmark.cli import options
from benchmark.cli.dry_run import dry_run_text, listing
from benchmark.cli.own_data import NoEvaluationOption, check_evaluation, chosen_tasks
from benchmark.cli.settings_options import ConfigOption, SetOption, user_settings
from benchmark.cli.workers import DebuggerOption, WorkersOption, worker_count
from benchmark.errors import DatasetError, UserError
from benchmark.records.devices import usable_device
from benchmark.records.disk import check_writable, use_temp
from benchmark.records.files import read_records
from benchmark.records.record import FAILED_STATUSES, RunSpec
from benchmark.records.store import Store
from benchmark.running.comparison import (
    check_reference,
    kept_of_failed,
    pull_progress,
    trained,
)
from benchmark.running.compute import Compute, Outcome, check_ray
from benchmark.running.curves.tracker_choice import parse_trackers
from benchmark.running.experiment import check_compute
from benchmark.running.grid import Grid, check_packages, pending_runs, plan_runs
from benchmark.running.settings_check import check_settings, may_be_refused

EpisodesOption = Annotated[int | None, typer.Option(help="Evaluation episodes, not the preset's.")]
MaxMinutesOption = Annotated[
    float | None, typer.Option(help="Limit on the training time of a run; it is then evaluated.")
]
ListOption = Annotated[
    bool, typer.Option("--list", help="Print tasks, suites, agents and presets.")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the plan and do nothing.")]
VideoOption = Annotated[
    bool, typer.Option("--video", help="Record a video of every trained agent, mp4.")
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Missing data makes the exit code 1, as failures do.")
]
TrackOption = Annotated[
    list[str] | None,
    typer.Option(help="wandb or mlflow, where curves and scores also go; repeatable."),
]
AddressOption = Annotated[
    str | None, typer.Option(help="Ray cluster to run on: auto or host:port.")
]

GOES_ON = "finished runs are kept: the same command with --resume goes on"

app = options.new_app()


@dataclass(frozen=True)
class Extras:
    """What is made of the runs once they are done.

    Attributes:
        with_published: whether published numbers stand beside the measured ones in the report.
        reference: name of the agent that all others are set against in it; None for the default.
        video: whether a video of every trained agent is recorded.
        strict: whether missing data makes the exit code 1.
    """

    with_published: bool = False
    reference: str | None = None
    video: bool = False
    strict: bool = False


NO_EXTRAS = Extras()


@app.command()
def main(
    suite: options.SuiteOption = None,
    tasks: options.TasksOption = "",
    agents: options.AgentsOfSuiteOption = None,
    seeds: options.SeedsOption = "1",
    preset: options.PresetOption = "quick",
    out: options.OutOption = None,
    temp: options.TempOption = None,
    workers: WorkersOption = None,
    device: options.DeviceOption = "auto",
    resume: options.ResumeOption = False,
    data: options.DataOption = "auto",
    dataset: options.DatasetOption = None,
    steps: options.StepsOption = None,
    episodes: EpisodesOption = None,
    max_minutes: MaxMinutesOption = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    with_published: options.WithPublishedOption = False,
    reference: options.ReferenceOption = None,
    video: VideoOption = False,
    no_evaluation: NoEvaluationOption = False,
    address: AddressOption = None,
    track: TrackOption = None,
    strict: StrictOption = False,
    pdb: DebuggerOption = False,
    dry_run: DryRunOption = False,
    list_all: ListOption = False,
) -> None:
    """Train and compare offline reinforcement learning agents; tables and plots go to --out."""
    with options.one_message(GOES_ON, urls=True):
        if list_all:
            typer.echo(listing())
            return
        chosen = options.parse_agents(default_agents(suite) if agents is None else agents)
        grid = Grid(
            tasks=chosen_tasks(suite, options.parse_list(tasks), data, dry_run=dry_run),
            agents=chosen,
            seeds=options.parse_seeds(seeds),
            preset=preset,
            data=data,
            steps=steps,
            episodes=episodes,
            max_minutes=max_minutes,
            settings_file=user_settings(config, set_, chosen),
            evaluated=not no_evaluation,
        )
        trackers = parse_trackers(track or ())
        compute = Compute(device, worker_count(workers, debugger=pdb), address, pdb, trackers)
        options.check_options(grid, device)
        grid = options.with_datasets(grid, dataset)
        out = options.output_location(out, default_folder(suite, tasks, preset))
        use_temp(temp)
        extras = Extras(with_published, reference, video, strict)
        check_extras(grid, extras)
        if dry_run:
            typer.echo(_plan(grid, out, resume, compute, reference))
            return
        code = run_comparison(grid, out, resume, compute, extras)
    raise typer.Exit(code)


def check_extras(grid: Grid, extras: Extras) -> None:
    """Refuses what is to be made after training now, if at all, and not after hours.

    Raises:
        UserError: if the environment of a dataset cannot be used, if published numbers are not
            there, or if no video can be made on this machine.
    """
    check_evaluation(grid, video=extras.video)
    if extras.with_published:
        from benchmark.reporting.published import published_frame  # Keeps pandas out of --help.

        published_frame("scores.csv")
    if extras.video:
        from benchmark.evaluation.recording import check_video  # Keeps MuJoCo out of --help.

        check_video(grid.tasks[0])


def default_folder(suite: str | None, tasks: str, preset: str) -> Path:
    """Where the output goes if the user names no folder: below `results/`."""
    parts = options.parse_list(tasks) or [suite or "tasks"]
    name = re.sub(r"[^a-z0-9_.-]+", "-", "_".join(parts).lower()).strip("-.")
    return Path("results") / f"{name[:60] or 'tasks'}-{preset}"


def run_comparison(
    grid: Grid, location: str, resume: bool, compute: Compute, extras: Extras = NO_EXTRAS
) -> int:
    """Trains what is missing, records videos if they are asked for, and builds the report.

    Returns:
        The exit code: 0 if every run was scored or had no dataset, 1 if one failed or diverged,
        with `strict` also if one had no dataset, 130 if the user asked to stop.

    Raises:
        UserError: if it cannot be started; nothing has been written then.
    """
    with trained(grid, location, resume, compute, extras.reference, typer.echo) as done:
        if extras.video and not done.outcome.stopped:
            from benchmark.evaluation.recording import film_runs  # Keeps MuJoCo out of --help.

            film_runs(done.runs, done.store, usable_device(compute.device), typer.echo)
        return _conclude(done.runs, done.store, done.outcome, extras)


def _conclude(runs: Sequence[RunSpec], store: Store, outcome: Outcome, extras: Extras) -> int:
    """Builds the report, and says how the runs that were asked for ended."""
    # Keep pandas and matplotlib out of --help.
    from benchmark.reporting.build import PAGE, printed_score_tables, write_report
    from benchmark.statistics.frames import collate

    frames = collate(read_records(store.folder), extras.reference)
    asked = {run.name for run in runs}
    problems = [
        f"{name}: its record could not be written ({problem})"
        for name, problem in outcome.unwritten.items()
    ] + [
        f"{record.run.name}: {record.reason}; {record.remedy}"
        for record in kept_of_failed(runs, store.folder)
    ]
    if len(frames.runs):
        try:
            write_report(store.folder, frames, with_published=extras.with_published)
        except UserError as error:  # The records are there; the answer is not that of a bad option.
            problems.append(str(error))
        store.push(store.folder / "report", store.folder / "ray.log")
        typer.echo(f"\n{printed_score_tables(frames)}\n")
        location = store.location.rstrip("/")
        typer.echo(f"records: {location}/runs\nreport:  {location}/report/{PAGE}")
    faults = [*FAILED_STATUSES, *([DatasetError.status] if extras.strict else [])]
    failed = frames.runs[frames.runs["status"].isin(faults)]
    failed = failed[failed["run"].isin(asked)]
    for run in failed.itertuples():
        typer.echo(f"{run.status}: {run.run}: {run.reason}; {run.remedy}")
    for problem in problems:
        typer.echo(f"failed: {problem}")
    for name, reason in outcome.not_run.items():
        typer.echo(f"not run: {name}: {reason}; the same command with --resume goes on")
    if outcome.stopped:
        typer.echo("stopped before all runs were done: the same command with --resume goes on")
        return 130
    return 1 if len(failed) or problems or outcome.not_run else 0


def _plan(grid: Grid, location: str, resume: bool, compute: Compute, reference: str | None) -> str:
    """What would be run, for people; refuses what the run would refuse.

    Settings, devices and clusters that the user did not name need no look; no Ray is started.
    """
    if may_be_refused(grid):
        check_settings(grid)
    if compute.address is not None or compute.device not in ("auto", "cpu"):
        check_compute(plan_runs(grid), compute)
    elif compute.workers:
        check_ray()
    check_packages(grid.tasks)
    pending = _pending_cells(grid, location, resume, reference)
    return dry_run_text(grid, pending, compute.workers)


def _pending_cells(
    grid: Grid, location: str, resume: bool, reference: str | None
) -> list[tuple[str, str]]:
    """(task, agent) of each run that is not done yet."""
    with Store(location) as store:
        pull_progress(store)
        check_writable(store.folder)
        check_reference(reference, grid, store.folder)
        if (store.folder / "runs").is_dir():
            pending = pending_runs(plan_runs(grid), store.folder, resume, location)
            return [(run.task, run.agent) for run in pending]
    # Nothing to compare with, so the agents need not be imported.
    return [(task.name, agent.name) for task, _, agent in grid.cells]
