"""MLflow: runs go to the user's tracking server or store, or a database in the output folder."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from benchmark.errors import UserError, with_type
from benchmark.records.record import SCORED_STATUSES, Record
from benchmark.records.store import Store
from benchmark.running.curves.run_facts import RunFacts, final_numbers, flat
from benchmark.running.curves.tracker import Tracker

_EXPERIMENT = "mage-bench"
_DATABASE, _ARTIFACTS = "mlflow.db", "mlflow-artifacts"  # In the output folder.
# A run waits for a server that is gone; by default that takes minutes for every point of a curve.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
_MOST_AT_ONCE = 100  # Parameters that a store takes in one call.


class MLflowTracker(Tracker):
    """A run of MLflow; see `Tracker`.

    It is written with a client of its own: the run that a user has active is left alone.
    """

    name = "mlflow"
    _client: Any
    _run_id: str

    @classmethod
    def prepare(cls, store: Store) -> str:
        """See `Tracker`. Makes the database, which processes must not do at the same time."""
        if store.is_remote and not _has_own_store():
            raise UserError(
                f"--track mlflow would keep its database at {store.location}, where none can be; "
                "set MLFLOW_TRACKING_URI to a server or a database"
            )
        uri = _tracking_uri(store.folder)
        try:
            with _patient():
                if not _has_own_store():
                    _make_database(store.folder / _DATABASE)
                _experiment(_client(uri), store.folder)
        except Exception as error:  # Of a server or a database.
            raise UserError(
                f"--track mlflow: {uri} cannot be used ({with_type(error)}); see that it is there, "
                "set MLFLOW_TRACKING_URI to another, or leave the option out"
            ) from error
        return f"mlflow: experiment {_experiment_name()} at {uri}"

    def where(self) -> str:
        """See `Tracker`."""
        return f"{_tracking_uri(self._place.out)} {_experiment_name()}"

    def open_run(self, known: str | None, facts: RunFacts) -> str:
        """See `Tracker`. Settings cannot change in MLflow: those of the first part stay."""
        with _patient():
            self._client = _client(_tracking_uri(self._place.out))
            if known is None:
                experiment = _experiment(self._client, self._place.out)
                run = self._client.create_run(experiment, run_name=facts.name)
                self._run_id = run.info.run_id
                self._log_settings(facts.settings)
            else:
                self._run_id = known
                self._client.update_run(known, status="RUNNING")
            self._set_tags({**facts.tags, **facts.budget, "group": facts.group})
        return self._run_id

    def log(self, values: Mapping[str, float], step: int) -> None:
        """See `Tracker`."""
        from mlflow.entities import Metric  # Takes seconds, and need not be installed.

        now = int(1000 * time.time())
        metrics = [Metric(_key(name), value, now, step) for name, value in values.items()]
        with _patient():
            self._client.log_batch(self._run_id, metrics=metrics)

    def close_run(self, record: Record | None) -> None:
        """See `Tracker`."""
        status = "KILLED"
        if record is not None:
            self.log(final_numbers(record), self._step)
            self._set_tags({"status": record.status, "reason": record.reason or ""})
            status = "FINISHED" if record.status in SCORED_STATUSES else "FAILED"
        with _patient():
            self._client.set_terminated(self._run_id, status)

    def _log_settings(self, settings: Mapping[str, Any]) -> None:
        from mlflow.entities import Param  # See above.

        params = iter([Param(_key(name), str(value)) for name, value in flat(settings)])
        while batch := list(islice(params, _MOST_AT_ONCE)):
            self._client.log_batch(self._run_id, params=batch)

    def _set_tags(self, tags: Mapping[str, str | int]) -> None:
        from mlflow.entities import RunTag  # See above.

        with _patient():
            values = [RunTag(name, str(value)) for name, value in tags.items()]
            self._client.log_batch(self._run_id, tags=values)


def _has_own_store() -> bool:
    from mlflow.tracking import is_tracking_uri_set  # See above.

    return bool(is_tracking_uri_set())


def _tracking_uri(out: Path) -> str:
    """What the user has set, or the database in the output folder."""
    from mlflow.tracking import get_tracking_uri  # See above.

    own = str(get_tracking_uri()) if _has_own_store() else None
    return own or f"sqlite:///{(out / _DATABASE).resolve()}"


def _experiment_name() -> str:
    return os.environ.get("MLFLOW_EXPERIMENT_NAME") or _EXPERIMENT


def _make_database(path: Path) -> None:
    """Makes a database that is not there; it takes seconds, and half of one cannot be used."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    _client(f"sqlite:///{partial.resolve()}").search_experiments()
    partial.replace(path)


def _client(uri: str) -> Any:
    from mlflow import MlflowClient  # See above.

    return MlflowClient(uri)


def _experiment(client: Any, out: Path) -> str:
    """The id of the experiment that runs go to, which is made if it is not there."""
    if chosen := os.environ.get("MLFLOW_EXPERIMENT_ID"):
        return str(client.get_experiment(chosen).experiment_id)
    name = _experiment_name()
    if (experiment := client.get_experiment_by_name(name)) is not None:
        return str(experiment.experiment_id)
    # A server knows where it keeps files; without one they would go to the current folder.
    place = None if _has_own_store() else (out / _ARTIFACTS).resolve().as_uri()
    return str(client.create_experiment(name, artifact_location=place))


def _key(name: str) -> str:
    """A name as MLflow takes it."""
    return "".join(c if c.isalnum() or c in "_-. :/" else "_" for c in name)


@contextlib.contextmanager
def _patient() -> Iterator[None]:
    """Within it a server is not waited for longer than training can wait; the user may say else."""
    own = {name: value for name, value in _PATIENCE.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)
