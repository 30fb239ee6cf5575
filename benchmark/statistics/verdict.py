"""What may be said of an agent over many tasks: tested, and corrected for how many tests there are.

On each task one thing is tested. Of an agent with the highest mean: that it scores higher than
every other agent, which holds if each of these differences does (an intersection-union test, after
Berger 1982: the largest p-value counts). Of any other agent: that the best scores higher than it.
What is said together is corrected together, after Holm (1979), so that many tasks do not make a
difference appear somewhere. No allowance is made for choosing the agent, and the best of the
others, after looking at the means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from benchmark.statistics.aggregates import Group
from benchmark.statistics.differences import both_ways
from benchmark.statistics.marks import compared_tasks
from benchmark.statistics.score_frames import AVERAGE, SCORED
from benchmark.statistics.uncertainty import Estimate, average

LEVEL = 0.05
"""What a corrected p-value must be below for a difference to be more than chance."""
AHEAD, HIGHEST, NEAR, BEHIND, NO_SCORE = PLACES = ("ahead", "highest", "near", "behind", "no score")


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """P-values corrected for how many there are, so that each may be held against the same level.

    Args:
        p_values: (tests,); NaN where nothing could be tested, which does not count.

    Returns:
        (tests,) after Holm, S. (1979), "A simple sequentially rejective multiple test procedure".
    """
    values = np.asarray(p_values, float)
    order = np.argsort(values)  # NaN comes last.
    left = np.isfinite(values).sum() - np.arange(len(values))  # Tests not yet rejected.
    corrected = np.empty_like(values)
    corrected[order] = np.maximum.accumulate(values[order] * np.maximum(left, 1))
    return np.asarray(np.minimum(corrected, 1.0), float)


@dataclass(frozen=True)
class Standing:
    """How one agent stands on the tasks where two agents or more have a score.

    Attributes:
        agent: its name.
        places: task -> one of `PLACES`: `ahead` (the highest mean, higher than every other agent by
            more than chance), `highest` (the highest mean, by no more than chance), `near` (not
            the highest, and cannot be told from the best), `behind` (the best scores higher by more
            than chance), or `no score`.
    """

    agent: str
    places: dict[str, str]

    def count(self, *places: str) -> int:
        """On how many tasks it stands there."""
        return sum(place in places for place in self.places.values())


def standings(
    agents: Sequence[str], scores: pd.DataFrame, differences: pd.DataFrame
) -> list[Standing]:
    """How agents stand, all tests of all of them corrected together.

    Args:
        agents: one or more, each once.
        scores: from `marks.with_marks`, without variants of MAGE.
        differences: of the same runs, from `differences.difference_frame`.
    """
    shown = scores[scores["status"].eq(SCORED) & scores["task"].isin(compared_tasks(scores))]
    by_task = {str(task): cells for task, cells in shown.groupby("task", sort=False)}
    sides = both_ways(differences[differences["task"] != AVERAGE])
    pairs = sides.set_index(["task", "agent", "other"])[["difference", "p_value"]]
    tests = list(_tests(agents, by_task, pairs.to_dict("index")))
    corrected = holm([p_value for *_, p_value in tests])
    places = {agent: dict.fromkeys(by_task, NO_SCORE) for agent in agents}
    for (agent, task, is_highest, _), p_value in zip(tests, corrected, strict=True):
        yes, no = (AHEAD, HIGHEST) if is_highest else (BEHIND, NEAR)
        places[agent][task] = yes if p_value < LEVEL else no
    return [Standing(agent, places[agent]) for agent in agents]


def _tests(
    agents: Sequence[str],
    by_task: dict[str, pd.DataFrame],
    pairs: dict[tuple[str, str, str], dict[str, float]],
) -> Iterator[tuple[str, str, bool, float]]:
    """(agent, task, whether its mean is the highest, p-value) of what is tested of it there."""
    for agent in agents:
        for task, cells in by_task.items():
            own, others = cells[cells["agent"] == agent], cells[cells["agent"] != agent]
            if own.empty:
                continue
            is_highest = bool(own["highest"].iloc[0])
            best = [others.loc[others["mean"].idxmax(), "agent"]]
            sign = 1 if is_highest else -1
            results = [
                pairs[task, agent, other] for other in (others["agent"] if is_highest else best)
            ]
            # A difference of the wrong sign is no sign of the right one, as among equal means.
            values = [p["p_value"] if sign * p["difference"] > 0 else 1.0 for p in results]
            yield agent, task, is_highest, float(np.max(values))


def lead(agent: str, group: Group) -> tuple[str, Estimate] | None:
    """By how much an agent scores higher than the best of the others, averaged over tasks.

    Args:
        agent: any.
        group: tasks that all of its agents have completed.

    Returns:
        The other agent, and the difference; None if the agent or all others are left out of it.
    """
    means = {
        name: float(np.mean([scores.mean() for scores in by_task]))
        for name, by_task in group.scores.items()
        if by_task
    }
    others = [name for name in means if name != agent]
    if agent not in means or not others:
        return None
    best = max(others, key=lambda name: means[name])
    return best, average([task.difference(agent, best) for task in group.runs])
