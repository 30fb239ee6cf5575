"""The curve of a run is begun, fed and ended at every place, however the run ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmark.records.files import RunFiles, RunPlace
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.curves import run_curve
from benchmark.running.curves.run_curve import end_trackers, prepare_trackers
from benchmark.running.monitor import Callbacks
from benchmark.running.trial import run_trial
from tests.benchmark.running.curves.test_tracker import Service, service
from tests.benchmark.running.trial_world import Lasting, Noted, World, world

__all__ = ["service", "world"]  # Fixtures.

RUN = RunSpec("adroit-pen-human", "noted", 3, "smoke", 12, 4)


@pytest.fixture
def tracked(place: RunPlace, world: World, monkeypatch: pytest.MonkeyPatch) -> RunPlace:
    monkeypatch.setattr(run_curve, "TRACKER_CLASSES", {"service": Service})
    return replace(place, trackers=("service",))


def test_the_curve_is_at_every_place(tracked: RunPlace) -> None:
    assert run_trial(RUN, tracked, "cpu") is not None
    files = RunFiles(tracked.out, RUN.name)
    assert len(files.curve.read_text().splitlines()) == 13
    assert list(files.tensorboard.glob("events*"))
    assert Service.seen[1:-1] == [(step, 1 / step) for step in range(1, 13)]
    assert Service.seen[-1] == ("close", "completed")


def test_a_curve_that_cannot_be_written_costs_no_score_and_no_other_place(
    tracked: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(run_curve.CurveTable, "end", full)
    notes: list[str] = []
    record = run_trial(RUN, tracked, "cpu", Callbacks(note=notes.append))
    assert record is not None and record.status == "completed"
    assert Service.seen[-1] == ("close", "completed")
    assert notes[-1] == f"{RUN.name}: its curve is not whole: no space left"


def test_a_run_is_the_same_with_trackers_or_without(tracked: RunPlace) -> None:
    with_trackers = run_trial(RUN, tracked, "cpu")
    without = run_trial(RUN, replace(tracked, trackers=()), "cpu")
    assert with_trackers is not None and without is not None
    assert with_trackers.run == without.run and with_trackers.curve == without.curve


def test_an_interrupted_run_goes_on_also_if_it_was_not_tracked_before(tracked: RunPlace) -> None:
    Lasting.stop = tracked.stop
    lasting = replace(RUN, agent="lasting")
    assert run_trial(lasting, replace(tracked, trackers=()), "cpu") is None
    assert Service.seen == []
    tracked.stop.unlink()
    assert run_trial(lasting, tracked, "cpu") is not None
    assert [seen[0] for seen in Service.seen] == ["open", *range(1, 13), "close"]


def test_an_interrupted_run_is_closed(tracked: RunPlace) -> None:
    Lasting.stop = tracked.stop
    assert run_trial(replace(RUN, agent="lasting"), tracked, "cpu") is None
    assert Service.seen[-1] == ("close", None)


@pytest.mark.parametrize(
    ("where", "error", "status"),
    [
        ("fit", ValueError("no"), "failed"),
        ("__init__", ValueError("no"), "failed"),  # Before the curve begins.
        ("fit", KeyboardInterrupt(), None),
    ],
)
def test_the_curve_is_ended_however_a_run_ends(
    tracked: RunPlace,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    error: BaseException,
    status: str | None,
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr(Noted, where, fail)
    try:
        run_trial(RUN, tracked, "cpu")
    except KeyboardInterrupt:
        assert status is None
    assert [seen[0] for seen in Service.seen] == ["open", "close"]
    assert Service.seen[-1] == ("close", status)


def test_trackers_hear_of_a_run_whose_process_died(tracked: RunPlace) -> None:
    notes: list[str] = []
    record = Record(RUN, "failed", "adroit")
    with Store(str(tracked.out)) as store:
        end_trackers(record, store, (), notes.append)
        assert Service.seen == []
        end_trackers(record, store, tracked.trackers, notes.append)
    assert Service.seen[-1] == ("close", "failed") and notes == []


def test_each_tracker_says_where_runs_go(tracked: RunPlace) -> None:
    with Store(str(tracked.out)) as store:
        assert prepare_trackers(tracked.trackers, store) == ["service"]
