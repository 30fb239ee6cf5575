"""Packages that are missing, too old, or broken are findings with the command that gets them."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.running import installation
from benchmark.running.installation import Finding, packages, program

INSTALL = "python -m pip install"


def _of(monkeypatch: pytest.MonkeyPatch, *requirements: str) -> list[Finding]:
    monkeypatch.setattr(installation, "requires", lambda name: list(requirements))
    return list(packages())


def test_a_package_that_is_there_has_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _of(monkeypatch, "numpy<3,>=2.0") == [Finding("numpy", np.__version__)]


@pytest.mark.parametrize(
    ("requirement", "text", "remedy", "needed"),
    [
        ("no-such_thing[a,b]>=2,<3", "not installed", "'no-such_thing[a,b]>=2,<3'", True),
        (
            'no-such-thing<3; extra == "video"',
            "not installed, only for --video",
            "'no-such-thing<3'",
            False,
        ),
        (
            'no-such-thing<3; extra == "ogbench"',
            "not installed, only for the tasks of OGBench",
            "'no-such-thing<3'",
            False,
        ),
        (
            "numpy<2",
            f"{np.__version__}, which is not of <2",
            "'numpy<2'",
            True,
        ),
    ],
)
def test_what_is_missing_or_of_another_version_can_be_got(
    requirement: str, text: str, remedy: str, needed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finding,) = _of(monkeypatch, requirement, 'never-seen; extra == "test"')
    assert (finding.text, finding.remedy, finding.needed) == (text, f"{INSTALL} {remedy}", needed)


def test_a_package_that_cannot_be_imported_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "split_up.py").write_text("print('noise')\nraise OSError('no libfoo.so')\n")
    (tmp_path / "split_up-1.0.dist-info").mkdir()
    (tmp_path / "split_up-1.0.dist-info" / "METADATA").write_text("Name: split-up\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (finding,) = _of(monkeypatch, "split-up>=1")
    assert finding.text == "1.0, but it cannot be imported (OSError: no libfoo.so)"
    assert finding.remedy == f"{INSTALL} 'split-up>=1' --force-reinstall" and finding.needed
    assert capsys.readouterr() == ("", "")


def test_a_folder_that_is_not_installed_knows_what_it_needs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> Any:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installation, "requires", missing)
    monkeypatch.setattr(installation, "version", missing)
    names = [finding.name for finding in packages()]
    assert {"torch", "ray", "minari", "typer"} <= set(names) and "moviepy" not in names
    first = next(program())
    assert first.text.startswith("not installed, in ") and not first.needed
    assert str(first.remedy).startswith("python -m pip install -c constraints.txt -e .")


def test_the_program_and_python_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    own, python, system = program()
    assert own.text.startswith(f"{version('mage-bench')}, in ") and own.remedy is None
    assert python.text.endswith(sys.executable) and python.remedy is None and system.text
    monkeypatch.setattr(installation, "metadata", lambda name: {"Requires-Python": ">=9"})
    _, python, _ = program()
    assert (python.remedy, python.needed) == ("make an environment with Python >=9", True)


@pytest.mark.parametrize(
    ("system", "tested"),
    [
        ("Linux", ""),
        ("Darwin", "; all tests run on Linux, and here only a first comparison"),
        (
            "Windows",
            "; all tests run on Linux, and here only a first comparison with --workers 0",
        ),
        ("FreeBSD", "; nothing is tested on this system"),
    ],
)
def test_it_is_said_how_far_a_system_is_tested(
    system: str, tested: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.platform", lambda: "its name")
    *_, finding = program()
    assert finding == Finding("system", f"its name{tested}")
