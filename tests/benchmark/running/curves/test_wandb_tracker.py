"""Weights & Biases for real, in its offline mode; nothing is sent anywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.records.files import RunPlace
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.curves.wandb_tracker import WandbTracker
from benchmark.running.trial import run_trial
from tests.benchmark.running.curves.wandb_files import OfflineRun, read_runs
from tests.benchmark.running.trial_world import Lasting, Noted, World, world

wandb = pytest.importorskip("wandb", reason="the extra `wandb` is not installed")

__all__ = ["world"]  # A fixture.

RUN = RunSpec("adroit-pen-human", "noted", 3, "smoke", 12, 4, settings={"width": 8})


@pytest.fixture(autouse=True)
def _nobody_is_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")
    for name in ("HOME", "WANDB_CONFIG_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("NETRC", str(tmp_path / "home" / "netrc"))
    yield
    wandb.teardown()


@pytest.fixture
def tracked(place: RunPlace, world: World) -> RunPlace:
    return replace(place, trackers=("wandb",))


def written_runs(folder: Path) -> list[OfflineRun]:
    wandb.teardown()  # Else the last few bytes may come a moment later.
    return read_runs(folder)


def test_curve_settings_tags_and_scores_are_there(tracked: RunPlace) -> None:
    before = sys.exit, sys.excepthook, sys.stdout, sys.stderr, dict(os.environ)
    record = run_trial(RUN, tracked, "cpu")
    assert before == (sys.exit, sys.excepthook, sys.stdout, sys.stderr, dict(os.environ))
    assert wandb.run is None
    (run,) = written_runs(tracked.out)
    assert run.about.display_name == "adroit-pen-human/noted/seed-3"
    assert (run.about.run_group, run.about.project) == ("adroit-pen-human/noted", "mage-bench")
    assert {"task:adroit-pen-human", "agent:noted", "seed:3", "preset:smoke", "data:made-up"} <= {
        *run.about.tags
    }
    assert run.config["settings"]["width"] == 8 and run.config["settings"]["depth"] == 2
    assert (run.config["seed"], run.config["steps"], run.config["data"]) == (3, 12, "made-up")
    assert [point["_step"] for point in run.history] == list(range(1, 13))
    assert run.history[3]["training/loss"] == 0.25
    scores = [point["_step"] for point in run.history if "tuning/score" in point]
    assert scores == [6, 12]
    assert isinstance(record, Record)
    assert run.summary["evaluation/score"] == record.score == 10
    assert (run.summary["status"], run.exit_code) == ("completed", 0)


def test_a_run_that_is_interrupted_goes_on_as_the_same_run(tracked: RunPlace) -> None:
    Lasting.stop = tracked.stop
    lasting = replace(RUN, agent="lasting")
    assert run_trial(lasting, tracked, "cpu") is None
    tracked.stop.unlink()
    assert run_trial(lasting, tracked, "cpu") is not None
    first, second = written_runs(tracked.out)
    assert first.about.run_id == second.about.run_id
    steps = [point["_step"] for point in (*first.history, *second.history)]
    assert steps == list(range(1, 13))
    assert (first.exit_code, second.exit_code) == (255, 0)


def test_a_failed_run_ends_as_failed(tracked: RunPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    def loss(agent: Any, step: int) -> float:
        return {1: 1.0, 2: 2.0}[step]

    monkeypatch.setattr(Noted, "loss", loss)
    record = run_trial(RUN, tracked, "cpu")
    (run,) = written_runs(tracked.out)
    assert record is not None and record.status == run.summary["status"] == "failed"
    assert run.summary["reason"] == record.reason == "KeyError: 3"
    assert len(run.history) == 2 and run.exit_code == 1


def test_the_users_project_and_folder_are_taken(
    tracked: RunPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    mine = wandb.init(mode="offline", settings=wandb.Settings(silent=True, console="off"))
    run_trial(RUN, tracked, "cpu")
    assert wandb.run is mine, "a run that the user has active is left alone"
    mine.finish()
    assert {run.about.project for run in written_runs(tmp_path)} == {"mine"}
    assert not (tracked.out / "wandb").exists()


def test_where_runs_go_is_said_before_work_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(str(tmp_path / "out")) as store:
        folder = tmp_path / "out" / "wandb"
        assert WandbTracker.prepare(store) == (
            f"wandb: project mage-bench, offline; upload with `wandb sync {folder}/offline-run-*`"
        )
        monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
        assert WandbTracker.prepare(store) == "wandb: project mage-bench, online"
        monkeypatch.setenv("WANDB_MODE", "disabled")
        assert WandbTracker.prepare(store) == "wandb: project mage-bench, disabled"


def test_what_cannot_work_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        Store("memory://out") as store,
        pytest.raises(UserError, match="would keep its files at memory://out, .*set WANDB_DIR"),
    ):
        WandbTracker.prepare(store)
    monkeypatch.setenv("WANDB_MODE", "online")
    with Store(str(tmp_path)) as store, pytest.raises(UserError, match="nobody is logged in to"):
        WandbTracker.prepare(store)
