"""What all trackers have in common, with one that notes what it is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from benchmark.records.files import RunFiles, RunPlace
from benchmark.records.parts import TrainingPart
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.curves.run_facts import RunFacts
from benchmark.running.curves.tracker import Tracker
from benchmark.running.monitor import Callbacks

RUN = RunSpec("task", "agent", 1, "smoke", 80, 2)
CURVE = [{"step": step, "loss": step / 20} for step in (20, 40, 60, 80)]
COMPLETED = Record(RUN, "completed", "suite", score=1.0)


class Service(Tracker):
    """A tracker that notes what it is given; one that is broken gives up after some calls."""

    name = "service"
    seen: ClassVar[list[Any]]
    address: ClassVar[str]
    calls_left: ClassVar[float]

    @classmethod
    def prepare(cls, store: Store) -> str:
        return "service"

    def where(self) -> str:
        return self.address

    def open_run(self, known: str | None, facts: RunFacts) -> str:
        self._call(("open", known, facts.name))
        return known or f"id-{len(self.seen)}"

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._call((step, values["training/loss"]))

    def close_run(self, record: Record | None) -> None:
        self._call(("close", record and record.status))

    def _call(self, what: Any) -> None:
        if Service.calls_left <= 0:
            raise ConnectionError("the server is gone")
        Service.calls_left -= 1
        self.seen.append(what)


@pytest.fixture(autouse=True)
def service() -> type[Service]:
    Service.seen, Service.address, Service.calls_left = [], "here", float("inf")
    return Service


def make(place: RunPlace, notes: list[str] | None = None, kept: Any = None) -> Service:
    callbacks = Callbacks(
        note=(notes if notes is not None else []).append, saved=kept or (lambda path: None)
    )
    return Service(RUN, place, TrainingPart(), callbacks)


def interrupted(place: RunPlace, points: int = 3) -> None:
    """A run that has written so many points, and then dies."""
    tracker = make(place)
    tracker.begin([], 0)
    for count in range(1, points + 1):
        tracker.add(CURVE[:count])


def test_a_run_is_opened_fed_and_closed(place: RunPlace) -> None:
    interrupted(place, 2)
    tracker = make(place)
    tracker.begin([], 0)
    tracker.add(CURVE[:1])
    tracker.end(COMPLETED)
    assert Service.seen[3:] == [
        ("open", None, "task/agent/seed-1"),
        (20, 1.0),
        ("close", "completed"),
    ], "a training that starts anew has a run of its own"


def test_a_run_that_goes_on_does_so_in_its_run_and_gives_no_point_twice(place: RunPlace) -> None:
    interrupted(place)
    Service.seen.clear()
    tracker = make(place)
    tracker.begin(CURVE[:1], 30)  # Its checkpoint is older than what the tracker has.
    for count in (2, 3, 4):
        tracker.add(CURVE[:count])
    tracker.end(COMPLETED)
    opened, point, closed = Service.seen
    assert opened == ("open", "id-1", "task/agent/seed-1")
    assert (point, closed) == ((80, 4.0), ("close", "completed"))


@pytest.mark.parametrize("address", ["here", "elsewhere"])
def test_what_a_tracker_has_not_got_is_given_to_it(place: RunPlace, address: str) -> None:
    if address == "elsewhere":
        interrupted(place)
        Service.seen.clear()
        Service.address = address
    tracker = make(place)
    tracker.begin(CURVE[:3], 60)
    assert Service.seen == [("open", None, "task/agent/seed-1"), (20, 1.0), (40, 2.0), (60, 3.0)]


def test_an_interrupted_run_is_closed_without_a_status(place: RunPlace) -> None:
    tracker = make(place)
    tracker.begin([], 0)
    tracker.end(None)
    assert Service.seen[-1] == ("close", None)
    Service.seen.clear()
    make(place).end(None)
    assert Service.seen == [], "it had not begun"


@pytest.mark.parametrize(("has_begun", "known"), [(True, "id-1"), (False, None)])
def test_a_run_ends_that_died_before_it_could_say_so(
    place: RunPlace, has_begun: bool, known: str | None
) -> None:
    if has_begun:
        interrupted(place, 0)
    make(place).end(Record(RUN, "failed", "suite"))
    assert Service.seen[-2:] == [("open", known, "task/agent/seed-1"), ("close", "failed")]


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_tracker_that_fails_gives_one_note_and_is_tried_again_at_the_end(
    place: RunPlace, calls: int
) -> None:
    notes: list[str] = []
    Service.calls_left = calls
    tracker = make(place, notes)
    tracker.begin([], 0)
    for count in (1, 2, 3, 4):
        tracker.add(CURVE[:count])
    assert notes == ["service fails, and the run goes on: ConnectionError: the server is gone"]
    Service.calls_left = float("inf")
    tracker.end(COMPLETED)
    assert [seen[0] for seen in Service.seen] == ["open", 20, 40, 60, 80, "close"]
    assert len(notes) == 1


def test_a_tracker_that_is_gone_for_good_costs_nothing(place: RunPlace) -> None:
    notes: list[str] = []
    tracker = make(place, notes)
    tracker.begin([], 0)
    Service.calls_left = 0
    tracker.add(CURVE)
    tracker.end(COMPLETED)
    assert len(notes) == 1


def test_a_file_says_which_run_it_is(place: RunPlace) -> None:
    kept: list[Path] = []
    tracker = make(place, kept=kept.append)
    file = RunFiles(place.out, RUN.name).trackers
    file.parent.mkdir(parents=True)
    file.write_text('{"other": {"id": "x"}}')
    tracker.begin([], 0)
    tracker.add(CURVE)
    assert json.loads(file.read_text()) == {
        "other": {"id": "x"},
        "service": {"id": "id-1", "where": "here", "step": 80},
    }
    assert kept == [file, file]


def test_a_full_disk_costs_no_run(place: RunPlace) -> None:
    notes: list[str] = []

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    tracker = make(place, notes, full)
    tracker.begin([], 0)
    tracker.end(COMPLETED)
    assert len(notes) == 1 and "No space left on device" in notes[0]
    assert Service.seen[-1] == ("close", "completed")
