"""What those who change the code are told and given: the guide, hooks, and GitHub's workflows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
FORMS = sorted((ROOT / ".github").rglob("*.yml"))
PYTHONS = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', PROJECT)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def values_of(node: Any, key: str) -> list[Any]:
    """What stands under a key, wherever it is."""
    if isinstance(node, list):
        return [value for item in node for value in values_of(item, key)]
    if not isinstance(node, dict):
        return []
    below = [value for item in node.values() for value in values_of(item, key)]
    return [node[key], *below] if key in node else below


def test_the_guide_is_two_screens_and_knows_every_room() -> None:
    assert len(GUIDE.splitlines()) <= 110
    drawn = re.search(r"## Rooms.*?```\n(.*?)```", GUIDE, re.DOTALL)
    assert drawn
    rooms = {path.parent.name for path in (ROOT / "benchmark").glob("*/__init__.py")}
    assert rooms <= set(re.findall(r"\w+", drawn[1]))


def test_tests_that_the_guide_names_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", GUIDE)
    assert len(named) >= 14
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_hooks_run_what_make_lint_runs() -> None:
    (lint,) = re.findall(r"^lint: (.+)$", MAKEFILE, re.MULTILINE)
    entries = values_of(read(ROOT / ".pre-commit-config.yaml"), "entry")
    assert entries == [f"make --silent {target}" for target in lint.split()]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_workflows_and_forms_can_be_read(path: Path) -> None:
    assert isinstance(read(path), dict)


def test_workflows_test_the_pythons_that_are_supported() -> None:
    workflows = ROOT / ".github" / "workflows"
    assert values_of(read(workflows / "ci.yml"), "matrix") == [{"python": PYTHONS}]
    assert f'requires-python = ">={PYTHONS[0]},<3.{int(PYTHONS[-1][2:]) + 1}"' in PROJECT
    for path in workflows.iterdir():
        others = set(values_of(read(path), "python-version")) - {"${{ matrix.python }}"}
        assert others <= {*PYTHONS}, path.name


def test_workflows_call_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    commands = [line for path in FORMS for line in values_of(read(path), "run")]
    called = re.findall(r"make ([a-z-]+)", "\n".join(map(str, commands)))
    assert len(called) >= 4 and set(called) <= targets


def test_commits_that_only_moved_code_are_of_this_repository() -> None:
    lines = (ROOT / ".git-blame-ignore-revs").read_text(encoding="utf-8").splitlines()
    commits = [line for line in lines if line and not line.startswith("#")]
    assert commits and all(re.fullmatch(r"[0-9a-f]{40}", commit) for commit in commits)
    shallow = ["git", "rev-parse", "--is-shallow-repository"]
    done = subprocess.run(shallow, cwd=ROOT, capture_output=True, text=True)
    if done.stdout.strip() != "false":
        pytest.skip("needs the whole history: git fetch --unshallow")
    ask = ["git", "rev-list", "--no-walk", *commits]
    done = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() and set(done.stdout.split()) == set(commits), done.stderr
