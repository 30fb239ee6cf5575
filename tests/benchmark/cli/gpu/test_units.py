"""What is looked at on a GPU: all of it, and one thing that fails costs no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from benchmark.agents.builtin import LEARNING_AGENTS
from benchmark.cli.gpu import units as units_module
from benchmark.cli.gpu.units import (
    FULL,
    TINY,
    Figure,
    Unit,
    measured,
    run_gpu_tests,
    units,
)
from benchmark.errors import UserError


def subjects(device: str, section: str) -> list[str]:
    return [subject for place, subject, _ in units(FULL, device) if place == section]


def test_on_a_gpu_it_is_everything() -> None:
    sections = dict.fromkeys(section for section, _, _ in units(FULL, "cuda"))
    assert list(sections) == ["tests", "agents", "interrupted", "side by side", "ways to compute"]
    assert subjects("cuda", "agents") == list(LEARNING_AGENTS)
    ways = ["MAGE compiled", "MAGE as a CUDA graph", "IQL with a compiled graph"]
    assert subjects("cuda", "ways to compute")[-3:] == ways


def test_on_a_processor_it_is_what_a_processor_has() -> None:
    assert subjects("cpu", "tests") == []
    ways = ["MAGE as it is", "MAGE without bf16", "MAGE played back plain"]
    assert subjects("cpu", "ways to compute") == ways


def test_an_error_is_a_figure_without_a_number() -> None:
    def good() -> Iterator[tuple[str, float]]:
        yield "updates/s", 2.0
        raise RuntimeError("out of memory")

    def better() -> Iterator[tuple[str, float]]:
        yield "updates/s", 3.0

    figures = list(measured(iter([("a", "one", good), ("a", "two", better)]), 1))
    assert figures == [
        Figure("a", "one", "updates/s", 2.0),
        Figure("a", "one", problem="RuntimeError: out of memory"),
        Figure("a", "two", "updates/s", 3.0),
    ]
    lines = ["a: one: updates/s 2", "a: one: RuntimeError: out of memory", "a: two: updates/s 3"]
    assert [figure.line() for figure in figures] == lines


def test_what_no_time_is_left_for_says_so() -> None:
    def never() -> Iterator[tuple[str, float]]:
        raise AssertionError

    unit: Unit = ("a", "one", never)
    (figure,) = measured(iter([unit]), -1)
    assert figure.problem == "not measured: -1 minutes were over; --minutes"


def test_one_agent_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    mage = [unit for unit in units(TINY, "cpu") if unit[:2] == ("agents", "bc")]
    figures = list(measured(iter(mage), 1))
    assert [one.quantity for one in figures] == ["updates/s", "fixed s", "ms at 1", "ms at 3"]
    assert all(one.value is not None and one.value >= 0 for one in figures)
    assert figures[0].value and figures[0].value > 1, "a step takes far less than a second"


OUTPUT = """..F
FAILED tests/test_gpu_agents.py::test_it - AssertionError: no
=========== 1 failed, 2 passed, 3 deselected in 1.0s ===========
"""


@pytest.mark.parametrize(
    ("code", "output", "problem"),
    [
        (1, OUTPUT, "FAILED tests/test_gpu_agents.py::test_it - AssertionError: no; ="),
        (0, "205 skipped in 3.0s\n", "205 skipped in 3.0s"),
        (0, "205 passed in 3.0s\n", None),
    ],
)
def test_tests_that_fail_or_do_not_run_are_a_problem(
    monkeypatch: pytest.MonkeyPatch, code: int, output: str, problem: str | None
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **options: object) -> CompletedProcess[str]:
        asked.append(command)
        return CompletedProcess(command, code, output, "")

    monkeypatch.setattr(units_module.subprocess, "run", run)
    figures = list(measured(iter([("tests", "marked gpu", run_gpu_tests)]), 1))
    assert figures[0].value == {OUTPUT: 2.0}.get(output, 205.0 if "passed" in output else 0.0)
    problems = [figure.problem for figure in figures[1:]]
    if problem is None:
        assert problems == []
    else:
        assert problem in problems[0]
    assert any(file.endswith("tests/test_gpu_agents.py") for file in asked[0])


def test_tests_need_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(units_module, "_CHECKOUT", tmp_path)
    with pytest.raises(UserError, match="the tests are in a checkout only; run this command there"):
        list(run_gpu_tests())
