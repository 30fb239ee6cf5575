"""What installed packages bring along, by the entry points of a group of this project's.

What is wrong with one of them, be it a file that cannot be read or a module that cannot be
imported, is kept with it: commands that ask for something else are not disturbed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Any

from benchmark.errors import UserError, one_line, with_type


@dataclass(frozen=True)
class PlugIn:
    """An entry point of an installed package.

    Attributes:
        name: of the entry point.
        package: that brings it.
        point: where its object is; None where it cannot be used.
        problem: why it cannot, and what to do; None where it can, as far as is known without
            importing it.
    """

    name: str
    package: str
    point: EntryPoint | None
    problem: str | None = None


def plug_ins(group: str) -> list[PlugIn]:
    """All of a group, of a package that is installed twice once; imports none."""
    return list(_listed(group, tuple(_folders())))


def _folders() -> Iterator[tuple[str, int]]:
    """Where packages are installed, with the time at which one last came or went, or 0."""
    for folder in sys.path:
        try:
            # Asked thousands of times for the settings of a suite; `Path` takes ten times as long.
            yield folder, os.stat(folder or ".").st_mtime_ns  # noqa: PTH116
        except OSError:
            yield folder, 0


@lru_cache(maxsize=8)
def _listed(group: str, folders: tuple[tuple[str, int], ...]) -> tuple[PlugIn, ...]:
    """As long as the folders are as they were: to read a file of each package takes 20 ms."""
    listed = [plug_in for package in distributions() for plug_in in _of_package(package, group)]
    # A package installed for editing can be listed twice; that is no clash.
    known = {(one.name, one.point.value if one.point else one): one for one in listed}
    return tuple(known.values())


def loaded(point: EntryPoint, kind: str) -> Any:
    """The object of an entry point.

    Raises:
        UserError: if it cannot be imported.
    """
    try:
        return point.load()
    except UserError:
        raise
    except (Exception, SystemExit) as error:  # Other people's module may raise anything.
        raise UserError(
            f"{kind} {point.name!r} cannot be imported from {point.value} "
            f"({with_type(error)}); repair or uninstall its package"
        ) from error


def _of_package(package: Distribution, group: str) -> Iterator[PlugIn]:
    text = package.read_text("entry_points.txt") or ""
    if group not in text:
        return
    name = package.metadata["Name"] or "without a name"
    try:
        points = list(package.entry_points.select(group=group))
    except Exception as error:  # Whatever a file of a wrong form makes the reader raise.
        problem = f"its entry_points.txt cannot be read ({one_line(error)}); repair or uninstall it"
        yield PlugIn("?", name, None, problem)
        return
    yield from (PlugIn(point.name, name, point) for point in points)
