from __future__ import annotations

import pandas as pd
import pytest

from benchmark.errors import UserError
from benchmark.statistics.details import details_frame
from benchmark.statistics.frames import collate
from benchmark.statistics.provenance import problem_frame
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, of_seeds

UMAZE, PEN = "maze2d-umaze", "adroit-pen-expert"


def test_parts_hold_one_benchmark_without_variants() -> None:
    names = [(UMAZE, "mage"), (PEN, "mage"), (PEN, "mage.k1")]
    frames = collate(completed(task, agent, 0, 1.0) for task, agent in names)
    parts = dict(frames.by_benchmark())
    assert list(parts) == ["adroit", "maze2d"]
    assert set(parts["adroit"].runs["agent"]) == set(parts["adroit"].curves["agent"]) == {"mage"}
    assert len(parts["maze2d"].latency) == len(frames.latency) == 3
    ablation = frames.of_ablation()
    assert ablation is not None
    assert set(ablation.runs["task"]) == {PEN}
    assert set(ablation.scores["agent"]) == {"mage", "mage.k1"}


def test_every_frame_is_made_of_its_own_numbers() -> None:
    point = {"step": 50, "score": 7.0, "codebook_use_1": 0.5, "codebook_perplexity_1": 4.0}
    record = completed(
        *(UMAZE, "mage", 0, 12.0),
        successes=[True, False, False, False],
        curve=[point],
        seconds={"fit": 9.0},
        latency_ms=[3.0],
    )
    frames = collate([record])
    assert frames.scores["mean"].tolist() == [12.0]
    assert frames.successes["mean"].tolist() == [25.0]
    assert frames.curves["score"].tolist() == [7.0]
    assert frames.codebook[["use", "perplexity"]].to_numpy().tolist() == [[50.0, 4.0]]
    assert frames.latency["average"].tolist() == [3.0]
    assert frames.costs["seconds"].tolist() == [9.0]
    assert frames.provenance["seeds"].tolist() == ["0"]


def test_variants_are_in_no_frame_but_those_over_all() -> None:
    records = [completed(PEN, agent, 0, 1.0) for agent in ("mage", "mage.k1")]
    frames = collate(records)
    plain = frames.plain
    for name in ("runs", "scores", "successes", "curves", "provenance"):
        assert set(getattr(plain, name)["agent"]) == {"mage"}
    for name in ("latency", "costs"):
        assert set(getattr(plain, name)["agent"]) == {"mage", "mage.k1"}
    assert len(plain.details) == 2


def test_seeds_of_variants_alone_are_missing_nowhere() -> None:
    seeds = {"mage": 2, "bc": 2, "mage.k1": 3}
    records = [
        completed(PEN, name, seed, 1.0) for name, count in seeds.items() for seed in range(count)
    ]
    frames = collate(records)
    assert frames.plain.scores["seeds_planned"].tolist() == [2, 2]
    assert frames.groups and problem_frame(frames.runs).empty


def test_the_ablation_has_no_other_agents_and_tasks() -> None:
    cells = [(PEN, "mage"), (PEN, "mage.k1"), (PEN, "bc"), (UMAZE, "mage")]
    ablation = collate(completed(*cell, 0, 1.0) for cell in cells).of_ablation()
    assert ablation is not None
    for frame in (ablation.runs, ablation.scores):
        assert frame[["task", "agent"]].to_numpy().tolist() == [[PEN, "mage"], [PEN, "mage.k1"]]


def test_without_variants_there_is_no_ablation() -> None:
    frames = collate([completed(UMAZE, "mage", 0, 1.0)])
    assert frames.of_ablation() is None
    pd.testing.assert_frame_equal(frames.plain.runs, frames.runs)


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
    frames = vars(collate([]))
    assert frames.pop("reference") == ""
    assert all(frame.empty for frame in frames.values())


def test_the_reference_is_of_all_parts_and_must_be_there() -> None:
    records = [completed(UMAZE, agent, seed, 1.0) for agent in ("mage", "bc") for seed in (0, 1)]
    assert collate(records).reference == "mage"
    frames = collate(records, "bc")
    assert frames.reference == frames.plain.reference == "bc"
    assert frames.aggregates.set_index("agent")["improvement"].notna().to_dict() == {
        **{"mage": True, "bc": False}
    }
    with pytest.raises(UserError, match="unknown agent in --reference 'cb'; valid: bc, mage"):
        collate(records, "cb")
    # Variants of MAGE have a table of their own, and are set against MAGE there.
    with pytest.raises(UserError, match="--reference 'mage.k1'; valid: mage"):
        collate([*of_seeds(UMAZE, 1.0), completed(UMAZE, "mage.k1", 0, 1.0)], "mage.k1")


def test_marks_are_of_agents_that_share_a_table() -> None:
    scores = {"mage": 50.0, "bc": 10.0, "mage.k1": 90.0}
    records = [
        completed(UMAZE, agent, seed, score, episode_seeds=[1, 2])
        for agent, score in scores.items()
        for seed in (0, 1)
    ]
    frames = collate(records)
    assert set(frames.differences["agent"]) | set(frames.differences["other"]) == {"mage", "bc"}
    marked = frames.scores.set_index("agent")
    assert marked["ahead"].to_dict() == {"mage": True, "bc": False, "mage.k1": False}
    assert frames.successes["ahead"].tolist() == [False] * 3, "all solve as many"
