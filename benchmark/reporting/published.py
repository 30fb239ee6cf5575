"""Published numbers beside the measured ones, with where they are from and how they differ.

They lie in `results/reference/`: of a checkout, or where an installed package has its data.
"""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pandas as pd

from benchmark.agents.builtin import display_name
from benchmark.errors import UserError
from benchmark.records.text import listed
from benchmark.reporting.formats import Table
from benchmark.reporting.tables import cell_text, number
from benchmark.statistics.score_frames import AVERAGE
from benchmark.tasks import TASKS

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
    "adt": "ADT",
    "hdmi": "HDMI",
    "mppi": "MPPI",
    "bcq": "BCQ",
    "bear": "BEAR",
    "rvs": "RvS",
    "morel": "MOReL",
}
SCORES = "scores.csv"
_HERE = "measured"
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


def differences(runs: pd.DataFrame) -> list[str]:
    """In what runs differ from published ones, one sentence each; empty if they compare.

    Args:
        runs: of one benchmark, from `score_frames.run_frame`.
    """
    scored = runs[runs["scored"]]
    local = scored.loc[scored["source"].eq("local recipe"), "task"]
    other = [name for name in runs["task"].unique() if _published_as(name) is None]
    preset = runs["preset"].iloc[0]
    sentences = []
    if preset != "paper":
        sentences.append(f"the measured numbers are of preset {preset}, a much smaller budget")
    if len(local):
        sentences.append(f"learnt from locally collected data, not the published: {listed(local)}")
    if other:
        sentences.append(f"published on other data or by another protocol: {listed(other)}")
    return sentences


def published_table(scores: pd.DataFrame, runs: pd.DataFrame) -> Table | None:
    """Agents by tasks, measured and published, for one benchmark; None if nothing is published.

    The row of a measured agent is followed by one for each source that reports the agent; agents
    that are only published come last.

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
    texts = {(_HERE, row.agent, row.task): cell_text(row) for row in scores.itertuples()}
    texts |= {(row.source, row.agent, row.task): number(row.score) for row in known.itertuples()}
    reported = {key[:2] for key in texts}
    lines = [
        (agent, source)
        for agent in dict.fromkeys([*measured, *known["agent"]])
        for source in (_HERE, *sources)
        if (source, agent) in reported
    ]
    return Table(
        name=f"published-{benchmark}",
        caption=f"{benchmark}: measured scores beside published ones. {_caption(sources, runs)}",
        header=["agent", "from", *tasks],
        rows=[
            [
                _name(agent),
                _title(source, sources),
                *(texts.get((source, agent, task), "-") for task in tasks),
            ]
            for agent, source in lines
        ],
        text_columns=2,
        runs={
            (row, column): f"{task}/{agent}"
            for row, (agent, source) in enumerate(lines)
            for column, task in enumerate(tasks, start=2)
            if source == _HERE and task != AVERAGE
        },
    )


def published_latency_table(latency: pd.DataFrame) -> Table:
    """Published milliseconds of one action beside the measured mean, from `latency_frame`."""
    known = published_frame("latency.csv")
    times = latency["average"].map("{:.2f}".format)
    measured = times.groupby(latency["agent"]).agg(listed)
    return Table(
        name="published-latency",
        caption="Milliseconds of one action as published, each on its authors' hardware, and the "
        "mean measured here, on the hardware of the table above: the two do not compare, only "
        "how agents stand to each other in each column.",
        header=["agent", "published", "measured", "source"],
        rows=[
            [_name(row.agent), f"{row.ms_per_step:g}", measured.get(row.agent, "-"), row.source]
            for row in known.itertuples()
        ],
    )


def _of_benchmark(benchmark: str, tasks: list[str]) -> pd.DataFrame:
    """What is published of tasks, called as here; of averages, only over the same tasks."""
    here = {_published_as(task) or task: task for task in tasks}
    everything = {name for name, task in TASKS.items() if task.benchmark == benchmark}
    if everything <= set(tasks):
        here[_MEAN] = AVERAGE
    frame = published_frame(SCORES)
    frame = frame[frame["benchmark"].eq(benchmark) & frame["task"].isin(here)]
    return frame.assign(task=frame["task"].map(here))


def _published_as(task: str) -> str | None:
    return TASKS[task].published_as if task in TASKS else None


def _caption(sources: list[str], runs: pd.DataFrame) -> str:
    numbered = "; ".join(f"{_title(source, sources)}: {source}" for source in sources)
    differ = differences(runs)
    verdict = (
        f"Not to be compared as they stand: {'; '.join(differ)}."
        if differ
        else "Same data and published sizes; seeds, libraries and tuning are not the same."
    )
    return f"{verdict} A published average is over the tasks of its source. {numbered}."


def _title(source: str, sources: list[str]) -> str:
    return _HERE if source == _HERE else f"published [{sources.index(source) + 1}]"


def _name(agent: str) -> str:
    return _NAMES.get(agent, display_name(agent))
