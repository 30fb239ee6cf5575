"""Files of the user's: how one is imported with what lies beside it, and known again.

A file is known by its content, with that of the files beside it that it imports, and not by where
it lies: results can be moved, and never go on with another agent by mistake.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmark.errors import UserError, with_type

# What lies beside such a file and is called like these is never what it means.
_PROTECTED = sys.stdlib_module_names | {"benchmark", "baselines", "mage"}

FILE_PREFIX = "mage_bench_file_"
"""What names of modules begin with that are files of the user's."""


def split_source(source: str) -> tuple[Path, str]:
    """The absolute path and the class's name of `path/to/file.py:ClassName`.

    Raises:
        UserError: if there is no such Python file.
    """
    path_text, _, class_name = source.rpartition(":")
    return python_file(path_text, f"agent {source!r}", "path/to/file.py:ClassName"), class_name


def python_file(path_text: str, asked: str, expected: str) -> Path:
    """The absolute path of a Python file.

    Args:
        path_text: where it lies.
        asked: what the user has written, and for what, for the message.
        expected: what a file is given by.

    Raises:
        UserError: if there is no such Python file.
    """
    path = Path(path_text).resolve()
    if path.suffix != ".py" or not is_file(path):
        raise UserError(
            f"{asked}: no Python file {path}; expected {expected}, or a name that --list shows"
        )
    return path


def is_file(path: Path) -> bool:
    """Whether there is a file; a path that no system takes is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # Such as a name that is too long, or that holds a null.
        return False


def read_source(path: Path) -> dict[str, bytes]:
    """A file, and after it the files beside it that it imports, directly or not.

    Returns:
        What is in them, by their paths below its folder.
    """
    if path in _read:
        files, stamps, content = _read[path]
        if stamps == _stamps(files):
            return content
    files = _source_files(path)
    stamps = _stamps(files)
    content = {file.relative_to(path.parent).as_posix(): file.read_bytes() for file in files}
    _read[path] = files, stamps, content
    _sources[_hash_of(content)] = content
    return content


def _source_files(path: Path) -> list[Path]:
    files, waiting = {path}, [path]
    while waiting:
        imported = set(_imported_files(waiting.pop(), path.parent)) - files
        files |= imported
        waiting += imported
    return [path, *sorted(files - {path})]


def _stamps(files: Sequence[Path]) -> list[tuple[int, int] | None]:
    """When each file was written, and its size; None for one that is gone."""
    status = [file.stat() if is_file(file) else None for file in files]
    return [stat and (stat.st_mtime_ns, stat.st_size) for stat in status]


def source_hash(path: Path) -> str:
    """SHA-256 of a file; where it imports files from beside it, of all together."""
    return _hash_of(read_source(path))


def source_of_hash(digest: str) -> dict[str, bytes]:
    """What `read_source` gave in this process for the file of a hash, whatever it holds today.

    Raises:
        KeyError: if no file of this hash has been read.
    """
    return _sources[digest]


def short_hash(digest: str | None) -> str:
    """As much of a hash as people need."""
    return "unknown" if digest is None else digest[:12]


# By path: the files, when they were written, and what they hold; and by hash: what they hold.
_read: dict[Path, tuple[list[Path], list[tuple[int, int] | None], dict[str, bytes]]] = {}
_sources: dict[str, dict[str, bytes]] = {}


def _hash_of(content: Mapping[str, bytes]) -> str:
    own, *others = content
    # As `sha256sum` lists files; what the file itself is called does not count.
    lines = [f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in others]
    return hashlib.sha256(content[own] + "".join(lines).encode()).hexdigest()


def _imported_files(file: Path, folder: Path) -> Iterator[Path]:
    """The files in a folder that a file names in its import statements, wherever these stand."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError):  # Importing it fails as well, and says why.
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _module_files(folder, alias.name)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                yield from _module_files(folder, f"{node.module}.{alias.name}")
        elif isinstance(node, ast.ImportFrom):
            # One dot is the file's own package, each other one the package around it.
            for root in file.parents[node.level - 1 : node.level]:
                for alias in node.names if root.is_relative_to(folder) else ():
                    yield from _files_along(root, filter(None, [node.module, alias.name]))


def _module_files(folder: Path, name: str) -> Iterator[Path]:
    if name.partition(".")[0] not in _PROTECTED:
        yield from _files_along(folder, [name])


def _files_along(place: Path, names: Iterable[str]) -> Iterator[Path]:
    """The files of a package and of what is inside it, along `a.b.c`, as far as there are any."""
    for part in ".".join(names).split("."):
        place = place / part
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path


class _Neighbours:
    """Finds modules in the folder of such a file; while it is active, imports ask it first.

    One folder is active at a time, so that two files, each with its own `helpers.py`, do not get
    each other's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: set[str] = set()
        self._modules: dict[str, ModuleType] = {}
        self._hidden: dict[str, ModuleType] = {}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        if "." in name or name in _PROTECTED:
            return None
        spec = PathFinder.find_spec(name, [str(self.folder)])
        # A folder without `__init__.py` counts where nothing else is called so, as on any path.
        if spec is None or (spec.origin is None and PathFinder.find_spec(name) is not None):
            return None
        self._names.add(name)
        return spec

    def enter(self) -> None:
        """Puts what lies in the folder in the place of modules of the same names."""
        beside = {path.stem for path in self.folder.glob("*.py")}
        beside |= {path.parent.name for path in self.folder.glob("*/__init__.py")}
        self._hidden = _taken_out(beside - _PROTECTED, self._is_elsewhere)
        sys.modules.update(self._modules)
        sys.meta_path.insert(0, self)

    def forget(self) -> None:
        """Lets the next import read what lies in the folder anew."""
        _taken_out(self._names)

    def leave(self) -> None:
        """Puts back what was there before."""
        sys.meta_path.remove(self)
        self._modules = _taken_out(self._names)
        sys.modules.update(self._hidden)

    def _is_elsewhere(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        return file is None or not Path(file).resolve().is_relative_to(self.folder)


def _taken_out(
    names: set[str], condition: Callable[[ModuleType], bool] = lambda module: True
) -> dict[str, ModuleType]:
    """Removes modules of these names, with what is inside them, from those that are imported."""
    names_in = [name for name in sys.modules if name.partition(".")[0] in names]
    return {name: sys.modules.pop(name) for name in names_in if condition(sys.modules[name])}


_neighbours: dict[Path, _Neighbours] = {}
_active: list[_Neighbours] = []  # One or none.


def _activate(folder: Path) -> None:
    """Lets imports find what lies in this folder, and no longer what lies in the one before."""
    if _active and _active[0].folder == folder:
        return
    if _active:
        _active.pop().leave()
    if str(folder) not in {str(Path(entry).resolve()) for entry in sys.path}:
        neighbours = _neighbours.setdefault(folder, _Neighbours(folder))
        neighbours.enter()
        _active.append(neighbours)


def module_of(path: Path) -> ModuleType:
    """Imports a file once per process and content, under a name that no other module can have.

    Raises:
        UserError: if it cannot be imported.
    """
    _activate(path.parent)
    place = f"{path}:{source_hash(path)}".encode(errors="surrogateescape")
    digest = hashlib.sha256(place).hexdigest()[:12]
    name = f"{FILE_PREFIX}{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    for neighbours in _active:
        neighbours.forget()  # They may have changed, too.
    sys.modules[name] = module  # Dataclasses look their module up while it is being imported.
    _being_imported.append(module)
    try:
        spec.loader.exec_module(module)
    except UserError:
        del sys.modules[name]
        raise
    except (Exception, SystemExit) as error:  # The user's file may raise anything.
        del sys.modules[name]
        raise UserError(
            f"file {path} cannot be imported ({with_type(error)}); "
            f"repair it: python {path} shows the whole error"
        ) from error
    finally:
        _being_imported.pop()
    return module


_being_imported: list[ModuleType] = []


def file_being_imported() -> ModuleType | None:
    """The module that `module_of` executes at this moment, with what it imports; None for none."""
    return _being_imported[-1] if _being_imported else None
