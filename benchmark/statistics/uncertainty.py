"""How sure a mean or a difference of scores is: one t interval that holds both kinds of luck.

The score of run s in episode e is `mean + a_s + b_e + noise`: a is the luck of training, b and the
noise are that of the episodes. Runs that play the same episodes share b, so that more training
seeds do not average it out (a crossed design); runs that play episodes of their own do not (a
nested one). Records of both kinds, and any mixture, are taken for what their environment seeds say.

Variances are those of the analysis of variance, none below what the episodes alone explain. The
degrees of freedom of their sum are Satterthwaite's (1946, "An approximate distribution of estimates
of variance components"), which keeps intervals from few seeds as wide as they must be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import special

HIGHER, LOWER, CANNOT_TELL = VERDICTS = ("higher", "lower", "cannot tell")
PAIRED, UNPAIRED, ONE_SEED = "paired", "unpaired", "one seed"
EPISODE_VALUES = {"score": "episode_scores", "success_rate": "episode_successes"}
"""Columns of `score_frames.run_frame`: value of a run -> its values by episode."""

_UPPER = 0.975  # Quantile at which a 95 % interval ends.

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A mean of scores, or the difference of two.

    Attributes:
        value: the estimate.
        variance: of its sampling distribution; NaN from a single training seed.
        degrees: of freedom of the variance; infinite where the variance is 0.
        basis: of a difference: `paired` (both play the same episodes), `unpaired`, or `one seed`,
            from which nothing can be said of other training seeds; empty of a mean.
    """

    value: float
    variance: float
    degrees: float
    basis: str = ""

    @property
    def standard_error(self) -> float:
        """NaN from a single training seed."""
        return math.sqrt(self.variance)

    @property
    def half_width(self) -> float:
        """Of the 95 % interval; NaN from a single training seed."""
        return t_quantile(self.degrees) * self.standard_error

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.value - self.half_width

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value + self.half_width

    @property
    def verdict(self) -> str:
        """What a difference tells: `higher` or `lower` where zero lies outside its interval."""
        if self.low > 0:
            return HIGHER
        return LOWER if self.high < 0 else CANNOT_TELL

    @property
    def p_value(self) -> float:
        """Of a difference this large where there is none, two-sided; NaN from a single seed."""
        if self.variance == 0:  # Nothing varies, so that any difference is one.
            return float(self.value == 0)
        size = -abs(self.value) / self.standard_error
        is_normal = math.isinf(self.degrees)
        tail = special.ndtr(size) if is_normal else special.stdtr(self.degrees, size)
        return 2 * float(tail)


def t_quantile(degrees: float) -> float:
    """How many standard errors a 95 % interval reaches to each side."""
    return float(special.ndtri(_UPPER) if math.isinf(degrees) else special.stdtrit(degrees, _UPPER))


def average(estimates: Sequence[Estimate]) -> Estimate:
    """Over tasks, which are independent of each other.

    Args:
        estimates: one or more, of means or of differences.
    """
    count, bases = len(estimates), {task.basis for task in estimates}
    parts = [(task.variance / count**2, task.degrees) for task in estimates]
    weakest = next((basis for basis in (ONE_SEED, UNPAIRED, PAIRED) if basis in bases), "")
    return _estimate(sum(task.value for task in estimates) / count, parts, weakest)


def _estimate(value: float, parts: Iterable[tuple[float, float]], basis: str = "") -> Estimate:
    """An estimate whose variance is a sum of independent parts: (variance, degrees of freedom)."""
    some = [(variance, degrees) for variance, degrees in parts if variance != 0]
    total = sum(variance for variance, _ in some)
    if math.isnan(total):
        return Estimate(value, math.nan, math.nan, basis)
    of_parts = sum(variance**2 / degrees for variance, degrees in some)
    return Estimate(value, total, total**2 / of_parts if of_parts else math.inf, basis)


class TaskRuns:
    """Scored runs of one task, R in all, of any agents; U is how many episodes they play in all.

    A run is named by its row. Rows of one agent come in the order of their training seeds.

    Args:
        seeds: (R,) training seeds.
        means: (R,) scores.
        scores: for each run, its scores by episode; none where they are not known.
        episodes: for each run, the environment seeds of its episodes.
    """

    def __init__(
        self,
        seeds: ArrayLike,
        means: ArrayLike,
        scores: Sequence[ArrayLike],
        episodes: Sequence[ArrayLike],
    ) -> None:
        self.seeds, self.means = np.asarray(seeds), np.asarray(means, float)
        table = _by_episode(scores, episodes)
        self._played = ~np.isnan(table)
        self._counts = self._played.sum(1)
        sums = np.where(self._played, table, 0.0).sum(1, keepdims=True)
        own_means = sums / np.maximum(self._counts, 1)[:, None]
        self._deviations = np.where(self._played, table - own_means, 0.0)
        self._covariance = self._covariance_of_means()
        # Runs with the same number play the same episodes.
        numbers: dict[bytes, int] = {}
        blocks = [numbers.setdefault(row.tobytes(), len(numbers)) for row in self._played]
        self._block = np.array(blocks, int)

    @classmethod
    def of(cls, runs: pd.DataFrame, value: str = "score") -> TaskRuns:
        """The runs in rows of one task from `score_frames.run_frame`, all with a `value`."""
        scores, episodes = list(runs[EPISODE_VALUES[value]]), list(runs["episode_seeds"])
        return cls(runs["seed"].to_numpy(), runs[value].to_numpy(), scores, episodes)

    def _covariance_of_means(self) -> FloatArray:
        """(R, R) covariances of the runs' means that come from episodes which both play."""
        shared = self._played.astype(float) @ self._played.T
        covariance = self._deviations @ self._deviations.T / np.maximum(shared - 1, 1)
        scale = np.maximum(np.outer(self._counts, self._counts), 1)
        return np.asarray(np.where(shared > 1, covariance * shared / scale, 0.0), float)

    def mean(self, rows: Rows) -> Estimate:
        """The mean over some runs of one agent."""
        own, shared = _luck(self.means[rows], self._covariance[np.ix_(rows, rows)])
        parts = [(own, len(rows) - 1), (shared, self._episode_degrees(rows))]
        return _estimate(float(self.means[rows].mean()), parts)

    def difference(self, rows: Rows, others: Rows) -> Estimate:
        """Mean over some runs less that over some others, of another agent.

        Where all play the same episodes, these are paired. Where each training seed has episodes of
        its own, which it plays in both, training seeds and episodes are.
        """
        x, y, cov = self.means[rows], self.means[others], self._covariance
        within = cov[np.ix_(rows, rows)], cov[np.ix_(others, others)]
        across = cov[np.ix_(rows, others)]
        (own_x, shared_x), (own_y, shared_y) = _luck(x, within[0]), _luck(y, within[1])
        owns = [(own_x, len(x) - 1), (own_y, len(y) - 1)]
        blocks, other_blocks = self._block[rows], self._block[others]
        is_paired = self._counts[rows].all() and set(blocks) == set(other_blocks)
        shared = shared_x + shared_y
        if is_paired and len(set(blocks)) == 1:
            shared = max(0.0, shared - 2 * float(across.mean()))
        elif is_paired and (
            np.array_equal(self.seeds[rows], self.seeds[others])
            and np.array_equal(blocks, other_blocks)
        ):
            own, shared = _luck(x - y, within[0] + within[1] - across - across.T)
            owns = [(own, len(x) - 1)]
        else:
            is_paired = False
        degrees = self._episode_degrees(np.concatenate([rows, others]))
        basis = PAIRED if is_paired else UNPAIRED
        basis = ONE_SEED if min(len(x), len(y)) == 1 else basis
        return _estimate(float(x.mean() - y.mean()), [*owns, (shared, degrees)], basis)

    def shared_effects(self, rows: Rows) -> FloatArray:
        """(U,) what each episode adds to the mean over some runs, where two or more play it."""
        effects = (self._deviations[rows] / np.maximum(self._counts[rows], 1)[:, None]).mean(0)
        return np.asarray(np.where(self._played[rows].sum(0) > 1, effects, 0.0), float)

    def _episode_degrees(self, rows: Rows) -> int:
        return max(1, int(self._counts[rows].min()) - 1)


def _by_episode(scores: Sequence[ArrayLike], episodes: Sequence[ArrayLike]) -> FloatArray:
    """(R, U) scores; NaN where a run does not play an episode, or does not say how it went."""
    values = [np.asarray(run, float) for run in scores]
    seeds = [np.asarray(run, np.int64) for run in episodes]
    known = [len(v) == len(e) and np.isfinite(v).all() for v, e in zip(values, seeds, strict=True)]
    kept = [row for row, is_known in enumerate(known) if is_known]
    none = [np.zeros(0)]
    distinct, columns = np.unique(
        np.concatenate(none + [seeds[row] for row in kept]), return_inverse=True
    )
    table = np.full((len(values), len(distinct)), np.nan)
    rows = np.repeat(kept, [len(seeds[row]) for row in kept]).astype(int)
    table[rows, columns] = np.concatenate(none + [values[row] for row in kept])
    return table


def _luck(means: FloatArray, covariance: FloatArray) -> tuple[float, float]:
    """Two variances of the mean over S runs: of each run's own luck, and of that which all share.

    Args:
        means: (S,) of the runs.
        covariance: (S, S) of these means from the episodes.
    """
    runs = len(means)
    if runs == 1:
        return math.nan, math.nan
    by_itself = float(np.trace(covariance)) / runs
    together = max(0.0, (float(covariance.sum()) / runs - by_itself) / (runs - 1))
    # Training adds to what the episodes alone explain, or nothing; it never takes away.
    return max(float(means.var(ddof=1)), by_itself - together) / runs, together
