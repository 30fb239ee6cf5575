"""Variants of MAGE beside MAGE, and beside what the paper says of them."""

from __future__ import annotations

import math

import pandas as pd

from benchmark.agents.ablation import ABLATION_VARIANTS, ROWS, Row
from benchmark.reporting.captions import conditions, score_words
from benchmark.reporting.difference_table import difference_text
from benchmark.reporting.formats import Table
from benchmark.reporting.published import reference_file
from benchmark.reporting.published_conditions import DIFFERENT_DATA, differences
from benchmark.reporting.tables import cell_text, number
from benchmark.statistics.differences import Compared
from benchmark.statistics.provenance import task_titles
from benchmark.statistics.uncertainty import CANNOT_TELL, HIGHER, ONE_SEED, Estimate
from benchmark.tasks import TASKS


def published_ablation() -> dict[tuple[str, str], float]:
    """What the paper reports: (its name of the variant, its name of the task) -> score."""
    path = reference_file("ablations.csv")
    if path is None:
        return {}
    frame = pd.read_csv(path)
    names = [column for column in frame.columns if column not in ("dimension", "variant", "source")]
    return {
        (row["variant"], name): float(row[name]) for _, row in frame.iterrows() for name in names
    }


def ablation_table(scores: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """Variants by tasks, measured and published: the dimensions in which something was varied.

    Args:
        scores: from `score_frames.score_frame`, for the agents of `ROWS`.
        runs: the same agents' rows of `score_frames.run_frame`.
    """
    tasks, known = list(runs["task"].unique()), published_ablation()
    cells = {(row.task, row.agent): row for row in scores.itertuples()}
    header = ["varied", "variant"]
    rows: list[list[str]] = []
    behind: dict[tuple[int, int], str] = {}
    for task in tasks:
        header.append(task_titles(runs)[task])
        if _is_published(task, known):
            header.append(
                "published (different data)" if _on_other_data(task, runs) else "published"
            )
    for row in _rows_of(set(runs["agent"])):
        texts = [row.dimension, row.label]
        for task in tasks:
            cell = cells.get((task, row.agent))
            behind[len(rows), len(texts)] = f"{task}/{row.agent}"
            texts.append("not run" if cell is None else cell_text(cell))
            if _is_published(task, known):
                texts.append(number(_published_score(row, task, known)))
        rows.append(texts)
    return Table(
        name="ablation",
        caption=f"Variants of MAGE: mean over seeds ± standard error of the {score_words(runs)}, "
        "and what the paper reports, at its own sizes, on the published data (its actions come "
        "with CQL).",
        shared=conditions(runs),
        header=header,
        rows=rows,
        text_columns=2,
        runs=behind,
        dash="the paper reports no number",
    )


def _rows_of(agents: set[str]) -> list[Row]:
    """The rows of dimensions in which a variant was run; of variants that are gone, if it was."""
    varied = {row.dimension for row in ROWS if row.agent in agents & set(ABLATION_VARIANTS)}
    return [
        row
        for row in ROWS
        if row.dimension in varied and not (row.is_gone and row.agent not in agents)
    ]


def effects(runs: pd.DataFrame) -> list[str]:
    """One sentence for each variant and task: by how much it scores higher, here and in the paper.

    Args:
        runs: of the agents of `ROWS`, from `score_frames.run_frame`.
    """
    known, titles = published_ablation(), task_titles(runs)
    references = {row.dimension: row for row in ROWS if row.is_reference}
    sentences = []
    for task, part in runs.groupby("task", sort=False):
        task, compared = str(task), Compared.of(part)
        if task not in TASKS:
            continue
        elsewhere = _on_other_data(task, runs)
        for row in ROWS:
            full = references[row.dimension]
            if row.is_reference or not {row.agent, full.agent} <= set(compared.rows):
                continue
            change = _published_score(row, task, known) - _published_score(full, task, known)
            what = f"{titles[task]}, {row.dimension}: {row.label} instead of {full.label}"
            effect = _effect(compared.difference(row.agent, full.agent), change, elsewhere)
            sentences.append(f"{what}: {effect}")
    return sentences


def _effect(measured: Estimate, published: float, elsewhere: bool) -> str:
    """What a variant changes, and whether that is what the paper says, maybe of other data."""
    text = difference_text(measured)
    if math.isnan(published):
        return f"{text}."
    verdict = "the published effect does not show"
    if measured.verdict != CANNOT_TELL:
        same = (measured.verdict == HIGHER) == (published > 0)
        verdict = "the published effect shows" if same else "the opposite of the published effect"
    source, here = (
        ("published, on different data", " on this data") if elsewhere else ("published", "")
    )
    judged = "not tested" if measured.basis == ONE_SEED else f"{verdict}{here}"
    return f"{text}; {source}: {number(published)}; {judged}."


def _on_other_data(task: str, runs: pd.DataFrame) -> bool:
    """Whether scores of a task are not of the data that the paper's are of."""
    return DIFFERENT_DATA in differences(runs[runs["task"] == task])


def _is_published(task: str, known: dict[tuple[str, str], float]) -> bool:
    return any(name == TASKS[task].published_as for _, name in known) if task in TASKS else False


def _published_score(row: Row, task: str, known: dict[tuple[str, str], float]) -> float:
    return known.get((row.published_as or "", TASKS[task].published_as or ""), math.nan)
