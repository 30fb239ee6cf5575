"""The command `mage-bench`, and `python -m benchmark`: one subcommand for each thing to be done."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmark.cli.groups import CommandGroup

# Name -> the module whose `app` it is, and what it does.
COMMANDS = {
    "run": (
        "benchmark.cli.run",
        "Train and compare offline reinforcement learning agents; tables and plots go to --out.",
    ),
    "report": (
        "benchmark.cli.report",
        "Build tables, pictures and a page from the records of finished runs, or compare two.",
    ),
    "data": (
        "benchmark.cli.data",
        "Look at, download, collect, check and describe the data of tasks.",
    ),
    "tune": (
        "benchmark.cli.tune",
        "Search for better settings of agents on tasks; scores come from tuning episodes.",
    ),
    "latency": (
        "benchmark.cli.latency",
        "Time single calls of `act`, with the threads of a run, and on a GPU if there is one.",
    ),
    "updates": (
        "benchmark.cli.updates",
        "Count gradient steps per second; calibrate the budget of quick, or check it.",
    ),
    "calibration": (
        "benchmark.cli.calibration",
        "Measure whether trained agents reach the return asked for, and act by their plans.",
    ),
    "video": (
        "benchmark.cli.video",
        "Play one episode with a trained agent, and record a video of it.",
    ),
    "export": (
        "benchmark.cli.export",
        "Write a trained agent to one file, from observation and state to action, and check it.",
    ),
    "check-agent": (
        "benchmark.cli.check_agent",
        "Check that an agent keeps the contract with the benchmark; takes a minute.",
    ),
    "check-task": (
        "benchmark.cli.check_task",
        "Check that a task keeps what the benchmark needs of it; plays some random episodes.",
    ),
    "check-gpu": (
        "benchmark.cli.check_gpu",
        "Check all agents on a GPU: tests, speed, memory, sharing, resuming; in eight minutes.",
    ),
    "show": (
        "benchmark.cli.show",
        "Draw the plans of a trained MAGE scale by scale, and the path that was taken.",
    ),
    "sanity": (
        "benchmark.cli.sanity",
        "Train agents where the result is known beforehand, and compare.",
    ),
    "doctor": (
        "benchmark.cli.doctor",
        "Look at what runs need of this machine, and say what is missing and how to get it.",
    ),
    "selfcheck": (
        "benchmark.cli.selfcheck.command",
        "Measure speed, resuming, memory and reports, in 15 minutes; the machine should be idle.",
    ),
}
# Other words for some of them: `python -m benchmark.datasets` is `mage-bench data`.
_ALIASES = {
    "datasets": "data",
    "check_agent": "check-agent",
    "check_task": "check-task",
    "check_gpu": "check-gpu",
}
_OWN_OPTIONS = ("--help", "--version")  # Not of `run`.


class Commands(CommandGroup):
    """The group of `COMMANDS`; a subcommand is imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """See `typer.core.TyperGroup`."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """See `CommandGroup`."""
        cmd_name = _ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        if not {"", str(Path.cwd())} & set(sys.path):
            sys.path.append(str(Path.cwd()))  # As `python -m` has it: environments may lie there.
        return typer.main.get_command(import_module(COMMANDS[cmd_name][0]).app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Lists them for `--help` without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def parse_args(self, ctx: Any, args: Iterable[str]) -> list[str]:
        """Takes an option in the place of a command for one of `run`."""
        args = list(args)
        if args and args[0].startswith("-") and args[0] not in _OWN_OPTIONS:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Commands, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


def _print_version(asked: bool) -> None:
    if not asked:
        return
    try:
        typer.echo(f"mage-bench {version('mage-bench')}")
    except PackageNotFoundError:
        typer.echo("mage-bench, of a folder that is not installed")
    raise typer.Exit


@app.callback(no_args_is_help=True)
def main(
    asks_for_version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Offline reinforcement learning agents, trained and compared under the same conditions."""
