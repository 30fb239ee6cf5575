"""A search for settings from its plan to its files; what tries the samples is `ray_search`."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from benchmark.agents.registry import agent_class
from benchmark.agents.settings import find_preset
from benchmark.data import prepare, share
from benchmark.errors import DatasetError, UserError
from benchmark.records import system
from benchmark.records.files import write_atomically
from benchmark.records.record import FIRST_SEARCH_SEED
from benchmark.records.store import Store
from benchmark.records.text import counted
from benchmark.running.compute import needs_of, resolve_device
from benchmark.running.grid import Grid, plan_runs
from benchmark.running.search_space import Sample, Search, current_values, search_space
from benchmark.running.settings_check import made_agents
from benchmark.tasks import find_task

SAMPLES = "trials.csv"
BEST = "best.json"
ABOUT = "about.json"

_RUN_FIELDS = ("task", "agent", "source", "preset", "seed", "steps", "settings")


def plan_search(grid: Grid, samples: int, device: str) -> Search:
    """Spells out a search; makes the agent once to see its present settings.

    Args:
        grid: of one task, one agent and one seed.
        samples: how many to try.
        device: what the user asked for.

    Raises:
        UserError: for a seed of the reported scores, or if the agent declares no space, or one that
            is not valid.
    """
    for seed in grid.seeds:
        if seed < FIRST_SEARCH_SEED:
            raise UserError(
                f"seed {seed} is for reported scores, which no choice of settings may have seen; "
                f"valid for a search: {FIRST_SEARCH_SEED} or more, such as --seed "
                f"{FIRST_SEARCH_SEED}"
            )
    run = plan_runs(grid)[0]
    agent_cls = agent_class(run.source or run.agent)
    needs_of(agent_cls)  # Refused here, before work starts.
    space = search_space(run.agent, agent_cls)
    device = resolve_device(device)
    (agent,) = made_agents(grid, device)
    current = current_values(run.agent, getattr(agent, "config", None), run.settings, space)
    # One score decides here, so that it is worth twice the episodes of a point of a curve.
    episodes = 2 * find_preset(run.preset).tuning_episodes
    return Search(run, space, current, samples, episodes, device)


def run_and_write_search(
    search: Search, out: Path, workers: int, report: Callable[[str], None]
) -> list[Sample]:
    """Gets the data, tries the samples, and writes what came of it.

    Args:
        search: what to search.
        out: the output folder.
        workers: samples at a time.
        report: gets lines for people.

    Returns:
        The samples in the order of their numbers; not all of them if Ray itself has failed.

    Raises:
        UserError: if the data cannot be had, or another command holds the folder.
    """
    # Keep Ray and MuJoCo out of --help.
    from benchmark.running.ray_search import run_search
    from benchmark.tasks.environments import task_info

    run = search.run
    task = find_task(run.task, run.task_source, run.task_hash)
    with Store(str(out)).claimed(), tempfile.TemporaryDirectory(prefix="mage-tune-") as scratch:
        try:
            loaded = prepare(task, task_info(task), run.data, report)
        except DatasetError as error:
            raise UserError(f"{task.name}: {error}") from error
        shared = Path(scratch) / task.name
        share(loaded, shared)
        report(
            f"{counted(search.samples, 'sample')} of {', '.join(search.space)} for {run.agent} on "
            f"{run.task}, {workers} at a time on {search.device}, each of up to {run.steps} "
            "gradient steps"
        )
        keep = partial(write_samples, out / SAMPLES)
        samples = run_search(search, shared, out / "ray.log", workers, keep)
        if ranked := ranking(samples):
            settings = {"tasks": {run.task: {run.agent: ranked[0].settings}}}
            write_atomically(out / BEST, json.dumps(settings, indent=1) + "\n")
        if ranked and len(samples) == search.samples:
            # Comes last: a folder that has it holds a finished search.
            write_atomically(
                out / ABOUT, json.dumps(_metadata(search, loaded.metadata), indent=1) + "\n"
            )
    return samples


def _metadata(search: Search, dataset: Mapping[str, Any]) -> dict[str, Any]:
    run = search.run
    return {
        **{key: value for key, value in asdict(run).items() if key in _RUN_FIELDS},
        "space": search.space,
        "present": search.present,
        "samples": search.samples,
        "tuning_episodes": search.episodes,
        "dataset": dataset,
        "versions": system.versions(),
        "commit": system.commit(),
        "machine": system.machine(search.device),
    }


def write_samples(path: Path, samples: Sequence[Sample]) -> None:
    """Writes a table with one row per sample."""
    text = io.StringIO()
    names = list(samples[0].settings)
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["sample", *names, "status", "steps", "score", "seconds", "reason"])
    for sample in samples:
        settings = [plain_value(sample.settings[name]) for name in names]
        ending = [
            sample.status,
            sample.steps,
            sample.score,
            round(sample.seconds, 1),
            sample.reason,
        ]
        table.writerow([sample.number, *settings, *ending])
    write_atomically(path, text.getvalue())


def plain_value(value: Any) -> Any:
    """A setting for a table: what is no number or text as JSON."""
    return value if isinstance(value, (int, float, str)) else json.dumps(value)


def ranking(samples: Sequence[Sample]) -> list[Sample]:
    """The samples that had all their gradient steps and have a score, the highest first."""
    scored = [
        (sample.score, sample)
        for sample in samples
        if sample.status == "completed" and sample.score is not None and isfinite(sample.score)
    ]
    return [sample for _, sample in sorted(scored, key=lambda pair: pair[0], reverse=True)]
