"""Parts of the pages that are made from measurements which no record of a run holds.

They lie in `docs/measured/`. Whoever measures again changes the file, and nothing else.
"""

from __future__ import annotations

import csv
from pathlib import Path

from docs.markdown import table

_FOLDER = Path(__file__).with_name("measured")


def measured(name: str) -> list[dict[str, str]]:
    """The rows of one of the files."""
    with (_FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def start() -> str:
    """The first commands to type, and how long each takes."""
    lines = [f"{row['command']:<16} # {row['what']}: {row['time']}" for row in measured("commands")]
    return "\n".join(["```", *lines, "```"])


def selfcheck() -> str:
    """What `mage-bench selfcheck` has measured."""
    rows = [list(row.values()) for row in measured("selfcheck")]
    return (
        "Measured on 2 cores of a virtual server without GPU:\n\n"
        f"{table(['', 'measured', 'aim'], rows)}"
    )


def acting() -> str:
    """How long MAGE takes to act, in the time of a Decision Transformer of as many weights."""
    rows = [list(row.values()) for row in measured("acting")]
    return table(["one environment, one thread of a CPU", "`quick`", "`paper`"], rows)


def playback() -> str:
    """How long ways to record the calls of a plan take, and how long a plan takes then."""
    rows = [[value or "not measured" for value in row.values()] for row in measured("playback")]
    header = ["calls", "ready, `quick`", "ready, `paper`", "a plan, `quick`", "a plan, `paper`"]
    return table(header, rows)


PARTS = {"start": start, "selfcheck": selfcheck, "acting": acting, "playback": playback}
