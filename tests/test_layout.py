"""The shape of the code: which room may import which, and how long files and functions may be."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from setuptools import find_packages

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("mage", "baselines", "benchmark")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FILES = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))]
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
MOST_INNER_IMPORTS = 52


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


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


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Each import, anywhere in a file, and the module that it names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports name the whole module"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield node, inner if inner in MODULES else node.module


@cache
def own_imports(path: Path) -> tuple[tuple[ast.stmt, str], ...]:
    return tuple((node, name) for node, name in imports(tree_of(path)) if name in MODULES)


def family_of(path: Path) -> str:
    """Rooms of baselines are families, which do not know each other."""
    return name_of(path.parent) if room_of(path) == "baselines" else room_of(path)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_arrow_runs_up(path: Path) -> None:
    allowed = ROOMS[room_of(path)]
    wrong = [
        name
        for _, name in own_imports(path)
        if room_of(MODULES[name]) not in allowed and family_of(MODULES[name]) != family_of(path)
    ]
    assert not wrong, f"the room {room_of(path)} may import only {sorted(allowed) or 'nothing'}"


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
    tree = tree_of(path)
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (node for node, name in imports(function) if name in MODULES)


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
    return tuple(name for node in at_import(tree_of(path)) for _, name in imports(node))


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


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_and_functions_are_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, node.name


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


def names_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_names_are_the_words_of_the_field(path: Path) -> None:
    tree = tree_of(path)
    assert not {name.strip("_") for name in names_of(tree)} & PRIVATE_WORDS


def test_no_agent_is_named_where_tasks_are() -> None:
    from benchmark.agents.builtin import BUILTIN
    from benchmark.agents.settings import PRESETS

    # As `mage`, `mage/quick` or `mage.k1`; datasets that are collected here are `mage/kitchen/...`.
    agent = rf"({'|'.join(BUILTIN)})(/({'|'.join(PRESETS)}))?(\.\S+)?"
    for path in (ROOT / "benchmark" / "tasks").rglob("*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.fullmatch(agent, node.value), name_of(path)
