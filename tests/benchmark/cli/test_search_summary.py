"""What is printed of a search at its end."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.cli import search_summary
from benchmark.cli.search_summary import overview, summary
from benchmark.cli.tune import write_pictures
from benchmark.records.record import RunSpec
from benchmark.running.search import write_samples
from benchmark.running.search_space import Sample, Search

RUN = RunSpec("maze2d-umaze", "mine", 0, "smoke", steps=10, episodes=2)
SEARCH = Search(
    RUN, {"rate": ("uniform", 0, 1)}, {"rate": 0.5}, samples=3, episodes=4, device="cpu"
)


def sample(number: int, score: float | None, status: str = "completed") -> Sample:
    return Sample(number, {"rate": number / 4}, status, 10, score, 60.0)


def test_samples_that_ended_early_stand_below_those_with_all_their_steps() -> None:
    samples = [
        sample(1, -5.0),
        sample(2, -3.0),
        replace(sample(3, 9.0, "stopped"), steps=4),
        replace(sample(4, 1.0, "stopped"), steps=8),
        replace(sample(5, 2.0, "failed"), steps=4, reason="OSError: x"),
        Sample(6, {"rate": 0.2}, "failed", 0, None, 1.0, "OSError: y"),
    ]
    text = summary(SEARCH, samples)
    assert "best: sample 2, score -3.0 against -5.0 with the present settings, on 4 tuning" in text
    rows = [re.split(" {2,}", line.strip()) for line in text.splitlines()[2:8]]
    assert rows == [
        ["2", "0.5", "-3.0", "10"],
        ["present", "0.25", "-5.0", "10"],
        ["4", "1", "1.0", "8 of 10, ended early"],
        ["3", "0.75", "9.0", "4 of 10, ended early"],
        ["5", "1.25", "2.0", "4 of 10, failed: OSError: x"],
        ["6", "0.2", "-", "0 of 10, failed: OSError: y"],
    ]
    assert "more sample" not in text


def test_what_the_table_has_no_room_for_is_counted() -> None:
    early = [sample(number, 1.0, "stopped") for number in range(2, 9)]
    text = summary(SEARCH, [sample(1, 5.0), *early])
    assert "\n2 more samples in trials.csv\n" in text
    assert len([line for line in text.splitlines() if "ended early" in line]) == 5


def test_how_far_a_sample_came_is_told_of_its_own_steps() -> None:
    early = [
        replace(sample(2, 1.0, "stopped"), budget=100),  # A tenth of them.
        replace(sample(3, 2.0, "stopped"), budget=20),  # Half of them.
    ]
    lines = summary(SEARCH, [sample(1, 5.0), *early]).splitlines()
    ended = [line.split()[0] for line in lines if "ended early" in line]
    assert ended == ["3", "2"] and any("10 of 20, ended early" in line for line in lines)


def test_a_search_may_find_nothing_better() -> None:
    assert (
        "none of 3 samples that had all their steps scored higher than the present settings"
        in summary(SEARCH, [sample(1, 5.0), sample(2, 5.0), sample(3, 4.0)])
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
    assert rows[0] == ["8", "2", "18.0", "10"] and rows[-1] == ["present", "0.25", "1.0", "10"]


def test_several_reasons_are_told_when_nothing_completed() -> None:
    samples = [
        replace(sample(number, None, "failed"), reason=reason)
        for number, reason in enumerate("bab", start=1)
    ]
    assert summary(SEARCH, samples) == "no sample completed: a; b; see ray.log"


def test_values_are_shown_short() -> None:
    values = [(3, 4), 0.123456, None]
    assert [search_summary._short(value) for value in values] == ["[3, 4]", "0.1235", "null"]


def test_the_search_is_drawn_of_samples_with_a_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr("benchmark.plots.search_figure", lambda *given: drawn.append(given))
    monkeypatch.setattr("benchmark.plots.figure_bytes", lambda figure, kind: kind.encode())
    samples = [sample(1, 5.0), sample(2, None, "failed"), sample(3, float("nan"))]
    samples += [sample(4, 2.0, "stopped")]
    paths = list(write_pictures(SEARCH, samples, tmp_path))
    assert paths == [tmp_path / "search.png", tmp_path / "search.pdf"]
    assert [path.read_bytes() for path in paths] == [b"png", b"pdf"]
    ((frame, settings, space),) = drawn
    assert frame.to_dict("list") == {
        **{"sample": [1, 4], "status": ["completed", "stopped"]},
        **{"score": [5.0, 2.0], "seconds": [60.0, 60.0]},
    }
    assert settings.to_dict("list") == {"rate": [0.25, 1.0]} and space == SEARCH.space


def test_a_search_without_a_score_has_no_picture(tmp_path: Path) -> None:
    assert list(write_pictures(SEARCH, [sample(1, None, "failed")], tmp_path)) == []
    assert not list(tmp_path.iterdir())


def test_the_verdict_says_how_often_a_sample_was_trained() -> None:
    samples = [replace(sample(number, 2.0 * number), steps=30) for number in (1, 2)]
    text = summary(
        replace(SEARCH, trainings=3), [*samples, replace(sample(3, 1.0, "stopped"), steps=14)]
    )
    assert "14 of 30, ended early" in text
    assert "on 4 tuning episodes and 3 training seeds; being the best of 3" in text


def test_what_was_spent_stands_beside_what_it_brought(tmp_path: Path) -> None:
    folders = {tmp_path / "one": SEARCH, tmp_path / "other": replace(SEARCH, trainings=3)}
    (tmp_path / "one").mkdir()
    write_samples(
        tmp_path / "one" / "trials.csv",
        [sample(1, 2.0), sample(2, 4.0), sample(3, 9.0, "stopped")],
    )
    rows = [line.split() for line in overview(folders).splitlines()[2:]]
    assert rows == [
        ["maze2d-umaze", "mine", "3", "1", "10", "2.0", "4.0"],
        ["maze2d-umaze", "mine", "3", "3", "10", "-", "-"],
    ]
