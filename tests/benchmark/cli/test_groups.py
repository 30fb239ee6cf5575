"""Commands with subcommands."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from benchmark.cli.data import app


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("lsit", "; did you mean 'list'?"),
        ("maze2d-umaze", ""),
        ("fetch-all", "; did you mean 'fetch'?"),
    ],
)
def test_an_unknown_subcommand_ends_with_those_there_are(word: str, hint: str) -> None:
    result = CliRunner().invoke(app, [word])
    assert result.exit_code == 2
    valid = "valid: check, collect, describe, fetch, list"
    message = " ".join(result.output.split())
    assert message.endswith(f"unknown command '{word}'; {valid}{hint}")
