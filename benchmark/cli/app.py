"""The command `mage-bench`, and `python -m benchmark`: one subcommand for each thing to be done."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from benchmark.errors import unknown_name

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
        "Search for better settings of an agent on a task; scores come from tuning episodes.",
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
    "show": (
        "benchmark.cli.show",
        "Draw one plan of a trained MAGE scale by scale, and the path that was taken.",
    ),
    "sanity": (
        "benchmark.cli.sanity",
        "Train agents where the result is known beforehand, and compare.",
    ),
    "selfcheck": (
        "benchmark.cli.selfcheck.command",
        "Measure speed, resuming, memory and reports, in ten minutes; the machine should be idle.",
    ),
}
# Other words for some of them: `python -m benchmark.datasets` is `mage-bench data`.
_ALIASES = {"datasets": "data"}


class Commands(TyperGroup):
    """The group of `COMMANDS`; a subcommand is imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """See `typer.core.TyperGroup`."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """See `typer.core.TyperGroup`; an unknown name ends with the list of those there are."""
        cmd_name = _ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            ctx.fail(str(unknown_name("command", cmd_name, COMMANDS)))
        return typer.main.get_command(import_module(COMMANDS[cmd_name][0]).app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Lists them for `--help` without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def parse_args(self, ctx: Any, args: Iterable[str]) -> list[str]:
        """Takes an option in the place of a command for one of `run`."""
        args = list(args)
        if args and args[0].startswith("-") and args[0] != "--help":
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Commands, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.callback(no_args_is_help=True)
def main() -> None:
    """Offline reinforcement learning agents, trained and compared under the same conditions."""
