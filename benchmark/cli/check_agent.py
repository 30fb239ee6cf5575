"""The conformance tests of an agent: `python -m benchmark.check_agent FILE:CLASS`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from benchmark.agents.registry import agent_class
from benchmark.cli.options import new_app, one_message, parse_agents
from benchmark.errors import UserError
from benchmark.running.compute import needs_of

if TYPE_CHECKING:
    from benchmark.running.conformance import Answer

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
        from benchmark.running.conformance import check_agent  # Keeps torch out of --help.

        failed = print_answers(choice.name, check_agent(choice))
    raise typer.Exit(1 if failed else 0)


def print_answers(name: str, answers: Iterable[Answer]) -> int:
    """Prints what checks of an agent or a task came to, one by one.

    Returns:
        How many have failed.
    """
    # Keeps torch out of --help.
    from benchmark.running.conformance import FAILED, PASSED, SKIPPED

    count: Counter[str] = Counter()
    for answer in answers:
        count[answer.status] += 1
        seen = f": {answer.seen}" if answer.seen else ""
        typer.echo(f"{answer.status:<9} {answer.check.name}{seen}")
        if answer.status == FAILED:
            typer.echo(f"{'':<9} -> {answer.check.advice}")
    typer.echo(f"\n{name}: {count[PASSED]} ok, {count[FAILED]} failed, {count[SKIPPED]} skipped")
    return count[FAILED]
