"""The names of modules, classes and variables: one name for one thing, in the field's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.source_files import ROOT, SOURCES, name_of, nodes_of, room_of, tree_of

# One name for one thing. A role may occur once a folder, and a command in full lies in `cli`.
ROLES = {"__init__", "__main__", "agent", "config", "base"}


def test_no_two_modules_have_one_name() -> None:
    stems: dict[str, list[str]] = {}
    for path in SOURCES:
        if path.stem not in ROLES and room_of(path) != "command":
            stems.setdefault(path.stem, []).append(name_of(path))
    twice = {stem: paths for stem, paths in stems.items() if len(paths) > 1}
    assert not twice


def test_no_two_classes_have_one_name() -> None:
    classes: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name.lstrip("_"), []).append(name_of(path))
    assert not {name: paths for name, paths in classes.items() if len(paths) > 1}


# Words that say nothing of what a thing is; for names of variables, functions, arguments, fields.
PRIVATE_WORDS = {"found", "told", "each", "judge", "mend", "made", "good", "usual", "news", "tell"}


def names_of(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


def test_names_are_the_words_of_the_field() -> None:
    words = {
        name_of(path): {name.strip("_") for name in names_of(path)} & PRIVATE_WORDS
        for path in SOURCES
    }
    assert not {name: private for name, private in words.items() if private}


def test_no_agent_is_named_where_tasks_are() -> None:
    from benchmark.agents.builtin import BUILTIN
    from benchmark.agents.settings import PRESETS

    # As `mage`, `mage/quick` or `mage.k1`; datasets that are collected here are `mage/kitchen/...`.
    agent = rf"({'|'.join(BUILTIN)})(/({'|'.join(PRESETS)}))?(\.\S+)?"
    for path in (ROOT / "benchmark" / "tasks").rglob("*.py"):
        for node in nodes_of(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.fullmatch(agent, node.value), name_of(path)
