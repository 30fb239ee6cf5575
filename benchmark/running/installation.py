"""Whether this program is installed with all that it needs; Python's own library is enough to look.

What is missing, of another version, or broken is a `Finding` like everything else, so that whoever
cannot start the program at all is told why (`python -m benchmark.doctor`).
"""

from __future__ import annotations

import contextlib
import io
import platform
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from benchmark.errors import with_type

PROJECT = "mage-bench"
_ROOT = Path(__file__).resolve().parents[2]
# Extras that users want, and for what; the others are for tests and trackers.
_EXTRAS = {"video": "only for --video", "ogbench": "only for the tasks of OGBench"}
# What runs are possible without, and what they are then without.
_DISPENSABLE = {"ray": "without it only --workers 0, and no search for settings"}
# How far a system is tested (`.github/workflows/`); Ray calls its build for Windows a beta.
_SHORTLY = "; all tests run on Linux, and here only a first comparison"
_SYSTEMS = {"Linux": "", "Darwin": _SHORTLY, "Windows": f"{_SHORTLY} with --workers 0"}
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?([^;]*);?(.*)")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what it is.
        text: what there is of it, in one line.
        remedy: what to do about it; None where all is well.
        needed: whether no run is possible before that is done.
    """

    name: str
    text: str
    remedy: str | None = None
    needed: bool = False


def program() -> Iterator[Finding]:
    """This program, Python, and the system."""
    own, asked, install = "not installed", "", "python -m pip install -c constraints.txt -e ."
    with contextlib.suppress(PackageNotFoundError):
        own, asked = version(PROJECT), metadata(PROJECT)["Requires-Python"] or ""
    yield Finding(PROJECT, f"{own}, in {_ROOT}", None if asked else f"{install}, in that folder")
    python = platform.python_version()
    remedy = None if _is_in(python, asked) else f"make an environment with Python {asked}"
    yield Finding("python", f"{python}, {sys.executable}", remedy, needed=True)
    tested = _SYSTEMS.get(platform.system(), "; nothing is tested on this system")
    yield Finding("system", f"{platform.platform()}{tested}")


def packages() -> Iterator[Finding]:
    """Each package that this program asks for, imported."""
    for line in _requirements():
        if match := _REQUIREMENT.fullmatch(line):
            name, versions, marker = (part.strip() for part in match.groups())
            extra = re.search(r"""extra\s*==\s*['"]([\w-]+)""", marker)
            if (of_extra := extra and extra[1]) in (None, *_EXTRAS):
                yield _package(name, versions, line.partition(";")[0].strip(), of_extra)


def _requirements() -> list[str]:
    """As the installed package says, or else the file that this is said in."""
    try:
        return requires(PROJECT) or []
    except PackageNotFoundError:
        text = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
        block = re.search(r"^dependencies = \[(.*?)^\]", text, re.DOTALL | re.MULTILINE)
        return re.findall(r'"([^"]+)"', block[1]) if block else []


def _package(name: str, versions: str, requirement: str, extra: str | None) -> Finding:
    purpose = f", {_EXTRAS[extra]}" if extra else ""
    purpose += f"; {_DISPENSABLE[name]}" if name in _DISPENSABLE else ""
    needed = extra is None and name not in _DISPENSABLE
    install = f"python -m pip install '{requirement}'"
    try:
        installed = version(name)
    except PackageNotFoundError:
        return Finding(name, f"not installed{purpose}", install, needed=needed)
    if not _is_in(installed, versions):
        text = f"{installed}, which is not of {versions}{purpose}"
        return Finding(name, text, install, needed=needed)
    if problem := _import_problem(name.replace("-", "_")):
        text = f"{installed}, but it cannot be imported ({problem}){purpose}"
        return Finding(name, text, f"{install} --force-reinstall", needed=needed)
    return Finding(name, installed)


def _import_problem(module: str) -> str | None:
    """Why a module cannot be imported; None if it can. What it says meanwhile is not shown."""
    quiet = io.StringIO()
    with (
        contextlib.redirect_stdout(quiet),
        contextlib.redirect_stderr(quiet),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        try:
            import_module(module)
        except (Exception, SystemExit) as error:  # A broken package may raise anything.
            return with_type(error)
    return None


def _is_in(installed: str, versions: str) -> bool:
    """Whether a version is of those asked for; so it is where nobody can tell."""
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:  # It is named as missing itself.
        return True
    return SpecifierSet(versions).contains(installed, prereleases=True)
