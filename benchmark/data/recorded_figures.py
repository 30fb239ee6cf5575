"""Whether recordings are the same data but for their seeds: figures of them, and how far apart.

What is recorded in one episode depends on itself, and episodes do not depend on each other. So the
errors of means and variances come from the spread between episodes.

`ogbench_figures.json` has the figures of episodes that the authors' own scripts recorded
(`generate_locomaze.py` and `generate_manipspace.py` of OGBench's repository, January 2026, run as
its `commands.sh` says but for fewer episodes), with versions of packages as in `constraints.txt`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from benchmark.data.stored import open_stored, read_metadata
from benchmark.tasks.task import flatten

QUANTILES = (0, 25, 50, 75, 100)
"""Percentages at which `ColumnFigures` has the numbers of a column."""

CHANCE = 0.01
"""Probability with which two recordings of one procedure seem to be of two."""

REFERENCE = Path(__file__).with_name("ogbench_figures.json")

_EPISODES_AT_ONCE = 100  # The file keeps what was read until it is closed.
_DIGITS = 5  # That count.

Rows = NDArray[np.floating]


@dataclass(frozen=True)
class ColumnFigures:
    """Statistics of the columns of an array of all steps.

    Attributes:
        mean: (C,).
        mean_error: (C,) its standard error.
        variance: (C,).
        variance_error: (C,) its standard error.
        quantiles: (5, C) at `QUANTILES`.
    """

    mean: Rows
    mean_error: Rows
    variance: Rows
    variance_error: Rows
    quantiles: Rows


@dataclass(frozen=True)
class RecordedFigures:
    """Statistics of a dataset as it was recorded, before any relabelling.

    Attributes:
        episodes: how many.
        lengths: steps of the shortest, the median and the longest episode.
        reached: goals or sub-tasks reached in an episode, on average, as its rewards say; None
            where no reward is recorded.
        observations: of all steps but the final observations.
        actions: of all steps.
    """

    episodes: int
    lengths: tuple[float, float, float]
    reached: float | None
    observations: ColumnFigures
    actions: ColumnFigures


@dataclass(frozen=True)
class Apart:
    """How far two recordings lie apart, at most, in standard errors of the difference.

    Attributes:
        means: of any column.
        variances: of any column.
        chance: what two recordings of one procedure exceed with probability `CHANCE`.
    """

    means: float
    variances: float
    chance: float

    @property
    def is_same(self) -> bool:
        """Whether both may be of one procedure."""
        return max(self.means, self.variances) <= self.chance


def figures_of(episodes: Iterable[tuple[Rows, Rows, Rows]]) -> RecordedFigures:
    """Statistics of episodes of T steps.

    Args:
        episodes: observations (T + 1, O), actions (T, A) and rewards (T,) of two or more.
    """
    observations, actions, reached = [], [], []
    for seen, done, rewards in episodes:
        observations.append(seen[:-1])
        actions.append(done)
        reached.append(float(np.sum(rewards)))
    low, middle, high = np.percentile([len(one) for one in actions], (0, 50, 100)).tolist()
    return RecordedFigures(
        episodes=len(actions),
        lengths=(low, middle, high),
        reached=float(np.mean(reached)) if any(reached) else None,
        observations=_of_columns(observations),
        actions=_of_columns(actions),
    )


def _of_columns(episodes: list[Rows]) -> ColumnFigures:
    rows = np.concatenate(episodes)
    mean = rows.mean(axis=0, dtype=np.float64)
    variances = [np.square(one - mean).mean(axis=0) for one in episodes]
    weights = np.array([len(one) for one in episodes]) / len(rows)
    means = [one.mean(axis=0, dtype=np.float64) for one in episodes]
    variance = np.average(variances, axis=0, weights=weights)
    return ColumnFigures(
        mean, _error(means), variance, _error(variances), np.percentile(rows, QUANTILES, axis=0)
    )


def _error(values: list[Rows]) -> Rows:
    """Standard error of the mean of a value per episode; NaN of a single one."""
    if len(values) < 2:
        return np.full_like(values[0], np.nan)
    error: Rows = np.std(values, axis=0, ddof=1) / np.sqrt(len(values))
    return error


def figures_of_stored(dataset_id: str) -> RecordedFigures:
    """Statistics of a dataset in Minari's folder.

    Raises:
        Exception: whatever reading raises.
    """
    return figures_of(_stored_episodes(dataset_id))


def _stored_episodes(dataset_id: str) -> Iterator[tuple[Rows, Rows, Rows]]:
    stored = open_stored(dataset_id, read_metadata(dataset_id))
    episodes = range(int(stored.total_episodes))
    for first in episodes[::_EPISODES_AT_ONCE]:
        for episode in stored.get_episodes(episodes[first : first + _EPISODES_AT_ONCE]):
            seen = flatten(episode["observations"], leading=1)
            yield seen, episode["actions"], episode["rewards"]


def reference_figures(name: str) -> RecordedFigures | None:
    """Statistics of what the authors' script records; None where these are not known.

    Args:
        name: of OGBench's dataset, such as `cube-single-play-v0`.
    """
    kept = json.loads(REFERENCE.read_text("utf-8")).get(name)
    if kept is None:
        return None
    columns = {
        part: ColumnFigures(**{key: np.array(values) for key, values in kept[part].items()})
        for part in ("observations", "actions")
    }
    return RecordedFigures(**{**kept, **columns, "lengths": tuple(kept["lengths"])})


def as_json(figures: RecordedFigures) -> dict[str, Any]:
    """Figures as `ogbench_figures.json` has them."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(inner) for name, inner in value.items()}
        if isinstance(value, np.ndarray):
            return [plain(inner) for inner in value]
        return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value

    result: dict[str, Any] = plain(asdict(figures))
    return result


def how_far_apart(one: RecordedFigures, other: RecordedFigures) -> Apart:
    """Compares the means and variances of all columns of two recordings."""
    pairs = [(one.observations, other.observations), (one.actions, other.actions)]
    means = [_errors_apart(a.mean, b.mean, a.mean_error, b.mean_error) for a, b in pairs]
    variances = [
        _errors_apart(a.variance, b.variance, a.variance_error, b.variance_error) for a, b in pairs
    ]
    comparisons = sum(len(part) for part in (*means, *variances))
    freedom = min(one.episodes, other.episodes) - 1
    # A quantile of Student's t, with Bonferroni's correction.
    chance = float(stdtrit(freedom, 1 - CHANCE / 2 / comparisons))
    return Apart(float(np.concatenate(means).max()), float(np.concatenate(variances).max()), chance)


def _errors_apart(one: Rows, other: Rows, error: Rows, other_error: Rows) -> Rows:
    """(C,) differences in standard errors; constants that are equal do not differ."""
    difference = np.abs(one - other)
    errors = np.hypot(error, other_error)
    # What is stored is rounded.
    equal = difference <= 10.0**-_DIGITS * np.abs(one)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(equal, 0.0, difference / errors)
