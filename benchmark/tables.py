"""Aggregates -> tables in the style of the paper, as Markdown, LaTeX (booktabs) and CSV."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from tabulate import tabulate

from benchmark.provenance import listed
from benchmark.statistics import AVERAGE, DECIMALS, SCORED, display_name

MAX_LISTED = 12  # dataset ids in a caption; more are only counted
_GOALS = {"hidden": "hidden from", "shown": "shown to", "in-painted": "fixed into the plans of"}


@dataclass(frozen=True)
class Table:
    """A table as plain text, before any markup; the renderers escape all of it.

    Attributes:
        name: file name and LaTeX label.
        caption: what the numbers are and what they were made from.
        header: (columns,) titles.
        rows: each (columns,) texts.
        bold: (row, column) of the cells to stand out.
        text_columns: how many columns at the left hold words; the others are set flush right.
        average: whether the last row is an average of the others.
        long: whether it may need more than one page.
    """

    name: str
    caption: str
    header: list[str]
    rows: list[list[str]]
    bold: frozenset[tuple[int, int]] = frozenset()
    text_columns: int = 1
    average: bool = False
    long: bool = False


def score_table(scores: pd.DataFrame, runs: pd.DataFrame, *, success: bool = False) -> Table:
    """Tasks by agents for one benchmark: mean ± standard error, best in bold, average row.

    Args:
        scores: rows of one benchmark from `statistics.score_frame`.
        runs: the same benchmark's rows from `statistics.run_frame`.
        success: whether the values are success rates and not scores.
    """
    tasks, agents = list(scores["task"].unique()), list(scores["agent"].unique())
    cells = {(row.task, row.agent): row for row in scores.itertuples()}
    benchmark = str(runs["benchmark"].iloc[0])
    average = tasks[-1] == AVERAGE
    titles = [f"average of {len(tasks) - 1} tasks" if task == AVERAGE else task for task in tasks]
    what = "share of solved episodes in percent" if success else "D4RL-normalised score"
    return Table(
        name=f"{'success' if success else 'scores'}-{benchmark}",
        caption=f"{benchmark}: {what}, {_method(scores)}. {conditions(runs)}",
        header=["task", *map(display_name, agents)],
        rows=[
            [title, *(cell_text(cells[task, agent]) for agent in agents)]
            for title, task in zip(titles, tasks, strict=True)
        ],
        bold=frozenset(
            (row, column + 1)
            for row, task in enumerate(tasks)
            for column, agent in enumerate(agents)
            if cells[task, agent].best
        ),
        average=average,
    )


def _method(scores: pd.DataFrame) -> str:
    seeds = int(scores["seeds_planned"].iloc[0])
    if seeds == 1:
        return "one seed, so that no standard error can be given (± -); largest mean in bold"
    text = f"mean ± standard error over {seeds} seeds; largest mean in bold"
    return text + ("; ± - where only one seed has a score" if scores["seeds"].eq(1).any() else "")


def cell_text(cell: pd.Series) -> str:
    """Mean ± standard error of a row of `statistics.score_frame`, or why there is none."""
    if cell.status != SCORED:
        return str(cell.status)
    text = f"{number(cell.mean)} ± {number(cell.standard_error)}"
    short = cell.seeds < cell.seeds_planned
    notes = [f"{cell.seeds} of {cell.seeds_planned} seeds"] * bool(short)
    notes += [f"{cell.capped} capped"] * bool(cell.capped)
    return f"{text} ({', '.join(notes)})" if notes else text


def number(value: float) -> str:
    """A score with as many decimals as all of them have, `-` where there is none."""
    # Adding zero turns -0.0 into 0.0.
    return "-" if math.isnan(value) else f"{round(value, DECIMALS) + 0.0:.{DECIMALS}f}"


def conditions(runs: pd.DataFrame) -> str:
    """What a caption must say of the runs with a score behind it: preset, budget, data, goal."""
    scored = runs[runs["scored"]]
    preset = f"Preset {listed(runs['preset'])}"
    if scored.empty:
        return f"{preset}. Data: none, no run was completed."
    data = scored.groupby("source", sort=False)["dataset"].unique()
    sources = "; ".join(f"{_datasets(ids)} ({source})" for source, ids in data.items())
    steps, episodes = _span(scored["steps"]), _span(scored["episodes"])
    budget = f"{preset}, {steps} gradient steps and {episodes} evaluation episodes a run"
    return f"{budget}. Data: {sources}.{_goals(scored)}"


def _span(values: pd.Series) -> str:
    low, high = values.min(), values.max()
    return str(low) if low == high else f"{low} to {high}"


def _datasets(ids: list[str]) -> str:
    if len(ids) > MAX_LISTED:
        return f"{len(ids)} datasets, listed in the provenance table"
    return ", ".join(ids)


def _goals(scored: pd.DataFrame) -> str:
    told = [
        f"{words} {listed(scored.loc[scored['goal'] == goal, 'agent'].map(display_name))}"
        for goal, words in _GOALS.items()
        if (scored["goal"] == goal).any()
    ]
    return f" Goal: {'; '.join(told)}." if told else ""


def latency_table(latency: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """Milliseconds of one call of `act` by agent, from `statistics.latency_frame`."""
    return Table(
        name="latency",
        caption="Milliseconds of a single call of act for one environment, after warm-up, over all "
        "samples of an agent's completed runs. An agent that follows each plan for several steps "
        f"plans in few of the calls, which the upper percentiles show. {conditions(runs)}",
        header=["agent", "hardware", "mean", "median", "95th", "99th percentile", "samples"],
        rows=[
            [
                display_name(row.agent),
                row.hardware,
                *(f"{value:.2f}" for value in (row.average, row.median, row.p95, row.p99)),
                str(row.samples),
            ]
            for row in latency.itertuples()
        ],
        text_columns=2,
    )


def provenance_table(provenance: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """What every number was made from, from `provenance.provenance_frame`."""
    columns = ["task", "agent", "dataset", "source", "goal", "seeds", "episodes", "steps"]
    shown = provenance.assign(agent=provenance["agent"].map(display_name))[columns]
    return Table(
        name="provenance",
        caption="What the scores were made from: data, what the agent knew of the goal, seeds with "
        f"a score, evaluation episodes a run, gradient steps. Preset {listed(runs['preset'])}.",
        header=columns,
        rows=shown.to_numpy().tolist(),
        text_columns=6,
        long=True,
    )


def problem_table(problems: pd.DataFrame, runs: pd.DataFrame) -> Table:
    """Why numbers are missing and what to do, from `provenance.problem_frame`."""
    return Table(
        name="problems",
        caption=f"Runs without a score, and why. Preset {listed(runs['preset'])}.",
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
        scores: rows of one benchmark from `statistics.score_frame`.
        successes: the same rows for `success_rate`.
        provenance: from `provenance.provenance_frame`.
    """
    columns = ["benchmark", "task", "agent"]
    both = scores.rename(columns={"mean": "score"}).assign(
        success_rate=successes["mean"], success_rate_standard_error=successes["standard_error"]
    )
    made_from = provenance[[*columns, "dataset", "source", "hash", "goal"]]
    return both.merge(made_from, on=columns, how="left")


def to_csv(frame: pd.DataFrame) -> str:
    """A tidy frame as CSV: one value per column, numbers in full, empty where there is none."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def to_markdown(table: Table) -> str:
    """The table as GitHub Markdown, its caption above it."""
    header, rows = _marked_up(table, escape_markdown, "**{}**")
    alignment = [
        "left" if column < table.text_columns else "right" for column in range(len(header))
    ]
    body = tabulate(rows, header, tablefmt="pipe", colalign=alignment, disable_numparse=True)
    return f"{escape_markdown(table.caption)}\n\n{body}\n"


def to_latex(table: Table) -> str:
    r"""The table as LaTeX that needs `\usepackage{booktabs}`, a long one also `longtable`."""
    header, rows = _marked_up(table, escape_latex, r"\textbf{{{}}}")
    lines = [" & ".join(cells) + r" \\" for cells in rows]
    if table.average:
        lines.insert(len(lines) - 1, r"\midrule")
    body = [r"\toprule", " & ".join(header) + r" \\", r"\midrule", *lines, r"\bottomrule"]
    columns = "l" * table.text_columns + "r" * (len(header) - table.text_columns)
    caption = rf"\caption{{{escape_latex(table.caption)}}}\label{{tab:{_label(table.name)}}}"
    packages = "booktabs and longtable" if table.long else "booktabs"
    if table.long:
        opening = [
            r"\begingroup\scriptsize",
            rf"\begin{{longtable}}{{{columns}}}",
            caption + r" \\",
        ]
        closing = [r"\end{longtable}", r"\endgroup"]
    else:
        opening = [r"\begin{table}[t]", r"\centering\footnotesize", caption]
        opening += [rf"\begin{{tabular}}{{{columns}}}"]
        closing = [r"\end{tabular}", r"\end{table}"]
    return "\n".join([f"% Needs the packages {packages}.", *opening, *body, *closing]) + "\n"


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name)


def _marked_up(
    table: Table, escape: Callable[[str], str], bold: str
) -> tuple[list[str], list[list[str]]]:
    rows = [
        [
            bold.format(escape(text)) if (row, column) in table.bold else escape(text)
            for column, text in enumerate(texts)
        ]
        for row, texts in enumerate(table.rows)
    ]
    return [escape(text) for text in table.header], rows


def escape_markdown(text: str) -> str:
    """Text that GitHub shows as it is, on one line."""
    text = " ".join(str(text).split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_|\[\]~$#])", r"\\\1", text)


_LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\`{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "±": r"$\pm$",
    # At the start of a row these would be arguments of the line break before it.
    **{character: f"{{{character}}}" for character in "[]*"},
}


def escape_latex(text: str) -> str:
    """Text that LaTeX sets as it is, on one line; characters pdfLaTeX lacks become `?`."""
    return "".join(map(_latex_character, " ".join(str(text).split())))


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    # Latin letters with an accent are safe in pdfLaTeX's default encoding, hardly any other is.
    plain = unicodedata.normalize("NFD", character)[0].isascii() and ord(character) < 256
    return character if plain and character.isprintable() else "?"
