"""A search for settings from its plan to its files; what tries the samples is `ray_search`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.agents.registry import agent_class, split_variant
from benchmark.agents.settings import find_preset
from benchmark.data import prepare, share
from benchmark.errors import DatasetError, UserError
from benchmark.records import system
from benchmark.records.devices import resolve_device
from benchmark.records.files import write_atomically
from benchmark.records.record import FIRST_SEARCH_SEED
from benchmark.records.store import Store
from benchmark.records.text import counted
from benchmark.running.compute import needs_of
from benchmark.running.grid import Grid, plan_runs
from benchmark.running.search_space import Sample, Search, current_values, search_space
from benchmark.running.settings_check import made_agents
from benchmark.tasks import find_task

if TYPE_CHECKING:
    from benchmark.running.ray_session import Session

SAMPLES = "trials.csv"
BEST = "best.json"
ABOUT = "about.json"
FINISHED, BEGUN = "finished", "begun"

# Files of agents and tasks are known by their content, wherever they lie.
_RUN_FIELDS = (
    *("task", "agent", "preset", "data", "seed", "steps", "settings"),
    *("source_hash", "task_hash"),
)
_OF_BUDGET = ("preset", "seed", "samples", "trainings", "tuning_episodes", "steps_option")


def plan_search(grid: Grid, samples: int, device: str) -> Search:
    """Spells out a search; makes the agent once to see its present settings.

    Args:
        grid: of one task and one agent, and seeds that follow one another.
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
    names = [split_variant(run.agent)[0], run.agent]
    said = grid.settings_file.said_steps(names, run.task)
    budget = (samples, episodes, device, len(grid.seeds), grid.steps, said)
    return Search(run, space, current, *budget)


def share_data(
    searches: Iterable[Search], folder: Path, report: Callable[[str], None]
) -> dict[str, Mapping[str, Any]]:
    """Gets the data of all searches and shares it, each task's in a folder called like it.

    Args:
        searches: what is to be searched.
        folder: gets the arrays.
        report: gets lines for people.

    Returns:
        Task -> what is known of its data.

    Raises:
        UserError: if some data cannot be had.
    """
    # Keep MuJoCo out of --help.
    from benchmark.tasks.environments import task_info

    known: dict[str, Mapping[str, Any]] = {}
    for run in (search.run for search in searches):
        if run.task not in known:
            task = find_task(run.task, run.task_source, run.task_hash)
            try:
                loaded = prepare(task, task_info(task), run.data, report)
            except DatasetError as error:
                raise UserError(f"{task.name}: {error}") from error
            share(loaded, folder / task.name)
            known[task.name] = loaded.metadata
    return known


def run_and_write_search(
    search: Search,
    out: Path,
    data: Path,
    dataset: Mapping[str, Any],
    workers: int,
    session: Session,
) -> list[Sample]:
    """Tries the samples, and writes what came of it.

    Args:
        search: what to search.
        out: the output folder.
        data: where the arrays of the task have been shared.
        dataset: what is known of them.
        workers: samples at a time.
        session: a running Ray.

    Returns:
        The samples in the order of their numbers; not all of them if Ray itself has failed.

    Raises:
        UserError: if another command holds the folder.
    """
    # Keep Ray out of --help.
    from benchmark.running.ray_search import run_search

    run, about = search.run, _metadata(search, dataset)
    with Store(str(out)).claimed():
        _write_json(out / ABOUT, {**about, FINISHED: False})
        (out / BEST).unlink(missing_ok=True)  # Of a search that did not come to its end.
        as_long = ", or as many as take as long" if search.has_equal_seconds else ""
        session.print_line(
            f"{counted(search.samples, 'sample')} of {', '.join(search.space)} for {run.agent} on "
            f"{run.task}, {workers} at a time on {search.device}, each of up to "
            f"{counted(search.trainings, 'training')} of {run.steps} gradient steps{as_long}"
        )
        keep = partial(write_samples, out / SAMPLES)
        samples = run_search(search, data, session, workers, keep)
        if ranked := ranking(samples):
            settings = {
                "tasks": {run.task: {run.agent: ranked[0].settings}},
                **_found_steps(ranked[0], search),
                "samples": {run.task: {run.agent: len(samples)}},
            }
            _write_json(out / BEST, settings)
        if ranked and len(samples) == search.samples:
            _write_json(out / ABOUT, {**about, FINISHED: True})
    return samples


def _found_steps(best: Sample, search: Search) -> dict[str, Any]:
    """The part of the file on the steps of a training, where they were not those of now."""
    run, steps = search.run, search.budget_of(best) // search.trainings
    return {"steps": {run.task: {run.agent: {run.preset: steps}}}} if steps != run.steps else {}


def state_of(search: Search, folder: Path) -> str:
    """How far a folder is with a search: `FINISHED`, `BEGUN` or, if it holds none, empty.

    Raises:
        UserError: if it holds another search than this one.
    """
    about = _read(folder / ABOUT)
    if not about:
        return BEGUN if (folder / SAMPLES).exists() else ""
    _check_same(folder, about, _identity(search))
    return FINISHED if _is_whole(about) else BEGUN


def check_same_budget(search: Search, folder: Path) -> None:
    """Makes sure that all searches below a folder, whose winners make one file, had as much.

    Raises:
        UserError: if one had not.
    """
    asked = {name: value for name, value in _identity(search).items() if name in _OF_BUDGET}
    for path in sorted(folder.glob(f"*/*/{ABOUT}")):
        about = _read(path)
        if "training" not in about:
            raise UserError(
                f"{path.parent} holds a search of an earlier version, whose samples had equal "
                "steps, however long these took; choose another --out, or delete it"
            )
        _check_same(path.parent, about, asked)


def _check_same(folder: Path, about: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    for name, value in json.loads(json.dumps(asked)).items():
        if about.get(name) != value:
            raise UserError(
                f"{folder} holds a search with {name} {about.get(name)!r}, now asked with "
                f"{value!r}; choose another --out, or delete it"
            )


def _is_whole(about: Mapping[str, Any]) -> bool:
    """Whether it is of a finished search; those of older versions have been written at its end."""
    return bool(about) and about.get(FINISHED, True)


def merged_settings(folder: Path) -> dict[str, Any]:
    """The best settings of all finished searches below a folder, as one file has them."""
    merged: dict[str, Any] = {"tasks": {}, "steps": {}, "samples": {}}
    for path in sorted(folder.glob(f"*/*/{BEST}")):
        best = _read(path) if _is_whole(_read(path.with_name(ABOUT))) else {}
        for part, by_task in merged.items():
            for task, agents in best.get(part, {}).items():
                by_task.setdefault(task, {}).update(agents)
    return merged


def scores_of(folder: Path) -> tuple[float | None, float | None]:
    """Score of the present settings and highest score of a search, of samples with all steps."""
    if not (folder / SAMPLES).exists():
        return None, None
    with (folder / SAMPLES).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "completed"]
    scores = {row["sample"]: float(row["score"]) for row in rows}
    return scores.get("1"), max(scores.values(), default=None)


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    write_atomically(path, json.dumps(values, indent=1) + "\n")


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _identity(search: Search) -> dict[str, Any]:
    """What makes two searches the same one."""
    return {
        **{key: value for key, value in asdict(search.run).items() if key in _RUN_FIELDS},
        "space": search.space,
        "present": search.present,
        "samples": search.samples,
        "trainings": search.trainings,
        "tuning_episodes": search.episodes,
        "training": search.training_text,
        "steps_option": search.steps_option,
    }


def _metadata(search: Search, dataset: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_identity(search),
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
    table.writerow(["sample", *names, "status", "steps", "budget", "score", "seconds", "reason"])
    for sample in samples:
        settings = [plain_value(sample.settings[name]) for name in names]
        ending = [
            sample.status,
            sample.steps,
            sample.budget,
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
