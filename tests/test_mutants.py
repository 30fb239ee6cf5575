"""The check of the tests itself: which mistakes it makes, and that they are really run."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import __main__ as mutants
from tests.mutants.mistakes import alternatives, mutants_of


@pytest.mark.parametrize(
    ("code", "mistakes"),
    [
        ("a < b", ["a <= b"]),
        ("a + b", ["a - b"]),
        ("f(low, 2)", ["f(2, low)"]),
        ("max(low, 2)", []),
        ("f(a, a)", []),
        ("g(x, rate=y)", ["g(x)"]),
        ("np.clip(x, a, b)", ["x", "np.clip(a, x, b)"]),
        ("x.clamp(min=a)", ["x", "x.clamp()"]),
        ("f(x, strict=True)", []),
        ("x.max", ["x.min"]),
        ("not x", ["x"]),
        ("f'{a}' + b", []),
    ],
)
def test_each_kind_of_mistake_is_made(code: str, mistakes: list[str]) -> None:
    node = ast.parse(code, mode="eval").body
    assert [ast.unparse(other) for other in alternatives(node)] == mistakes


def test_a_mutant_differs_in_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.mutants.mistakes.ROOT", tmp_path)
    (tmp_path / "m.py").write_text("def f(a):\n    total = a + 1\n    return total > 0\n")
    found = mutants_of("m.py")
    assert {each.scope for each in found} == {"f"}
    assert [(each.line, each.before, each.after) for each in found] == [
        (2, "a + 1", "a - 1"),
        (2, "1", "2"),
        (3, "total > 0", "total >= 0"),
        (3, "0", "1"),
    ]
    assert ast.unparse(found[0].tree()) == ("def f(a):\n    total = a - 1\n    return total > 0")


def test_what_no_test_notices_is_printed_and_fails(tmp_path: Path) -> None:
    """The real command, on a module of one line each that is tested and that is not."""
    (tmp_path / "tests" / "mage").mkdir(parents=True)
    (tmp_path / "mage").mkdir()
    (tmp_path / "mage" / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (tmp_path / "tests" / "mage" / "test_sums.py").write_text(
        "from mage.sums import add\n\n\ndef test_sum():\n    assert add(2, 2) == 4\n"
    )
    program = (
        "import sys; from pathlib import Path; from tests.mutants import __main__ as m, mistakes;"
        f"m.ROOT = mistakes.ROOT = Path({str(tmp_path)!r}); m.HEAVY = ();"
        f"sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['m', 'mage/sums.py'];"
        "raise SystemExit(m.main())"
    )
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, cwd=mutants.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 of 1 caught (100.0 %)")
    test = tmp_path / "tests" / "mage" / "test_sums.py"
    test.write_text(test.read_text().replace("add(2, 2) == 4", "add(2, 0) == 2"))
    done = subprocess.run(run, cwd=mutants.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == "mage/sums.py: add: a + b -> a - b   # line 2"


def test_what_is_said_to_go_unnoticed_is_a_mistake_that_is_made() -> None:
    names = mutants.accepted()
    paths = {name.split(": ")[0] for name in names}
    assert not names - {mutant.name for path in paths for mutant in mutants_of(path)}
