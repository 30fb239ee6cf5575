"""How a record is put together of what was known when its run ended."""

from __future__ import annotations

from dataclasses import replace

from benchmark.records.parts import EvaluationPart, Failure, Origin, TrainingPart, assemble
from benchmark.records.record import Record
from tests.benchmark.records.test_record import FULL, FULL_RUN, RUN

ORIGIN = Origin("maze2d", {"python": "3"}, "abc", {"cores": 2}, 3.5, "2026-01-01", 9.5)


def test_a_record_has_every_field_of_its_parts() -> None:
    training = TrainingPart(
        **{name: getattr(FULL, name) for name in vars(TrainingPart()) if name != "seconds"},
        seconds={"fit": 2.5},
    )
    evaluation = EvaluationPart(
        **{name: getattr(FULL, name) for name in vars(EvaluationPart()) if name != "seconds"},
        seconds={"evaluate": 4.5},
    )
    assembled = assemble(FULL_RUN, ORIGIN, training, evaluation)
    seconds = {"fit": 2.5, "evaluate": 4.5, "total": 9.5}
    assert assembled == replace(FULL, traceback=None, seconds=seconds)
    assert list(assembled.seconds) == list(seconds)


def test_a_run_that_fails_keeps_what_was_known() -> None:
    training = TrainingPart("capped", "hidden", "stopped", "more time", steps=17, curve=FULL.curve)
    failed = assemble(FULL_RUN, ORIGIN, training, failure=Failure("failed", "a", "b", "Traceback"))
    assert (failed.status, failed.reason, failed.remedy) == ("failed", "a", "b")
    assert (failed.traceback, failed.steps, failed.curve) == ("Traceback", 17, FULL.curve)
    assert (failed.goal, failed.score, failed.scores) == ("hidden", None, [])


def test_a_record_of_a_run_that_never_began_says_where_it_comes_from() -> None:
    origin = Origin("antmaze", {"a": "1"}, None)
    record = assemble(RUN, origin, failure=Failure.of(RUN, "a\n b"))
    assert record == Record(
        RUN,
        "failed",
        "antmaze",
        reason="a b",
        remedy="see runs/maze2d-umaze/bc/seed-3.log in the output folder, then run again with "
        "--resume",
        versions={"a": "1"},
    )


def test_an_error_that_quotes_bytes_is_told_with_escapes() -> None:
    failure = Failure.of(RUN, "no file caf\udce9", "Traceback: caf\udce9")
    told = assemble(RUN, ORIGIN, failure=failure)
    assert told.reason == "no file caf\\udce9" and told.traceback == "Traceback: caf\\udce9"
    assert told.to_json().encode("utf-8")
