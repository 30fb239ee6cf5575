from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmark.compare import Change, change_table, compare, remarks, welch_interval
from benchmark.errors import UserError
from benchmark.record import Record, write_record
from benchmark.report import app
from tests.benchmark.made_up import DATA, completed, failed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def written(folder: Path, *records: Record) -> Path:
    for record in records:
        write_record(folder, record)
    return folder


def seeds(task: str, *scores: float, **changes: object) -> list[Record]:
    return [completed(task, "mage", seed, score, **changes) for seed, score in enumerate(scores)]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path / "old", *seeds(UMAZE, 10, 11, 12))


def one(old: Path, new: Path) -> Change:
    (change,) = compare(old, new)
    return change


def test_welch_interval_of_a_known_case() -> None:
    # Means 1 and 5 with standard errors 1 and 1 have two degrees of freedom; with no noise on one
    # side it is one. Student's t at 0.975 is 4.3027 and 12.7062.
    low, high = welch_interval(np.array([0.0, 2.0]), np.array([4.0, 6.0]))
    assert (high - low) / 2 == pytest.approx(4.3027 * math.sqrt(2), rel=1e-4)
    assert (low + high) / 2 == pytest.approx(4.0)
    low, high = welch_interval(np.array([0.0, 2.0]), np.array([5.0, 5.0]))
    assert (low, high) == pytest.approx((4 - 12.7062, 4 + 12.7062), rel=1e-4)
    assert welch_interval(np.ones(2), np.full(3, 4.0)) == (3.0, 3.0)


def test_a_change_beyond_noise_is_better_or_worse(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *seeds(UMAZE, 20, 21, 22))
    change = one(old, new)
    assert (change.old, change.new, change.over, change.verdict) == (11, 21, "seeds", "better")
    assert change.low == pytest.approx(10 - 2.7764 * math.sqrt(2 / 3), rel=1e-4)
    assert one(new, old).verdict == "worse"
    assert one(old, old).verdict == "within noise"


def test_one_seed_is_compared_over_episodes_and_says_so(old: Path, tmp_path: Path) -> None:
    old = written(tmp_path / "one", *seeds(UMAZE, 10, scores=[9.0, 10.0, 11.0]))
    new = written(tmp_path / "new", *seeds(UMAZE, 50, scores=[49.0, 50.0, 51.0]))
    change = one(old, new)
    assert (change.over, change.verdict) == ("episodes", "better")
    told = " ".join(remarks([change]))
    assert "over evaluation episodes: maze2d-umaze / MAGE." in told
    assert "does not cover training seeds" in told


def test_cells_without_a_counterpart_are_listed(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *seeds(MEDIUM, 1, 2), failed(UMAZE, "mage", 0))
    verdicts = {change.task: change.verdict for change in compare(old, new)}
    assert verdicts == {UMAZE: "no score in new", MEDIUM: "no score in old"}
    single = written(tmp_path / "single", *seeds(UMAZE, 3, scores=[3.0]))
    assert one(single, single).verdict == "one episode: cannot be told"
    none = written(tmp_path / "none", failed(UMAZE, "mage", 0))
    assert one(none, none).verdict == "no score in either"


def test_other_conditions_are_named(old: Path, tmp_path: Path) -> None:
    changes = {"preset": "paper", "dataset": {**DATA, "hash": "bbbb"}, "steps": 7}
    new = written(tmp_path / "new", *seeds(UMAZE, 10, 11, 12, **changes))
    (told,) = [text for text in remarks([one(old, new)]) if "conditions" in text]
    assert told == (
        "maze2d-umaze / MAGE was not run under the same conditions: preset quick -> paper; "
        "gradient steps 100 -> 7; data aaaa -> bbbb."
    )


def test_table(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *seeds(UMAZE, 20, 21, 22), *seeds(MEDIUM, 1))
    table = change_table(compare(old, new))
    assert table.rows == [
        [UMAZE, "MAGE", "11.0", "21.0", "10.0 [7.7, 12.3]", "seeds", "better"],
        [MEDIUM, "MAGE", "-", "1.0", "-", "-", "no score in old"],
    ]
    assert table.bold == {(0, 6)}


def test_exit_codes(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *seeds(UMAZE, 20, 21, 22))
    same = CliRunner().invoke(app, ["--compare", str(old), str(old)])
    assert same.exit_code == 0, same.output
    assert "1 cell compared, 0 changed by more than noise." in same.output
    other = CliRunner().invoke(app, ["--compare", str(old), str(new)])
    assert other.exit_code == 1
    assert "**better**" in other.output
    assert not (new / "report").exists()


def test_a_folder_without_records(old: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere holds no run record; --compare needs two folders"):
        compare(old, tmp_path / "nowhere")
    result = CliRunner().invoke(app, ["--compare", str(old), str(tmp_path / "nowhere")])
    assert result.exit_code == 2 and "Traceback" not in result.output


@pytest.mark.parametrize("both", [True, False])
def test_exactly_one_task_must_be_given(old: Path, both: bool) -> None:
    options = ["--runs", str(old), "--compare", str(old), str(old)] if both else []
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert "valid: --runs DIR for a report, or --compare OLD NEW" in result.output
    assert not (old / "report").exists()
