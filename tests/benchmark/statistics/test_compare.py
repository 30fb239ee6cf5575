from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.statistics.compare import Change, compare, welch_interval
from tests.benchmark.synthetic_records import completed, failed, of_seeds, written

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path / "old", *of_seeds(UMAZE, 10, 11, 12))


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
    low, high = welch_interval(np.array([5.0, 5.0]), np.array([0.0, 2.0]))
    assert (low, high) == pytest.approx((-4 - 12.7062, -4 + 12.7062), rel=1e-4)
    assert welch_interval(np.ones(2), np.full(3, 4.0)) == (3.0, 3.0)


def test_welch_counts_the_freedom_of_unequal_noise_and_numbers() -> None:
    # Old: mean 2, variance 4 of three, over three 4/3. New: mean 10, variance 2 of two, over two 1.
    # Freedom: (4/3 + 1)^2 / ((4/3)^2 / 2 + 1^2 / 1) = (49/9) / (17/9) = 49/17 = 2.882, where
    # Student's t at 0.975 is 3.2572; pooled noise would have 3, and there t is 3.1824.
    low, high = welch_interval(np.array([0.0, 2.0, 4.0]), np.array([9.0, 11.0]))
    assert (low + high) / 2 == pytest.approx(10 - 2)
    assert (high - low) / 2 == pytest.approx(3.2572 * math.sqrt(7 / 3), rel=1e-4)


def test_a_change_beyond_noise_is_better_or_worse(old: Path, tmp_path: Path) -> None:
    new = written(tmp_path / "new", *of_seeds(UMAZE, 20, 21, 22))
    change = one(old, new)
    assert (change.old, change.new, change.basis, change.verdict) == (
        11,
        21,
        "seeds",
        "better",
    )
    # Variance 1 of three on both sides, four degrees of freedom: t is 2.7764.
    half = 2.7764 * math.sqrt(1 / 3 + 1 / 3)
    assert (change.low, change.high) == pytest.approx((10 - half, 10 + half), rel=1e-4)
    back = one(new, old)
    assert (back.old, back.new) == (21, 11)
    assert (back.low, back.high) == pytest.approx((-10 - half, -10 + half), rel=1e-4)
    assert one(new, old).verdict == "worse"
    assert one(old, old).verdict == "within noise"


def test_a_score_of_zero_counts(tmp_path: Path) -> None:
    # An ant that never gets to its goal scores exactly 0.
    old = written(tmp_path / "old", *of_seeds("antmaze-umaze", 0.0, 0.0, 30.0))
    new = written(tmp_path / "new", *of_seeds("antmaze-umaze", 0.0, 0.0))
    change = one(old, new)
    assert (change.old, change.new, change.basis, change.verdict) == (
        10,
        0,
        "seeds",
        "within noise",
    )


def test_one_seed_is_compared_over_episodes_and_says_so(old: Path, tmp_path: Path) -> None:
    old = written(tmp_path / "one", *of_seeds(UMAZE, 10, scores=[9.0, 10.0, 11.0]))
    new = written(tmp_path / "new", *of_seeds(UMAZE, 50, scores=[49.0, 50.0, 51.0]))
    change = one(old, new)
    assert (change.basis, change.verdict) == ("episodes", "better")
    assert (change.old, change.new) == (10, 50)
    assert (change.low + change.high) / 2 == pytest.approx(40)


def test_two_seeds_are_enough_and_one_more_episode_is_not(tmp_path: Path) -> None:
    two = written(tmp_path / "two", *of_seeds(UMAZE, 1, 3, scores=[1.0, 3.0, 2.0]))
    more = written(tmp_path / "more", *of_seeds(UMAZE, 5, 7, scores=[5.0, 6.0, 7.0]))
    change = one(two, more)
    # As of the known case: over the six episodes of both seeds it would be much narrower.
    assert change.basis == "seeds"
    half = 4.3027 * math.sqrt(2)
    assert (change.low, change.high) == pytest.approx((4 - half, 4 + half), rel=1e-4)
    # With one seed in either folder, the episodes of all seeds are compared.
    single = written(tmp_path / "single", *of_seeds(UMAZE, 5, scores=[4.0, 6.0]))
    for first, second, sign in ((two, single, 1), (single, two, -1)):
        change = one(first, second)
        assert change.basis == "episodes"
        # Six of mean 2 and variance 0.8, two of mean 5 and variance 2.
        assert (change.low + change.high) / 2 == pytest.approx(sign * 3)
        # Freedom: (0.8/6 + 1)^2 / ((0.8/6)^2 / 5 + 1^2 / 1) = 1.2799, where t is 7.7027.
        half = 7.7027 * math.sqrt(0.8 / 6 + 1)
        assert (change.high - change.low) / 2 == pytest.approx(half, rel=1e-4)


def test_without_noise_any_difference_is_a_change_and_none_is_none(tmp_path: Path) -> None:
    flat = written(tmp_path / "flat", *of_seeds(UMAZE, 3, 3))
    higher = written(tmp_path / "higher", *of_seeds(UMAZE, 4, 4))
    verdicts = [one(*pair).verdict for pair in ((flat, flat), (flat, higher), (higher, flat))]
    assert verdicts == ["within noise", "better", "worse"]
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
    single = written(tmp_path / "single", *of_seeds(UMAZE, 3, scores=[3.0]))
    assert one(single, single).verdict == "one episode: cannot be told"
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


def test_a_folder_without_records(old: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere holds no run record; --compare needs two folders"):
        compare(old, tmp_path / "nowhere")


def test_a_cell_is_called_by_what_its_data_is_in_either_folder(old: Path, tmp_path: Path) -> None:
    assert [change.title for change in compare(old, old)] == [UMAZE]
    rebuilt = {"id": "rebuilt/pointmaze/umaze-v0", "kind": "re-creation"}
    new = written(tmp_path / "new", *of_seeds(UMAZE, 1, 2, dataset=rebuilt))
    assert one(old, new).title == f"{UMAZE} (published data, re-creation)"
    assert one(new, new).title == f"{UMAZE} (re-creation)"
