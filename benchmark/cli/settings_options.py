"""The options that set settings of agents: a file, and single ones on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmark.agents.command_settings import with_settings
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings_file import SettingsFile, read_settings_file

ConfigOption = Annotated[
    Path | None, typer.Option(help="File of settings, such as benchmark.tune writes.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="AGENT.SETTING=VALUE",
        help="A setting, such as iql.expectile=0.9, over those of the file; repeatable.",
    ),
]


def user_settings(
    config: Path | None, texts: Sequence[str] | None, agents: Sequence[AgentChoice]
) -> SettingsFile:
    """The settings of both options.

    Raises:
        UserError: for a file or a text that cannot be used.
    """
    in_file = read_settings_file(config, [agent.name for agent in agents])
    return with_settings(in_file, texts or [], agents)
