"""Gradient steps a second, as a table; with `--calibrate` and `--check`, the budget of `quick`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from tabulate import tabulate

from benchmark.agents.builtin import MAIN_AGENT, TIMED_AGENTS, default_agents
from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import find_preset
from benchmark.agents.training_costs import (
    COSTS_FOLDER,
    Calibration,
    costs_path,
    parse_calibration,
    read_calibration,
    with_costs,
    write_calibration,
)
from benchmark.cli.options import (
    MOST_STEPS,
    DeviceOption,
    PresetOption,
    new_app,
    one_message,
    parse_agents,
    parse_list,
)
from benchmark.errors import UserError, unknown_name
from benchmark.records.devices import check_device, resolve_device
from benchmark.records.disk import check_writable
from benchmark.records.system import machine
from benchmark.resumable import takes_gradient_steps
from benchmark.tasks import TASKS

if TYPE_CHECKING:
    from benchmark.evaluation.budget import TrainingLength

THROUGHPUT_COLUMNS = ("agent", "weights", "batch", "updates/s", "steps timed")
COST_COLUMNS = ("agent", "tasks", "steps", "ms a step", "fixed s", "training s", "ms to act")
LENGTH_COLUMNS = ("agent", "tasks", "steps", "training s", "of the median")
# Options that each kind of measurement uses.
_COUNTING = {"agents", "preset", "device", "rounds", "batch", "steps"}
_CALIBRATING = {"agents", "preset", "device", "rounds", "suite", "add", "minutes", "seconds", "out"}
_CHECKING = {"agents", "device", "rounds", "suite", "share"}
BENCHMARKS = tuple(dict.fromkeys(task.benchmark for task in TASKS.values()))
EVEN_WITHIN = 0.1  # No training is longer or shorter than the median one by a larger share.

CalibrateOption = Annotated[
    bool, typer.Option("--calibrate", help="Time whole trainings, and write the steps of quick.")
]
AddOption = Annotated[
    bool,
    typer.Option(
        "--add", help="Write costs of built-in --agents beside those kept, in proportion to MAGE's."
    ),
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Time trainings at the steps that were written.")
]
AgentsOption = Annotated[
    str | None,
    typer.Option(
        help="Names, as in benchmark.run [default: mage,dt,...; with --calibrate, --check: all]."
    ),
]
BenchmarksOption = Annotated[
    str, typer.Option(help="Benchmarks to calibrate or check, with commas between, or all.")
]
MinutesOption = Annotated[
    float | None,
    typer.Option(
        help="Minutes of training at quick [default: 5; of a few agents: what MAGE takes here].",
        min=0.001,
        max=1440,
    ),
]
SecondsOption = Annotated[
    float, typer.Option(help="Length of a training that --calibrate times.", min=0.01, max=3600)
]
ShareOption = Annotated[
    float, typer.Option(help="Share of the steps that --check takes.", min=0.001, max=1)
]

app = new_app()


@app.command()
def main(
    context: typer.Context,
    agents: AgentsOption = None,
    preset: PresetOption = "quick",
    batch: Annotated[
        int, typer.Option(help="Windows or transitions a step.", min=1, max=2**20)
    ] = 128,
    device: DeviceOption = "cpu",
    steps: Annotated[
        int, typer.Option(help="Gradient steps of a turn.", min=8, max=MOST_STEPS)
    ] = 40,
    rounds: Annotated[int, typer.Option(help="Turns of each agent.", min=1, max=1000)] = 3,
    calibrate: CalibrateOption = False,
    add: AddOption = False,
    check: CheckOption = False,
    suite: BenchmarksOption = "all",
    minutes: MinutesOption = None,
    seconds: SecondsOption = 3.0,
    share: ShareOption = 0.02,
    out: Annotated[Path, typer.Option(help="Folder that --calibrate writes to.")] = COSTS_FOLDER,
) -> None:
    """Count gradient steps per second; calibrate the budget of quick, or check it."""
    with one_message("benchmarks that were done are kept"):
        find_preset(preset)
        whole = calibrate or check
        _check_used(context, calibrate, check)
        _check_device(device, whole)
        chosen = _asked_for(agents, whole)
        benchmarks = parse_benchmarks(suite)
        if add:
            _check_addition(chosen, benchmarks, preset, minutes)
        if calibrate:
            check_writable(out)
        device = "cpu" if whole else resolve_device(device)
        hardware = machine(device)
        typer.echo(f"{hardware['processor']}, {hardware.get('gpu', 'no GPU')}, one thread\n")
        # Keeps torch and MuJoCo out of --help.
        from benchmark.evaluation import budget, throughput

        if not whole:
            rows = throughput.count_updates(chosen, preset, batch, device, steps, rounds)
            table = tabulate(
                rows, THROUGHPUT_COLUMNS, tablefmt="simple", floatfmt=".1f", intfmt=","
            )
            typer.echo(table)
        for benchmark in benchmarks if calibrate else ():
            target = None if minutes is None else 60 * minutes
            costs = budget.calibrate(chosen, benchmark, preset, target, seconds, rounds)
            typer.echo(cost_table(costs))
            is_kept = add or budget.has_all_agents(chosen)
            typer.echo(_kept(costs, out, add) if is_kept else _NOT_KEPT)
        is_even = True
        for benchmark in benchmarks if check else ():
            lengths = budget.training_lengths(chosen, benchmark, share, rounds)
            typer.echo(length_table(benchmark, lengths))
            is_even &= unevenness(lengths) <= EVEN_WITHIN
    raise typer.Exit(0 if is_even else 1)


def _check_used(context: typer.Context, calibrate: bool, check: bool) -> None:
    """Refuses an option that was given and that nothing would follow."""
    if context.params["add"] and not calibrate:
        raise UserError(_ADD_GOES_WITH)
    used = (_CALIBRATING if calibrate else set()) | (_CHECKING if check else set())
    used = used or _COUNTING
    modes = [name for name, is_on in (("--calibrate", calibrate), ("--check", check)) if is_on]
    for name in _COUNTING | _CALIBRATING | _CHECKING:
        source = context.get_parameter_source(name)
        if name not in used and source is not None and source.name == "COMMANDLINE":
            how = f"with {' and '.join(modes)}" if modes else "without --calibrate and --check"
            raise UserError(f"--{name} has no effect {how}; leave it out")


def _check_device(device: str, whole: bool) -> None:
    check_device(device)
    if whole and device not in ("auto", "cpu"):
        raise UserError(
            f"--device {device} with --calibrate or --check, which time the processor, whose "
            "budget it is; leave it out"
        )


def _asked_for(agents: str | None, whole: bool) -> list[AgentChoice]:
    """The agents to time: all that are timed, for whole trainings, or those of a comparison."""
    if agents is None or (whole and agents == "all"):
        agents = ",".join(TIMED_AGENTS) if whole else default_agents(None)
    return _that_learn(parse_agents(agents), is_asked_for=agents != "all")


def _that_learn(agents: list[AgentChoice], *, is_asked_for: bool) -> list[AgentChoice]:
    """Those that take gradient steps; one that takes none is refused if it was asked for."""
    learn = [one for one in agents if takes_gradient_steps(agent_class(one.source or one.name))]
    if is_asked_for and len(learn) < len(agents):
        idle = ", ".join(one.name for one in agents if one not in learn)
        raise UserError(f"--agents names what takes no gradient steps: {idle}; leave it out")
    return learn


def _check_addition(
    agents: Sequence[AgentChoice],
    benchmarks: Sequence[str],
    preset: str,
    minutes: float | None,
) -> None:
    """Refuses `--add` where costs could not be written beside those that are kept."""
    if minutes is not None:
        raise UserError(_ADD_GOES_WITH)
    others = [one.name for one in agents if one.source or one.name not in TIMED_AGENTS]
    if others or {one.name for one in agents} <= {MAIN_AGENT}:
        raise UserError(
            f"--add with --agents {', '.join(others) or MAIN_AGENT}; valid: built-in agents other "
            f"than {MAIN_AGENT}, beside which they are timed"
        )
    for benchmark in benchmarks:
        if read_calibration(preset, benchmark) is None:
            raise UserError(
                f"no costs are kept of {benchmark} at {preset}, beside which --add could write; "
                "leave out --add and --agents to time all agents"
            )


def parse_benchmarks(text: str) -> list[str]:
    """The benchmarks of a comma list; `all` stands for every one.

    Raises:
        UserError: for one that is unknown, or none.
    """
    names = parse_list(text) or [text]
    if names == ["all"]:
        return list(BENCHMARKS)
    for name in names:
        if name not in BENCHMARKS:
            raise unknown_name("benchmark in --suite", name, [*BENCHMARKS, "all"])
    return names


def cost_table(calibration: Calibration) -> str:
    """What every agent costs, for people."""
    rows = [
        (
            *(cost.agent, _tasks(cost.tasks), cost.steps, 1000 * cost.step_seconds),
            *(cost.fixed_seconds, cost.training_seconds(), 1000 * cost.act_seconds),
        )
        for cost in calibration.agents
    ]
    digits = ("", "", "", ".2f", ".1f", ".1f", ".2f")
    table = tabulate(rows, COST_COLUMNS, floatfmt=digits, intfmt=",")
    return f"{calibration.benchmark}, preset {calibration.preset}\n{table}\n"


def length_table(benchmark: str, lengths: Sequence[TrainingLength]) -> str:
    """How long training takes every agent beside the median one, for people."""
    rows = [
        (length.agent, _tasks(length.tasks), length.steps, length.seconds, length.of_median)
        for length in lengths
    ]
    table = tabulate(rows, LENGTH_COLUMNS, floatfmt=("", "", "", ".1f", ".2f"), intfmt=",")
    worst = unevenness(lengths)
    verdict = "within" if worst <= EVEN_WITHIN else "beyond"
    return (
        f"{benchmark}\n{table}\nat most {worst:.1%} from the median: {verdict} the "
        f"{EVEN_WITHIN:.0%} of the rule\n"
    )


def unevenness(lengths: Sequence[TrainingLength]) -> float:
    """How far the training farthest from the median one is from it, as a share of that."""
    return max(abs(length.of_median - 1) for length in lengths)


_ADD_GOES_WITH = "--add goes with --calibrate, and without --minutes, which are kept"
_NOT_KEPT = (
    "nothing was written, since not all agents were timed together; the steps of an agent of your "
    "own belong into its presets, or into rows of task_settings\n"
)


def _kept(calibration: Calibration, folder: Path, add: bool) -> str:
    """Writes costs of all agents, or, beside those that are kept, there or here, of some."""
    kept, path = None, costs_path(calibration.preset, calibration.benchmark, folder)
    if add:
        kept = read_calibration(calibration.preset, calibration.benchmark)
        kept = parse_calibration(path.read_text(encoding="utf-8")) if path.exists() else kept
    if kept:
        calibration = with_costs(kept, calibration, MAIN_AGENT)
    folder.mkdir(parents=True, exist_ok=True)
    costs = tuple(cost for cost in calibration.agents if cost.agent in TIMED_AGENTS)
    return f"written: {write_calibration(replace(calibration, agents=costs), folder)}\n"


def _tasks(names: Sequence[str]) -> str:
    whole = [task.name for task in TASKS.values() if task.benchmark == TASKS[names[0]].benchmark]
    if len(names) == len(whole):
        return "all"
    return ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(names) - 1} more"
