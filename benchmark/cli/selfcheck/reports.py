"""How long a report takes over many records, and how much memory.

Made-up records of the sizes that real ones have are written to a folder, and the real report is
built from them in a fresh process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.agents.settings import CURVE_LOSSES, PRESETS
from benchmark.cli.selfcheck.processes import in_new_process
from benchmark.evaluation.episode_seeds import evaluation_seeds
from benchmark.records.files import read_records, write_record
from benchmark.records.record import Record, RunSpec
from benchmark.records.system import peak_memory
from benchmark.reporting.build import PAGE, write_report
from benchmark.statistics.frames import collate
from benchmark.tasks import TASKS

_TASKS, _AGENTS, _SCALES = 25, 16, 4
_CALLS = 50  # Actions that are timed in a run.
_SETTINGS, _RESOLVED = 8, 40  # Settings that differ from an agent's defaults, and all it has.
_FAILS = 1  # The cell whose runs failed.
_VERSIONS = {f"library-{number}": "1.0.0" for number in range(11)}


@dataclass(frozen=True)
class Collation:
    """What was measured.

    Attributes:
        records: how many there were.
        stored: bytes that they take on disk.
        collating: processor seconds of reading them and making the frames, which other work on the
            machine does not lengthen.
        reporting: processor seconds of the tables, pictures and the page.
        page: bytes of the page.
        peak: the most memory that the process took, libraries included, in bytes; None where the
            system does not tell.
    """

    records: int
    stored: int
    collating: float
    reporting: float
    page: int
    peak: int | None


def measure_collation(folder: Path, records: int) -> Collation:
    """Writes so many records below a folder, and builds the report from them."""
    paths = [write_record(folder, record) for record in synthetic_records(records)]
    stored = sum(path.stat().st_size for path in paths)
    return Collation(records, stored, *in_new_process(_build, folder))


def synthetic_records(records: int) -> Iterator[Record]:
    """Runs of `quick` on many tasks, by MAGE and agents without a name; one cell of them failed."""
    agents = ["mage", *(f"agent-{number}" for number in range(1, _AGENTS))]
    cells = list(product(list(TASKS.values())[:_TASKS], enumerate(agents)))
    for index in range(records):
        task, (skill, agent) = cells[index % len(cells)]
        settings = {f"setting_{number}": skill / 10 for number in range(_SETTINGS)}
        run = RunSpec(task.name, agent, index // len(cells), "quick", 10_000, 50, settings=settings)
        yield _failed(run) if index % len(cells) == _FAILS else _record(run, skill)


def _failed(run: RunSpec) -> Record:
    line = '  File "agent.py", line 1, in fit\n    self.step(batch)\n'
    return Record(
        run,
        "failed",
        benchmark=TASKS[run.task].benchmark,
        reason="RuntimeError: made up",
        remedy=f"see runs/{run.name}.log in the output folder, then run again with --resume",
        traceback=f"Traceback (most recent call last):\n{20 * line}RuntimeError: {run.name}\n",
        versions=_VERSIONS,
        commit="0" * 40,
    )


def _record(run: RunSpec, skill: int) -> Record:
    task, preset = TASKS[run.task], PRESETS[run.preset]
    rng = np.random.default_rng([skill, run.seed])
    scores = rng.normal(50.0 + 3.0 * skill, 20.0, run.episodes)
    return Record(
        run,
        "completed",
        benchmark=task.benchmark,
        score=float(scores.mean()),
        scores=scores.tolist(),
        returns=scores.tolist(),
        successes=(scores > 60.0).tolist(),
        lengths=[300] * run.episodes,
        episode_seeds=evaluation_seeds(run.episodes, run.seed),
        steps=run.steps,
        curve=list(_curve(run, rng, preset.curve_scores)),
        latency_ms=rng.exponential(1.0 + skill, _CALLS).tolist(),
        config={f"setting_{number}": skill / 10 for number in range(_RESOLVED)},
        parameters=1_000_000,
        dataset={"id": task.dataset, "kind": "published", "hash": "0" * 16},
        seconds={"data": 1.0, "fit": 100.0 + skill, "curve": 5.0, "evaluate": 9.0, "total": 115.0},
        peak_memory_mb=800.0,
        versions=_VERSIONS,
        commit="0" * 40,
        machine={"processor": "Made-up", "cores": 2, "device": "cpu"},
        started=f"2026-01-01T00:00:{run.seed % 60:02d}+00:00",
    )


def _curve(run: RunSpec, rng: np.random.Generator, scores: int) -> Iterator[dict[str, float]]:
    names = [
        f"codebook_{what}_{scale}"
        for what in ("use", "perplexity")
        for scale in range(1, _SCALES + 1)
    ]
    for number in range(1, CURVE_LOSSES + 1):
        step = run.steps * number // CURVE_LOSSES
        point: dict[str, Any] = {"loss": float(rng.random()), "step": step}
        if run.agent == "mage":
            point |= dict(zip(names, rng.random(len(names)).tolist(), strict=True))
        if number % (CURVE_LOSSES // scores) == 0:
            point["score"] = float(rng.normal(50.0, 20.0))
        yield point


def _build(folder: Path) -> tuple[float, float, int, int | None]:
    begin = time.process_time()
    frames = collate(read_records(folder))
    collated = time.process_time()
    write_report(folder, frames)
    reported = time.process_time()
    page = (folder / "report" / PAGE).stat().st_size
    return collated - begin, reported - collated, page, peak_memory()
