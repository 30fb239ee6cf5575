"""Frames -> the sections of a report, in reading order, before they are written in any format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from benchmark import plots
from benchmark.agents.builtin import display_name
from benchmark.records.text import listed
from benchmark.reporting import (
    ablation_table,
    difference_table,
    front_tables,
    hardware,
    published,
    tables,
)
from benchmark.reporting.blocks import Block, Fold, Picture, Section
from benchmark.reporting.charts import curve_chart
from benchmark.reporting.result_figures import (
    curve_figure,
    score_figure,
    titled,
    titled_groups,
    whole_first,
)
from benchmark.statistics import aggregates
from benchmark.statistics.costs import uneven_training
from benchmark.statistics.curves import mean_curve_frame
from benchmark.statistics.frames import Frames
from benchmark.statistics.provenance import (
    clipped_actions,
    mixed_conditions,
    problem_frame,
    task_titles,
)
from benchmark.statistics.reference_scales import RETURN, SUCCESS, task_scales

_SCORES = (
    "Marks: mean over seeds; lines: standard error, of seeds and episodes; small points: single "
    "seeds. Each task has an axis of its own{}."
)
_REFERENCES = "; upright lines are at the scores of a random policy, 0, and of an expert, 100"
_OF_SUCCESSES = "; upright lines are at no episode and at all of them"
_OF_RETURNS = ", and returns have no reference"
_CURVES = (
    "Scores on tuning seeds, which the tables do not use, while learning: mean over seeds, and a "
    "band from the lowest seed to the highest."
)
_SMALL = " Each panel has some agents in colour, and all others in grey."
_CODEBOOK = (
    "{}: share of the codes in use at each scale of {}, mean over seeds, for as long as the "
    "codebook is learnt; scale 1 is the coarsest."
)
_INTERVALS = (
    "Interquartile mean (the middle half of all runs), after Agarwal et al. 2021, with its 95 % "
    "interval from a bootstrap over seeds and episodes within tasks. The highest comes first."
)
_IMPROVEMENT = (
    "How likely a run of {} is to score higher than one of the agent on the same task, averaged "
    "over tasks, with its 95 % interval; at 0.5 neither scores higher more often."
)
_PROFILES = "Performance profiles: the share of runs that score above a threshold{}."
_LATENCY = (
    "Interquartile mean of a benchmark with its 95 % interval, and the mean time of one action "
    "there{}; an agent stands only where it was timed. Dashed: 50 ms, what a control loop at 20 Hz "
    "allows."
)

_FEW_COMMITS = 2

PROBLEMS = "Missing, failed or capped"
"""Title of the section that says why numbers are not there."""


def sections(frames: Frames, *, with_published: bool = False) -> Iterator[Section]:
    """All sections of a report.

    Args:
        frames: of all records.
        with_published: whether published numbers stand beside the measured ones.

    Raises:
        UserError: if published numbers are asked for and are not there.
    """
    styles = plots.agent_styles(frames.runs["agent"])
    for benchmark, part in frames.by_benchmark():
        yield _benchmark(benchmark, part, styles, with_published)
    if variants := frames.of_ablation():
        table = ablation_table.ablation_table(variants.scores, variants.runs)
        effects = ablation_table.effects(variants.runs)
        data = _with_kind(variants.scores, variants.runs)
        yield Section("Ablations", [table, effects], "ablation", data)
    plain = frames.plain
    yield from _differences(plain)
    if plain.runs["score"].notna().any():
        yield _aggregates(plain, styles)
    yield _latency(frames, with_published)
    yield _costs(frames)
    yield from _problems(frames)
    yield _provenance(frames)


def _benchmark(benchmark: str, part: Frames, styles: plots.Styles, with_published: bool) -> Section:
    name = _file_name(benchmark)
    titles = task_titles(part.runs)
    blocks: list[Block] = [tables.score_table(part.scores, part.runs)]
    scales = set(task_scales(part.runs).values())
    if scales == {SUCCESS}:
        pass  # The scores are that share.
    elif part.successes["mean"].notna().any():
        blocks.append(tables.score_table(part.successes, part.runs, success=True))
    elif part.runs["scored"].any():
        blocks.append("Share of solved episodes: n/a, as these tasks define no success.")
    if with_published:
        published_table = published.published_table(part.scores, part.runs)
        blocks.append(published_table or "Nothing is published of these tasks.")
    if part.runs["score"].notna().any():
        figure = score_figure(part, styles)
        has_references = bool(scales - {RETURN, SUCCESS})
        words = _REFERENCES * has_references + _OF_RETURNS * (RETURN in scales)
        words += _OF_SUCCESSES * (scales == {SUCCESS})
        caption = _SCORES.format(words)
        blocks.append(Picture(f"scores-{name}", "Scores of every agent by task", caption, figure))
    if len(part.curves):
        means = mean_curve_frame(titled(part.curves, titles))
        figure = curve_figure(part, styles)
        label = plots.score_label(task_scales(part.runs).values())
        decimals = dict(zip(part.scores["task"].map(titles), part.scores["decimals"], strict=True))
        many = part.curves["agent"].nunique() > plots.MOST_TOGETHER
        # A chart has one panel for all agents, and no grey.
        has_chart = len(means) and not many
        chart = curve_chart(means, styles, label, decimals) if has_chart else None
        title = "Learning curves of every agent by task"
        data = _with_kind(part.curves, part.runs)
        caption = _CURVES + _SMALL * many
        blocks.append(Picture(f"curves-{name}", title, caption, figure, data, chart))
    data = tables.score_csv_frame(part.scores, part.successes, part.provenance)
    return Section(benchmark, blocks, f"scores-{name}", data)


def _file_name(benchmark: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", benchmark)


def _with_kind(frame: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """A frame of tasks, beside which stands what their data is, and on what scale scores are."""
    kinds = runs[runs["scored"]].groupby("task")["kind"].agg(listed)
    scales = frame["task"].map(task_scales(runs))
    if "scale" in frame:  # It knows that of averages too.
        scales = scales.fillna(frame["scale"])
    return frame.assign(kind=frame["task"].map(kinds), scale=scales)


def appendix(frames: Frames) -> Iterator[Section]:
    """What is there for those who look into an agent itself; nothing if there is none of it."""
    pictures: list[Block] = [
        picture
        for benchmark, part in frames.by_benchmark()
        for picture in _codebooks(_file_name(benchmark), part.codebook, task_titles(part.runs))
    ]
    if pictures:
        yield Section("Appendix", pictures)


def _codebooks(
    benchmark: str, codebook: pd.DataFrame, titles: Mapping[str, str]
) -> Iterator[Picture]:
    for agent, rows in codebook.groupby("agent", sort=False):
        called = display_name(str(agent))
        yield Picture(
            f"codebook-{benchmark}-{agent}",
            f"Use of the codebook of {called} by scale",
            _CODEBOOK.format(benchmark, called),
            plots.codebook_figure(titled(rows, titles)),
            rows,
        )


def _differences(plain: Frames) -> Iterator[Section]:
    """The tested differences, where there are two agents to compare."""
    pairs, runs = plain.differences, plain.runs
    if len(pairs):
        table = difference_table.difference_table(pairs, runs, plain.reference)
        words = list(difference_table.verdicts(pairs, runs, plain.reference))
        without = f"{display_name(plain.reference)}, the reference, has no score to compare."
        shown: list[Block] = [table if table.rows else without, words]
        data = _with_kind(pairs, runs).drop(columns="decimals")
        yield Section(
            "Differences between agents",
            [*shown, front_tables.pair_table(pairs)],
            "differences",
            data,
        )


def _aggregates(plain: Frames, styles: plots.Styles) -> Section:
    frame, shares, points = titled_groups(plain)
    table = tables.aggregate_table(frame, plain.runs, plain.reference)
    left_out = aggregates.left_out(plain.groups)
    only_returns = set(task_scales(plain.runs).values()) == {RETURN}
    nothing = "Returns are not aggregated." if only_returns else "No task was completed."
    blocks: list[Block] = [table if table.rows else nothing, left_out]
    ordered = whole_first(plain, frame), whole_first(plain, shares)
    blocks += _aggregate_pictures(*ordered, styles, plain.reference)
    if len(points):
        machines = hardware.short_names(points["hardware"])
        where = (
            ", a panel for each hardware" if len(machines) > 1 else f" on {min(machines.values())}"
        )
        caption = _LATENCY.format(where) + hardware.footnote(machines)
        named = points.assign(hardware=points["hardware"].map(machines))
        figure = plots.latency_figure(named, styles)
        blocks.append(Picture("score-latency", "Score against latency", caption, figure, points))
    return Section("All tasks together", blocks, "aggregates", frame)


def _aggregate_pictures(
    frame: pd.DataFrame, shares: pd.DataFrame, styles: plots.Styles, reference: str
) -> Iterator[Picture]:
    """What is drawn of an `aggregate_frame` and a `profile_frame`."""
    if len(frame):
        figure = plots.interval_figure(frame, styles)
        yield Picture("intervals", "Interquartile means", _INTERVALS, figure)
    if frame["improvement"].notna().any():
        name = display_name(reference)
        figure = plots.improvement_figure(frame, styles, reference)
        title = f"Probability that {name} scores higher"
        yield Picture("improvement", title, _IMPROVEMENT.format(name), figure)
    if len(shares):
        banded = shares["agent"].nunique() <= plots.MOST_TOGETHER
        caption = _PROFILES.format(", with 95 % bands" * banded)
        figure = plots.profile_figure(shares, styles)
        yield Picture("profiles", "Performance profiles", caption, figure, shares)


def _latency(frames: Frames, with_published: bool) -> Section:
    table = tables.latency_table(frames.latency, frames.runs)
    data = frames.latency.assign(preset=frames.runs["preset"].iloc[0])
    blocks: list[Block] = [table if table.rows else "No run was timed."]
    if with_published:
        blocks.append(published.published_latency_table(frames.latency))
    return Section("Latency", blocks, "latency", data)


def _costs(frames: Frames) -> Section:
    table = tables.cost_table(frames.costs, frames.runs)
    shown = table if table.rows else "No run was scored."
    return Section("Cost of training", [shown], "costs", frames.costs)


def _problems(frames: Frames) -> Iterator[Section]:
    runs = frames.runs
    table = tables.problem_table(problem_frame(runs), runs)
    nothing = "Nothing: every run that has a record was completed."
    yield Section(PROBLEMS, [table if table.rows else nothing])
    if notes := [*mixed_conditions(runs), *uneven_training(frames.costs)]:
        folds = [fold for note in notes for fold in _fold(note)]
        shown = [note for note in notes if not _fold(note)]
        yield Section("Not the same everywhere", [shown, *folds])
    if notes := clipped_actions(runs):
        yield Section("Actions outside their bounds", [notes])


def _fold(note: str) -> list[Fold]:
    """A note on many commits below how many there are; nothing for all other notes."""
    what, separator, commits = note.partition(" commits: ")
    many = commits.count(", ") + 1
    return [Fold(f"{what} commits ({many})", commits)] if separator and many > _FEW_COMMITS else []


def _provenance(frames: Frames) -> Section:
    table = tables.provenance_table(frames.provenance, frames.runs)
    more = "The CSV file beside it also has content hashes, settings, weights and commits."
    shown = table if table.rows else "No run was completed."
    return Section("Provenance", [shown, more], "provenance", frames.provenance)
