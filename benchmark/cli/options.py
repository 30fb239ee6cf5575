"""What the command lines have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import typer

from benchmark.errors import UserError


@contextlib.contextmanager
def one_message(when_stopped: str) -> Iterator[None]:
    """Answers what the user can put right with one message and exit code 2.

    Args:
        when_stopped: what to say after Ctrl-C.
    """
    try:
        yield
    except UserError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        typer.echo(f"\nstopped; {when_stopped}", err=True)
        raise typer.Exit(130) from None
