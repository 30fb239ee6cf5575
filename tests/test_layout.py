"""The shape of the code: which room may import which, and how long files and functions may be."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from setuptools import find_packages

from tests.source_files import FILES, MODULES, ROOT, SOURCES, name_of, nodes_of, room_of, tree_of

LONGEST_FILE, LONGEST_FUNCTION = 300, 60

# What each room may import beside itself, from the ground up: no arrow runs up, so no circle of
# rooms can arise. A room is a folder; at the top of `benchmark` lie the contract and the commands.
CONTRACT = {"contract"}
GROUND = CONTRACT | {"plugins", "tasks", "records"}
FRAMES = GROUND | {"agents", "statistics"}
ROOMS = {
    "contract": set(),
    "plugins": CONTRACT,
    "tasks": CONTRACT | {"plugins"},
    "records": CONTRACT,
    "agents": GROUND,
    "data": GROUND,
    "evaluation": GROUND | {"agents"},
    "statistics": GROUND | {"agents"},
    "running": GROUND | {"agents", "data", "evaluation"},
    "deployment": GROUND | {"agents", "data", "evaluation"},
    "plots": FRAMES,
    "reporting": FRAMES | {"plots"},
    "cli": FRAMES | {"data", "evaluation", "running", "deployment", "plots", "reporting"},
    "api": FRAMES | {"data", "evaluation", "running", "plots", "reporting", "cli"},
    "command": {"cli"},
    "face": CONTRACT | {"agents", "api", "tasks"},  # `benchmark/__init__.py` hands on.
    "returns": CONTRACT,  # In `mage/`, but any agent may be conditioned on returns by it.
    "mage": CONTRACT | {"returns"},
    "shared": CONTRACT,
    "baselines": CONTRACT | {"shared", "returns"},
}
CONTRACT_FILES = {
    *("interface", "agent_base", "agent_settings", "errors", "following", "hindsight", "resumable"),
    *("step_function", "trainer"),
}

# Each of these takes a second or more to import, so a command that answers at once does without.
HEAVY = {"torch", "d3rlpy", "ray", "diffusers", "gymnasium", "mujoco", "pandas", "matplotlib"}
# Imports of our own modules inside functions; each has a comment that says what it keeps out.
MOST_INNER_IMPORTS = 53


def imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.stmt, str]]:
    """Each import among these, and the module that it names."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports name the whole module"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield node, inner if inner in MODULES else node.module


@cache
def own_imports(path: Path) -> tuple[tuple[ast.stmt, str], ...]:
    return tuple((node, name) for node, name in imports(nodes_of(path)) if name in MODULES)


def family_of(path: Path) -> str:
    """Rooms of baselines are families, which do not know each other."""
    return name_of(path.parent) if room_of(path) == "baselines" else room_of(path)


def test_no_arrow_runs_up() -> None:
    wrong = [
        f"{name_of(path)}: {room_of(path)} may not import {name}"
        for path in SOURCES
        for _, name in own_imports(path)
        if room_of(MODULES[name]) not in ROOMS[room_of(path)]
        and family_of(MODULES[name]) != family_of(path)
    ]
    assert not wrong, "\n".join([*wrong, "What a room may import: ROOMS"])


def test_what_a_room_may_import_lies_below_it() -> None:
    order = list(graphlib.TopologicalSorter(ROOMS).static_order())
    assert set(order) == set(ROOMS)


def test_at_the_top_lie_the_contract_and_commands() -> None:
    top = {path.stem for path in (ROOT / "benchmark").glob("*.py")}
    commands = {path.stem for path in SOURCES if room_of(path) == "command"}
    assert top - commands == CONTRACT_FILES | {"__init__"}


def test_no_circle_between_files() -> None:
    graph = {
        module: {name for _, name in own_imports(path) if name != module}
        for module, path in MODULES.items()
    }
    list(graphlib.TopologicalSorter(graph).static_order())


def inside_functions(path: Path) -> Iterator[ast.stmt]:
    for function in nodes_of(path):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (node for node, name in imports(ast.walk(function)) if name in MODULES)


def test_imports_inside_functions_say_why() -> None:
    count = 0
    for path in SOURCES:
        lines = path.read_text(encoding="utf-8").splitlines()
        statements = {node.lineno: node for node in inside_functions(path)}
        count += len(statements)
        for line, node in statements.items():
            # The reason may stand above several imports in a row.
            above = line - 2
            while above + 1 in {each.end_lineno for each in statements.values()}:
                above -= 1
            near = "\n".join([lines[above], *lines[line - 1 : node.end_lineno]])
            assert "#" in near, f"{name_of(path)}:{line}: an import inside a function, and no why"
    assert count <= MOST_INNER_IMPORTS


def reached_from(module: str) -> set[str]:
    """All modules that an import of this one imports at once, our own and others."""
    reached, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if name in MODULES:
            waiting += [*loaded_with(MODULES[name]), *[name.rpartition(".")[0]] * ("." in name)]
    return reached


@cache
def loaded_with(path: Path) -> tuple[str, ...]:
    """Modules that are imported when this one is."""
    return tuple(name for node in at_import(tree_of(path)) for _, name in imports(ast.walk(node)))


def at_import(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported."""
    for node in tree.body:
        is_check = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not is_check and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node


@pytest.mark.parametrize(
    "module",
    [
        "benchmark",
        *(
            name
            for name in MODULES
            if re.fullmatch(r"benchmark\.cli\.(\w+|selfcheck\.command)", name)
        ),
    ],
)
def test_commands_answer_without_heavy_libraries(module: str) -> None:
    found = {name.split(".")[0] for name in reached_from(module)} & HEAVY
    assert not found, f"import it where it is needed, so that {module} --help stays quick"


def test_files_are_short() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def test_functions_are_short() -> None:
    too_long = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in FILES
        for node in nodes_of(path)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert not too_long, f"over {LONGEST_FUNCTION} lines: {too_long}"


def test_every_folder_is_installed() -> None:
    folders = {name_of(path.parent).replace("/", ".") for path in SOURCES}
    assert folders == set(find_packages(str(ROOT), include=["mage*", "baselines*", "benchmark*"]))


# Modules without a test file of their own, and where they are tested.
TESTED_ELSEWHERE = {
    "benchmark/agents/ablation.py": "a table; tests/benchmark/reporting/test_ablation_table.py",
    "benchmark/records/plan_trace.py": "tests/benchmark/evaluation/test_plan_trace_recorder.py",
    "benchmark/tasks/table.py": "tests/benchmark/tasks/test_suites.py",
    "benchmark/reporting/page/templates.py": "tests/benchmark/reporting/page/test_document.py",
}


def test_tests_mirror_the_code() -> None:
    modules = {name_of(p) for p in SOURCES if room_of(p) != "command" and p.stem != "__init__"}
    mirrors = {
        name: ROOT / "tests" / Path(name).with_name(f"test_{Path(name).name}") for name in modules
    }
    assert {name for name, mirror in mirrors.items() if not mirror.exists()} == set(
        TESTED_ELSEWHERE
    )


def test_tests_that_mirror_no_file_say_what_they_are_of() -> None:
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT / "tests").with_name(path.name.removeprefix("test_"))
        if not (ROOT / place).exists():
            assert ast.get_docstring(tree_of(path)), name_of(path)
