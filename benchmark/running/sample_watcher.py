"""How the samples of a search end: what is kept of each and told, and which are tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ray import tune

from benchmark.running.ray_failures import OUT_OF_MEMORY, PROCESS_DIED, trial_error
from benchmark.running.search_space import Sample, Search, drawn_settings


class SampleWatcher(tune.Callback):
    """Sees each sample end.

    Attributes:
        samples: those that have ended, in the order of their numbers.
    """

    def __init__(
        self,
        search: Search,
        keep: Callable[[Sequence[Sample]], None],
        print_line: Callable[[str], None],
        *,
        tries_again: bool = False,
    ) -> None:
        self.samples: list[Sample] = []
        self._search = search
        self._keep = keep
        self._print_line = print_line
        self._running: dict[str, Any] = {}
        # Number -> trials and trial, of samples whose processes died beside others.
        self._again: dict[int, Any] | None = {} if tries_again else None
        self._numbers: list[int] = []  # Of the samples that are tried again.

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray keeps a copy to resume from, which is not done here.

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """See `ray.tune.Callback`."""
        self._running[trial.trial_id] = (trials, trial)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """See `ray.tune.Callback`."""
        self._take(trials, trial, "completed" if trial.last_result.get("whole") else "stopped")

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """See `ray.tune.Callback`."""
        reason = trial_error(trial)[0]
        if self._again is not None and reason.startswith((OUT_OF_MEMORY, PROCESS_DIED)):
            number = self._number(trials, trial)
            self._running.pop(trial.trial_id, None)
            self._again[number] = trials, trial
            self._print_line(f"sample {number}: {reason}; it is tried again alone")
            return
        self._take(trials, trial, "failed", reason)

    def try_again(self) -> list[dict[str, Any]]:
        """What Ray had drawn for samples that died; from now on the trials are of these."""
        again, self._again = self._again or {}, None
        self._numbers = list(again)
        return [trial.config for _, trial in again.values()]

    def _number(self, trials: list[Any], trial: Any) -> int:
        place: int = trials.index(trial)
        return self._numbers[place] if self._numbers else place + 1

    def give_up(self, reason: str) -> None:
        """Nothing more comes: what was running, or was to be tried again, has failed."""
        waiting, self._again = self._again or {}, None
        for trials, trial in [*self._running.values(), *waiting.values()]:
            self._take(trials, trial, "failed", reason)

    def _take(self, trials: list[Any], trial: Any, status: str, reason: str = "") -> None:
        self._running.pop(trial.trial_id, None)
        result = trial.last_result or {}
        sample = Sample(
            number=self._number(trials, trial),
            settings=drawn_settings(trial.config, self._search),
            status=status,
            steps=result.get("step", 0),
            score=result.get("score"),
            seconds=result.get("time_total_s", 0.0),
            reason=reason,
            budget=result.get("budget"),
        )
        self.samples = sorted([*self.samples, sample], key=lambda sample: sample.number)
        self._keep(self.samples)
        line = sample_line(sample, self._search.budget_of(sample))
        self._print_line(f"[{len(self.samples)}/{self._search.samples}] {line}")


def sample_line(sample: Sample, steps: int) -> str:
    """One line for people on how a sample ended that has so many gradient steps."""
    ending = f"failed: {sample.reason}" if sample.score is None else f"score {sample.score:.1f}"
    if sample.score is not None and sample.status != "completed":
        ending += f", {sample.status} after {sample.steps} of {steps} steps"
        ending += f": {sample.reason}" if sample.reason else ""
    return f"sample {sample.number}: {ending} ({sample.seconds / 60:.1f} min)"
