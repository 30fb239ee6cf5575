"""Variants of MAGE beside MAGE, and beside what the paper says of them."""

from __future__ import annotations

import math

import pandas as pd

from benchmark.agents.ablation import ABLATION_VARIANTS, ROWS, Row
from benchmark.reporting.captions import conditions
from benchmark.reporting.formats import Table
from benchmark.reporting.published import DIFFERENT_DATA, differences, reference_file
from benchmark.reporting.tables import cell_text, number
from benchmark.statistics.provenance import task_titles
from benchmark.statistics.score_frames import SCORED
from benchmark.tasks import TASKS

_STANDARD_ERRORS = 2.0  # From which a difference counts as more than chance.


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
            texts.append("missing" if cell is None else cell_text(cell))
            if _is_published(task, known):
                texts.append(number(_published_score(row, task, known)))
        rows.append(texts)
    return Table(
        name="ablation",
        caption="Variants of MAGE: mean ± standard error over seeds of the D4RL-normalised score, "
        "and what the paper reports, at its own sizes, on the published data (its actions come "
        "with CQL). "
        f"{conditions(runs)}",
        header=header,
        rows=rows,
        text_columns=2,
        runs=behind,
    )


def _rows_of(agents: set[str]) -> list[Row]:
    """The rows of dimensions in which a variant was run."""
    varied = {row.dimension for row in ROWS if row.agent in agents & set(ABLATION_VARIANTS)}
    return [row for row in ROWS if row.dimension in varied]


def effects(scores: pd.DataFrame, runs: pd.DataFrame) -> list[str]:
    """One sentence for each variant and task: what the change costs, here and in the paper.

    Args:
        scores: from `score_frames.score_frame`, for the agents of `ROWS`.
        runs: the same agents' rows of `score_frames.run_frame`.
    """
    known, titles = published_ablation(), task_titles(runs)
    cells = {(row.task, row.agent): row for row in scores.itertuples() if row.status == SCORED}
    references = {row.dimension: row for row in ROWS if row.is_reference}
    sentences = []
    for task in dict.fromkeys(task for task, _ in cells if task in TASKS):
        elsewhere = _on_other_data(task, runs)
        for row in ROWS:
            full = references[row.dimension]
            if row.is_reference or not {(task, row.agent), (task, full.agent)} <= set(cells):
                continue
            lost = _published_score(full, task, known) - _published_score(row, task, known)
            what = f"{titles[task]}, {row.dimension}: {row.label} instead of {full.label}"
            effect = _effect(cells[task, full.agent], cells[task, row.agent], lost, elsewhere)
            sentences.append(f"{what}: {effect}")
    return sentences


def _effect(full: pd.Series, varied: pd.Series, published_loss: float, elsewhere: bool) -> str:
    """How much a variant loses, and whether that is what the paper says, maybe of other data."""
    lost = float(full.mean - varied.mean)
    error = math.hypot(full.standard_error, varied.standard_error)
    has_error = math.isfinite(error)
    clear = has_error and abs(lost) > _STANDARD_ERRORS * error
    measured = f"{'loses' if lost >= 0 else 'gains'} {number(abs(lost))}"
    measured += f" ± {number(error)}" if has_error else " (one seed)"
    measured += "" if clear else ", which may be chance"
    if math.isnan(published_loss):
        return f"{measured}."
    verdict = "the published effect does not show"
    if clear:
        same = (lost > 0) == (published_loss > 0)
        verdict = "the published effect shows" if same else "the opposite of the published effect"
    source, here = (
        ("published, on different data", " on this data") if elsewhere else ("published", "")
    )
    return f"{measured}; {source}: loses {number(published_loss)}; {verdict}{here}."


def _on_other_data(task: str, runs: pd.DataFrame) -> bool:
    """Whether scores of a task are not of the data that the paper's are of."""
    return DIFFERENT_DATA in differences(runs[runs["task"] == task])


def _is_published(task: str, known: dict[tuple[str, str], float]) -> bool:
    return any(name == TASKS[task].published_as for _, name in known) if task in TASKS else False


def _published_score(row: Row, task: str, known: dict[tuple[str, str], float]) -> float:
    return known.get((row.published_as or "", TASKS[task].published_as or ""), math.nan)
