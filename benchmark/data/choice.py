"""Which dataset a task is learned from where the user says so: `TASK_OR_GLOB=DATASET_ID`."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence

from benchmark.data.loading import check_fits
from benchmark.data.minari_folder import installed, minari_root
from benchmark.data.recorded_spaces import info_of
from benchmark.errors import LISTING, DatasetError, UserError, nearest_names, unknown_name
from benchmark.tasks import Task, known_tasks

_EXAMPLE = "--dataset adroit-door-expert=rebuilt/door/expert-v0"
_SHOWN = 20  # Datasets of a message.


def choose_datasets(
    tasks: Sequence[Task],
    options: Sequence[str],
    in_file: Mapping[str, str],
    *,
    evaluated: bool = True,
) -> dict[str, str]:
    """The datasets that the user chose, of which the last that matches a task counts.

    Args:
        tasks: that are asked for.
        options: texts of `--dataset`, each `TASK_OR_GLOB=DATASET_ID`; they come after the file.
        in_file: task or glob -> id, of the file of settings; it may speak of other tasks too.
        evaluated: see `info_of`.

    Returns:
        Task -> id, for the tasks that are asked for and have one.

    Raises:
        UserError: for a text of another form, a task that is unknown or not asked for, and a
            dataset that is not in Minari's folder or does not fit its task.
    """
    chosen: dict[str, str] = {}
    for pattern, dataset_id in [*in_file.items(), *map(_parsed, options)]:
        matches = fnmatch.filter([task.name for task in tasks], pattern)
        if not (matches or fnmatch.filter(known_tasks(), pattern)):
            raise _unknown(pattern)
        if not matches and pattern not in in_file:
            names = ", ".join(task.name for task in tasks)
            raise UserError(
                f"--dataset {pattern}={dataset_id} is for none of the tasks asked for: {names}"
            )
        chosen.update(dict.fromkeys(matches, dataset_id))
    _check_there(chosen)
    _check_fit(tasks, chosen, evaluated)
    return chosen


def _parsed(text: str) -> tuple[str, str]:
    pattern, equals, dataset_id = (part.strip() for part in text.partition("="))
    if not (pattern and equals and dataset_id):
        raise UserError(f"--dataset {text!r} is no TASK=DATASET; valid: {_EXAMPLE}")
    return pattern, dataset_id


def _unknown(pattern: str) -> UserError:
    error = unknown_name("task in --dataset", pattern, known_tasks(), listing=LISTING)
    return UserError(f"{error}; valid: {_EXAMPLE}")


def _check_there(chosen: Mapping[str, str]) -> None:
    known = installed() if chosen else []
    for task, dataset_id in chosen.items():
        if dataset_id not in known:
            close = nearest_names(dataset_id, known, most=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
            raise UserError(
                f"dataset {dataset_id!r} for {task} is not in {minari_root()}{hint}; there: "
                f"{', '.join(known[:_SHOWN]) or 'none'}{more}"
            )


def _check_fit(tasks: Sequence[Task], chosen: Mapping[str, str], evaluated: bool) -> None:
    for task in tasks:
        if task.name in chosen:
            dataset_id = chosen[task.name]
            try:
                info = info_of(task, dataset_id, evaluated=evaluated)
                check_fits(task, info, dataset_id)
            except DatasetError as error:
                raise UserError(str(error)) from error
