"""From which file a class is, and whether two classes are versions of one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmark.plugins.source_files import FILE_PREFIX


def is_same_in_another_version(known: type[Any], agent: type[Any]) -> bool:
    """Whether two classes are one: from a copy of its file, or from before a change.

    The latter may also be a cell of a notebook that is run again, or a module that is imported by
    its name as well as from its file.
    """
    if known.__qualname__ != agent.__qualname__:
        return False
    places = [version.__module__.rpartition("_")[0] for version in (known, agent)]
    of_files = places[0] == places[1] and places[0].startswith(FILE_PREFIX)
    file = _file_of(known)
    same_file = file is not None and file == _file_of(agent)
    return of_files or same_file or known.__module__ == agent.__module__


def _file_of(agent: type[Any]) -> Path | None:
    """The file of a class's module; None where it has none, as in a notebook."""
    file = getattr(sys.modules.get(agent.__module__), "__file__", None)
    return None if file is None else Path(file).resolve()


def is_in_own_file(agent: type[Any]) -> bool:
    """Whether another process can import a class from a file without running this program again.

    The file of the program that runs would do all of its work once more.
    """
    module, file = sys.modules.get(agent.__module__), _file_of(agent)
    is_program = agent.__module__ == "__main__" or file == _program()
    is_at_top = getattr(module, agent.__qualname__, None) is agent
    return file is not None and file.suffix == ".py" and is_at_top and not is_program


def _program() -> Path | None:
    file = getattr(sys.modules["__main__"], "__file__", None)
    return None if file is None else Path(file).resolve()
