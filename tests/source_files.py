"""The files of the code and its tests: their modules, rooms and syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("mage", "baselines", "benchmark")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FILES = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in SOURCES}


@cache
def room_of(path: Path) -> str:
    package, *inner = path.relative_to(ROOT).with_suffix("").parts
    text = path.read_text(encoding="utf-8")
    if inner[-1] == "__main__" or '__name__ == "__main__"' in text:
        return "command"
    if package == "mage":
        return "returns" if inner[0] == "returns" else "mage"
    if package == "baselines":
        return "shared" if inner[0] == "shared" else "baselines"
    if len(inner) == 1:
        return {"__init__": "face"}.get(inner[0], "contract")
    return inner[0]
