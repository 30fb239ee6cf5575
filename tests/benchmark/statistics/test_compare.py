from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.records.record import Record
from benchmark.statistics.compare import Change, compare
from tests.benchmark.synthetic_records import completed, failed, of_seeds, written

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path / "old", *of_seeds(UMAZE, 10, 11, 12))


def one(old: Path, new: Path) -> Change:
    (change,) = compare(old, new)
    return change


def test_what_was_not_paired_gets_welchs_interval(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 20, 21, 22))
    change = one(old, new)
    told = (change.old, change.new, change.basis, change.verdict)
    assert told == (11, 21, "unpaired", "higher")
    # Variance 1 of three on both sides, four degrees of freedom: t is 2.7764.
    half = 2.7764 * math.sqrt(1 / 3 + 1 / 3)
    assert (change.low, change.high) == pytest.approx((10 - half, 10 + half), rel=1e-4)
    back = one(new, old)
    assert (back.old, back.new, back.verdict) == (21, 11, "lower")
    assert (back.low, back.high) == pytest.approx((-10 - half, -10 + half), rel=1e-4)
    assert one(old, old).verdict == "cannot tell"


def with_episodes(*means: float, luck: float) -> list[Record]:
    """Runs of seeds that play the same two episodes, in which chance is worth `luck`."""
    return [
        replace(run, scores=[mean - luck, mean + luck], episode_seeds=[1, 2])
        for mean, run in zip(means, of_seeds(UMAZE, *means), strict=True)
    ]


def test_episodes_that_both_folders_played_are_paired(tmp_path: Path) -> None:
    old = written(tmp_path / "old", *with_episodes(10, 11, 12, luck=90))
    new = written(tmp_path / "new", *with_episodes(20, 21, 22, luck=90))
    change = one(old, new)
    # As lucky in the old as in the new: what is left is the luck of training.
    half = 2.7764 * math.sqrt(1 / 3 + 1 / 3)
    assert (change.basis, change.verdict) == ("paired", "higher")
    assert (change.low, change.high) == pytest.approx((10 - half, 10 + half), rel=1e-4)


@pytest.mark.parametrize("luck", [0.0, 5.0])
def test_a_folder_against_itself_cannot_tell(tmp_path: Path, luck: float) -> None:
    for number, means in enumerate([(3, 3), (1, 2, 4), (-0.0, 0.0)]):
        folder = written(tmp_path / str(number), *with_episodes(*means, luck=luck))
        change = one(folder, folder)
        assert (change.new - change.old, change.basis) == (0, "paired")
        assert change.verdict == "cannot tell" and change.low <= 0 <= change.high


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_a_score_of_zero_counts(tmp_path: Path, zero: float) -> None:
    # An ant that never gets to its goal scores exactly 0.
    old = written(tmp_path / "old", *of_seeds("antmaze-umaze", zero, zero, 30.0))
    new = written(tmp_path / "new", *of_seeds("antmaze-umaze", zero, zero))
    change = one(old, new)
    assert (change.old, change.new, change.verdict) == (10, 0, "cannot tell")
    up = written(tmp_path / "up", *of_seeds("antmaze-umaze", 30.0, 31.0, 29.0))
    assert (one(new, up).old, one(new, up).verdict) == (0, "higher")
    assert (one(up, new).new, one(up, new).verdict) == (0, "lower")


def test_one_seed_cannot_tell(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 50, scores=[49.0, 50.0, 51.0], episodes=3))
    for first, second, difference in ((old, new, 39), (new, old, -39), (new, new, 0)):
        change = one(first, second)
        assert (change.basis, change.verdict) == ("one seed", "cannot tell")
        assert change.new - change.old == difference and math.isnan(change.low)


def test_without_noise_any_difference_is_a_change_and_none_is_none(tmp_path: Path) -> None:
    flat = written(tmp_path / "flat", *of_seeds(UMAZE, 3, 3))
    higher = written(tmp_path / "higher", *of_seeds(UMAZE, 4, 4))
    verdicts = [one(*pair).verdict for pair in ((flat, flat), (flat, higher), (higher, flat))]
    assert verdicts == ["cannot tell", "higher", "lower"]
    assert (one(higher, flat).low, one(higher, flat).high) == (-1.0, -1.0)


def test_a_seed_that_failed_does_not_count(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 20, 22), failed(UMAZE, "mage", 2, score=90.0))
    assert one(old, new).new == 21
    lost = [completed(UMAZE, "mage", 3, None), completed(UMAZE, "mage", 4, math.nan)]
    assert one(old, written(new, *lost)).new == 21


def test_cells_come_in_the_order_of_tables(tmp_path: Path) -> None:
    cells = [(UMAZE, "bc"), (MEDIUM, "mage"), ("adroit-pen-human", "dt"), (UMAZE, "mage")]
    old = written(tmp_path / "old", *(completed(*cell, 0, 1.0) for cell in cells[:2]))
    new = written(tmp_path / "new", *(completed(*cell, 0, 1.0) for cell in cells[1:]))
    assert [(each.task, each.agent) for each in compare(old, new)] == [
        ("adroit-pen-human", "dt"),
        (UMAZE, "mage"),
        (UMAZE, "bc"),
        (MEDIUM, "mage"),
    ]


def test_cells_without_a_counterpart_are_listed(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(MEDIUM, 1, 2), failed(UMAZE, "mage", 0))
    verdicts = {change.task: change.verdict for change in compare(old, new)}
    assert verdicts == {UMAZE: "no score in new", MEDIUM: "no score in old"}
    none = written(tmp_path / "none", failed(UMAZE, "mage", 0))
    assert one(none, none).verdict == "no score in either"


def test_a_run_without_time_for_its_budget_tells_the_steps_it_took(
    old: Path, tmp_path: Path
) -> None:
    runs = of_seeds(UMAZE, 10, 11, 12, steps_taken=40)
    new = written(tmp_path / "new", *(replace(run, status="capped") for run in runs))
    assert one(old, new).differ == ["gradient steps 100 -> 40"]
    assert one(old, written(tmp_path / "same", *runs)).differ == []
    mixed = written(tmp_path / "mixed", *runs[:2], replace(runs[2], status="capped"))
    assert one(old, mixed).differ == ["gradient steps 100 -> 100, 40"]


def test_seeds_that_are_missing_are_named(old: Path, tmp_path: Path) -> None:
    two = written(tmp_path / "two", *of_seeds(UMAZE, 10, 11))
    assert one(old, two).differ == ["seeds with a score 0, 1, 2 -> 0, 1"]
    # A run that lost its score is missing too; other seeds, as many, are not.
    lost = [*of_seeds(UMAZE, 10, 11), failed(UMAZE, "mage", 2)]
    assert one(written(tmp_path / "lost", *lost), old).differ == [
        "seeds with a score 0, 1 -> 0, 1, 2"
    ]


def test_a_folder_without_records(old: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere does not exist; name a folder given as --out"):
        compare(old, tmp_path / "nowhere")


def test_a_cell_is_called_by_what_its_data_is_in_either_folder(old: Path, tmp_path: Path) -> None:
    assert [change.title for change in compare(old, old)] == [UMAZE]
    rebuilt = {"id": "rebuilt/pointmaze/umaze-v0", "kind": "re-creation"}
    new = written(tmp_path / "new", *of_seeds(UMAZE, 1, 2, dataset=rebuilt))
    assert one(old, new).title == f"{UMAZE} (published data, re-creation)"
    assert one(new, new).title == f"{UMAZE} (re-creation)"
