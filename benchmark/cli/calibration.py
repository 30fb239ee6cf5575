"""Do trained agents follow what they are asked, and their plans, and do they bear perturbations?

Tables are printed, and what was measured lies beside the records, where a report finds it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.agents.saved import has_agent, trained_task
from benchmark.cli.options import DeviceOption, new_app, one_message, parse_list
from benchmark.errors import UserError, unknown_name
from benchmark.evaluation.episode_seeds import MOST_EPISODES
from benchmark.records.calibration_record import (
    FAILED,
    MEASURED,
    is_of_record,
    read_calibrations,
)
from benchmark.records.devices import check_device, resolve_device
from benchmark.records.disk import check_writable
from benchmark.records.files import RunFiles, no_records, read_records
from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.records.store import Store
from benchmark.records.text import counted, listed
from benchmark.tasks import known_tasks

if TYPE_CHECKING:
    from benchmark.evaluation.perturbations import Perturbation

_MOST_JOBS = 1024  # Each is a process.

app = new_app()


@app.command()
def main(
    runs: Annotated[Path, typer.Option("--runs", help="Folder given as --out to benchmark.run.")],
    agents: Annotated[
        str | None, typer.Option(help="Names or globs, with commas [default: all of the folder].")
    ] = None,
    tasks: Annotated[
        str | None, typer.Option(help="Names or globs, with commas [default: all of the folder].")
    ] = None,
    episodes: Annotated[
        int, typer.Option(help="Episodes of each rollout.", min=2, max=MOST_EPISODES)
    ] = 20,
    jobs: Annotated[int, typer.Option(help="Number of processes.", min=1, max=_MOST_JOBS)] = 1,
    device: DeviceOption = "auto",
    resume: Annotated[
        bool, typer.Option("--resume", help="Skip what was measured before.")
    ] = False,
    perturb: Annotated[
        str | None,
        typer.Option(
            help="Play under these instead: action-noise=0.1, start=10, delay=1, with commas."
        ),
    ] = None,
) -> None:
    """Measure whether trained agents reach the return asked for, and act by their plans."""
    with one_message("what was measured is kept; the same command with --resume goes on"):
        check_device(device)
        perturbations = _parse_perturbations(perturb)
        chosen = choose_trained(runs, agents, tasks)
        _check_sizes(runs, chosen, perturbations)
        check_writable(runs)
        asked = [perturbation.name for perturbation in perturbations]
        waiting = _unmeasured(runs, chosen, episodes, asked) if resume else chosen
        typer.echo(
            f"{counted(len(chosen), 'trained agent')}, {len(chosen) - len(waiting)} measured "
            f"before; {counted(episodes, 'episode')} a rollout"
        )
        # Keeps torch and MuJoCo out of --help.
        from benchmark.evaluation.run_calibration import calibrate_runs, check_nothing_is_lost

        device, statuses = resolve_device(device), [MEASURED] * (len(chosen) - len(waiting))
        with Store(str(runs)).claimed():
            check_nothing_is_lost(runs, waiting, episodes, device, perturbations)
            for outcome in calibrate_runs(runs, waiting, episodes, device, jobs, perturbations):
                statuses.append(outcome.status)
                said = f"{outcome.status}: " * (outcome.status == FAILED)
                typer.echo(f"{said}{outcome.run}: {outcome.text}")
        if not {MEASURED, FAILED} & set(statuses):
            names = listed(record.run.agent for record in chosen)
            raise UserError(
                f"nothing can be measured of {names}: they are not asked for returns, and make no "
                "plans to exchange; valid: agents such as mage or dt (docs/writing-an-agent.md)"
            )
        # Keeps pandas and matplotlib out of --help.
        from benchmark.reporting.calibration_sections import printed_calibration

        typer.echo(f"\n{printed_calibration(runs)}")
        typer.echo(f"python -m benchmark.report --runs {runs} takes them into the report")
    raise typer.Exit(1 if FAILED in statuses else 0)


def choose_trained(runs: Path, agents: str | None, tasks: str | None) -> list[Record]:
    """The records of a folder's scored runs whose agents can be loaded.

    Args:
        runs: the folder that was `--out` of the runs.
        agents: names or globs; None for all.
        tasks: names or globs; None for all.

    Raises:
        UserError: if there is none, or a name fits none.
    """
    if not (recorded := list(read_records(runs))):
        raise no_records(runs)
    records = [
        record
        for record in recorded
        if record.status in SCORED_STATUSES
        and (record.run.task_source or record.run.task in known_tasks())
    ]
    if not records:
        raise UserError(
            f"{runs} holds no record of a scored run; name a folder given as --out to "
            "`python -m benchmark.run`, or run that command first"
        )
    wanted_agents = _matching("agent", agents, [record.run.agent for record in records])
    wanted_tasks = _matching("task", tasks, [record.run.task for record in records])
    chosen = [
        record
        for record in records
        if record.run.agent in wanted_agents and record.run.task in wanted_tasks
    ]
    trained = [record for record in chosen if has_agent(RunFiles(runs, record.run.name).agent)]
    if not trained:
        example = chosen[0].run.name if chosen else "..."
        raise UserError(
            f"no trained agent of {counted(len(chosen), 'run')} is in {runs} (such as runs/"
            f"{example}/): records are passed on without weights; train them again into a folder "
            "of their own with python -m benchmark.run --out FOLDER, and name that one"
        )
    for record in chosen:
        if record not in trained:
            typer.echo(f"left out: {record.run.name}: its trained agent is not there", err=True)
    return trained


def _matching(kind: str, text: str | None, known: Iterable[str]) -> set[str]:
    """The names of a comma list of names or globs; all without one."""
    names = sorted(set(known))
    if text is None:
        return set(names)
    patterns = parse_list(text)
    if not patterns:
        raise UserError(
            f"--{kind}s {text!r} names no {kind}; valid: a comma list; leave it out for all"
        )
    chosen: set[str] = set()
    for pattern in patterns:
        fitting = fnmatch.filter(names, pattern)
        if not fitting:
            raise unknown_name(f"{kind} of the folder", pattern, names)
        chosen.update(fitting)
    return chosen


def _parse_perturbations(text: str | None) -> list[Perturbation]:
    """Those of a comma list; none without one."""
    if text is None:
        return []
    # Keeps MuJoCo out of --help.
    from benchmark.evaluation.perturbations import parse_perturbation

    if not (parts := parse_list(text)):
        raise UserError(
            f"--perturb {text!r} names no perturbation; valid: a comma list such as "
            "action-noise=0.1,delay=1"
        )
    return [parse_perturbation(part) for part in parts]


def _check_sizes(
    runs: Path, records: Sequence[Record], perturbations: Sequence[Perturbation]
) -> None:
    """Refuses perturbations of as many steps as an episode of one of the tasks may have."""
    most = max((one.steps for one in perturbations), default=0)
    for record in {record.run.task: record for record in records}.values() if most else ():
        try:
            task = trained_task(RunFiles(runs, record.run.name).agent)
        except UserError:
            continue  # Its agent cannot be loaded, which is told later.
        if too_long := [one.name for one in perturbations if one.steps >= task.max_steps]:
            raise UserError(
                f"--perturb {', '.join(too_long)}: an episode of {task.name} has "
                f"{task.max_steps:,} steps; valid: fewer than those, or other --tasks"
            )


def _unmeasured(
    runs: Path, records: Sequence[Record], episodes: int, perturbations: Sequence[str]
) -> list[Record]:
    """Those that were never measured, or before a new training, or on so many episodes not."""
    measured = {
        calibration.run
        for calibration in read_calibrations(runs)
        if is_of_record(runs, calibration)
        and len(calibration.episode_seeds) == episodes
        and (
            set(perturbations) <= set(calibration.perturbed_scores)
            if perturbations
            else calibration.levels or calibration.exchange_scores
        )
    }
    return [record for record in records if record.run.name not in measured]
