"""The shape of the code: which part may import which, and how long a file may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("mage", "baselines", "benchmark", "tests")
FILES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
LONGEST_FILE = 300
HEAVY = {"torch", "d3rlpy", "ray", "diffusers"}

# Which of our own modules a part may import; the registry reaches agents only by their names.
ALLOWED = {
    "mage": ("mage", "benchmark.interface"),
    "baselines": ("baselines", "benchmark.interface"),
    "benchmark": ("benchmark",),
    "tests": ("mage", "baselines", "benchmark", "tests"),
}
# Command lines may use the whole harness, though they live with what they are about.
COMMANDS = {"benchmark/plots/plan_figures.py"}
ABOUT_RAY = {
    "benchmark/running/ray_runner.py",
    "benchmark/running/ray_session.py",
    "benchmark/running/ray_search.py",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole module"
            assert node.module is not None
            if node.module in PARTS:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_arrows_point_one_way(path: Path) -> None:
    part = name_of(path).split("/")[0]
    reachable = ALLOWED["tests"] if name_of(path) in COMMANDS else ALLOWED[part]
    own = [
        name
        for name in imports(ast.walk(ast.parse(path.read_text())))
        if name.split(".")[0] in PARTS
    ]
    wrong = [
        name
        for name in own
        if not any(name == allowed or name.startswith(f"{allowed}.") for allowed in reachable)
    ]
    assert not wrong, f"{name_of(path)} may import only {reachable}"


@pytest.mark.parametrize(
    "path", [path for path in FILES if name_of(path).startswith("benchmark/")], ids=name_of
)
def test_the_benchmark_imports_nothing_heavy_at_its_top(path: Path) -> None:
    found = {name.split(".")[0] for name in imports(iter(ast.parse(path.read_text()).body))}
    allowed = {"ray"} if name_of(path) in ABOUT_RAY else set()
    assert not (found & HEAVY) - allowed


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_every_part_is_seen() -> None:
    assert {name_of(path).split("/")[0] for path in FILES} == set(PARTS)
