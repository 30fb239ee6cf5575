"""How samples end: what is kept of each and told, and which are tried again alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.records.record import RunSpec
from benchmark.running import sample_watcher
from benchmark.running.sample_watcher import SampleWatcher, sample_line
from benchmark.running.search_space import Sample, Search

RUN = RunSpec("maze2d-umaze", "mine", 0, "smoke", steps=10, episodes=2)
SEARCH = Search(
    RUN, {"rate": ("uniform", 0, 1)}, {"rate": 0.5}, samples=3, episodes=4, device="cpu"
)


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
    assert sample_line(Sample(3, {}, status, steps, score, 90.0, reason), 100) == line


@pytest.mark.parametrize(("step", "status"), [(10, "completed"), (8, "stopped"), (0, "completed")])
def test_a_sample_that_ends_is_kept_told_and_numbered(step: int, status: str) -> None:
    kept: list[list[int]] = []
    told: list[str] = []
    watcher = SampleWatcher(
        SEARCH, lambda samples: kept.append([each.number for each in samples]), told.append
    )
    whole = status == "completed"
    result = {"step": step, "score": 1.5, "time_total_s": 90.0, "whole": whole}
    trials = [
        SimpleNamespace(trial_id=rate, config={"rate": rate}, last_result=result)
        for rate in (0.1, 0.2)
    ]
    for trial in trials[::-1]:
        watcher.on_trial_complete(0, trials, trial)
    assert watcher.samples == [
        Sample(1, {"rate": 0.1}, status, step, 1.5, 90.0),
        Sample(2, {"rate": 0.2}, status, step, 1.5, 90.0),
    ]
    assert kept == [[2], [1, 2]]
    early = "" if status == "completed" else ", stopped after 8 of 10 steps"
    assert told == [f"[{n}/3] sample {3 - n}: score 1.5{early} (1.5 min)" for n in (1, 2)]


def test_a_sample_that_fails_before_its_first_score_has_none() -> None:
    watcher = SampleWatcher(SEARCH, lambda samples: None, lambda line: None)
    trial = SimpleNamespace(
        trial_id="a", config={"rate": 0.1}, last_result=None, pickled_error_file=None
    )
    watcher.on_trial_error(0, [trial], trial)
    reason = "Ray could not run it; see ray.log"
    assert watcher.samples == [Sample(1, {"rate": 0.1}, "failed", 0, None, 0.0, reason)]


def test_a_sample_whose_process_died_beside_others_is_tried_again_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reasons = iter(["killed: out of memory", "its process died: x", "its process died: y"])
    monkeypatch.setattr(sample_watcher, "trial_error", lambda trial: (next(reasons), ""))
    told: list[str] = []
    watcher = SampleWatcher(SEARCH, lambda _: None, told.append, tries_again=True)

    def trials(*rates: float) -> list[Any]:
        return [
            SimpleNamespace(trial_id=str(rate), config={"rate": rate}, last_result={"score": 1.0})
            for rate in rates
        ]

    first, second, third = beside = trials(0.1, 0.2, 0.3)
    watcher.on_trial_error(0, beside, third)
    watcher.on_trial_complete(0, beside, first)
    watcher.on_trial_error(0, beside, second)
    assert told[0] == "sample 3: killed: out of memory; it is tried again alone"
    assert watcher.try_again() == [{"rate": 0.3}, {"rate": 0.2}]
    alone = trials(0.3, 0.2)
    watcher.on_trial_error(0, alone, alone[0])
    watcher.on_trial_complete(0, alone, alone[1])
    assert [(each.number, each.settings["rate"], each.reason) for each in watcher.samples] == [
        (1, 0.1, ""),
        (2, 0.2, ""),
        (3, 0.3, "its process died: y"),
    ]


def test_when_ray_fails_nothing_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_watcher, "trial_error", lambda trial: ("its process died: x", ""))
    watcher = SampleWatcher(SEARCH, lambda _: None, lambda _: None, tries_again=True)
    trial = SimpleNamespace(trial_id="a", config={"rate": 0.1}, last_result=None)
    watcher.on_trial_error(0, [trial], trial)
    watcher.give_up("Ray failed: no disk")
    assert [(each.number, each.reason) for each in watcher.samples] == [(1, "Ray failed: no disk")]
    assert watcher.try_again() == []


def test_when_ray_fails_what_was_running_has_failed() -> None:
    watcher = SampleWatcher(SEARCH, lambda samples: None, lambda line: None)
    trials = [
        SimpleNamespace(trial_id=name, config={"rate": rate}, last_result={"step": 4, "score": 1.0})
        for name, rate in (("a", 0.1), ("b", 0.2), ("c", 0.3))
    ]
    for trial in trials[:2]:
        watcher.on_trial_start(0, trials, trial)
    watcher.on_trial_complete(0, trials, trials[0])
    watcher.give_up("Ray failed: no disk")
    assert [(each.number, each.status, each.reason) for each in watcher.samples] == [
        (1, "stopped", ""),
        (2, "failed", "Ray failed: no disk"),
    ]
