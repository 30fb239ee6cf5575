"""Where the numbers come from, and why some are not there: frames made from one row per run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from benchmark.agents.ablation import ABLATION_VARIANTS
from benchmark.agents.agent_facts import IN_PAINTED
from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.plugins.source_files import short_hash
from benchmark.records.text import counted, listed
from benchmark.statistics.reference_scales import RETURN, task_scales
from benchmark.statistics.score_frames import in_order

_OFTEN = 0.01  # Share of the steps whose action was clipped, from which a report tells it.

PUBLISHED = "published"
"""Kind of data that is the published set of its task."""

KIND_WORDS = {kind: f"{kind} data" for kind in (PUBLISHED, "altered", "unknown")}
"""Kinds of data that do not say by themselves that they are of data."""


def task_titles(runs: pd.DataFrame, *, of_scores: bool = True) -> dict[str, str]:
    """What to call the numbers of each task: by the task, and by its data if it is not published.

    Args:
        runs: from `score_frames.run_frame`.
        of_scores: whether these are scores, and not what means the same of every task.

    Returns:
        Task -> `adroit-door-expert`, `adroit-door-expert (re-creation)`, or, where scores are no
        normalised ones, `my-door-v0 (own data; return)`.
    """
    kinds = runs[runs["scored"]].groupby("task")["kind"].unique()
    return {
        task: task_title(task, kinds.get(task, ()), scale if of_scores else None)
        for task, scale in task_scales(runs).items()
    }


def task_title(task: str, kinds: Iterable[str], scale: str | None = None) -> str:
    """What to call the numbers of a task that are on data of these kinds, and on this scale."""
    different = dict.fromkeys(kinds)
    words = []
    if not set(different) <= {PUBLISHED}:
        words.append(listed(KIND_WORDS.get(kind, kind) for kind in different))
    words += [RETURN] * (scale == RETURN)
    return f"{task} ({'; '.join(words)})" if words else task


def problem_frame(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs that gave no score, and seeds of other agents or tasks that were never run.

    Args:
        runs: from `score_frames.run_frame`.

    Returns:
        Columns `task`, `agents`, `seeds`, `status`, `reason`, `remedy`; empty without one.
    """
    problems = runs[runs["status"] != "completed"].to_dict("records")
    is_variant = runs["agent"].isin(ABLATION_VARIANTS)
    for _, group in runs.groupby([runs["benchmark"], is_variant], sort=False):
        problems += _never_run(group)
    same = ["task", "status", "reason", "remedy"]
    frame = pd.DataFrame(problems, columns=[*same, "agent", "seed"])
    frame["agent"] = frame["agent"].map(display_name)
    by_agent = frame.groupby([*same, "agent"], sort=False)["seed"].agg(listed).rename("seeds")
    by_reason = by_agent.reset_index().groupby([*same, "seeds"], sort=False)["agent"].agg(listed)
    return by_reason.rename("agents").reset_index()[["task", "agents", "seeds", *same[1:]]]


def _never_run(group: pd.DataFrame) -> list[dict[str, Any]]:
    have = set(zip(group["task"], group["agent"], group["seed"], strict=True))
    return [
        {
            "task": task,
            "agent": agent,
            "seed": seed,
            "status": "missing",
            "reason": "there is no record of it, though others in its table have one",
            "remedy": "run it with --resume and the same --out",
        }
        for task in group["task"].unique()
        for agent in in_order(group["agent"], ROW_ORDER)
        for seed in sorted(group["seed"].unique())
        if (task, agent, seed) not in have
    ]


def provenance_frame(runs: pd.DataFrame) -> pd.DataFrame:
    """What the numbers of every (task, agent) with a score were made from.

    Args:
        runs: from `score_frames.run_frame`.

    Returns:
        Columns `benchmark`, `task`, `agent`, then preset, data (its id, kind, kind and sizes in
        words, hash, and the mean and best score of its episodes), goal, seeds, budget and code;
        where the runs of a cell differ, all values are listed, and what is not known is empty.
    """
    columns = ["preset", "dataset", "kind", "data_words", "hash", "recorded_mean", "recorded_best"]
    columns += ["goal", "seed", "episodes", "steps", "settings", "samples", "parameters", "commit"]
    scored = runs[runs["scored"]]
    cells = scored.groupby(["benchmark", "task", "agent"], sort=False)[columns].agg(_known)
    return cells.reset_index().rename(columns={"seed": "seeds", "data_words": "data"})


def _known(values: pd.Series) -> str:
    if values.name == "commit":  # A run that went on has several.
        values = values.str.split(", ").explode()
    return listed(values.dropna())


def clipped_actions(runs: pd.DataFrame) -> list[str]:
    """One sentence for every (task, agent) that often acted outside the bounds of its actions.

    Args:
        runs: from `score_frames.run_frame`.
    """
    shares = runs[runs["scored"]].groupby(["task", "agent"], sort=False)["clipped_actions"].mean()
    return [
        f"{task} / {display_name(agent)}: in {share:.1%} of the steps of its evaluation the action "
        "lay outside its bounds, and was clipped to them"
        for (task, agent), share in shares.items()
        if share >= _OFTEN
    ]


def numbers_of_seeds(runs: pd.DataFrame) -> tuple[int, int]:
    """The fewest and the most training seeds that the score of one agent on one task is of.

    Args:
        runs: from `score_frames.run_frame`; where none has a score, all count.
    """
    with_score = runs[runs["scored"]] if runs["scored"].any() else runs
    seeds = with_score.groupby(["task", "agent"])["seed"].nunique()
    return int(seeds.min()), int(seeds.max())


def seeds_text(runs: pd.DataFrame) -> str:
    """The same for people: `3 training seeds`, or `1 to 5 training seeds`."""
    fewest, most = numbers_of_seeds(runs)
    return f"{fewest} to {most} training seeds" if fewest < most else counted(most, "training seed")


def mixed_conditions(runs: pd.DataFrame) -> list[str]:
    """One sentence for everything that should be the same between compared runs and is not."""
    scored = runs[runs["scored"]]
    scored = scored.assign(commit=scored["commit"].str.split(", ")).explode("commit")
    for column in ("source_hash", "task_hash"):
        scored[column] = scored[column].map(lambda digest: short_hash(digest or None))
    checks = [
        (["task"], "hash", "learnt from different data, content hashes"),
        (["task"], "episodes", "scored over different numbers of episodes:"),
        (["task", "agent"], "steps", "trained for different numbers of gradient steps:"),
        (["task", "agent"], "settings", "trained with different settings:"),
        (["task", "agent"], "source_hash", "of different contents of the agent's file, hashes"),
        (["task"], "task_hash", "played by different contents of the task's file, hashes"),
        (["task"], "samples", "trained with the best of different numbers of settings searched:"),
        (["preset"], "commit", "run from different commits:"),
    ]
    return [
        f"{' / '.join(name)}: {words} {listed(value or 'defaults' for value in values)}"
        for keys, column, words in checks
        for name, values in scored.groupby(keys, sort=False)[column]
        if values.nunique() > 1
    ]


def goal_advantages(runs: pd.DataFrame) -> dict[str, list[str]]:
    """Agent -> tasks whose goal it knows while another agent, which has a score too, does not.

    Args:
        runs: from `score_frames.run_frame`.
    """
    scored = runs[runs["scored"]]
    uneven = scored[scored["goal"].eq("hidden").groupby(scored["task"]).transform("any")]
    knowing = uneven[uneven["goal"].isin(["shown", IN_PAINTED])]
    tasks = knowing.groupby("agent")["task"].unique()
    return {name: list(tasks[name]) for name in in_order(tasks.index, ROW_ORDER)}


def tasks_by_kind(runs: pd.DataFrame) -> dict[str, list[str]]:
    """Kind of data -> tasks with a score that was learnt from it.

    Args:
        runs: from `score_frames.run_frame`.
    """
    kinds = runs[runs["scored"]].groupby("kind", sort=False)["task"].unique()
    return {str(kind): list(tasks) for kind, tasks in kinds.items()}
