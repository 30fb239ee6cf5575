"""A run that has ended and goes on with more steps; what it has is kept until there is more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.agents.saved import load_agent
from benchmark.records.files import RunFiles, RunPlace, read_records, write_record
from benchmark.records.record import Record, RunSpec
from benchmark.running import trial
from tests.benchmark.running.test_trial import RUN, done
from tests.benchmark.running.trial_world import Lasting, World, world

__all__ = ["world"]  # A fixture.


def test_a_run_that_has_ended_goes_on_with_more_steps(world: World, place: RunPlace) -> None:
    Lasting.stop = place.out / "elsewhere"
    run, longer = replace(RUN, agent="lasting"), replace(RUN, agent="lasting", steps=20)
    write_record(place.out, done(place, run))
    world.seen.clear()
    record = done(place, longer)
    assert (record.status, record.run.steps, record.steps) == ("completed", 20, 20)
    assert record.resumed_at == [12] and record.seconds["fit"] == 40
    assert [(part["from"], part["steps"]) for part in record.trained_with] == [(0, 12), (12, 20)]
    assert [point["step"] for point in record.curve] == list(range(1, 21))
    # The agent of before stays until the new one has a score.
    assert [what for what, *_ in world.seen][-3:] == ["evaluate", "latency", "save"]
    Lasting.stop = place.stop


def test_what_a_run_has_is_kept_if_it_fails_when_it_goes_on(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    Lasting.stop = place.out / "elsewhere"
    run, longer = replace(RUN, agent="lasting"), replace(RUN, agent="lasting", steps=20)
    before = done(place, run)
    write_record(place.out, before)

    def latency(*arguments: object) -> None:
        raise ValueError("no idea")

    with monkeypatch.context() as patch:
        patch.setattr(trial, "measure_latency", latency)
        write_record(place.out, done(place, longer))
    (kept,) = read_records(place.out)
    reason = "it ended well; when it went on to 20 gradient steps, it failed at gradient step 20: "
    assert kept.reason == f"{reason}ValueError: no idea" and "--resume" in str(kept.remedy)
    assert replace(kept, reason=None, remedy=None) == Record.from_json(before.to_json())
    agent: Any = load_agent(RunFiles(place.out, run.name).agent)
    assert agent.step == 12
    again = done(place, longer)
    assert (again.status, again.steps, again.resumed_at) == ("completed", 20, [12, 20])
    write_record(place.out, again)
    assert next(read_records(place.out)).run.steps == 20


def test_what_a_capped_run_has_is_kept_too(world: World, place: RunPlace) -> None:
    Lasting.stop = place.out / "elsewhere"
    run = replace(RUN, agent="lasting", steps=20, max_minutes=1.0)
    before = done(place, replace(run, max_minutes=0.2))
    assert before.status == "capped"
    write_record(place.out, before)
    world.seen.clear()
    assert done(place, run).status == "completed"
    # The agent of before stays until the new one has a score.
    assert [what for what, *_ in world.seen][-3:] == ["evaluate", "latency", "save"]
    card = (RunFiles(place.out, run.name).agent / "README.md").read_text()
    write_record(place.out, Record(run, "failed", "maze2d", reason="a fault", remedy="mend it"))
    (kept,) = read_records(place.out)
    assert (kept.status, kept.score) == ("capped", before.score) and "a fault" in str(kept.reason)
    assert "capped" not in card


@pytest.mark.parametrize("status", ["failed", "diverged", "no-dataset"])
def test_a_run_that_fails_when_it_goes_on_keeps_its_record(tmp_path: Path, status: str) -> None:
    run = RunSpec("maze2d-umaze", "bc", 0, "smoke", steps=10, episodes=1)
    before = Record(run, "completed", "maze2d", score=1.0, scores=[1.0])
    write_record(tmp_path, before)
    more = replace(run, steps=2000)
    write_record(tmp_path, Record(more, status, "maze2d", reason="a fault", remedy="mend it"))
    (kept,) = read_records(tmp_path)
    assert kept.reason == (
        f"it ended well; when it went on to 2,000 gradient steps, it {status}: a fault"
    )
    assert kept.remedy == "mend it"
    assert replace(kept, reason=None, remedy=None) == before
    done = Record(more, "completed", "maze2d", score=2.0, scores=[2.0])
    write_record(tmp_path, done)
    assert list(read_records(tmp_path)) == [done]
    failed = Record(more, status, "maze2d", reason="a fault")
    write_record(tmp_path, failed)
    assert list(read_records(tmp_path)) == [failed], "it had no fewer steps"
