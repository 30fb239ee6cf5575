"""Agents in files of the user's: the class that `path/to/file.py:ClassName` names."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from benchmark.errors import UserError, nearest_names
from benchmark.plugins.source_files import module_of, python_file, split_source


def import_class(source: str) -> Any:
    """What a file calls `ClassName`; from now on its imports find what lies beside it.

    Args:
        source: `path/to/file.py:ClassName`.

    Raises:
        UserError: if there is no such file, if it cannot be imported, or if it has no such name.
    """
    path, class_name = split_source(source)
    module = module_of(path)
    if not hasattr(module, class_name):
        own = list(_own_classes(module))
        close = nearest_names(class_name, own, most=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise UserError(
            f"agent {source!r}: no class {class_name!r} in {path}; there are: "
            f"{', '.join(own) or 'none'}{hint}"
        )
    return getattr(module, class_name)


def only_class(file: str, methods: Sequence[str]) -> str:
    """The name of the one class in a file that has certain methods.

    Args:
        file: `path/to/file.py`.
        methods: that make a class an agent.

    Raises:
        UserError: if there is no such file, if it cannot be imported, or if it has no such class,
            or several.
    """
    classes = _own_classes(
        module_of(python_file(file, f"agent {file!r}", "path/to/file.py:ClassName"))
    )
    agents = [
        name
        for name, one in classes.items()
        if not name.startswith("_") and all(callable(getattr(one, verb, None)) for verb in methods)
    ]
    if len(agents) == 1:
        return agents[0]
    if agents:
        names = ", ".join(f"{file}:{name}" for name in agents)
        raise UserError(f"agent {file!r} is a file of several agents; valid: {names}")
    raise UserError(
        f"agent {file!r} is a file without an agent, which is a class with the methods "
        f"{', '.join(methods)} (see benchmark.interface.Agent); its classes: "
        f"{', '.join(classes) or 'none'}"
    )


def _own_classes(module: ModuleType) -> dict[str, type[Any]]:
    """The classes that a file defines, by name."""
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and (value.__module__, value.__name__) == (module.__name__, name)
    }
