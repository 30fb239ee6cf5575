"""What the command lines have in common: one message and an exit code."""

from __future__ import annotations

import pytest
import typer

from benchmark.cli.options import one_message
from benchmark.errors import UserError


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (UserError("no such task"), 2, "error: no such task\n"),
        (KeyboardInterrupt(), 130, "\nstopped; nothing was written\n"),
    ],
)
def test_what_the_user_can_put_right_is_one_message(
    capsys: pytest.CaptureFixture[str], raised: BaseException, code: int, told: str
) -> None:
    with pytest.raises(typer.Exit) as ended, one_message("nothing was written"):
        raise raised
    assert ended.value.exit_code == code
    assert capsys.readouterr() == ("", told)


def test_other_errors_are_not_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="a fault"), one_message(""):
        raise ValueError("a fault")
    with one_message(""):
        pass
    assert capsys.readouterr() == ("", "")
