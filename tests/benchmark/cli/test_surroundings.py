"""What a command finds around it; bytes and URLs among its words are in `test_options.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.cli.surroundings import check_packages
from tests.commands import ROOT, environment


def test_the_packages_are_those_of_this_program() -> None:
    check_packages()


@pytest.mark.parametrize("name", ["mage.py", "baselines/__init__.py"])
def test_a_name_that_is_in_the_way_is_named_with_both_places(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("raise SystemExit('imported')")
    # Without the folder of this code: the current folder comes before what is installed.
    ask = f"import sys; sys.path.append({str(ROOT)!r}); from benchmark.run import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", ask, "--list"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=""),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stdout == ""
    package = name.partition("/")[0].removesuffix(".py")
    assert f"two things are called '{package}': the package in " in done.stderr
    assert str(tmp_path / name) in done.stderr and "start in another folder" in done.stderr
