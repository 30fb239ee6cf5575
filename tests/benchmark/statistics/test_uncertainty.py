"""Means and differences with both kinds of luck: known answers, and how often they are right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmark.statistics.uncertainty import (
    CANNOT_TELL,
    HIGHER,
    LOWER,
    ONE_SEED,
    PAIRED,
    UNPAIRED,
    Estimate,
    TaskRuns,
    average,
    t_quantile,
)

A, B = np.arange(3), np.arange(3, 6)  # Rows of two agents with three seeds each.
SHARED, OWN = [[0, 1]] * 6, [[0, 1], [10, 11], [20, 21]] * 2


def runs(scores: list[list[float]], episodes: list[list[int]]) -> TaskRuns:
    """Runs of two agents with as many seeds each."""
    table = np.array(scores, float)
    seeds = list(range(len(scores) // 2)) * 2
    return TaskRuns(seeds, table.mean(1), list(table), episodes)


# Scores of three seeds in two episodes, whose means 3, 4, 8 have variance 7.
NOISY = [[2.0, 4.0], [3.0, 5.0], [7.0, 9.0]]
FLAT = [[0.0, 0.0]] * 3


def test_seeds_with_episodes_of_their_own_are_a_plain_sample() -> None:
    mean = runs(NOISY + FLAT, OWN).mean(A)
    assert mean.value == 5
    assert mean.standard_error == pytest.approx(math.sqrt(7 / 3))
    assert mean.degrees == pytest.approx(2)
    # Student's t with two degrees of freedom.
    assert mean.high - mean.value == pytest.approx(4.302653 * math.sqrt(7 / 3))


def test_the_luck_of_episodes_that_all_seeds_play_does_not_average_out() -> None:
    # Episodes score 4 and 6 in the mean: variance 2 over 2 episodes, on top of that of the seeds.
    mean = runs(NOISY + FLAT, SHARED).mean(A)
    assert mean.standard_error == pytest.approx(math.sqrt(7 / 3 + 2 / 2))
    # Satterthwaite: (7/3 + 1)^2 / ((7/3)^2 / 2 + 1^2 / 1).
    assert mean.degrees == pytest.approx((10 / 3) ** 2 / (49 / 18 + 1))


def test_seeds_that_agree_are_no_surer_than_their_episodes() -> None:
    alike = [[0.0, 4.0]] * 3
    assert runs(alike + FLAT, SHARED).mean(A).standard_error == pytest.approx(2)
    # With episodes of their own: variance 8 in each seed, over 6 episodes.
    assert runs(alike + FLAT, OWN).mean(A).standard_error == pytest.approx(math.sqrt(8 / 6))


def test_old_runs_that_share_and_new_ones_that_do_not_can_be_mixed() -> None:
    episodes = [[0, 1], [0, 1], [20, 21]] * 2
    alike = [[0.0, 4.0]] * 3
    # Covariances of means from the episodes: 4 each, in 3 + 2 of the 9 pairs.
    assert runs(alike + FLAT, episodes).mean(A).variance == pytest.approx(4 * 5 / 9)


def test_luck_of_an_agent_in_an_episode_is_none_of_its_own() -> None:
    # All seeds of the one do well in the first of two shared episodes, of the other in the second.
    mirrored = [[1.0, -1.0]] * 3 + [[-1.0, 1.0]] * 3
    assert runs(mirrored, SHARED).difference(A, B).variance == pytest.approx(4)


def test_shared_episodes_have_a_degree_of_freedom_less_than_there_are() -> None:
    episodes = [[0, 1, 2, 3]] * 6
    alike = [[0.0, 0.0, 4.0, 4.0]] * 3
    assert runs(alike + [[0.0] * 4] * 3, episodes).mean(A).degrees == pytest.approx(3)


def test_one_seed_has_no_error() -> None:
    mean = runs(NOISY + FLAT, OWN).mean(A[:1])
    assert mean.value == 3
    assert np.isnan([mean.standard_error, mean.low, mean.high]).all()
    difference = runs(NOISY + FLAT, OWN).difference(A, B[:1])
    assert difference.value == 5 and math.isnan(difference.low)
    assert (difference.basis, difference.verdict) == (ONE_SEED, CANNOT_TELL)


@pytest.mark.parametrize("episodes", [[], [[1]] * 6])
def test_without_scores_by_episode_the_seeds_alone_count(episodes: list[list[int]]) -> None:
    means = [3.0, 4.0, 8.0, 0.0, 0.0, 0.0]
    unknown = TaskRuns([0, 1, 2] * 2, means, [[]] * 6, episodes or [[]] * 6)
    assert unknown.mean(A).standard_error == pytest.approx(math.sqrt(7 / 3))
    assert unknown.difference(A, B).basis == UNPAIRED


def test_shared_episodes_are_paired() -> None:
    # Both agents are as lucky in the second episode, so that it says nothing of the difference.
    lucky = [[0.0, 2.0]] * 3
    difference = runs(NOISY + lucky, SHARED).difference(A, B)
    assert (difference.value, difference.basis) == (4, PAIRED)
    assert difference.variance == pytest.approx(7 / 3)
    assert difference.degrees == pytest.approx(2)


def test_seeds_with_episodes_of_their_own_are_paired_with_the_same_seeds() -> None:
    # Every seed of the one is 1, 2, 3 above the same seed of the other, which vary by far more.
    lower = [[0.0, 0.0], [50.0, 50.0], [-70.0, -70.0]]
    higher = [[1.0, 1.0], [52.0, 52.0], [-67.0, -67.0]]
    difference = runs(higher + lower, OWN).difference(A, B)
    assert (difference.value, difference.basis, difference.verdict) == (2, PAIRED, CANNOT_TELL)
    half = stats.t.ppf(0.975, 2) / math.sqrt(3)
    assert (difference.low, difference.high) == pytest.approx((2 - half, 2 + half))


def test_other_seeds_or_episodes_cannot_be_paired() -> None:
    other = [[0, 1], [10, 11], [20, 21], [30, 31], [40, 41], [50, 51]]
    for unpaired in (
        runs(NOISY + NOISY, other).difference(A, B),
        runs(NOISY + NOISY, OWN).difference(A, B[:2]),
        TaskRuns(
            [0, 1, 2, 0, 1, 2], [3, 4, 8] * 2, [*NOISY, *NOISY[::-1]], [*OWN[:3]] * 2
        ).difference(A, B[::-1]),
    ):
        assert unpaired.basis == UNPAIRED
    # Welch's interval, of two samples whose means have variance 7 / 3 each.
    difference = runs(NOISY + NOISY, other).difference(A, B)
    assert difference.variance == pytest.approx(2 * 7 / 3)
    assert difference.degrees == pytest.approx(4)


def test_verdicts() -> None:
    def verdict(value: float, variance: float) -> str:
        return Estimate(value, variance, math.inf).verdict

    assert verdict(2.0, 1.0) == HIGHER and verdict(-2.0, 1.0) == LOWER
    assert verdict(1.9, 1.0) == verdict(-1.9, 1.0) == CANNOT_TELL
    # Zero is a difference, and no difference is none, whatever its sign.
    assert verdict(0.0, 0.0) == verdict(-0.0, 0.0) == verdict(0.0, 1.0) == CANNOT_TELL
    assert verdict(5.0, math.nan) == CANNOT_TELL
    assert verdict(0.1, 0.0) == HIGHER


def test_the_same_runs_twice_differ_by_nothing() -> None:
    for episodes in (SHARED, OWN):
        difference = runs(NOISY + NOISY, episodes).difference(A, B)
        assert (difference.value, difference.verdict) == (0, CANNOT_TELL)
        assert difference.low <= 0 <= difference.high


def test_an_average_adds_variances_over_tasks() -> None:
    tasks = [Estimate(1.0, 9.0, 2.0, PAIRED), Estimate(4.0, 16.0, 4.0, PAIRED)]
    mean = average(tasks)
    assert (mean.value, mean.variance, mean.basis) == (2.5, 25 / 4, PAIRED)
    assert mean.degrees == pytest.approx(25**2 / (9**2 / 2 + 16**2 / 4))
    assert average([*tasks, Estimate(1.0, 1.0, 2.0, UNPAIRED)]).basis == UNPAIRED
    unknown = average([*tasks, Estimate(1.0, math.nan, math.nan, ONE_SEED)])
    assert unknown.value == 2 and math.isnan(unknown.variance) and unknown.basis == ONE_SEED
    sure = average([Estimate(1.0, 0.0, math.inf), Estimate(2.0, 0.0, math.inf)])
    assert (sure.low, sure.high) == (1.5, 1.5)


@pytest.mark.parametrize("degrees", [1.0, 2.5, 30.0, math.inf])
def test_quantiles_are_students(degrees: float) -> None:
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees))


# Standard deviations: of training, of an episode for all who play it, of what is left.
LUCK = [(20.0, 20.0, 20.0), (5.0, 40.0, 10.0)]


@pytest.mark.parametrize("luck", LUCK)
@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("shared", [True, False])
def test_nominal_95_percent_are_about_95(
    luck: tuple[float, float, float], seeds: int, shared: bool
) -> None:
    rng, episodes, worlds = np.random.default_rng(0), 50, 300
    rows, others = np.arange(seeds), np.arange(seeds, 2 * seeds)
    played = [np.arange(episodes) + (0 if shared else 1000 * seed) for seed in range(seeds)]
    covered, means = 0, []
    for _ in range(worlds):
        training = rng.normal(0, luck[0], (2 * seeds, 1))
        blocks = rng.normal(0, luck[1], (1 if shared else seeds, episodes))
        common = np.tile(blocks, (2 * seeds if shared else 2, 1))
        scores = training + common + rng.normal(0, luck[2], (2 * seeds, episodes))
        world = TaskRuns([*range(seeds)] * 2, scores.mean(1), list(scores), played * 2)
        means.append(world.mean(rows))
        difference = world.difference(rows, others)
        covered += difference.low <= 0 <= difference.high
        assert difference.basis == PAIRED
    assert covered / worlds >= 0.93
    # Nor is the error of a mean much smaller or larger than it should be.
    own, common, left = np.square(luck)
    true = (own + left / episodes + common / episodes * (seeds if shared else 1)) / seeds
    assert 0.9 < np.mean([mean.variance for mean in means]) / true < 1.4


def test_the_p_value_agrees_with_the_interval() -> None:
    # Student's t of two degrees of freedom: 4.3027 standard errors leave out one in twenty.
    assert Estimate(4.3027, 1.0, 2.0).p_value == pytest.approx(0.05, abs=1e-5)
    assert Estimate(-4.3027, 1.0, 2.0).p_value == pytest.approx(0.05, abs=1e-5)
    assert Estimate(1.959964, 1.0, math.inf).p_value == pytest.approx(0.05, abs=1e-6)
    assert Estimate(0.0, 1.0, 5.0).p_value == 1.0
    for value in (0.1, 2.0, 5.0, 9.0):
        estimate = Estimate(value, 2.0, 4.0)
        assert (estimate.p_value < 0.05) == (estimate.low > 0)


def test_where_nothing_varies_any_difference_is_one() -> None:
    values = [Estimate(value, 0.0, math.inf).p_value for value in (0.0, 1.0, -1.0)]
    assert values == [1.0, 0.0, 0.0]
    assert math.isnan(Estimate(5.0, math.nan, math.nan).p_value)


def test_luck_in_a_seeds_own_episodes_that_both_agents_have_cancels() -> None:
    # The second episode of each seed is worth 40 more, to both agents alike.
    lower = [[0.0, 40.0], [50.0, 90.0], [-70.0, -30.0]]
    higher = [[1.0, 41.0], [52.0, 92.0], [-67.0, -27.0]]
    difference = runs(higher + lower, OWN).difference(A, B)
    assert (difference.value, difference.basis) == (2, PAIRED)
    assert difference.variance == pytest.approx(1 / 3)  # Of 1, 2 and 3.
