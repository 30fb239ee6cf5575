"""A task for each dataset of Minari's folder: `--tasks minari:my/dataset-v0`.

All that a row of the table of tasks says is derived from the dataset, in any process alike:

    environment    its environment for evaluation, or else that of the recording
    observation    its parts, in gymnasium's order
    steps          those of the environment, or else of the longest recorded episode
    scores         its reference returns, or else scores are returns
    return_scale   the largest recorded return, without its sign
    target_return  the best recorded return
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from benchmark.data.download import download
from benchmark.data.env_specs import NO_EVALUATION, evaluation_spec, inherited
from benchmark.data.episode_figures import episode_figures
from benchmark.data.minari_folder import installed, is_there, minari_root
from benchmark.data.recorded_spaces import (
    differing_spaces,
    parts_text,
    recorded_spaces,
    spaces_of_dataset,
)
from benchmark.data.remedies import bad_dataset
from benchmark.data.seals import remove_seal
from benchmark.data.stored import (
    check_spaces_readable,
    check_version,
    open_stored,
    read_metadata,
    reference_scores,
)
from benchmark.errors import DatasetError, UserError, nearest_names
from benchmark.plugins.names import check_name
from benchmark.tasks import Task
from benchmark.tasks.task_registry import OF_DATASET, OWN_DATA

_GLOB = re.compile(r"[*?\[]")
_SHOWN = 20  # Datasets of a message.


def tasks_of_datasets(source: str) -> list[Task]:
    """The tasks of the datasets of Minari's folder that are asked for.

    Args:
        source: `minari:my/dataset-v0`, or `minari:` and a glob.

    Raises:
        UserError: if there is no such dataset.
        BadDatasetError: if one cannot be read, or no agent here learns from such data.
    """
    wanted = source.removeprefix(OF_DATASET)
    if not _GLOB.search(wanted):
        if not _is_dataset(wanted):
            raise UserError(f"{_not_there(source)}; minari download {wanted} gets a published one")
        return [task_of_dataset(wanted)]
    matches = fnmatch.filter(installed(), wanted)
    if not matches:
        raise UserError(_not_there(source))
    return [task_of_dataset(dataset_id) for dataset_id in matches]


def task_of_dataset(dataset_id: str) -> Task:
    """The task that is derived from a dataset of Minari's folder; makes no environment.

    Raises:
        UserError: if no task can be called like it.
        BadDatasetError: if it cannot be read, or no agent here learns from such data.
    """
    name = re.sub(r"[^a-z0-9_.-]+", "-", dataset_id.lower()).strip("-_.")
    check_name(name, "task", f"give the dataset {dataset_id} another id")
    task = Task(
        name=name,
        benchmark=OWN_DATA,
        dataset=dataset_id,
        env_id=None,
        max_steps=1,
        tells_success=None,
        source=f"{OF_DATASET}{dataset_id}",
    )
    with bad_dataset(task, dataset_id):
        return _filled(task, dataset_id)


def _filled(task: Task, dataset_id: str) -> Task:
    metadata = read_metadata(dataset_id)
    check_version(metadata)
    check_spaces_readable(metadata)
    stored = open_stored(dataset_id, metadata)
    parts, spaces = recorded_spaces(stored.observation_space, stored.action_space)
    figures = episode_figures(dataset_id, stored)
    spec = evaluation_spec(metadata)
    low, high = reference_scores(_with_references(metadata)) or (None, None)
    task = replace(
        task,
        max_steps=(spec and spec.max_episode_steps) or figures.longest,
        min_score=low,
        max_score=high,
        observation_parts=parts,
        spaces=spaces,
        return_scale=max(abs(figures.least_return), abs(figures.most_return)) or 1.0,
        target_return=figures.most_return,
    )
    derived = {**asdict(task), "env_id": spec and spec.to_json()}
    digest = hashlib.sha256(json.dumps(derived, sort_keys=True).encode()).hexdigest()
    return replace(task, env_id=spec, source_hash=digest)


def _with_references(metadata: Mapping[str, Any]) -> dict[str, Any]:
    names = ("ref_min_score", "ref_max_score")
    return {name: inherited(metadata, name) for name in names}


def absent_datasets(patterns: Sequence[str]) -> list[str]:
    """The datasets that are asked for by their id, and are not in Minari's folder.

    Args:
        patterns: texts of `--tasks`, of which only those of datasets count.
    """
    ids = [text.removeprefix(OF_DATASET) for text in patterns if text.startswith(OF_DATASET)]
    return [one for one in ids if one and not _GLOB.search(one) and not _is_dataset(one)]


def fetch_absent(patterns: Sequence[str], data: str, report: Callable[[str], None]) -> None:
    """Downloads the datasets that are asked for and not there, without which no task is known.

    Args:
        patterns: texts of `--tasks`.
        data: see `sources.dataset_state`.
        report: gets a line for each download.

    Raises:
        UserError: if one cannot be had.
    """
    for dataset_id in absent_datasets(patterns):
        missing = _not_there(f"{OF_DATASET}{dataset_id}")
        if data == "local":
            raise UserError(f"{missing}; --data local downloads nothing, --data auto does")
        report(f"{dataset_id}: downloading")
        try:
            download(dataset_id)
        except DatasetError as error:
            raise UserError(f"{missing}; {error}") from error
        remove_seal(dataset_id)


def check_fits_environment(task: Task) -> None:
    """Makes the environment of a dataset's task once, and compares its spaces with the data's.

    Raises:
        UserError: if there is none, if it cannot be made here, or if the two differ.
    """
    if task.source is None or not task.source.startswith(OF_DATASET):
        return
    other = "a task as code can name one (docs/your-own-task.md)"
    if task.env_id is None:
        raise UserError(
            f"dataset {task.dataset} names no environment, in which agents could be evaluated; "
            f"{NO_EVALUATION}; {other}"
        )
    from benchmark.tasks.environments import environment_spaces  # Keeps MuJoCo out of --help.

    observations, actions = environment_spaces(task)
    with bad_dataset(task, task.dataset):
        recorded, played = spaces_of_dataset(task.dataset), recorded_spaces(observations, actions)
    if differences := "; ".join(differing_spaces(recorded, played)):
        raise UserError(
            f"the environment {environment_text(task)} of dataset {task.dataset} has other spaces "
            f"than the data: {differences}; {other}"
        )


def environment_text(task: Task) -> str:
    """What the environment of a task is called."""
    return "none" if task.env_id is None else str(getattr(task.env_id, "id", task.env_id))


def description(task: Task) -> dict[str, str]:
    """What was derived for a dataset's task, for people: what it is -> in words."""
    spec: Any = task.env_id
    own_limit = spec is not None and spec.max_episode_steps is not None
    steps = "" if own_limit else " (the longest recorded episode: the environment has no limit)"
    references = "returns, not normalised: the dataset has no reference scores"
    if task.references:
        low, high = task.references
        references = f"a return of {low:g} scores 0, {high:g} scores 100 (the dataset says so)"
    assert task.spaces is not None
    return {
        "environment": environment_text(task),
        "observation": parts_text(task.observation_parts, task.spaces),
        "action": f"{len(task.spaces.action_low)} numbers",
        "episode": f"at most {task.max_steps} steps{steps}",
        "scores": references,
        "returns": f"agents are asked for {task.target_return:g}, the best recorded; "
        f"{task.return_scale:g} is 1 to them",
    }


def _is_dataset(dataset_id: str) -> bool:
    """Whether it is in Minari's folder, and no folder of datasets."""
    return bool(dataset_id) and is_there(f"{dataset_id}/data/metadata.json")


def _not_there(source: str) -> str:
    """That a dataset is not there, and which are."""
    wanted, known = source.removeprefix(OF_DATASET), installed()
    close = nearest_names(wanted, known)
    hint = f"; did you mean {' or '.join(f'{OF_DATASET}{one}' for one in close)}?" if close else ""
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    there = ", ".join(known[:_SHOWN]) or "none"
    return f"no dataset {wanted!r} in {minari_root()}{hint}; there: {there}{more}"
