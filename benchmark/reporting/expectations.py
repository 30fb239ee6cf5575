"""What agents are expected to score where the answer is known, and whether they do.

What is known beforehand: what imitates an expert must score about what the expert does; a planner
that is told the goal must reach it; what plans towards a goal that is hidden must beat what
imitates single steps, be it of all data, which mostly leads elsewhere, or of the episodes with the
best returns; no agent must be far below what imitates single steps of the same data, where that is
better than chance; and on published data, at the published sizes, scores should be as published.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from benchmark.agents.agent_facts import IN_PAINTED
from benchmark.agents.builtin import (
    CLONERS,
    GOAL_CLONER,
    IMITATORS,
    LEARNING_AGENTS,
    display_name,
)
from benchmark.reporting.captions import conditions, score_words
from benchmark.reporting.formats import Table
from benchmark.reporting.published import SCORES, published_frame, reference_file
from benchmark.reporting.published_conditions import differences
from benchmark.reporting.tables import number
from benchmark.statistics.provenance import task_titles
from benchmark.statistics.reference_scales import RETURN
from benchmark.statistics.score_frames import AVERAGE, SCORED, score_frame
from benchmark.tasks import TASKS

# Lowest scores of agents that see an expert at work all the time. The hand with the pen starts in a
# new position every time and leaves the clone more to guess.
FLOORS = {"adroit-door-expert": 95.0, "adroit-pen-expert": 85.0}
HIDDEN_GOAL = tuple(task.name for task in TASKS.values() if task.goal_cell is not None)

HOLDS, FAILS, UNTESTED = "holds", "does not hold", "not tested"
INCOMPARABLE, UNKNOWN = "not comparable", "nothing expected"

# Kinds of data that need not be an expert's, whatever the task is called.
_NOT_KNOWN_TO_BE_AN_EXPERT = ("altered", "own data")
_NO_EXPERT = "holds for an expert's data, and this is not known to be an expert's"

# How far below a published score chance may lead.
_TOLERANCE = 10.0
_DEVIATIONS = 2.0
# The same where two trainings of this benchmark are compared, of which either varies. A cloner with
# no more than this is hardly better than a random policy, which scores 0.
_BELOW_CLONING = 15.0
# Share of the episodes, in percent, in which a planner reaches a goal that it is told.
_REACHED = 50.0


@dataclass(frozen=True)
class Expectation:
    """What one agent is expected to score on one task.

    Attributes:
        text: what is expected, for people; empty if nothing is.
        source: where that comes from.
        least: score that has to be reached; NaN if the runs it depends on have none.
        above: whether `least` itself is too little.
        comparable: whether the runs may be held to it.
        success: share of solved episodes (percent) that is held to `least` in place of the score.
    """

    text: str
    source: str
    least: float
    above: bool = False
    comparable: bool = True
    success: float | None = None

    def verdict(self, score: float) -> str:
        """Whether a score is as expected; NaN is a score that is missing."""
        if not self.text:
            return UNKNOWN
        if not self.comparable:
            return INCOMPARABLE
        value = score if self.success is None else self.success
        if math.isnan(value) or math.isnan(self.least):
            return UNTESTED
        return HOLDS if value > self.least or (value == self.least and not self.above) else FAILS


NOTHING = Expectation(text="", source="", least=math.nan)


@dataclass(frozen=True)
class PublishedScore:
    """A published score: its standard deviation is NaN where none is given."""

    score: float
    deviation: float
    source: str

    def beside(self, differ: Sequence[str]) -> str:
        """How it stands beside a measured score, from which it may differ in its data or size."""
        return "; ".join([f"published: {number(self.score)} ({self.source})", *differ])


def published_scores() -> dict[tuple[str, str], PublishedScore]:
    """The scores in `results/reference`: (published task, published agent) -> the first of them."""
    if reference_file(SCORES) is None:
        return {}
    scores: dict[tuple[str, str], PublishedScore] = {}
    for row in published_frame(SCORES).itertuples():
        scores.setdefault((row.task, row.agent), PublishedScore(row.score, row.std, row.source))
    return scores


def evaluate_expectations(runs: pd.DataFrame, planners: Collection[str]) -> pd.DataFrame:
    """Every agent and task beside what is expected there.

    Args:
        runs: from `score_frames.run_frame`, with one row at least.
        planners: names of the agents that make plans.

    Returns:
        Columns `task`, `agent`, `score` (mean over seeds, NaN without one), `seeds`, `status`,
        `expected`, `source`, `verdict`.
    """
    scores = score_frame(runs)
    known = published_scores()
    rows: list[dict[str, Any]] = []
    for name, cells in scores[scores["task"] != AVERAGE].groupby("task", sort=False):
        task = str(name)
        means = dict(zip(cells["agent"], cells["mean"], strict=True))
        here = runs[runs["task"] == task]
        differ = differences(here)
        for cell in cells.itertuples():
            published = known.get(_published_name(task, cell.agent))
            expected = (
                _known_beforehand(
                    *(here, cell.agent, means, cell.agent in planners, published, differ)
                )
                or (_as_published(published, differ) if published else None)
                or NOTHING
            )
            rows.append(
                {
                    "task": task,
                    "agent": cell.agent,
                    "score": cell.mean,
                    "seeds": cell.seeds,
                    "status": cell.status,
                    "expected": expected.text,
                    "source": expected.source,
                    "verdict": expected.verdict(cell.mean),
                }
            )
    return pd.DataFrame(rows)


def all_hold(findings: pd.DataFrame) -> bool:
    """Whether everything that is expected could be tested, and holds."""
    return not findings["verdict"].isin([FAILS, UNTESTED]).any()


def expectation_table(findings: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """The findings for people.

    Args:
        findings: from `evaluate_expectations`.
        runs: what they were evaluated on.
    """
    return Table(
        name="sanity",
        caption=f"Mean over seeds of the {score_words(runs)} beside what is known beforehand. "
        f"{conditions(runs)}",
        header=["task", "agent", "score", "expected", "from", "verdict"],
        rows=[
            [
                task_titles(runs)[str(row.task)],
                display_name(str(row.agent)),
                number(row.score) if row.status == SCORED else str(row.status),
                *(str(row.expected) or "-", str(row.source) or "-"),
                str(row.verdict),
            ]
            for row in findings.itertuples()
        ],
        text_columns=6,
    )


def explanations(findings: pd.DataFrame, reasons: Mapping[str, str]) -> str:
    """What is said of the agents for which something does not hold, as a Markdown list.

    Args:
        findings: from `evaluate_expectations`.
        reasons: agent -> what the head of its file says; empty where it says nothing.
    """
    failing = findings.loc[findings["verdict"] == FAILS, "agent"].unique()
    return "".join(
        f"- {display_name(name)}: {reasons.get(name) or 'its file gives no reason.'}\n"
        for name in map(str, failing)
    )


def _known_beforehand(
    here: pd.DataFrame,
    agent: str,
    means: Mapping[str, float],
    plans: bool,
    published: PublishedScore | None,
    differ: Sequence[str],
) -> Expectation | None:
    """What the runs of the others and the task let expect of an agent on it."""
    task = str(here["task"].iloc[0])
    scored = here[here["scored"] & here["agent"].eq(agent)]
    if agent in IMITATORS and task in FLOORS:
        return _floor(here, published.beside(differ) if published else "")
    if set(scored["goal"]) == {IN_PAINTED}:
        return _reaches_goal(float(scored["success_rate"].mean()))
    if plans and task in HIDDEN_GOAL and set(CLONERS) & set(means):
        return _above_cloners(means)
    binds = published is not None and not differ
    learns = agent in LEARNING_AGENTS and agent not in (*CLONERS, GOAL_CLONER)
    cloner = next((name for name in (GOAL_CLONER, "bc") if name in means), None)
    points = scored["scale"].ne(RETURN).all()
    if learns and cloner and points and not binds and not means[cloner] <= _BELOW_CLONING:
        return _near_cloner(cloner, means[cloner])
    return None


def _floor(runs: pd.DataFrame, published: str) -> Expectation:
    """What an imitator of an expert must reach, where the data is known to be an expert's."""
    least = FLOORS[str(runs["task"].iloc[0])]
    comparable = not runs.loc[runs["scored"], "kind"].isin(_NOT_KNOWN_TO_BE_AN_EXPERT).any()
    expert = "the recorded expert scores about 100"
    return Expectation(
        text=f"at least {number(least)}",
        source="; ".join(filter(None, [expert if comparable else _NO_EXPERT, published])),
        least=least,
        comparable=comparable,
    )


def _above_cloners(means: Mapping[str, float]) -> Expectation:
    cloners = {name: means[name] for name in CLONERS if name in means}
    best = float(pd.Series(cloners).max())  # NaN only if none has a score.
    names = " and ".join(display_name(name) for name in cloners)
    return Expectation(
        text=f"above {number(best)}",
        source=f"best of what imitates single steps: {names}",
        least=best,
        above=True,
    )


def _near_cloner(cloner: str, score: float) -> Expectation:
    least = score - _BELOW_CLONING
    return Expectation(
        text=f"at least {number(least)}",
        source=f"{display_name(cloner)}, which only imitates the same data, scores "
        f"{number(score)}; {_BELOW_CLONING:g} points are left to chance",
        least=least,
    )


def _reaches_goal(success: float) -> Expectation:
    return Expectation(
        text=f"reaches the goal in {_REACHED:g} % of the episodes",
        source=f"the goal is fixed into its plans; it reached it in {number(success)} %",
        least=_REACHED,
        success=success,
    )


def _as_published(published: PublishedScore, differ: Sequence[str]) -> Expectation:
    """What is published, to which scores are held that differ in nothing from it."""
    deviation = 0.0 if math.isnan(published.deviation) else published.deviation
    least = published.score - max(_TOLERANCE, _DEVIATIONS * deviation)
    return Expectation(
        text=f"at least {number(least)}",
        source=published.beside(differ),
        least=least,
        comparable=not differ,
    )


def _published_name(task: str, agent: str) -> tuple[str, str]:
    published_as = TASKS[task].published_as if task in TASKS else None
    return published_as or "", agent
