"""Whole runs in a real maze: what their records hold, whether they go well or not."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.agents.builtin import BUILTIN, GOAL_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.data import share
from benchmark.data.loading import LoadedDataset
from benchmark.evaluation.action_timing import random_dataset
from benchmark.evaluation.episode_seeds import evaluation_seeds
from benchmark.records.files import RunFiles, RunPlace, write_record
from benchmark.records.record import Record, RunSpec
from benchmark.reporting.build import write_report
from benchmark.running.trial import run_trial
from benchmark.statistics.frames import collate
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info


def spec(agent_file: Path, agent: str = "Pusher", **changes: Any) -> RunSpec:
    values = {"settings": {"gain": 2.0}, "source": f"{agent_file}:{agent}", **changes}
    return RunSpec("maze2d-umaze", agent.lower(), 0, "smoke", steps=12, episodes=2, **values)


def run(run: RunSpec, place: RunPlace) -> Record:
    record = run_trial(run, place, "cpu")
    assert record is not None
    return record


@pytest.fixture
def done(agent_file: Path, short_umaze: Path, place: RunPlace) -> Record:
    return run(spec(agent_file), place)


def test_a_completed_run_is_recorded_in_full(done: Record) -> None:
    assert (done.status, done.reason, done.traceback) == ("completed", None, None)
    assert (done.benchmark, done.goal) == ("maze2d", "hidden")
    assert done.episode_seeds == evaluation_seeds(2, done.run.seed)
    assert len(done.returns) == len(done.successes) == len(done.lengths) == 2
    assert done.score == pytest.approx(np.mean(done.scores))
    assert done.latency_ms and min(done.latency_ms) > 0
    assert done.dataset["id"] == "mage/maze2d/umaze-v0" and done.dataset["steps"] == 5_000
    assert set(done.seconds) == {"data", "fit", "curve", "evaluate", "total"}
    assert done.seconds["total"] >= sum(done.seconds[name] for name in ("data", "fit", "evaluate"))
    assert done.versions["python"] and done.versions["torch"]
    assert done.machine["cores"] and done.machine["device"] == "cpu"
    assert done.peak_memory_mb is not None and 50 < done.peak_memory_mb < 100_000
    assert done.config == {"gain": 2.0}
    assert (done.steps, done.resumed_at) == (12, [])
    assert Record.from_json(done.to_json()) == done


# One of each kind of training; `tests/test_agents.py` asks all whether they keep to their seed, and
# `tests/test_end_to_end.py` compares two records of MAGE.
_IN_EVERY_RUN = ("iql", "hiql", "random")


@pytest.mark.parametrize(
    "agent",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name not in _IN_EVERY_RUN))
        for name in BUILTIN
    ],
)
def test_the_same_seed_gives_the_same_record_to_the_last_bit(
    small_umaze: Path, place: RunPlace, monkeypatch: pytest.MonkeyPatch, agent: str
) -> None:
    # The data of both is the same recordings; only one shows its goal.
    shown = "multi2d-umaze" if agent in GOAL_AGENTS else "maze2d-umaze"
    task = replace(TASKS[shown], max_steps=40)
    monkeypatch.setitem(TASKS, task.name, task)
    monkeypatch.setattr("benchmark.records.system.commit", lambda: "abc")
    given = resolve_settings(AgentChoice(agent), task, "smoke")
    asked = RunSpec(task.name, agent, 0, "smoke", given.steps, episodes=2, settings=given.values)
    records = []
    for name in ("once", "again"):
        records.append(run(asked, replace(place, out=place.out / name)))
    # Of what a record holds, only times and memory may differ.
    taken = {"latency_ms", "seconds", "started", "peak_memory_mb"}
    once, again = (
        {name: value for name, value in asdict(record).items() if name not in taken}
        for record in records
    )
    assert once == again
    learns = once["steps"] == given.steps
    assert learns or (agent, once["steps"]) in (("random", 0), ("mean", 0))
    assert once["status"] == "completed" and bool(once["curve"]) == learns
    assert once["clipped_actions"] == 0, "all of them stay inside the bounds"


def test_the_curve_holds_losses_and_scores(done: Record) -> None:
    assert [point["step"] for point in done.curve] == list(range(1, 13))
    assert done.curve[3]["loss"] == 0.25 and done.curve[3]["slow"] == 2.0
    assert [point["step"] for point in done.curve if "score" in point] == [6, 12]


def test_a_run_that_raises_is_a_failed_record(
    agent_file: Path, small_umaze: Path, place: RunPlace
) -> None:
    failed = run(spec(agent_file, "Broken"), place)
    assert (failed.status, failed.score) == ("failed", None)
    assert failed.reason == "RuntimeError: diverged on purpose"
    assert f"see runs/{failed.run.name}.log in the output folder" in str(failed.remedy)
    assert failed.traceback is not None and "my_agents.py" in failed.traceback
    assert failed.curve == [{"loss": 3.0, "step": 1}] and failed.dataset["steps"] == 5_000
    assert not (RunFiles(place.out, failed.run.name).agent / "agent.json").exists()


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("Lazy", "agent took 11 of 12 gradient steps"),
        ("Greedy", "agent reported gradient step 13 after 12 of 12"),
        ("Silent", "agent reported none of 12 gradient steps"),
    ],
)
def test_the_budget_is_kept_exactly(
    agent_file: Path, small_umaze: Path, place: RunPlace, agent: str, reason: str
) -> None:
    failed = run(spec(agent_file, agent), place)
    assert failed.status == "failed"
    assert str(failed.reason).startswith(f"RuntimeError: {reason}; ")


def test_a_loss_that_is_no_number_ends_the_run(
    agent_file: Path, small_umaze: Path, place: RunPlace
) -> None:
    record = run(spec(agent_file, "NaN"), place)
    assert (record.status, record.score) == ("diverged", None)
    assert record.reason == "loss was nan at gradient step 3"
    assert "it would again, so try other settings, such as a smaller" in str(record.remedy)


def test_a_foreign_checkpoint_is_named(
    agent_file: Path, small_umaze: Path, place: RunPlace
) -> None:
    folder = RunFiles(place.out, spec(agent_file).name).checkpoint
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("{}")
    record = run(spec(agent_file), place)
    assert record.status == "failed"
    assert f"UserError: checkpoint {folder} cannot be trusted" in str(record.reason)


def test_a_run_that_is_asked_to_stop_has_no_record(
    agent_file: Path, small_umaze: Path, place: RunPlace
) -> None:
    place.stop.touch()
    slow = spec(agent_file, "Slow", settings={"seconds": 0.0})
    assert run_trial(slow, place, "cpu") is None
    assert RunFiles(place.out, slow.name).checkpoint.exists()


def test_to_run_is_no_success_and_no_failure(place: RunPlace, undrawn: None) -> None:
    task = TASKS["halfcheetah-medium"]
    share(LoadedDataset(random_dataset(task_info(task)), {"id": "a"}), place.shared / task.name)
    record = run(RunSpec(task.name, "random", 0, "smoke", steps=1, episodes=2), place)
    assert (record.status, record.lengths) == ("completed", [1000, 1000])
    assert record.successes == []
    write_record(place.out, record)
    write_report(place.out, collate([record]))
    summary = (place.out / "report/summary.md").read_text(encoding="utf-8")
    assert "Share of solved episodes: n/a, as these tasks define no success." in summary
    assert "share of solved episodes in percent" not in summary
    page = (place.out / "report/report.html").read_text(encoding="utf-8")
    assert "Share of solved episodes: n/a" in page


def test_a_missing_dataset_is_no_failure(agent_file: Path, place: RunPlace) -> None:
    record = run(spec(agent_file), place)
    assert record.status == "no-dataset"
    assert record.reason and record.remedy
