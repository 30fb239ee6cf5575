"""What changed between two folders: the table, and the remarks below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.reporting.changes import change_table, remarks
from benchmark.reporting.difference_table import ONE_IN_TWENTY
from benchmark.statistics.compare import compare
from tests.benchmark.synthetic_records import DATA, of_seeds, written

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path / "old", *of_seeds(UMAZE, 10, 11, 12))


def test_of_one_seed_it_says_what_to_do(tmp_path: Path) -> None:
    old = written(tmp_path / "one", *of_seeds(UMAZE, 10, scores=[9.0, 10.0, 11.0], episodes=3))
    new = written(tmp_path / "new", *of_seeds(UMAZE, 50, scores=[49.0, 50.0, 51.0], episodes=3))
    text = " ".join(remarks(compare(old, new)))
    assert "One training seed, so that nothing can be told: maze2d-umaze / MAGE." in text
    assert "run two or more (--seeds 3) in both folders" in text
    assert change_table(compare(old, new)).rows[0][4:] == ["40.0 [-, -]", "one seed", "cannot tell"]


def test_other_conditions_are_named(old: Path, tmp_path: Path) -> None:
    changes = {"preset": "paper", "dataset": {**DATA, "hash": "bbbb"}, "steps": 7, "episodes": 9}
    new = written(tmp_path / "new", *of_seeds(UMAZE, 10, 11, 12, **changes))
    (remark,) = [text for text in remarks(compare(old, new)) if "conditions" in text]
    assert remark == (
        "maze2d-umaze / MAGE was not run under the same conditions: preset quick -> paper; "
        "gradient steps 100 -> 7; episodes 2 -> 9; data aaaa -> bbbb."
    )


def test_a_cell_that_has_changed_is_counted(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 20, 21, 22), *of_seeds(MEDIUM, 1))
    unpaired = "Not on the same episodes, so that they are not paired: maze2d-umaze / MAGE."
    assert list(remarks(compare(old, new))) == [
        "1 cell compared: 1 higher, 0 lower, 0 cannot tell.",
        unpaired,
    ]
    assert list(remarks(compare(old, old))) == [
        "1 cell compared: 0 higher, 0 lower, 1 cannot tell.",
        ONE_IN_TWENTY,
        unpaired,
    ]


def test_table(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 20, 21, 22), *of_seeds(MEDIUM, 1))
    table = change_table(compare(old, new))
    assert table.rows == [
        [UMAZE, "MAGE", "11.0", "21.0", "10.0 [7.7, 12.3]", "unpaired", "higher"],
        [MEDIUM, "MAGE", "-", "1.0", "-", "-", "no score in old"],
    ]
    assert table.bold == {(0, 6)}
