"""Training that is asked to stop, and what goes on from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.interface import Dataset
from benchmark.records.files import RunFiles, RunPlace
from benchmark.records.record import RunSpec
from benchmark.running.monitor import Callbacks, StoppedError
from tests.benchmark import counting
from tests.benchmark.counting import (
    RUN,
    SHORT,
    Clock,
    Counter,
    Slow,
    clock,
    make,
    stopping_at,
)

__all__ = ["clock"]  # A fixture.


def test_a_request_to_stop_is_looked_for_once_a_second(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    stopped = make(place, Counter(stopping_at(place, 2, lambda step: clock.wait(0.25))))
    with pytest.raises(StoppedError):
        stopped.fit(tiny_dataset)
    assert stopped.step == 5  # Looked at after the first step, at 0.25 s, and again at 1.25 s.


@pytest.fixture
def stopped(place: RunPlace, tiny_dataset: Dataset, clock: Clock) -> RunSpec:
    """A run that was stopped after its first step, and left a checkpoint."""
    run = replace(RUN, settings={"scales": (1, 2)})
    agent = Counter(stopping_at(place, 1, lambda step: clock.wait(1)))
    with pytest.raises(StoppedError):
        make(place, agent, run).fit(tiny_dataset)
    place.stop.unlink()
    return run


def test_settings_with_tuples_go_on(place: RunPlace, stopped: RunSpec) -> None:
    assert make(place, Counter(), stopped).step == 1


@pytest.mark.parametrize(
    "change",
    [
        {"max_minutes": 3.0, "episodes": 9},
        {"data": "minari", "source": "moved/agent.py:Counter"},
    ],
)
def test_what_is_none_of_training_may_change(
    place: RunPlace, stopped: RunSpec, change: dict[str, Any]
) -> None:
    assert make(place, Counter(), replace(stopped, **change)).step == 1


@pytest.mark.parametrize(
    ("change", "dataset_hash", "different"),
    [
        ({"settings": {"scales": (1, 3)}}, "content", "settings"),
        ({"steps": 999, "preset": "quick"}, "content", "preset, steps"),
        ({}, "other content", "the content of its dataset"),
        ({}, None, "the content of its dataset"),
    ],
)
def test_another_training_starts_anew_and_says_so(
    place: RunPlace,
    stopped: RunSpec,
    change: dict[str, Any],
    dataset_hash: str | None,
    different: str,
) -> None:
    notes: list[str] = []
    callbacks = Callbacks(note=notes.append)
    other = make(place, Counter(), replace(stopped, **change), callbacks, dataset_hash=dataset_hash)
    assert (other.step, other.resumed_at, other.points) == (0, [], [])
    assert [part["from"] for part in other.parts] == [0]
    assert not RunFiles(place.out, RUN.name).checkpoint.exists()
    assert notes == [
        "starts anew: its checkpoint at gradient step 1 is of another training, in which "
        f"{different} differed"
    ]


def test_a_changed_agent_file_starts_anew(
    place: RunPlace, stopped: RunSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "counting.py"
    copy.write_text(Path(counting.__file__).read_text())
    monkeypatch.setattr("inspect.getfile", lambda agent_cls: str(copy))
    assert make(place, Counter(), stopped).step == 1, "the same content lies somewhere else"
    copy.write_text(copy.read_text() + "# Changed.\n")
    notes: list[str] = []
    assert make(place, Counter(), stopped, Callbacks(note=notes.append)).step == 0
    assert "the file of its agent differed" in notes[0]


def test_each_part_says_what_it_was_trained_with(
    place: RunPlace, stopped: RunSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.records.system.commit", lambda: "another")
    monkeypatch.setattr("benchmark.records.system.versions", lambda: {"torch": "9"})
    first, second = make(place, Counter(), stopped).parts
    assert second == {"from": 1, "steps": 1000, "versions": {"torch": "9"}, "commit": "another"}
    assert first["from"] == 0 and first["versions"]["torch"] != "9"
    assert first["commit"] != "another"


def test_more_time_goes_on_from_where_time_was_spent(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    capped = make(place, Slow(clock), replace(SHORT, max_minutes=0.1))
    assert (capped.fit(tiny_dataset), capped.step) == ("capped", 4)
    longer = make(place, Slow(clock), replace(SHORT, max_minutes=0.2))
    assert longer.fit(tiny_dataset) == "capped"
    assert (longer.step, longer.resumed_at) == (7, [4]), "seconds spent before count"
    done = make(place, Slow(clock), SHORT)
    assert done.fit(tiny_dataset) == "completed"
    assert (done.resumed_at, done.seconds) == ([4, 7], 20)


class Plain:
    """A counter that cannot go on after an interruption."""

    fit, metrics, __init__ = Counter.fit, Counter.metrics, Counter.__init__


def test_an_agent_that_cannot_go_on_starts_again(place: RunPlace, tiny_dataset: Dataset) -> None:
    with pytest.raises(StoppedError):
        make(place, Plain(lambda step: place.stop.touch())).fit(tiny_dataset)
    assert not RunFiles(place.out, RUN.name).checkpoint.exists()
    with pytest.raises(StoppedError):
        make(place, Counter()).fit(tiny_dataset)
    assert RunFiles(place.out, RUN.name).checkpoint.exists()
    assert make(place, Plain()).step == 0
    assert not RunFiles(place.out, RUN.name).checkpoint.exists(), "it is another agent's"


def test_time_before_an_interruption_is_spent_too(
    place: RunPlace, tiny_dataset: Dataset, clock: Clock
) -> None:
    run = replace(SHORT, max_minutes=0.2)
    agent = Slow(clock, stopping_at(place, 4, lambda step: clock.wait(2)))
    with pytest.raises(StoppedError):
        make(place, agent, run).fit(tiny_dataset)
    place.stop.unlink()
    capped = make(place, Slow(clock), run)
    assert capped.fit(tiny_dataset) == "capped"
    assert capped.step == 7
