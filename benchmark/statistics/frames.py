"""Records -> all frames that a report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pandas as pd

from benchmark.agents.ablation import ABLATION_AGENTS, ABLATION_VARIANTS
from benchmark.records.record import Record
from benchmark.statistics.costs import cost_frame, latency_frame
from benchmark.statistics.curves import codebook_frame, curve_frame, essential_points
from benchmark.statistics.details import SHARED_FIELDS, Shared, details_frame
from benchmark.statistics.provenance import provenance_frame
from benchmark.statistics.score_frames import run_frame, score_frame

# Frames over all benchmarks, which are not cut into parts.
_WHOLE = ("latency", "costs", "details")


@dataclass(frozen=True)
class Frames:
    """All that a report is made from; each frame's columns stand where it is made."""

    runs: pd.DataFrame
    scores: pd.DataFrame
    successes: pd.DataFrame
    curves: pd.DataFrame
    codebook: pd.DataFrame
    latency: pd.DataFrame
    costs: pd.DataFrame
    provenance: pd.DataFrame
    details: pd.DataFrame

    def by_benchmark(self) -> Iterator[tuple[str, Frames]]:
        """The part of each benchmark, without variants; what is over all stays as it is."""
        plain = self.without_variants()
        for benchmark in plain.runs["benchmark"].unique():
            parts = {
                name: frame[frame["benchmark"].eq(benchmark)]
                for name, frame in vars(plain).items()
                if name not in _WHOLE
            }
            yield str(benchmark), replace(plain, **parts)

    def without_variants(self) -> Frames:
        """Everything but the variants of MAGE, which have a table of their own."""
        parts = {
            name: frame[~frame["agent"].isin(ABLATION_VARIANTS)]
            for name, frame in vars(self).items()
            if name not in _WHOLE and len(frame)
        }
        return replace(self, **parts)

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


def collate(records: Iterable[Record]) -> Frames:
    """Makes the frames; of each record only what they need is kept meanwhile.

    Raises:
        UserError: if the records must not be compared.
    """
    shared = Shared()
    kept = [_essentials(record, shared) for record in records]
    runs = run_frame(kept)
    return Frames(
        runs=runs,
        scores=score_frame(runs),
        successes=score_frame(runs, "success_rate"),
        curves=curve_frame(kept),
        codebook=codebook_frame(kept),
        latency=latency_frame(kept),
        costs=cost_frame(kept),
        provenance=provenance_frame(runs),
        details=details_frame(kept),
    )


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
