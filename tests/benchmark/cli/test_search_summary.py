"""What is told of a search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmark.cli.search_summary import overview, summary
from benchmark.records.record import RunSpec
from benchmark.running.search import write_samples
from benchmark.running.search_space import Sample, Search

RUN = RunSpec("maze2d-umaze", "mine", 100, "quick", steps=10, episodes=0)
SEARCH = Search(RUN, {"rate": ("uniform", 0, 1)}, {"rate": 0.5}, 3, episodes=4, device="cpu")


def sample(number: int, score: float | None, status: str = "completed", steps: int = 10) -> Sample:
    return Sample(number, {"rate": number / 8}, status, steps, score, 6.0, "OSError: x")


def test_the_best_stand_first_and_the_verdict_says_what_they_were_scored_on() -> None:
    text = summary(SEARCH, [sample(1, 2.0), sample(2, 4.0), sample(3, 1.0, "stopped", 4)])
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["2", "present", "3"]
    assert "4 of 10, ended early" in lines[4]
    assert lines[-1] == (
        "best: sample 2, score 4.0 against 2.0 with the present settings, on 4 tuning episodes and "
        "one seed; being the best of 3, it looks better than it is"
    )
    thrice = replace(SEARCH, trainings=3)
    samples = [sample(1, 2.0, steps=30), sample(2, 4.0, steps=30), sample(3, 1.0, "stopped", 14)]
    text = summary(thrice, samples)
    assert "14 of 30, ended early" in text
    assert "on 4 tuning episodes and 3 training seeds; being" in text


def test_a_search_that_brought_nothing_says_so() -> None:
    assert summary(SEARCH, [sample(1, 2.0), sample(2, 1.0)]).endswith(
        "none of 3 samples that had all their steps scored higher than the present settings"
    )
    assert summary(SEARCH, [sample(1, None, "failed")]) == (
        "no sample completed: OSError: x; see ray.log"
    )


def test_what_was_spent_stands_beside_what_it_brought(tmp_path: Path) -> None:
    folders = {tmp_path / "one": SEARCH, tmp_path / "other": replace(SEARCH, trainings=3)}
    (tmp_path / "one").mkdir()
    write_samples(
        tmp_path / "one" / "trials.csv",
        [sample(1, 2.0), sample(2, 4.0), sample(3, 9.0, "stopped", 4)],
    )
    rows = [line.split() for line in overview(folders).splitlines()[2:]]
    assert rows == [
        ["maze2d-umaze", "mine", "3", "1", "10", "2.0", "4.0"],
        ["maze2d-umaze", "mine", "3", "3", "10", "-", "-"],
    ]
