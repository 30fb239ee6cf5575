"""The conformance tests of an agent: `python -m benchmark.check_agent FILE:CLASS`."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from benchmark.agents.registry import agent_class
from benchmark.cli.options import new_app, one_message, parse_agents
from benchmark.errors import UserError
from benchmark.running.compute import needs_of

app = new_app()


@app.command()
def main(
    agent: Annotated[
        str, typer.Argument(metavar="AGENT", help="path/to/file.py:ClassName, or a name.")
    ],
) -> None:
    """Check that an agent keeps the contract with the benchmark; takes a minute."""
    with one_message("nothing was written"):
        choice, *others = parse_agents(agent)
        if others:
            raise UserError(
                f"{agent!r} names {1 + len(others)} agents; valid: one, such as {choice.name}; "
                "check one after the other"
            )
        needs_of(agent_class(choice.source or choice.name))  # Refuses what no run could use.
        # Keeps torch out of --help.
        from benchmark.running.conformance import FAILED, PASSED, SKIPPED, check_agent

        count: Counter[str] = Counter()
        for answer in check_agent(choice):
            count[answer.status] += 1
            seen = f": {answer.seen}" if answer.seen else ""
            typer.echo(f"{answer.status:<9} {answer.check.name}{seen}")
            if answer.status == FAILED:
                typer.echo(f"{'':<9} -> {answer.check.advice}")
        typer.echo(
            f"\n{choice.name}: {count[PASSED]} ok, {count[FAILED]} failed, {count[SKIPPED]} skipped"
        )
    raise typer.Exit(1 if count[FAILED] else 0)
