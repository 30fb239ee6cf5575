"""Who watches the trials of Ray Tune: takes their records, writes those that are missing, stops."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ray import tune

from benchmark.records.files import RunFiles
from benchmark.records.going_on import goes_on
from benchmark.records.record import ENDED, Record, RunSpec
from benchmark.records.store import Store
from benchmark.running.progress_view import ProgressView
from benchmark.running.ray_failures import OUT_OF_MEMORY, trial_error
from benchmark.running.run_keeping import RunKeeper

_STOP_SECONDS = 30.0  # Trials on other machines are not waited for any longer.
_MORE_MEMORY = (
    "make its model or batch smaller, or free memory on the machine, then run again with --resume"
)


class TrialWatcher(RunKeeper, tune.Callback):
    """Sees each run start, go on and end; writes the record that a dead process could not.

    Attributes:
        again: runs that were killed when memory ran out, perhaps in the place of another that took
            it, as Ray looks at the age of a process and not at its size; None where a run is alone.
    """

    def __init__(
        self,
        runs: Sequence[RunSpec],
        store: Store,
        view: ProgressView,
        trackers: tuple[str, ...] = (),
    ) -> None:
        super().__init__(runs, store, view, trackers)
        self.again: list[RunSpec] | None = []

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray keeps a copy to resume from; here it is the records that do this.

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """See `ray.tune.Callback`."""
        self.start(self._run(trial))

    def on_trial_result(
        self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any
    ) -> None:
        """See `ray.tune.Callback`."""
        if "steps" in result:
            self.view.update(self._run(trial), result)
        if "machine" in result:
            self.see_machine(self._run(trial), result["machine"])
        if "note" in result:
            self.view.note(self._run(trial), result["note"])

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """See `ray.tune.Callback`."""
        run = self._run(trial)
        problem = trial.last_result.get("problem")
        if problem is None:
            self.view.leave(run)  # The user has asked to stop.
            return
        if problem:
            self.fail(run, problem, problem)
            return
        try:
            self.take(self._recorded(run))
        except OSError as error:
            reason = f"its record is not at {self.store.location}; do all machines reach that?"
            self.fail(run, reason, str(error))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """See `ray.tune.Callback`."""
        run, (reason, traceback) = self._run(trial), trial_error(trial)
        if reason == OUT_OF_MEMORY and self.again is not None:
            self.again.append(run)
            self.view.leave(run)
            self.view.note(run, f"{reason} beside other runs; it will run again alone")
            return
        remedy = _MORE_MEMORY if reason == OUT_OF_MEMORY else None
        self.fail(run, reason, traceback, remedy)

    def give_up(self, reason: str, traceback: str) -> None:
        """Nothing more comes: records what was running, and notes what had not begun."""
        for run in self.runs:
            if run.name in self.view.running:
                try:
                    self.take(self._newly_recorded(run))  # Ray had not passed it on yet.
                except (OSError, ValueError):
                    self.fail(run, reason, traceback)
        self.not_begun.update((run.name, run) for run in self.again or ())
        self.again = None
        self.outcome.not_run = dict.fromkeys(self.not_begun, reason)

    def _recorded(self, run: RunSpec) -> Record:
        """The record that a run has written; of one that goes on it may be an earlier one."""
        path = RunFiles(self.store.folder, run.name).record
        self.store.pull(str(path.relative_to(self.store.folder)))
        return Record.from_json(path.read_text(encoding="utf-8"))

    def _newly_recorded(self, run: RunSpec) -> Record:
        """The same, but no earlier one.

        Raises:
            ValueError: if it is one.
        """
        record = self._recorded(run)
        if record.status not in ENDED or goes_on(run, record):
            raise ValueError(f"it is {record.status}")
        return record

    def _run(self, trial: Any) -> RunSpec:
        run: RunSpec = self.runs[trial.config["index"]]
        return run


class Stopper(tune.Stopper):
    """Ends the experiment when all trials that ran at the user's request to stop have ended.

    Trials on other machines do not see the request; it does not wait for them for long.
    """

    def __init__(self, request: Path, view: ProgressView) -> None:
        self._request, self.view = request, view
        self._last: set[str] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        """See `ray.tune.Stopper`."""
        return False

    def stop_all(self) -> bool:
        """See `ray.tune.Stopper`."""
        if not self._request.exists():
            return False
        if self._last is None:
            self._last = set(self.view.running)
            self._until = time.monotonic() + _STOP_SECONDS
        return not self._last & set(self.view.running) or time.monotonic() > self._until
