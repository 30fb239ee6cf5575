"""What is printed of a search at its end."""

from __future__ import annotations

from dataclasses import replace

from benchmark.cli import tune
from benchmark.cli.tune import summary
from benchmark.records.record import RunSpec
from benchmark.running.search_space import Sample, Search

RUN = RunSpec("maze2d-umaze", "mine", 0, "smoke", steps=10, episodes=2)
SEARCH = Search(
    RUN, {"rate": ("uniform", 0, 1)}, {"rate": 0.5}, samples=3, episodes=4, device="cpu"
)


def sample(number: int, score: float | None, status: str = "completed") -> Sample:
    return Sample(number, {"rate": number / 4}, status, 10, score, 60.0)


def test_only_samples_with_all_their_steps_are_shown() -> None:
    samples = [sample(1, -5.0), sample(2, -3.0), sample(3, 9.0, "stopped")]
    text = summary(SEARCH, samples)
    assert "best: sample 2, score -3.0 against -5.0 with the present settings, on 4 tuning" in text
    assert [line.split() for line in text.splitlines()[2:4]] == [
        ["2", "0.5", "-3"],
        ["present", "0.25", "-5"],
    ]


def test_a_search_may_find_nothing_better() -> None:
    assert "none of 3 samples scored higher than the present settings" in summary(
        SEARCH, [sample(1, 5.0), sample(2, 5.0), sample(3, 4.0)]
    )


def test_failed_present_settings_are_no_measure() -> None:
    samples = [Sample(1, {"rate": 0.2}, "failed", 0, None, 1.0, "OSError: x"), sample(2, 5.0)]
    assert summary(SEARCH, samples).endswith(
        "best: sample 2; the present settings failed: OSError: x"
    )


def test_the_present_settings_are_shown_even_if_others_are_better() -> None:
    samples = [sample(1, 1.0), *(sample(number, 10.0 + number) for number in range(2, 9))]
    rows = [line.split() for line in summary(SEARCH, samples).splitlines()[2:8]]
    assert [row[0] for row in rows] == ["8", "7", "6", "5", "4", "present"]
    assert rows[0] == ["8", "2", "18"] and rows[-1] == ["present", "0.25", "1"]


def test_several_reasons_are_told_when_nothing_completed() -> None:
    samples = [
        replace(sample(number, None, "failed"), reason=reason)
        for number, reason in enumerate("bab", start=1)
    ]
    assert summary(SEARCH, samples) == "no sample completed: a; b; see ray.log"


def test_values_are_shown_short() -> None:
    values = [(3, 4), 0.123456, None]
    assert [tune._short(value) for value in values] == ["[3, 4]", "0.1235", "null"]
