"""What a folder of results holds: frames, tables, figures, and the report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TypeVar

import pandas as pd
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from benchmark import plots
from benchmark.errors import UserError, unknown_name
from benchmark.records.files import no_records, read_records
from benchmark.records.store import Store
from benchmark.records.text import counted
from benchmark.reporting import result_figures
from benchmark.reporting.ablation_table import ablation_table
from benchmark.reporting.build import PAGE, printed_score_tables, write_report
from benchmark.reporting.claims import claims
from benchmark.reporting.formats import Table
from benchmark.reporting.tables import score_table
from benchmark.statistics.frames import Frames, collate
from benchmark.statistics.score_frames import AVERAGE

_RUN_COLUMNS = (
    *("benchmark", "task", "agent", "seed", "preset", "status", "score", "success_rate", "steps"),
    *("reason", "remedy"),
)
_MARKS = {"bold": "font-weight: bold", "underlined": "text-decoration: underline"}


Part = TypeVar("Part")


class Results:
    """The results of a comparison; a notebook shows their tables.

    They are those of all runs in their folder, as in its report. Nothing changes when runs are
    added to the folder: `load_results` reads it anew.

    Attributes:
        location: folder or URL that the records are in.
        frames: all that reports are made from, for what is not offered here.
    """

    def __init__(self, location: str, frames: Frames) -> None:
        """Takes over what was read; `load_results` reads it.

        Args:
            location: that the records are in.
            frames: of these records; at least one.
        """
        self.location = location
        self.frames = frames

    @property
    def runs(self) -> pd.DataFrame:
        """One row for each run: task, agent, seed, status, score, and why one has no score."""
        runs = self.frames.runs[list(_RUN_COLUMNS)].copy()
        runs.loc[runs["status"].eq("completed"), ["reason", "remedy"]] = ""
        return runs

    @property
    def scores(self) -> pd.DataFrame:
        """One row for each task and agent: `mean` over seeds, `standard_error`, `status`, and more.

        An agent without a score has a row too, whose `status` says why; see
        `benchmark.statistics.score_frames.score_frame`.
        """
        scores = self.frames.scores
        return scores[scores["task"] != AVERAGE].reset_index(drop=True)

    @property
    def curves(self) -> pd.DataFrame:
        """Learning curves: one row for each score on tuning seeds while a run was training."""
        return self.frames.curves.copy()

    @property
    def benchmarks(self) -> list[str]:
        """The benchmarks that there are results of, for `table` and figures."""
        return list(self._parts)

    def table(self, benchmark: str | None = None) -> pd.DataFrame:
        """The table of the report: a row for each task, "mean ± standard error" for each agent.

        Args:
            benchmark: such as `maze2d`, or `ablation` for variants of MAGE, which no other table
                has; None for the only one.

        Raises:
            UserError: if there is no such benchmark, or several and none is named.
        """
        return _frame(_one_of(self._tables, benchmark))

    def plot_scores(self, benchmark: str | None = None) -> Figure:
        """Score of every agent, a panel for each task; see `table` for the argument."""
        self._check(self.frames.runs["score"].notna().any(), "no run has a score")
        return result_figures.score_figure(self._part(benchmark), self._styles)

    def plot_curves(self, benchmark: str | None = None) -> Figure:
        """Learning curves, a panel for each task; see `table` for the argument."""
        part = self._part(benchmark)
        self._check(len(part.curves) > 0, "no run has scores while it was training")
        return result_figures.curve_figure(part, self._styles)

    def plot_intervals(self) -> Figure:
        """Interquartile mean of every agent with its 95 % interval, over all tasks together."""
        frame, _ = self._aggregated()
        self._check(len(frame) > 0, "no task was completed by all agents")
        return plots.interval_figure(frame, self._styles)

    def plot_improvement(self) -> Figure:
        """How likely a run of the reference scores higher than one of each other agent."""
        frame, _ = self._aggregated()
        self._check(frame["improvement"].notna().any(), "there is nobody to compare with")
        return plots.improvement_figure(frame, self._styles, self.frames.reference)

    def plot_profiles(self) -> Figure:
        """Performance profiles: the share of runs that score above a threshold."""
        _, shares = self._aggregated()
        self._check(len(shares) > 0, "a profile takes two tasks or more, with three seeds on each")
        return plots.profile_figure(shares, self._styles)

    def report(self, folder: str | Path | None = None) -> Path:
        """Writes the report, one page and its tables and figures, and returns the page's path.

        Args:
            folder: to write into; None for `report` in the folder of the results.

        Raises:
            UserError: if the folder cannot be written, or the results have none of their own.
        """
        if folder is None and "://" in self.location:
            raise UserError(
                f"the results of {self.location} are not in a folder of this machine; name one for "
                "the report: report('folder')"
            )
        files = write_report(
            Path(self.location), self.frames, folder=None if folder is None else Path(folder)
        )
        return next(path for path in files if path.name == PAGE)

    def __repr__(self) -> str:
        runs = self.frames.runs
        counts = [counted(runs[column].nunique(), column) for column in ("task", "agent", "seed")]
        return (
            f"<Results of {self.location}: {' x '.join(counts)}, {int(runs['scored'].sum())} of "
            f"{counted(len(runs), 'run')} scored>"
        )

    def __str__(self) -> str:
        return f"{self!r}\n\n{printed_score_tables(self.frames)}"

    def _repr_html_(self) -> str:
        """What a notebook shows: the tables of all benchmarks, who is ahead, what has failed."""
        tables = [_styled(table).to_html() for table in self._tables.values()]
        failed = self.runs[~self.frames.runs["scored"]]
        problems = [
            f"{run.status}: {run.task}, {run.agent}, seed {run.seed}: {run.reason}; {run.remedy}"
            for run in failed.itertuples()
        ]
        lines = [repr(self).strip("<>"), *claims(self.frames), *problems]
        return "".join([*tables, *(f"<p>{escape(line)}</p>" for line in lines)])

    @cached_property
    def _parts(self) -> Mapping[str, Frames]:
        return dict(self.frames.by_benchmark())

    @cached_property
    def _styles(self) -> plots.Styles:
        return plots.agent_styles(self.frames.runs["agent"])

    def _part(self, benchmark: str | None) -> Frames:
        return _one_of(self._parts, benchmark)

    @cached_property
    def _tables(self) -> dict[str, Table]:
        tables = {name: score_table(part.scores, part.runs) for name, part in self._parts.items()}
        if variants := self.frames.of_ablation():
            tables["ablation"] = ablation_table(variants.scores, variants.runs)
        return tables

    def _aggregated(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The aggregates of all tasks, and profiles, as the report draws them."""
        plain = self.frames.plain
        frame, shares, _ = result_figures.titled_groups(plain)
        return result_figures.whole_first(plain, frame), result_figures.whole_first(plain, shares)

    def _check(self, can_be_drawn: bool, otherwise: str) -> None:
        if not can_be_drawn:
            raise UserError(f"nothing to draw of {self.location}: {otherwise}; see Results.runs")


def load_results(folder: str | Path, reference: str | None = None) -> Results:
    """Reads the records of a folder, from `compare` or from `python -m benchmark.run`.

    Args:
        folder: that was `out` of the runs; a URL works as well.
        reference: agent that all others are set against; None for MAGE, if it is there.

    Raises:
        UserError: if there are no records, one is damaged, they must not be compared, or none is
            of the reference.
    """
    with Store(str(folder)) as store:
        store.pull("runs/*/*/seed-*.json")
        frames = collate(read_records(store.folder), reference)
        if frames.runs.empty:
            raise no_records(Path(folder))
    return Results(str(folder), frames)


def _one_of(parts: Mapping[str, Part], benchmark: str | None) -> Part:
    if benchmark is None and len(parts) == 1:
        return next(iter(parts.values()))
    if benchmark is None:
        raise UserError(
            f"there are results of {len(parts)} benchmarks; name one: {', '.join(parts)}"
        )
    if benchmark not in parts:
        raise unknown_name("benchmark of these results", benchmark, parts)
    return parts[benchmark]


def _frame(table: Table) -> pd.DataFrame:
    """A table of the report, with its columns of words as the index."""
    words = table.header[: table.text_columns]
    return pd.DataFrame(table.rows, columns=table.header).set_index(words)


def _styled(table: Table) -> Styler:
    """The same with its caption and marks, as a notebook shows it."""
    frame = _frame(table)
    styles = [[""] * frame.shape[1] for _ in range(len(frame))]
    for name, style in _MARKS.items():
        for row, column in getattr(table, name):
            styles[row][column - table.text_columns] = style
    marks = pd.DataFrame(styles, frame.index, frame.columns)
    return frame.style.apply(lambda _: marks, axis=None).set_caption(table.whole_caption)
