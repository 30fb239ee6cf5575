"""Aggregates -> tables in the style of the paper, as plain text."""

from __future__ import annotations

import math

import pandas as pd

from benchmark.agents.builtin import display_name
from benchmark.records.text import listed
from benchmark.reporting.captions import MARKS, conditions, score_words, uneven_goals
from benchmark.reporting.formats import Table
from benchmark.reporting.hardware import footnote, short_names
from benchmark.statistics.provenance import task_titles
from benchmark.statistics.reference_scales import DECIMALS, RETURN
from benchmark.statistics.score_frames import AVERAGE, SCORED

_ABOUT_DATA = (
    " Last column: mean and best score of what was recorded, in pieces as long as an evaluation, "
    "which need not begin where one does; - where records do not say it."
)


def score_table(scores: pd.DataFrame, runs: pd.DataFrame, *, success: bool = False) -> Table:
    """Tasks by agents for one benchmark: mean ± standard error, who is ahead marked, average row.

    Args:
        scores: rows of one benchmark from `marks.with_marks`.
        runs: the same benchmark's rows from `score_frames.run_frame`.
        success: whether the values are success rates and not scores.
    """
    tasks, agents = list(scores["task"].unique()), list(scores["agent"].unique())
    cells = {(row.task, row.agent): row for row in scores.itertuples()}
    benchmark = str(runs["benchmark"].iloc[0])
    average = tasks[-1] == AVERAGE
    count = int(scores["tasks"].max())  # Of two or more, or there is no average.
    mean = f"average of {count} tasks{' without returns' * (count < len(tasks) - 1)}"
    named = task_titles(runs, of_scores=not success)
    titles = [{**named, AVERAGE: mean}[task] for task in tasks]
    what = "share of solved episodes in percent" if success else score_words(runs)
    what += " (a random policy has 0, an expert 100)" * what.startswith("D4RL")
    data = {} if success else _scores_of_data(runs)
    about_data = _ABOUT_DATA * bool(data)
    return Table(
        name=f"{'success' if success else 'scores'}-{benchmark}",
        caption=f"{benchmark}: {what}, {_method(scores)}.{uneven_goals(runs)}{about_data}",
        shared=f"{MARKS} {conditions(runs, goal=not uneven_goals(runs))}",
        header=["task", *map(display_name, agents), *["data: mean; best"] * bool(data)],
        rows=[
            [
                title,
                *(cell_text(cells[task, agent]) for agent in agents),
                *[data.get(task, "-")] * bool(data),
            ]
            for title, task in zip(titles, tasks, strict=True)
        ],
        bold=_marked(scores, "ahead"),
        underlined=_marked(scores, "level"),
        average=average,
        runs={
            (row, column): f"{task}/{agent}"
            for row, task in enumerate(tasks)
            for column, agent in enumerate(agents, start=1)
            if task != AVERAGE
        },
    )


def _scores_of_data(runs: pd.DataFrame) -> dict[str, str]:
    """Task -> mean and best score of what was recorded, where one dataset was learned from."""
    texts = {}
    for task, group in runs[runs["scored"]].groupby("task"):
        scores = group[["recorded_mean", "recorded_best"]].dropna()
        if len(scores) and group["hash"].nunique() == 1:
            texts[str(task)] = "; ".join(map(number, scores.iloc[0]))
    return texts


def _marked(scores: pd.DataFrame, mark: str) -> frozenset[tuple[int, int]]:
    """(row, column) of the cells with a mark in a table of tasks by agents."""
    tasks, agents = list(scores["task"].unique()), list(scores["agent"].unique())
    marked = scores[scores[mark]]
    return frozenset(
        (tasks.index(cell.task), agents.index(cell.agent) + 1) for cell in marked.itertuples()
    )


def _method(scores: pd.DataFrame) -> str:
    seeds = int(scores["seeds_planned"].iloc[0])
    if seeds == 1:
        return "one seed, so that no standard error can be given (± -)"
    text = f"mean over {seeds} seeds ± standard error, of seeds and episodes"
    return text + ("; ± - where only one seed has a score" if scores["seeds"].eq(1).any() else "")


def cell_text(cell: pd.Series) -> str:
    """Mean ± standard error of a row of `score_frames.score_frame`, or why there is none."""
    if cell.status != SCORED:
        return str(cell.status)
    text = " ± ".join(number(value, cell.decimals) for value in (cell.mean, cell.standard_error))
    short = cell.seeds < cell.seeds_planned
    notes = [f"{cell.seeds} of {cell.seeds_planned} seeds"] * bool(short)
    notes += [f"{cell.capped} capped"] * bool(cell.capped)
    return f"{text} ({', '.join(notes)})" if notes else text


def number(value: float, decimals: int = DECIMALS) -> str:
    """A score with as many decimals as all of them have, `-` where there is none."""
    # Adding zero turns -0.0 into 0.0.
    return "-" if math.isnan(value) else f"{round(value, decimals) + 0.0:.{decimals}f}"


def latency_table(latency: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """Milliseconds of one call of `act` by benchmark and agent, from `costs.latency_frame`."""
    machines = short_names(latency["hardware"])
    return Table(
        name="latency",
        caption="Milliseconds of a single call of act for one environment, after warm-up, over all "
        "samples of an agent's completed runs. An agent that follows each plan for several steps "
        "plans in few of the calls, which the upper percentiles show." + footnote(machines),
        shared=conditions(runs),
        header=[
            *("benchmark", "agent", "hardware"),
            *("mean", "median", "95th", "99th percentile", "samples"),
        ],
        rows=[
            [
                row.benchmark,
                display_name(row.agent),
                machines[row.hardware],
                *(f"{value:.2f}" for value in (row.average, row.median, row.p95, row.p99)),
                str(row.samples),
            ]
            for row in latency.itertuples()
        ],
        text_columns=3,
        long=True,
    )


def cost_table(costs: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """What training took, from `costs.cost_frame`."""
    machines = short_names(costs["hardware"])
    return Table(
        name="costs",
        caption="What training one run took: median over the scored runs of an agent. Time is of "
        "training alone, without data, scores and evaluation; it compares on the same hardware "
        "only, and only with as many runs at a time. Weights differ with the size of the task. "
        "Memory is the resident peak of the run that took most." + footnote(machines),
        shared=conditions(runs),
        header=[
            *("benchmark", "agent", "hardware", "training (s)", "gradient steps", "steps per s"),
            *("weights", "peak memory (MiB)", "runs"),
        ],
        rows=[
            [
                row.benchmark,
                display_name(row.agent),
                machines[row.hardware],
                *map(_whole, (row.seconds, row.steps)),
                "-" if math.isnan(row.updates) else f"{row.updates:,.1f}",
                _between(row.parameters_least, row.parameters_most),
                _whole(row.peak_memory_mb),
                str(row.runs),
            ]
            for row in costs.itertuples()
        ],
        text_columns=3,
        long=True,
        dash="not recorded, or nothing was trained",
    )


def _whole(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:,.0f}"


def _between(least: float, most: float) -> str:
    return f"{_whole(least)} to {_whole(most)}" if least < most else _whole(least)


def aggregate_table(aggregates: pd.DataFrame, runs: pd.DataFrame, reference: str) -> Table:
    """Interquartile means and probabilities of improvement, from `aggregates.aggregate_frame`."""
    name = display_name(reference)
    return Table(
        name="aggregates",
        caption=f"Interquartile mean (IQM) of the {_normalised(runs)} over all runs of all tasks "
        f"of a group, and the probability that a run of {name} scores higher than one of the agent "
        "on the same task, each with its 95 % interval from a hierarchical bootstrap over training "
        "seeds and episodes ([-, -] from one seed). Only tasks and agents without a missing "
        "or failed run enter, and none whose scores are returns.",
        shared=conditions(runs),
        header=["group", "agent", "IQM", f"P({name} higher)", "tasks", "runs"],
        rows=[
            [
                row.group,
                display_name(row.agent),
                with_interval(row.iqm, row.iqm_low, row.iqm_high),
                _probability(row.improvement, row.improvement_low, row.improvement_high),
                str(row.tasks),
                str(row.runs),
            ]
            for row in aggregates.itertuples()
        ],
        text_columns=2,
        long=True,
        dash=f"{name} itself, or an agent that has no task in common with it",
    )


def _normalised(runs: pd.DataFrame) -> str:
    """What the scores are that aggregates are made of."""
    return score_words(runs[runs["scale"] != RETURN])


def with_interval(value: float, low: float, high: float, decimals: int = DECIMALS) -> str:
    """An estimate and its interval as `1.0 [0.5, 1.5]`, `-` for what is not known."""
    if math.isnan(value):
        return "-"
    ends = ", ".join(number(end, decimals) for end in (low, high))
    return f"{number(value, decimals)} [{ends}]"


def _probability(value: float, low: float, high: float) -> str:
    # Ends are rounded outwards: 0.996 is not certain.
    least, most = math.nan, math.nan
    if not math.isnan(low):
        percent = [round(100 * end, 6) for end in (low, high)]
        least, most = math.floor(percent[0]) / 100, math.ceil(percent[1]) / 100
    return with_interval(value, least, most, decimals=2)


def provenance_table(provenance: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """What every number was made from, from `provenance.provenance_frame`."""
    columns = ["task", "agent", "dataset", "data", "goal", "seeds", "episodes", "steps", "samples"]
    shown = provenance.assign(agent=provenance["agent"].map(display_name))[columns]
    return Table(
        name="provenance",
        caption="What the scores were made from: the dataset, what data that is and how much of it "
        "the file holds, what the agent knew of the goal, seeds with a score, evaluation episodes "
        "a run, gradient steps, and how many settings a search tried for those that were used. "
        f"Preset {listed(runs['preset'])}.",
        header=columns,
        rows=shown.to_numpy().tolist(),
        text_columns=6,
        long=True,
    )


def problem_table(problems: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """Why numbers are missing and what to do, from `provenance.problem_frame`."""
    capped = problems["status"].eq("capped")
    kinds = ["runs without a score"] * bool((~capped).any())
    kinds += ["runs scored though their time ended before their budget (capped)"] * bool(
        capped.any()
    )
    return Table(
        name="problems",
        caption=f"Incomplete runs, with reason and remedy: {', and '.join(kinds)}. "
        f"Preset {listed(runs['preset'])}.",
        header=list(problems.columns),
        rows=problems.to_numpy().tolist(),
        text_columns=len(problems.columns),
        long=True,
    )


def score_csv_frame(
    scores: pd.DataFrame, successes: pd.DataFrame, provenance: pd.DataFrame
) -> pd.DataFrame:
    """Score and success rate of one benchmark side by side, with their preset, data and goal.

    Args:
        scores: rows of one benchmark from `score_frames.score_frame`.
        successes: the same rows for `success_rate`.
        provenance: from `provenance.provenance_frame`.
    """
    columns = ["benchmark", "task", "agent"]
    scores = scores.drop(columns=["decimals", "tasks"]).rename(columns={"mean": "score"})
    solved = successes[[*columns, "mean", "standard_error"]].rename(
        columns={"mean": "success_rate", "standard_error": "success_rate_standard_error"}
    )
    both = scores.merge(solved, on=columns, how="left")
    data = ["dataset", "kind", "data", "hash", "recorded_mean", "recorded_best"]
    made_from = provenance[[*columns, *data, "goal"]]
    return both.merge(made_from, on=columns, how="left")
