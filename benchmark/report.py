"""Records -> the report folder: tables, pictures and a summary. Reads records only.

The command line is `python -m benchmark.report --runs DIR`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from matplotlib.figure import Figure

from benchmark import ablation, ablation_table, plots, tables
from benchmark.command import one_message
from benchmark.errors import UserError
from benchmark.presets import PRESETS
from benchmark.provenance import listed, mixed_conditions, problem_frame, provenance_frame
from benchmark.record import Record, read_records, write_atomically
from benchmark.statistics import (
    AVERAGE,
    curve_frame,
    latency_frame,
    mean_curve_frame,
    run_frame,
    score_frame,
)
from benchmark.tables import escape_markdown, to_csv, to_latex, to_markdown

_LOCAL_DATA = (
    "Published scores belong to published data: no number made on data that was collected locally "
    "(see the provenance table) is to be set beside them, whatever the preset.\n"
)
_BOLD = "Bold marks the largest mean, not a tested difference.\n"
_BARS = "Bars: mean over seeds; lines: standard error; points: single seeds.\n"
_CURVES = (
    "Scores on tuning seeds, which the tables do not use, while learning. Thick: mean over seeds; "
    "thin: single seeds.\n"
)
# Files that a report may remove when it no longer makes them.
_OWN_FILE = re.compile(r"((scores|curves)-.*|latency|provenance|ablation)\.(md|tex|csv|png|pdf)")

Files = dict[str, str | bytes]


@dataclass(frozen=True)
class _Frames:
    """All that a report is made from."""

    runs: pd.DataFrame
    scores: pd.DataFrame
    successes: pd.DataFrame
    curves: pd.DataFrame
    latency: pd.DataFrame
    provenance: pd.DataFrame

    @classmethod
    def of(cls, records: list[Record]) -> _Frames:
        runs = run_frame(records)
        return cls(
            runs=runs,
            scores=score_frame(runs),
            successes=score_frame(runs, "success_rate"),
            curves=curve_frame(records),
            latency=latency_frame(records),
            provenance=provenance_frame(runs),
        )

    def by_benchmark(self) -> Iterator[tuple[str, _Frames]]:
        """The part of each benchmark, without variants; latency stays as it is."""
        for benchmark in self.runs["benchmark"].unique():
            parts = {
                name: frame[frame["benchmark"].eq(benchmark) & ~_is_variant(frame)]
                for name, frame in vars(self).items()
                if name != "latency"
            }
            if len(parts["runs"]):
                yield str(benchmark), _Frames(**parts, latency=self.latency)

    def of_ablation(self) -> _Frames | None:
        """The part of MAGE and its variants, on the tasks where there are variants."""
        tasks = self.runs.loc[_is_variant(self.runs), "task"]
        if tasks.empty:
            return None
        runs, scores = (
            frame[frame["agent"].isin(ablation.AGENTS) & frame["task"].isin(tasks)]
            for frame in (self.runs, self.scores)
        )
        return replace(self, runs=runs, scores=scores)


def build_report(out: Path) -> list[Path]:
    """Writes `report/` below an output folder, from the records below its `runs/`.

    Everything is made before anything is written, every file is replaced whole, and files of an
    earlier report that no longer have a source are removed. The same records give the same files.

    Args:
        out: the folder that was `--out` of the runs.

    Returns:
        The files written: tables, pictures and `summary.md`, which strings them together.

    Raises:
        UserError: if there are no records, one is damaged, or they must not be compared.
    """
    runs = out / "runs"
    records = list(read_records(out)) if runs.is_dir() else []
    if not records:
        state = "holds no run record" if runs.is_dir() else "does not exist"
        raise UserError(
            f"{runs} {state}; name a folder given as --out to `python -m benchmark.run`, "
            "or run that command first"
        )
    files = _render(_Frames.of(records))
    folder = out / "report"
    try:
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            write_atomically(folder / name, content)
        for path in folder.iterdir():
            if _OWN_FILE.fullmatch(path.name) and path.name not in files:
                path.unlink()
    except OSError as error:
        raise UserError(
            f"cannot write the report to {folder} ({error}); make it a folder you may write to"
        ) from error
    return [folder / name for name in files]


def _is_variant(frame: pd.DataFrame) -> pd.Series:
    return frame["agent"].map(ablation.is_variant).astype(bool)


def score_table(records: Iterable[Record]) -> str:
    """The score table of every benchmark as plain text in GitHub's style, for the terminal.

    Raises:
        UserError: if the records must not be compared.
    """
    frames = _Frames.of(list(records))
    shown = [tables.score_table(part.scores, part.runs) for _, part in frames.by_benchmark()]
    if variants := frames.of_ablation():
        shown.append(ablation_table.ablation_table(variants.scores, variants.runs))
    return "\n".join(map(to_markdown, shown))


def _render(frames: _Frames) -> Files:
    """All files of the report by name; the summary comes last."""
    files: Files = {}
    sections = []
    styles = plots.agent_styles(frames.runs["agent"])
    for benchmark, part in frames.by_benchmark():
        rendered, section = _benchmark_files(benchmark, part, styles)
        files |= rendered
        sections.append(section)
    if variants := frames.of_ablation():
        table = ablation_table.ablation_table(variants.scores, variants.runs)
        files |= _table_files("ablation", [table], variants.scores)
        told = ablation_table.effects(variants.scores)
        found = "".join(f"- {escape_markdown(each)}\n" for each in told)
        sections.append(f"## Ablations\n\n{to_markdown(table)}\n{found}")
    latency = tables.latency_table(frames.latency, frames.runs)
    provenance = tables.provenance_table(frames.provenance, frames.runs)
    preset = frames.runs["preset"].iloc[0]
    files |= _table_files("latency", [latency], frames.latency.assign(preset=preset))
    files |= _table_files("provenance", [provenance], frames.provenance)
    files["summary.md"] = "\n".join(
        [
            *_opening(frames.runs),
            *sections,
            "## Latency\n",
            to_markdown(latency) if latency.rows else "No run was timed.\n",
            *_problems(frames.runs),
            "## Provenance\n",
            to_markdown(provenance) if provenance.rows else "No run was completed.\n",
            "The CSV file beside it also has content hashes, settings, weights and commits.\n",
        ]
    )
    return files


def _table_files(name: str, shown: list[tables.Table], tidy: pd.DataFrame) -> Files:
    return {
        f"{name}.md": "\n".join(map(to_markdown, shown)),
        f"{name}.tex": "\n".join(map(to_latex, shown)),
        f"{name}.csv": to_csv(tidy),
    }


def _benchmark_files(
    benchmark: str, part: _Frames, styles: dict[str, tuple[str, str]]
) -> tuple[Files, str]:
    """The files of one benchmark, and its section of the summary."""
    name = re.sub(r"[^A-Za-z0-9-]+", "-", benchmark)
    shown = [tables.score_table(part.scores, part.runs)]
    if part.successes["mean"].notna().any():
        shown.append(tables.score_table(part.successes, part.runs, success=True))
    csv = tables.score_csv_frame(part.scores, part.successes, part.provenance)
    files = _table_files(f"scores-{name}", shown, csv)
    section = [f"## {escape_markdown(benchmark)}\n", *map(to_markdown, shown)]
    if part.runs["score"].notna().any():
        bars = part.scores[part.scores["task"] != AVERAGE]
        files |= _pictures(f"scores-{name}", plots.score_figure(bars, part.runs, styles))
        section += [
            f"![Scores of every agent by task](scores-{name}.png)\n",
            _BARS,
        ]
    if len(part.curves):
        means = mean_curve_frame(part.curves)
        files |= _pictures(f"curves-{name}", plots.curve_figure(part.curves, means, styles))
        section += [
            f"![Learning curves of every agent by task](curves-{name}.png)\n",
            _CURVES,
        ]
    return files, "\n".join(section)


def _pictures(name: str, figure: Figure) -> Files:
    return {f"{name}.{kind}": plots.figure_bytes(figure, kind) for kind in ("png", "pdf")}


def _opening(runs: pd.DataFrame) -> list[str]:
    preset = str(runs["preset"].iloc[0])
    purpose = PRESETS[preset].purpose if preset in PRESETS else "not a preset of this version"
    states = runs.groupby("status").size().items()
    counts = ", ".join(f"{count} {state}" for state, count in states)
    seeds = runs["seed"].unique()
    return [
        "# Report\n",
        f"{len(runs)} runs: {counts}. Seeds: {listed(sorted(seeds))}.\n",
        f"**What the numbers may be used for.** Preset {escape_markdown(preset)}: {purpose}. "
        + _LOCAL_DATA,
        f"**How sure they are.** {_certainty(len(seeds))} {_BOLD}",
    ]


def _certainty(seeds: int) -> str:
    if seeds == 1:
        return (
            "Every number comes from one training seed: no standard error can be given, and "
            "differences between agents may be chance."
        )
    rough = " From so few, the standard error is itself a rough guess." if seeds < 5 else ""
    return f"Every number is a mean over up to {seeds} training seeds ± its standard error.{rough}"


def _problems(runs: pd.DataFrame) -> list[str]:
    table = tables.problem_table(problem_frame(runs), runs)
    notes = mixed_conditions(runs)
    sections = [
        "## Missing or failed\n",
        to_markdown(table) if table.rows else "Nothing: every run of every table was completed.\n",
    ]
    if notes:
        sections.append("## Not the same everywhere\n")
        sections.append("".join(f"- {escape_markdown(note)}\n" for note in notes))
    return sections


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def main(
    runs: Annotated[Path, typer.Option("--runs", help="Folder given as --out to benchmark.run.")],
) -> None:
    """Build tables, pictures and a summary from the records of finished runs."""
    with one_message("the same command builds all of it again"):
        for path in build_report(runs):
            typer.echo(str(path))


if __name__ == "__main__":
    app()
