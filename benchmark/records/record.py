"""The record: one JSON file per run, the only thing that tables and plots are made from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import PurePath
from typing import Any

import numpy as np

from benchmark.errors import too_new

SCHEMA = 1
STATUSES = ("completed", "capped", "diverged", "failed", "no-dataset")
SCORED_STATUSES = ("completed", "capped")
"""Statuses of runs that were evaluated."""
FAILED_STATUSES = ("failed", "diverged")
ENDED = (*SCORED_STATUSES, "diverged")
"""Statuses of runs that `--resume` leaves alone, unless a capped one gets more time."""

NORMALISED, RETURNS, SUCCESSES = "normalised", "returns", "successes"
"""What scores are, see `Record.scale`."""

DATA_CHOICES = ("auto", "minari", "local")
"""Rules by which data is chosen; `RunSpec.data` may also be the id of a dataset."""


FIRST_SEARCH_SEED = 100
"""Training seeds from here up are those that settings are searched on; scores that are to be
reported come from others, of which the first ten are meant for it."""


@dataclass(frozen=True)
class RunSpec:
    """One cell of the grid: which agent learns which task from which seed, and how.

    Attributes:
        task: name in the table of tasks.
        agent: name under which results are filed.
        seed: training seed, 0 or above.
        preset: `smoke`, `quick`, `standard` or `paper`.
        steps: gradient steps, the budget.
        episodes: evaluation episodes; 0 for an agent that is trained and kept, and not evaluated.
        data: `auto`, `minari` or `local`, or the id of the dataset that the user chose.
        settings: the agent's settings that differ from its defaults.
        source: `path/to/file.py:ClassName` of an agent outside the registry, where it was then.
        max_minutes: training ends after so long even if gradient steps are left.
        source_hash: SHA-256 of that file with those that it imports from beside it; with the
            class's name it says which agent it is, wherever the file lies.
        task_source: path of the file that registers the task, where it was then, or `minari:` and
            the id of the dataset that it is derived from; None for a task known by its name.
        task_hash: SHA-256 of that file with those that it imports from beside it, or of what was
            derived.
        samples: how many settings the search tried that found these, where a file of settings
            says so.
    """

    task: str
    agent: str
    seed: int
    preset: str
    steps: int
    episodes: int
    data: str = "auto"
    settings: dict[str, Any] = field(default_factory=dict)
    source: str | None = None
    max_minutes: float | None = None
    source_hash: str | None = None
    task_source: str | None = None
    task_hash: str | None = None
    samples: int | None = None

    @property
    def name(self) -> str:
        """Where the run's files lie below the output folder's `runs/`."""
        return f"{self.task}/{self.agent}/seed-{self.seed}"

    @property
    def evaluated(self) -> bool:
        """Whether it is asked for a score."""
        return self.episodes > 0


@dataclass(frozen=True)
class Record:
    """What is known of one run after it ended, well or not.

    Attributes:
        run: the cell of the grid.
        status: `completed`; `capped` if its time was spent before its gradient steps, and it was
            evaluated as it was; `diverged` if a loss was no number any more; `failed`;
            `no-dataset`.
        benchmark: the suite the task belongs to, such as `maze2d`.
        goal: `none`, `hidden`, `shown` or `in-painted`: what the agent knew of the goal.
        reason: one line on why a run did not complete.
        remedy: one line on what to do about it.
        traceback: of the exception that ended the run.
        scale: what scores are: `normalised` (0 and 100 at two reference returns); `returns`,
            undiscounted, where the task has no such references; or `successes`, 100 for an episode
            that is solved and 0 otherwise.
        references: the returns that score 0 and 100; empty in older records, and for returns.
        score: mean score over the evaluation episodes; None also where there are none of these.
        scores: score per episode.
        returns: undiscounted return per episode.
        successes: per episode, whether the task counts it as solved; empty where it counts none.
        lengths: steps per episode.
        episode_seeds: environment seed per episode.
        clipped_actions: share of the steps of these episodes whose action was clipped to its
            bounds; None where it was not counted.
        steps: gradient steps taken.
        resumed_at: steps at which the run went on after an interruption, or after its end.
        trained_with: of a run that was resumed, of each part of its training: `from`, the gradient
            step after which it began; `steps`, asked for then; `versions` and `commit`.
        curve: dicts of `step`, losses and, at some steps, `score` on tuning seeds.
        latency_ms: milliseconds of single calls of `act` at batch 1, after warm-up.
        config: the agent's resolved settings.
        parameters: number of trained weights, where the agent tells.
        dataset: what it was trained on. `id`, `kind` (`published`, `altered`, `re-creation`,
            `collected here`, `own data`; older records have none), `author`, `description`,
            `recorded_episodes` and `recorded_steps` of its file; `hash`, `episodes` and `steps` of
            what agents saw of it; where there are any, its own `reference_scores`, the `mean` and
            `best` of `recorded_scores`, and `clipped_actions`.
        seconds: wall time by phase: `data`, `fit`, `curve`, `evaluate`, `total`.
        peak_memory_mb: largest resident memory of the process while the run went on; None: unknown.
        versions: of Python and the libraries that matter.
        commit: of the code, with `-dirty` if a file was changed or is new; None without a checkout.
        machine: processor, cores, device.
        started: ISO 8601, UTC.
    """

    run: RunSpec
    status: str
    benchmark: str
    goal: str = "none"
    reason: str | None = None
    remedy: str | None = None
    traceback: str | None = None
    scale: str = NORMALISED
    references: list[float] = field(default_factory=list)
    score: float | None = None
    scores: list[float] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)
    successes: list[bool] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    episode_seeds: list[int] = field(default_factory=list)
    clipped_actions: float | None = None
    steps: int | None = None
    resumed_at: list[int] = field(default_factory=list)
    trained_with: list[dict[str, Any]] = field(default_factory=list)
    curve: list[dict[str, float]] = field(default_factory=list)
    latency_ms: list[float] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    parameters: int | None = None
    dataset: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_memory_mb: float | None = None
    versions: dict[str, str] = field(default_factory=dict)
    commit: str | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    started: str | None = None
    schema: int = SCHEMA

    def to_json(self) -> str:
        """The record as JSON text that `from_json` turns back into an equal record."""
        return json.dumps(asdict(self), indent=1, allow_nan=True, default=_as_json)

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Reads what `to_json` wrote.

        Raises:
            TooNewError: if a later version has written it.
            ValueError: if the text is no record of this schema.
        """
        values = json.loads(text)
        if not isinstance(values, dict) or not isinstance(values.get("schema"), int):
            raise ValueError(f"not a run record of schema {SCHEMA}")
        run = values.get("run", {})
        unknown = set(values) - _names(cls) or set(run) - _names(RunSpec)
        if values["schema"] > SCHEMA or unknown:
            raise too_new("a record")
        if values["schema"] != SCHEMA or values.get("status") not in STATUSES:
            raise ValueError(
                f"not a run record of schema {SCHEMA}, or of status {values.get('status')!r}"
            )
        return cls(**{**values, "run": RunSpec(**run)})


def _as_json(value: Any) -> Any:
    """What an agent gave for a number or a path, as JSON has it."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"a record cannot hold {value!r} of type {type(value).__name__}")


def _names(cls: type[Record] | type[RunSpec]) -> set[str]:
    return {field.name for field in fields(cls)}
