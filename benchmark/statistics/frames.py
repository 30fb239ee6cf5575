"""Records -> all frames that a report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property

import pandas as pd

from benchmark.agents.ablation import ABLATION_AGENTS, ABLATION_VARIANTS
from benchmark.records.record import Record
from benchmark.statistics.aggregates import Group, aggregate_frame, groups
from benchmark.statistics.costs import cost_frame, latency_frame
from benchmark.statistics.curves import codebook_frame, curve_frame, essential_points
from benchmark.statistics.details import SHARED_FIELDS, Shared, details_frame
from benchmark.statistics.differences import difference_frame, reference_agent
from benchmark.statistics.marks import with_marks
from benchmark.statistics.provenance import provenance_frame
from benchmark.statistics.score_frames import run_frame, score_frame

# What is of all benchmarks, and not cut into parts.
_WHOLE = ("latency", "costs", "details", "reference")


@dataclass(frozen=True)
class Frames:
    """All that a report is made from; each frame's columns stand where it is made.

    Differences leave out variants of MAGE, and so do the marks of scores and successes, from
    `marks.with_marks`. The reference is the agent that all others are set against.
    """

    runs: pd.DataFrame
    scores: pd.DataFrame
    successes: pd.DataFrame
    curves: pd.DataFrame
    codebook: pd.DataFrame
    latency: pd.DataFrame
    costs: pd.DataFrame
    provenance: pd.DataFrame
    details: pd.DataFrame
    differences: pd.DataFrame
    reference: str

    def by_benchmark(self) -> Iterator[tuple[str, Frames]]:
        """The part of each benchmark, without variants; what is over all stays as it is."""
        plain = self.plain
        for benchmark in plain.runs["benchmark"].unique():
            parts = {
                name: frame[frame["benchmark"].eq(benchmark)] for name, frame in plain._frames()
            }
            yield str(benchmark), replace(plain, **parts)

    @cached_property
    def plain(self) -> Frames:
        """Everything but the variants of MAGE, which have a table of their own."""
        parts = {
            name: frame[~frame["agent"].isin(ABLATION_VARIANTS)]
            for name, frame in self._frames()
            if len(frame)
        }
        return replace(self, **parts)

    def _frames(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """The frames that are cut into parts, by name."""
        for field in fields(self):
            if field.name not in _WHOLE:
                yield field.name, getattr(self, field.name)

    @cached_property
    def groups(self) -> list[Group]:
        """Scores that may be aggregated, of each benchmark and of all tasks; see `aggregates`."""
        return groups(self.runs, self.scores)

    @cached_property
    def aggregates(self) -> pd.DataFrame:
        """From `aggregates.aggregate_frame`, against the reference."""
        return aggregate_frame(self.groups, self.reference)

    def of_ablation(self) -> Frames | None:
        """The part of MAGE and its variants, on the tasks where there are variants."""
        tasks = self.runs.loc[self.runs["agent"].isin(ABLATION_VARIANTS), "task"]
        if tasks.empty:
            return None
        runs, scores = (
            frame[frame["agent"].isin(ABLATION_AGENTS) & frame["task"].isin(tasks)]
            for frame in (self.runs, self.scores)
        )
        return replace(self, runs=runs, scores=scores)


def collate(records: Iterable[Record], reference: str | None = None) -> Frames:
    """Makes the frames; of each record only what they need is kept meanwhile.

    Args:
        records: of runs.
        reference: name of the agent that all others are set against; chosen by
            `differences.reference_agent` if not given.

    Raises:
        UserError: if the records must not be compared, or none is of the reference.
    """
    shared = Shared()
    kept = [_essentials(record, shared) for record in records]
    runs = run_frame(kept)
    plain = runs[~runs["agent"].isin(ABLATION_VARIANTS)]
    reference, differences = reference_agent(plain, reference), difference_frame(plain)
    solved = difference_frame(plain, "success_rate")
    return Frames(
        runs=runs,
        scores=with_marks(_scores(runs, "score"), differences),
        successes=with_marks(_scores(runs, "success_rate"), solved),
        curves=curve_frame(kept),
        codebook=codebook_frame(kept),
        latency=latency_frame(kept),
        costs=cost_frame(kept),
        provenance=provenance_frame(runs),
        details=details_frame(kept),
        differences=differences,
        reference=reference,
    )


def _scores(runs: pd.DataFrame, value: str) -> pd.DataFrame:
    """From `score_frames.score_frame`; seeds of variants of MAGE are not those that others lack."""
    is_variant = runs["agent"].isin(ABLATION_VARIANTS)
    parts = [runs[~is_variant], runs[is_variant]] if is_variant.any() else [runs]
    return pd.concat([score_frame(part, value) for part in parts], ignore_index=True)


def _essentials(record: Record, shared: Shared) -> Record:
    """A record without what no frame is made from: ten thousand whole ones do not fit in memory."""
    return replace(
        record,
        run=replace(record.run, settings=shared(record.run.settings)),
        returns=[],
        lengths=[],
        episode_seeds=shared(record.episode_seeds),
        curve=essential_points(record.curve),
        **{name: shared(getattr(record, name)) for name in SHARED_FIELDS},
    )
