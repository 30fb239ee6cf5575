"""What changed between two folders: the table, and the remarks below it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.reporting.changes import change_table, remarks
from benchmark.statistics.compare import compare
from tests.benchmark.synthetic_records import DATA, of_seeds, written

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path / "old", *of_seeds(UMAZE, 10, 11, 12))


def test_an_interval_over_episodes_says_what_it_does_not_cover(tmp_path: Path) -> None:
    old = written(tmp_path / "one", *of_seeds(UMAZE, 10, scores=[9.0, 10.0, 11.0]))
    new = written(tmp_path / "new", *of_seeds(UMAZE, 50, scores=[49.0, 50.0, 51.0]))
    text = " ".join(remarks(compare(old, new)))
    assert "over evaluation episodes: maze2d-umaze / MAGE." in text
    assert "does not cover training seeds" in text


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
    chance = "Of cells that have not changed, one in twenty is called changed by chance."
    assert list(remarks(compare(old, new))) == ["1 cell compared, 1 changed by more than noise."]
    assert list(remarks(compare(old, old))) == [
        "1 cell compared, 0 changed by more than noise.",
        chance,
    ]


def test_table(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 20, 21, 22), *of_seeds(MEDIUM, 1))
    table = change_table(compare(old, new))
    assert table.rows == [
        [UMAZE, "MAGE", "11.0", "21.0", "10.0 [7.7, 12.3]", "seeds", "better"],
        [MEDIUM, "MAGE", "-", "1.0", "-", "-", "no score in old"],
    ]
    assert table.bold == {(0, 6)}
