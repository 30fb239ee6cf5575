"""What a command finds around it: its words, folders that the environment names, and its code."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path

from benchmark.errors import UserError, printable
from benchmark.records.store import PROTOCOL

_PACKAGES = ("benchmark", "mage", "baselines")


def check_arguments(urls: bool) -> None:
    """Refuses words that no command can follow.

    Args:
        urls: whether an argument may be one.

    Raises:
        UserError: for the first one.
    """
    places = (os.environ.get(name, "") for name in ("TMPDIR", "MINARI_DATASETS_PATH"))
    for argument in (*places, *sys.argv[1:]):
        if printable(argument) != argument:
            raise UserError(
                f"{printable(argument)} holds bytes that are no UTF-8; choose a name of letters "
                "that every machine can read"
            )
        if not urls and re.match(rf"(--[a-z-]+=)?{PROTOCOL}://", argument):
            raise UserError(f"{argument} is a URL; valid here: a file or folder of this machine")
    # Minari's folder may begin with one: programs, not shells, put the home folder in its place.
    for argument in (os.environ.get("TMPDIR", ""), *sys.argv[1:]):
        if re.search(r"(^|[=,])~[^/,]*(/|$)", argument):
            raise UserError(
                f"{argument} holds a ~ that no shell has put a home folder in place of, as none "
                "does after '=' or ','; write the full path, or ./~ for a folder of that name"
            )


def check_packages() -> None:
    """Refuses a folder or file in the way that has the name of a package of this program.

    Raises:
        UserError: for the first one.
    """
    root = Path(__file__).resolve().parents[2]
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None:
            continue  # Nothing is in the way.
        places = [
            place for place in (spec.origin, *(spec.submodule_search_locations or ())) if place
        ]
        if not any(Path(place).resolve().is_relative_to(root / name) for place in places):
            there = places[0] if places else "another one"
            raise UserError(
                f"two things are called {name!r}: the package in {root / name}, and {there}, which "
                "Python finds first; start in another folder, or give that another name"
            )
