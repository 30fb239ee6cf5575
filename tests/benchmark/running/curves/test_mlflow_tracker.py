"""MLflow for real, with a database on disk that is read with its own client."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.records.files import RunPlace
from benchmark.records.record import Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.curves import mlflow_tracker
from benchmark.running.curves.mlflow_tracker import MLflowTracker
from benchmark.running.curves.run_curve import end_trackers
from benchmark.running.monitor import Callbacks
from benchmark.running.trial import run_trial
from tests.benchmark.running.trial_world import Lasting, Noted, World, world

for package in ("mlflow", "sqlalchemy", "alembic"):
    pytest.importorskip(package, reason="the extra `mlflow` is not installed")

__all__ = ["world"]  # A fixture.

RUN = RunSpec("adroit-pen-human", "noted", 3, "smoke", 12, 4, settings={"width": 8})


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database; making one takes seconds."""
    folder = tmp_path_factory.mktemp("database")
    with pytest.MonkeyPatch.context() as patch, Store(str(folder)) as store:
        _without_own_settings(patch)
        MLflowTracker.prepare(store)
    return folder / "mlflow.db"


def _without_own_settings(patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        patch.delenv(name)
    patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.fixture
def tracked(
    place: RunPlace, world: World, database: Path, monkeypatch: pytest.MonkeyPatch
) -> RunPlace:
    _without_own_settings(monkeypatch)
    place.out.mkdir()
    shutil.copy(database, place.out)
    return replace(place, trackers=("mlflow",))


def client(out: Path) -> Any:
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{out / 'mlflow.db'}")


def runs(out: Path, experiment: str = "mage-bench") -> list[Any]:
    reader = client(out)
    return list(reader.search_runs([reader.get_experiment_by_name(experiment).experiment_id]))


def steps_of(out: Path, run: Any, metric: str = "training/loss") -> list[int]:
    return [one.step for one in client(out).get_metric_history(run.info.run_id, metric)]


def test_curve_settings_tags_and_scores_are_there(tracked: RunPlace) -> None:
    before = dict(os.environ)
    record = run_trial(RUN, tracked, "cpu")
    assert dict(os.environ) == before
    (run,) = runs(tracked.out)
    assert (run.info.run_name, run.info.status) == ("adroit-pen-human/noted/seed-3", "FINISHED")
    tags = run.data.tags
    assert (tags["task"], tags["agent"], tags["seed"]) == ("adroit-pen-human", "noted", "3")
    assert (tags["group"], tags["data"], tags["steps"]) == (
        "adroit-pen-human/noted",
        "made-up",
        "12",
    )
    assert tags["status"] == "completed"
    assert run.data.params == {"width": "8", "depth": "2", "scales": "[]", "place": "here"}
    assert steps_of(tracked.out, run) == list(range(1, 13))
    assert steps_of(tracked.out, run, "tuning/score") == [6, 12]
    assert isinstance(record, Record)
    assert run.data.metrics["evaluation/score"] == record.score == 10


def test_a_run_that_is_interrupted_goes_on_as_the_same_run(tracked: RunPlace) -> None:
    Lasting.stop = tracked.stop
    lasting = replace(RUN, agent="lasting")
    assert run_trial(lasting, tracked, "cpu") is None
    assert [run.info.status for run in runs(tracked.out)] == ["KILLED"]
    tracked.stop.unlink()
    assert run_trial(lasting, tracked, "cpu") is not None
    (run,) = runs(tracked.out)
    assert run.info.status == "FINISHED"
    assert steps_of(tracked.out, run) == list(range(1, 13))


def test_a_failed_run_ends_as_failed(tracked: RunPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    def loss(agent: Any, step: int) -> float:
        return {1: 1.0, 2: 2.0}[step]

    monkeypatch.setattr(Noted, "loss", loss)
    record = run_trial(RUN, tracked, "cpu")
    (run,) = runs(tracked.out)
    assert record is not None and record.status == run.data.tags["status"] == "failed"
    assert (run.data.tags["reason"], run.info.status) == ("KeyError: 3", "FAILED")
    assert steps_of(tracked.out, run) == [1, 2]


def test_a_run_whose_process_died_ends_as_failed(tracked: RunPlace) -> None:
    tracker = MLflowTracker(RUN, tracked, *_parts())
    tracker.begin([], 0)
    tracker.add([{"step": 1, "loss": 2.0}])
    failed = Record(RUN, "failed", "adroit", reason="its process died")
    with Store(str(tracked.out)) as store:
        end_trackers(failed, store, tracked.trackers, pytest.fail)
    (run,) = runs(tracked.out)
    assert (run.info.status, run.data.tags["reason"]) == ("FAILED", "its process died")
    assert steps_of(tracked.out, run) == [1]


def _parts() -> tuple[Any, Any]:
    from benchmark.records.parts import TrainingPart

    return TrainingPart(), Callbacks()


def test_a_database_that_breaks_costs_no_run(
    tracked: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loss(agent: Any, step: int) -> float:
        if step == 5:
            (tracked.out / "mlflow.db").write_bytes(b"no database any more" * 1000)
        return 1.0 / step

    monkeypatch.setattr(Noted, "loss", loss)
    notes: list[str] = []
    record = run_trial(RUN, tracked, "cpu", Callbacks(note=notes.append))
    assert record is not None and (record.status, len(record.curve)) == ("completed", 12)
    (note,) = notes
    assert note.startswith("mlflow fails, and the run goes on: ")


def test_a_server_that_is_not_there_is_refused_and_costs_no_run(
    tracked: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setattr(mlflow_tracker, "_PATIENCE", {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})
    with (
        Store(str(tracked.out)) as store,
        pytest.raises(UserError, match="^--track mlflow: http://127.0.0.1:9 cannot be used"),
    ):
        MLflowTracker.prepare(store)
    notes: list[str] = []
    record = run_trial(RUN, tracked, "cpu", Callbacks(note=notes.append))
    assert record is not None and record.status == "completed" and len(notes) == 1


def test_the_users_store_and_experiment_are_taken(
    tracked: RunPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.move(tracked.out / "mlflow.db", tmp_path / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "mine")
    with Store("memory://out") as store:
        line = MLflowTracker.prepare(store)
    assert line == f"mlflow: experiment mine at sqlite:///{tmp_path / 'mlflow.db'}"
    run_trial(RUN, tracked, "cpu")
    assert len(runs(tmp_path, "mine")) == 1
    assert not (tracked.out / "mlflow.db").exists()


def test_a_database_in_a_bucket_is_refused(tracked: RunPlace) -> None:
    with (
        Store("memory://out") as store,
        pytest.raises(UserError, match="would keep its database at memory://out, .*TRACKING_URI"),
    ):
        MLflowTracker.prepare(store)


def test_a_database_that_was_not_finished_is_made_anew(
    tracked: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tracked.out / "mlflow.db").unlink()
    (tracked.out / ".mlflow.db.partial").write_bytes(b"half of a database")
    with Store(str(tracked.out)) as store:
        MLflowTracker.prepare(store)
    assert [path.name for path in tracked.out.iterdir()] == ["mlflow.db"]
    assert runs(tracked.out) == []


def test_names_of_losses_are_made_such_as_mlflow_takes(
    tracked: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = MLflowTracker(RUN, tracked, *_parts())
    tracker.begin([{"step": 1, "loss (β=1, λ)": 2.0}], 1)
    (run,) = runs(tracked.out)
    assert set(run.data.metrics) == {"training/loss _β_1_ λ_"}
