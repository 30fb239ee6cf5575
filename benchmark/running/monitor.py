"""What goes on around gradient steps: budget, learning curve, checkpoints, reports."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.agents.settings import CURVE_LOSSES, PRESETS
from benchmark.interface import Agent, Dataset, Metrics, Resumable
from benchmark.records.files import RunFiles, RunPlace
from benchmark.records.record import RunSpec
from benchmark.resumable import takes_gradient_steps
from benchmark.running.checkpoint import save_checkpoint
from benchmark.running.continuation import checkpoint_to_go_on, training_basis, training_part
from benchmark.running.curves.curve_files import CurveWriter

CHECKPOINT_EVERY = 60.0  # Seconds; no more than this is lost.
REPORT_EVERY = 5.0  # Seconds.
_CHECK_EVERY = 1.0  # Seconds; in between, a gradient step costs no more than reading the clock.
_OWN_NAMES = ("step", "score")  # What the harness itself puts into a point of the curve.
_OF_AGENT = "agent/"


@dataclass(frozen=True)
class Callbacks:
    """What is called while a run goes on.

    Attributes:
        report: is given every few seconds how far it is: `step`, `steps`, `loss`, `score` and
            gradient steps `per_second`.
        saved: is given the folder of every checkpoint.
        note: is given what people should know of, in one line.
        failed: is given the error that a run fails with, before that is recorded; a run without a
            record is left if it raises StoppedError.
        curve: is given the learning curve.
    """

    report: Callable[[dict[str, Any]], None] = lambda progress: None
    saved: Callable[[Path], None] = lambda folder: None
    note: Callable[[str], None] = lambda line: None
    failed: Callable[[BaseException], None] = lambda error: None
    curve: CurveWriter = field(default_factory=CurveWriter)


class DivergedError(Exception):
    """A loss is no number any more.

    Attributes:
        largest_reward: of the data, without its sign.
    """

    largest_reward = 0.0


class StoppedError(Exception):
    """The user has asked to stop; the run goes on from its checkpoint another time."""


class _CappedError(Exception):
    """The time of the run is spent."""


class TrainingMonitor:
    """Trains one agent, and is its progress callback (`benchmark.interface.Progress`).

    Attributes:
        points: the learning curve: dicts of `step`, losses and, at some steps, `score`. A loss
            that an agent calls by one of these names is kept as `agent/step` or `agent/score`.
        step: gradient steps taken.
        resumed_at: steps at which the run went on after an interruption.
        parts: what each part of training, from one interruption to the next, is trained with.
        scoring: seconds spent on the points of the curve since then.
    """

    def __init__(
        self,
        run: RunSpec,
        agent: Agent,
        place: RunPlace,
        dataset_hash: str | None,
        score: Callable[[], float],
        callbacks: Callbacks,
    ) -> None:
        """Gets ready; goes on from the run's checkpoint if there is one of the same training.

        Args:
            run: what to train.
            agent: not fitted yet.
            place: where.
            dataset_hash: of the content of its dataset; None if that is not known.
            score: plays some episodes on tuning seeds, and returns their mean score.
            callbacks: called while the run goes on.

        Raises:
            UserError: if the checkpoint cannot be trusted.
        """
        self.points: list[dict[str, float]] = []
        self.step = 0
        self.resumed_at: list[int] = []
        self.parts: list[dict[str, Any]] = []
        self._basis = training_basis(run, type(agent), dataset_hash)
        self._run, self._agent, self._place = run, agent, place
        self._files = RunFiles(place.out, run.name)
        self._score, self._callbacks = score, callbacks
        scores = PRESETS[run.preset].curve_scores if run.evaluated else 0
        self._score_steps = evenly_spaced_steps(run.steps, scores)
        self._curve_steps = self._score_steps | evenly_spaced_steps(run.steps, CURVE_LOSSES)
        self.scoring = 0.0
        self._earlier = self._not_training = 0.0  # Seconds.
        self._resume()
        self.parts = [*self.parts, training_part(self.step, run.steps)]
        callbacks.curve.begin(self.points, self.step)

    @property
    def seconds(self) -> float:
        """Time spent on training, without that for scores and checkpoints."""
        return self._earlier + time.monotonic() - self._began - self._not_training

    def fit(self, dataset: Dataset) -> str:
        """Trains until the budget is spent.

        Returns:
            `completed`, or `capped` if the time was spent before the gradient steps.

        Raises:
            DivergedError: if a loss is no number any more.
            StoppedError: if the user has asked to stop.
            RuntimeError: if the agent does not keep to the budget.
            Exception: whatever the agent raises.
        """
        self._began = self._next_check = self._last_save = time.monotonic()
        self._last_report = (self._began, self.step)
        try:
            self._agent.fit(dataset, steps=self._run.steps, seed=self._run.seed, progress=self)
        except _CappedError:
            return "capped"
        except DivergedError as error:
            error.largest_reward = float(np.abs(dataset.rewards).max())
            raise
        check_budget(self._agent, self.step, self._run.steps)
        return "completed"

    def __call__(self, step: int, metrics: Metrics) -> None:
        """See `benchmark.interface.Progress`."""
        if step != self.step + 1 or step > self._run.steps:
            raise RuntimeError(
                f"agent reported gradient step {step} after {self.step} of {self._run.steps}; "
                "fit has to report each step once, in order, and to take no more than its budget"
            )
        if not takes_gradient_steps(self._agent):
            raise _contradiction(self._agent)
        self.step = int(step)  # It may be numpy's, which a record does not hold.
        if step in self._curve_steps:
            self._add_point(metrics)
        if step == self._run.steps:
            self._save()  # With more steps it goes on.
        now = time.monotonic()
        if now >= self._next_check:
            self._next_check = now + _CHECK_EVERY
            self._check_clock(now, metrics)

    def _add_point(self, metrics: Metrics) -> None:
        losses = self._losses(metrics)
        begin = time.monotonic()  # Not earlier: a loss may have to wait for its gradient step.
        score = {"score": self._score()} if self.step in self._score_steps else {}
        self.points.append({**losses, "step": self.step, **score})
        self._callbacks.curve.add(self.points)
        self.scoring += time.monotonic() - begin
        self._not_training += time.monotonic() - begin

    def _losses(self, metrics: Metrics) -> dict[str, float]:
        losses = {}
        for name, given in metrics.items():
            loss = _as_number(name, given() if callable(given) else given)
            if not math.isfinite(loss):
                raise DivergedError(f"{name} was {loss} at gradient step {self.step}")
            losses[_name_in_curve(name)] = loss
        return losses

    def _check_clock(self, now: float, metrics: Metrics) -> None:
        """What need not be done at every step."""
        if self._place.stop.exists():
            self._save()
            raise StoppedError
        minutes, is_done = self._run.max_minutes, self.step == self._run.steps
        if minutes is not None and self.seconds > 60 * minutes and not is_done:
            self._save()  # With more time it goes on.
            raise _CappedError
        if now - self._last_report[0] >= REPORT_EVERY:
            self._report(now, metrics)
        if now - self._last_save >= CHECKPOINT_EVERY:
            self._save()

    def _report(self, now: float, metrics: Metrics) -> None:
        losses = self._losses(metrics)
        before, step = self._last_report
        self._last_report = (now, self.step)
        scores = [point["score"] for point in self.points if "score" in point]
        self._callbacks.report(
            {
                "step": self.step,
                "steps": self._run.steps,
                "loss": losses.get("loss", next(iter(losses.values()), None)),
                "per_second": (self.step - step) / (now - before),
                "score": scores[-1] if scores else None,
            }
        )

    def _save(self) -> None:
        if isinstance(self._agent, Resumable) and self.step:
            begin = time.monotonic()
            metadata = {
                "basis": self._basis,
                "parts": self.parts,
                "points": self.points,
                "step": self.step,
                "seconds": self.seconds,
                "resumed_at": self.resumed_at,
            }
            save_checkpoint(self._files.checkpoint, self._agent.training_state(), metadata)
            self._callbacks.saved(self._files.checkpoint)
            self._not_training += time.monotonic() - begin
        self._last_save = time.monotonic()

    def _resume(self) -> None:
        checkpoint = checkpoint_to_go_on(
            self._run, self._agent, self._files, self._basis, self._callbacks.note
        )
        if checkpoint is None:
            return
        state, metadata = checkpoint
        self._agent.resume(state)  # type: ignore[attr-defined]
        self.points, self.step = metadata["points"], metadata["step"]
        self._earlier, self.parts = metadata["seconds"], metadata["parts"]
        self.resumed_at = [*metadata["resumed_at"], self.step]


def check_budget(agent: Agent, taken: int, steps: int) -> None:
    """Makes sure that an agent has reported its whole budget of gradient steps.

    Args:
        agent: after `fit`.
        taken: the last step that it reported; 0 if it reported none.
        steps: its budget.

    Raises:
        RuntimeError: if it reported another number of them, or any though it takes none.
    """
    if not takes_gradient_steps(agent):
        if taken:
            raise _contradiction(agent)
    elif taken == 0:
        raise RuntimeError(
            f"agent reported none of {steps} gradient steps; its fit has to call progress(step, "
            "losses) after each, or its class has to say takes_gradient_steps = False"
        )
    elif taken != steps:
        raise RuntimeError(
            f"agent took {taken} of {steps} gradient steps; its fit has to take them all"
        )


def _contradiction(agent: Agent) -> RuntimeError:
    return RuntimeError(
        f"agent reported a gradient step, but {type(agent).__name__} says takes_gradient_steps = "
        "False; leave out one of the two"
    )


def _as_number(name: object, loss: Any) -> float:
    if not isinstance(name, str):
        raise TypeError(f"progress was given a loss called {name!r}; valid: a text")
    try:
        return float(loss)
    except (TypeError, ValueError) as error:
        raise TypeError(f"progress was given {name} = {loss!r}; valid: a number") from error


def _name_in_curve(name: str) -> str:
    """An agent's name of a loss, where it stands beside the harness's names; no two become one."""
    own = name in _OWN_NAMES or name.startswith(_OF_AGENT)
    return f"{_OF_AGENT}{name}" if own else name


def evenly_spaced_steps(total: int, points: int) -> set[int]:
    """Up to `points` equally spaced steps of 1 to `total`, the last one always among them."""
    return {-(-total * point // points) for point in range(1, points + 1)}
