"""Classes and their files: which are versions of one, and which another process can import."""

from __future__ import annotations

from pathlib import Path

from benchmark.plugins.class_files import is_in_own_file, is_same_in_another_version
from benchmark.plugins.source_files import module_of

CODE = """
class Mine:
    pass


def inner():
    class Inner:
        pass

    return Inner
"""


def test_a_class_before_a_change_of_its_file_is_the_same(tmp_path: Path) -> None:
    file, other = tmp_path / "mine.py", tmp_path / "other.py"
    file.write_text(CODE)
    before = module_of(file).Mine
    file.write_text(f"{CODE}\nX = 1\n")
    now = module_of(file).Mine
    assert before is not now and is_same_in_another_version(before, now)
    other.write_text(CODE)
    assert not is_same_in_another_version(before, module_of(other).Mine)
    assert not is_same_in_another_version(before, Path)


def test_what_another_process_can_import(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(CODE)
    module = module_of(file)
    assert is_in_own_file(module.Mine)
    assert not is_in_own_file(module.inner())
    assert not is_in_own_file(int)
