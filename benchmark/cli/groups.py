"""Commands with subcommands: an unknown one is answered as any other unknown name."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from benchmark.errors import unknown_name


class CommandGroup(TyperGroup):
    """A group that says which command was meant, and which there are."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.suggest_commands = False  # Or Typer says so once more.

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """See `typer.core.TyperGroup`."""
        command = super().get_command(ctx, cmd_name)
        if command is None:
            ctx.fail(str(unknown_name("command", cmd_name, self.list_commands(ctx))))
        return command
