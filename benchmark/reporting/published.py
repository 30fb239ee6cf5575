"""Published numbers beside the measured ones, with where they are from and how they differ.

They lie in `results/reference/`: of a checkout, or where an installed package has its data.
"""

from __future__ import annotations

import math
import sysconfig
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.agents.builtin import BUILTIN, display_name
from benchmark.errors import UserError
from benchmark.records.text import listed
from benchmark.reporting.formats import Table
from benchmark.reporting.published_conditions import differences, published_as, why_different
from benchmark.reporting.tables import cell_text, number
from benchmark.statistics.score_frames import AVERAGE
from benchmark.tasks import TASKS
from benchmark.tasks.ogbench import OGBENCH_ARM, OGBENCH_MAZE

_FOLDERS = (
    Path(__file__).resolve().parent.parent.parent / "results" / "reference",
    Path(sysconfig.get_path("data")) / "share" / "mage-bench" / "reference",
)
# Published under another name than the agent has here.
_AGENTS = {"td3_bc": "td3bc", "bc-10": "bc10"}
# Agents that are only published.
_NAMES = {
    "sac_n": "SAC-N",
    "edac": "EDAC",
    "hdmi": "HDMI",
    "mppi": "MPPI",
    "bcq": "BCQ",
    "bear": "BEAR",
    "morel": "MOReL",
    "compdiffuser": "CompDiffuser",
    "flow-gcbc": "Flow-GCBC",
    "flow-hgcbc": "Flow-HGCBC",
    "gcivl+dual": "GCIVL + Dual",
    "scots": "SCoTS",
}
SCORES, OGBENCH_SCORES = "scores.csv", "ogbench.csv"
# Episodes and gradient steps behind OGBench's published scores, for people.
_OGBENCH_EPISODES = {OGBENCH_MAZE: 250, OGBENCH_ARM: 50}
_OGBENCH_PROTOCOL = (
    "Published scores of OGBench are those of 1,000,000 gradient steps, most of them the mean of "
    "the evaluations after 800,000, 900,000 and 1,000,000; in mazes of 50 episodes for each of "
    "five goals, on the arm of 50."
)
_INTERVAL = r"[,;] 95% CI [\d.-]+"  # Of single rows, at the end of their source.
_TIMED = "adroit"  # The benchmark on which published times were measured.
_MEAN = "mean"  # What published averages have in place of a task.


def reference_file(name: str) -> Path | None:
    """Where a file of published numbers lies; None if it is not there."""
    paths = (folder / name for folder in _FOLDERS)
    return next((path for path in paths if path.is_file()), None)


def published_frame(name: str) -> pd.DataFrame:
    """A table of published numbers, its agents called as they are here.

    Args:
        name: `scores.csv` (columns `benchmark`, `task`, `agent`, `score`, `std`, `source`) or
            `latency.csv` (`agent`, `ms_per_step`, `source`).

    Raises:
        UserError: if it is not there.
    """
    path = reference_file(name)
    if path is None:
        places = listed(folder / name for folder in _FOLDERS)
        raise UserError(
            f"published numbers are not at {places}; run from a checkout, or leave out "
            "--with-published"
        )
    return pd.read_csv(path).replace({"agent": _AGENTS})


def published_table(scores: pd.DataFrame, runs: pd.DataFrame) -> Table | None:
    """Agents by tasks, measured and published, for one benchmark; None if nothing is published.

    The row of a measured agent is followed by one for each source that reports the agent; agents
    that are only published come last. A measured row says in what it differs from the published
    ones; where that is not the same for all tasks, there are several.

    Args:
        scores: rows of the benchmark from `score_frames.score_frame`.
        runs: its rows from `score_frames.run_frame`.
    """
    benchmark = str(runs["benchmark"].iloc[0])
    known = _of_benchmark(benchmark, list(runs["task"].unique()))
    if known.empty:
        return None
    tasks, measured = list(scores["task"].unique()), list(scores["agent"].unique())
    sources = list(known["source"].unique())
    here = {
        task: _measured(runs if task == AVERAGE else runs[runs["task"] == task]) for task in tasks
    }
    texts = {(here[row.task], row.agent, row.task): cell_text(row) for row in scores.itertuples()}
    texts |= {
        (_title(row.source, sources), row.agent, row.task): _published_text(row)
        for row in known.itertuples()
    }
    reported = {key[:2] for key in texts}
    origins = [*dict.fromkeys(here.values()), *(_title(source, sources) for source in sources)]
    lines = [
        (agent, origin)
        for agent in dict.fromkeys([*measured, *known["agent"]])
        for origin in origins
        if (origin, agent) in reported
    ]
    return Table(
        name=f"published-{benchmark}",
        caption=f"{benchmark}: measured scores beside published ones. {_caption(known, runs)}",
        header=["agent", "from", *tasks],
        rows=[
            [
                _name(agent, agent in measured),
                origin,
                *(texts.get((origin, agent, task), "-") for task in tasks),
            ]
            for agent, origin in lines
        ],
        text_columns=2,
        dash="nothing is published of it, or it was not run",
        runs={
            (row, column): f"{task}/{agent}"
            for row, (agent, origin) in enumerate(lines)
            for column, task in enumerate(tasks, start=2)
            if origin == here[task] and task != AVERAGE
        },
    )


def _published_text(row: Any) -> str:
    """A published score, with its ± where the source has one."""
    return number(row.score) + (f" ± {number(row.std)}" if math.isfinite(row.std) else "")


def published_latency_table(latency: pd.DataFrame) -> Table:
    """Published milliseconds of one action beside the measured mean, from `latency_frame`."""
    known = published_frame("latency.csv")
    there = latency[latency["benchmark"] == _TIMED]
    measured = there["average"].map("{:.2f}".format).groupby(there["agent"]).agg(listed)
    return Table(
        name="published-latency",
        caption=f"Milliseconds of one action on {_TIMED} as published, each on its authors' "
        "hardware, and the mean measured here, on each hardware of the table above: the two do not "
        "compare, only how agents stand to each other in each column.",
        header=["agent", "source", "published", "measured"],
        rows=[
            [
                _name(row.agent, row.agent in measured),
                row.source,
                f"{row.ms_per_step:g}",
                measured.get(row.agent, "-"),
            ]
            for row in known.itertuples()
        ],
        text_columns=2,
        dash="not timed here",
    )


def _of_benchmark(benchmark: str, tasks: list[str]) -> pd.DataFrame:
    """What is published of tasks, called as here; of averages, only over the same tasks."""
    here = {published_as(task) or task: task for task in tasks}
    everything = {name for name, task in TASKS.items() if task.benchmark == benchmark}
    if everything <= set(tasks):
        here[_MEAN] = AVERAGE
    is_ogbench = benchmark in _OGBENCH_EPISODES
    frame = ogbench_frame(benchmark) if is_ogbench else published_frame(SCORES)
    frame = frame[frame["benchmark"].eq(benchmark) & frame["task"].isin(here)]
    return frame.assign(task=frame["task"].map(here))


def ogbench_frame(benchmark: str) -> pd.DataFrame:
    """OGBench's published numbers, as `published_frame` has others.

    Tasks are called by their dataset and, on the arm, by `singletask-1` to `-5` of it.

    Args:
        benchmark: `ogbench-maze` or `ogbench-arm`, which becomes a column.

    Raises:
        UserError: if they are not there.
    """
    frame = published_frame(OGBENCH_SCORES)
    names = frame["dataset"].str.removesuffix("-v0").str.cat(frame["task"], "-", na_rep="")
    sources = frame["source"].str.replace(_INTERVAL, "", regex=True)
    return frame.assign(benchmark=benchmark, task=names.str.removesuffix("-"), source=sources)


def _caption(known: pd.DataFrame, runs: pd.DataFrame) -> str:
    sources = list(known["source"].unique())
    numbered = "; ".join(f"{_title(source, sources)}: {source}" for source in sources)
    verdict = (
        "Not to be compared as they stand where a row says in what it differs: "
        f"{why_different(runs)}."
        if differences(runs)
        else "Same data and published sizes; seeds, libraries and tuning are not the same."
    )
    if not runs["scored"].any():
        verdict = "No run here has a score to compare."
    if runs["benchmark"].iloc[0] in _OGBENCH_EPISODES:
        verdict = f"{verdict} {_OGBENCH_PROTOCOL}"
    spread = " Published ± are what their sources say: deviations or errors over training seeds."
    return (
        f"{verdict}{spread * bool(known['std'].notna().any())} A published average is over the "
        f"tasks of its source. {numbered}."
    )


def _measured(runs: pd.DataFrame) -> str:
    """What a row of measured scores is called: with what sets it apart from published ones."""
    differ = [*differences(runs), *_fewer_episodes(runs)]
    return f"measured ({', '.join(differ)})" if differ else "measured"


def _fewer_episodes(runs: pd.DataFrame) -> list[str]:
    """How many episodes a score of OGBench is of, where published ones are of more."""
    scored = runs[runs["scored"]]
    published = _OGBENCH_EPISODES.get(str(runs["benchmark"].iloc[0]), 0)
    played = sorted({len(scores) for scores in scored["episode_scores"] if len(scores) < published})
    return [f"{listed(map(str, played))} of {published} episodes"] if played else []


def _title(source: str, sources: list[str]) -> str:
    return f"published [{sources.index(source) + 1}]"


def _name(agent: str, is_measured: bool) -> str:
    """What an agent is called; one that is only published has capitals, as most do."""
    if agent in BUILTIN or is_measured:
        return display_name(agent)
    return _NAMES.get(agent, agent.upper() if agent == agent.lower() else agent)
