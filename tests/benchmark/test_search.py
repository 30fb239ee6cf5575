"""Samples: how each is scored, and what is told of all; the search itself is in test_tune."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.record import RunSpec
from benchmark.search import ROUNDS, Rounds, Sample, Search, describe
from benchmark.tune import ranking, summary, write_samples


@pytest.mark.parametrize(
    ("budget", "scored"), [(100, [20, 40, 60, 80, 100]), (12, [3, 5, 8, 10, 12]), (2, [1, 2])]
)
def test_a_sample_is_scored_at_equally_spaced_steps(budget: int, scored: list[int]) -> None:
    steps: list[int] = []
    rounds = Rounds(budget, steps.append)
    for step in range(1, budget + 1):
        rounds(step, {"loss": 1.0})
    rounds.finish()
    assert steps == scored and len(steps) <= ROUNDS


def test_an_agent_without_gradient_steps_is_scored_once() -> None:
    steps: list[int] = []
    Rounds(100, steps.append).finish()
    assert steps == [100]


@pytest.mark.parametrize("taken", [99, 101])
def test_another_number_of_gradient_steps_is_refused(taken: int) -> None:
    rounds = Rounds(100, lambda step: None)
    for step in range(1, taken + 1):
        rounds(step, {})
    with pytest.raises(RuntimeError, match=f"agent took {taken} of 100 gradient steps"):
        rounds.finish()


@pytest.mark.parametrize(
    ("status", "steps", "score", "reason", "line"),
    [
        ("completed", 100, 12.34, "", "sample 3: score 12.3 (1.5 min)"),
        ("stopped", 20, 1.0, "", "sample 3: score 1.0, stopped after 20 of 100 steps (1.5 min)"),
        ("failed", 0, None, "OSError: x", "sample 3: failed: OSError: x (1.5 min)"),
        (
            "failed",
            40,
            1.0,
            "OSError: x",
            "sample 3: score 1.0, failed after 40 of 100 steps: OSError: x (1.5 min)",
        ),
    ],
)
def test_an_ending_is_told_in_one_line(
    status: str, steps: int, score: float | None, reason: str, line: str
) -> None:
    assert describe(Sample(3, {}, status, steps, score, 90.0, reason), 100) == line


RUN = RunSpec("maze2d-umaze", "mine", 0, "smoke", steps=10, episodes=2)
SEARCH = Search(
    RUN, {"rate": ("uniform", 0, 1)}, {"rate": 0.5}, samples=3, episodes=4, device="cpu"
)


def sample(number: int, score: float | None, status: str = "completed") -> Sample:
    return Sample(number, {"rate": number / 4}, status, 10, score, 60.0)


def test_only_samples_with_all_their_steps_are_ranked() -> None:
    samples = [sample(1, -5.0), sample(2, -3.0), sample(3, 9.0, "stopped")]
    assert ranking(samples) == [samples[1], samples[0]]
    text = summary(SEARCH, samples)
    assert "best: sample 2, score -3.0 against -5.0 with the present settings, on 4 tuning" in text
    assert [line.split() for line in text.splitlines()[2:4]] == [
        ["2", "0.5", "-3"],
        ["present", "0.25", "-5"],
    ]


def test_a_search_may_find_nothing_better() -> None:
    assert "none of 3 samples was better than the present settings" in summary(
        SEARCH, [sample(1, 5.0), sample(2, 5.0), sample(3, 4.0)]
    )


def test_failed_present_settings_are_no_measure() -> None:
    samples = [Sample(1, {"rate": 0.2}, "failed", 0, None, 1.0, "OSError: x"), sample(2, 5.0)]
    assert summary(SEARCH, samples).endswith(
        "best: sample 2; the present settings failed: OSError: x"
    )


def test_samples_are_a_table(tmp_path: Path) -> None:
    write_samples(tmp_path / "trials.csv", [sample(1, 5.0), sample(2, None, "failed")])
    assert (tmp_path / "trials.csv").read_text().splitlines() == [
        "sample,rate,status,steps,score,seconds,reason",
        "1,0.25,completed,10,5.0,60.0,",
        "2,0.5,failed,10,,60.0,",
    ]
