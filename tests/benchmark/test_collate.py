from __future__ import annotations

import pandas as pd

from benchmark.collate import collate
from benchmark.details import details_frame
from benchmark.statistics import run_frame
from tests.benchmark.made_up import completed

UMAZE, PEN = "maze2d-umaze", "adroit-pen-expert"


def test_parts_hold_one_benchmark_without_variants() -> None:
    names = [(UMAZE, "mage"), (PEN, "mage"), (PEN, "mage.k1")]
    frames = collate(completed(task, agent, 0, 1.0) for task, agent in names)
    parts = dict(frames.by_benchmark())
    assert list(parts) == ["adroit", "maze2d"]
    assert set(parts["adroit"].runs["agent"]) == set(parts["adroit"].curves["agent"]) == {"mage"}
    assert len(parts["maze2d"].latency) == len(frames.latency) == 2
    ablation = frames.of_ablation()
    assert ablation is not None
    assert set(ablation.runs["task"]) == {PEN}
    assert set(ablation.scores["agent"]) == {"mage", "mage.k1"}


def test_without_variants_there_is_no_ablation() -> None:
    frames = collate([completed(UMAZE, "mage", 0, 1.0)])
    assert frames.of_ablation() is None
    pd.testing.assert_frame_equal(frames.without_variants().runs, frames.runs)


def test_what_is_left_out_of_a_record_changes_no_frame() -> None:
    record = completed(UMAZE, "mage", 0, 1.0, scores=[1.0], config={"a": 1}, traceback="no")
    frames = collate([record])
    pd.testing.assert_frame_equal(frames.runs, run_frame([record]))
    pd.testing.assert_frame_equal(frames.details, details_frame([record]))


def test_values_that_records_share_are_kept_once() -> None:
    records = [completed(UMAZE, "mage", seed, 1.0, config={"a": [seed * 0]}) for seed in (0, 1)]
    first, second = collate(records).details["config"]
    assert first is second


def test_no_records_give_empty_frames() -> None:
    assert all(frame.empty for frame in vars(collate([])).values())
