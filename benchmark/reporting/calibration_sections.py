"""Calibrations -> sections of a report: returns asked, plans, and what perturbations leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark import plots
from benchmark.agents.builtin import display_name
from benchmark.records.calibration_record import (
    EXCHANGES,
    OTHER_EPISODE,
    OTHER_STATE,
    OWN,
    RANDOM,
    UNDISTURBED,
    CalibrationRecord,
    is_of_record,
    read_calibrations,
)
from benchmark.records.files import read_records
from benchmark.records.record import SCORED_STATUSES
from benchmark.records.text import listed
from benchmark.reporting.blocks import Block, Picture, Section
from benchmark.reporting.captions import conditions, score_words
from benchmark.reporting.difference_table import difference_text
from benchmark.reporting.formats import Table, to_markdown
from benchmark.reporting.tables import number, with_interval
from benchmark.statistics.calibration_frames import (
    asked_frame,
    exchange_frame,
    followed_frame,
    perturbed_frame,
)
from benchmark.statistics.provenance import task_titles
from benchmark.statistics.score_frames import run_frame

PLAN_WORDS = {
    OWN: "own plan",
    OTHER_EPISODE: "another episode's",
    OTHER_STATE: "another state's",
    RANDOM: "random",
}
_ASKED_TITLE, _PLAN_TITLE = "Return asked and return reached", "What a plan is worth"
_PERTURBED_TITLE = "What is left under perturbations"
_CURVE = (
    "Return reached against return asked at the first step, each with the discount that the agent "
    "counts with; mean over seeds and episodes for each level that it was asked. Dashed: as asked."
)


def calibration_sections(out: Path, runs: pd.DataFrame) -> Iterator[Section]:
    """Sections on returns asked and on plans; none of what nobody has measured.

    Args:
        out: the folder that was `--out` of the runs.
        runs: from `score_frames.run_frame`.

    Raises:
        UserError: if something measured cannot be read.
    """
    valid = valid_calibrations(out, runs)
    old = sorted({run.run for run in read_calibrations(out)} - {run.run for run in valid})
    notes: list[Block] = [
        f"Left out, since their records are not those of the agents that were measured: "
        f"{listed(old)}; python -m benchmark.calibration measures them again."
    ] * bool(old)
    titles = task_titles(runs)
    asked = asked_frame(valid)
    if len(asked):
        yield _asked_section(asked, valid, runs, notes)
    exchanged = exchange_frame(valid)
    if len(exchanged):
        table = plan_table(exchanged, runs, titles)
        yield Section(_PLAN_TITLE, [table, *notes], "plan-worth", exchanged)
    perturbed = perturbed_frame(valid)
    if len(perturbed):
        table = perturbed_table(perturbed, runs, titles)
        yield Section(_PERTURBED_TITLE, [table, *notes], "perturbed", perturbed)
    if notes and not (len(asked) or len(exchanged) or len(perturbed)):
        yield Section(_ASKED_TITLE, notes)


def valid_calibrations(out: Path, runs: pd.DataFrame) -> list[CalibrationRecord]:
    """What was measured of the trained agents of these records, evaluated by their run or not.

    Args:
        out: the folder that was `--out` of the runs.
        runs: from `score_frames.run_frame`.

    Raises:
        UserError: if something measured cannot be read.
    """
    ours = set(runs.loc[runs["status"].isin(SCORED_STATUSES), "run"])
    return [run for run in read_calibrations(out) if run.run in ours and is_of_record(out, run)]


def printed_calibration(out: Path) -> str:
    """The tables of these sections as plain text in GitHub's style, for the terminal."""
    sections = calibration_sections(out, run_frame(read_records(out)))
    return "\n".join(to_markdown(table) for section in sections for table in section.tables)


def _asked_section(
    asked: pd.DataFrame, valid: Sequence[CalibrationRecord], runs: pd.DataFrame, notes: list[Block]
) -> Section:
    titles, styles = task_titles(runs), plots.agent_styles(runs["agent"])
    figure = plots.asking_figure(asked.assign(task=asked["task"].map(titles)), styles)
    blocks: list[Block] = [
        correlation_table(followed_frame(valid), runs, titles),
        level_table(asked, runs, titles),
        Picture("calibration", "Return asked against return reached by task", _CURVE, figure),
        *notes,
    ]
    return Section(_ASKED_TITLE, blocks, "calibration", asked)


def correlation_table(
    followed: pd.DataFrame, runs: pd.DataFrame, titles: Mapping[str, str]
) -> Table:
    """How far agents follow the return they are asked, from `calibration_frames.followed_frame`."""
    return Table(
        name="calibration",
        caption="Rank correlation (Spearman) of the return asked at the first step and the return "
        "reached, with the discount that the agent counts with: over the levels asked, within each "
        "episode, and the mean over episodes and training seeds with its 95 % interval ([-, -] "
        "from one seed). 1: whoever asks for more gets more; 0: asking changes nothing; -: all "
        f"levels ask for the same. {_rollouts(followed)}",
        shared=conditions(_of_cells(runs, followed)),
        header=["task", "agent", "levels are", "rank correlation", "seeds"],
        rows=[
            [
                titles[row.task],
                display_name(row.agent),
                row.unit,
                with_interval(row.rank_correlation, row.low, row.high, decimals=2),
                str(row.seeds),
            ]
            for row in followed.itertuples()
        ],
        text_columns=3,
        long=True,
        runs={
            (row, 1): f"{cell.task}/{cell.agent}" for row, cell in enumerate(followed.itertuples())
        },
    )


def level_table(asked: pd.DataFrame, runs: pd.DataFrame, titles: Mapping[str, str]) -> Table:
    """Return asked and reached for every level, from `calibration_frames.asked_frame`."""
    columns = ["asked", "reached", "score"]
    cells = asked.groupby(["task", "agent", "level"], sort=False)[columns].mean().reset_index()
    return Table(
        name="calibration-levels",
        caption="Return asked at the first step, return reached and score, mean over training "
        f"seeds and episodes, for each level that an agent was asked. {_rollouts(asked)}",
        shared=conditions(_of_cells(runs, asked)),
        header=["task", "agent", "level", *columns],
        rows=[
            [
                titles[row.task],
                display_name(row.agent),
                f"{row.level:g}",
                number(row.asked, 2),
                number(row.reached, 2),
                number(row.score),
            ]
            for row in cells.itertuples()
        ],
        text_columns=2,
        long=True,
    )


def plan_table(exchanged: pd.DataFrame, runs: pd.DataFrame, titles: Mapping[str, str]) -> Table:
    """Scores under exchanged plans, from `calibration_frames.exchange_frame`."""
    of_cells = _of_cells(runs, exchanged)
    shown = exchanged.rename(columns={"change": "value"})
    cells = {(row.task, row.agent, row.plan): row for row in shown.itertuples()}
    pairs = list(dict.fromkeys((task, agent) for task, agent, _ in cells))
    rows = []
    for task, agent in pairs:
        own = cells[task, agent, OWN]
        others = [_with_change(cells[task, agent, kind]) for kind in EXCHANGES if kind != OWN]
        share = with_interval(own.plan_share, own.plan_share_low, own.plan_share_high, decimals=2)
        rows.append(
            [
                titles[task],
                display_name(agent),
                number(own.score),
                *others,
                share,
                str(own.seeds),
            ]
        )
    return Table(
        name="plan-worth",
        caption=f"{_capital(score_words(of_cells))} when an agent follows its own plan, the one "
        "that another episode beside it has made at the same step, one that it made in another "
        "state of the task, or one of random parts; in brackets the change from its own plan on "
        "the same episodes, with its 95 % interval over training seeds and episodes. A planner "
        "whose score survives somebody else's plan does not act by its plan. Share: of the "
        "variance of actions over all pairs of a visited state and a plan made in another one, "
        "what plans explain beyond the state; 0 where an action depends on the state alone, 1 "
        f"where on the plan alone. {_rollouts(exchanged)}",
        shared=conditions(of_cells),
        header=["task", "agent", *PLAN_WORDS.values(), "share of the plan", "seeds"],
        rows=rows,
        text_columns=2,
        long=True,
        runs={(row, 1): f"{task}/{agent}" for row, (task, agent) in enumerate(pairs)},
    )


def perturbed_table(
    perturbed: pd.DataFrame, runs: pd.DataFrame, titles: Mapping[str, str]
) -> Table:
    """Scores under perturbations, from `calibration_frames.perturbed_frame`."""
    of_cells = _of_cells(runs, perturbed)
    shown = perturbed.rename(columns={"change": "value"})
    cells = {(row.task, row.agent, row.perturbation): row for row in shown.itertuples()}
    pairs = list(dict.fromkeys((task, agent) for task, agent, _ in cells))
    names = [name for name in dict.fromkeys(perturbed["perturbation"]) if name != UNDISTURBED]
    rows = []
    for task, agent in pairs:
        undisturbed = cells[task, agent, UNDISTURBED]
        changed = [cells.get((task, agent, name)) for name in names]
        rows.append(
            [
                titles[task],
                display_name(agent),
                number(undisturbed.score),
                *("-" if row is None else _with_change(row) for row in changed),
                str(undisturbed.seeds),
            ]
        )
    return Table(
        name="perturbed",
        caption=f"{_capital(score_words(of_cells))} of trained agents where the environment does "
        "not do quite what they were trained for: Gaussian noise on actions (as a share of half "
        "their range), random actions before the agent's first (in steps; an episode that ends "
        "among them begins undisturbed), actions that are played late (in steps); in brackets the "
        "change on the same episodes, with its 95 % interval over training seeds and episodes. "
        f"{_rollouts(perturbed)}",
        shared=conditions(of_cells),
        dash="it was not measured",
        header=["task", "agent", "undisturbed", *names, "seeds"],
        rows=rows,
        text_columns=2,
        long=True,
        runs={(row, 1): f"{task}/{agent}" for row, (task, agent) in enumerate(pairs)},
    )


def _with_change(row: Any) -> str:
    """A score, and what changed it."""
    return f"{number(row.score)} ({difference_text(row)})"


def _capital(text: str) -> str:
    """With a capital letter first; the others stay as they are."""
    return text[:1].upper() + text[1:]


def _rollouts(cells: pd.DataFrame) -> str:
    """How many episodes are behind each number of a frame."""
    episodes = cells["episodes"].unique()
    counts = " to ".join(f"{count:,}" for count in sorted({min(episodes), max(episodes)}))
    return f"Episodes of a rollout, which no score is of: {counts}."


def _of_cells(runs: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """The runs of the tasks and agents of a frame, all of which were trained."""
    names = cells["task"] + "/" + cells["agent"]
    of_cells = runs[(runs["task"] + "/" + runs["agent"]).isin(names)]
    return of_cells.assign(scored=of_cells["status"].isin(SCORED_STATUSES))
