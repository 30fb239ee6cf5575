"""A trained agent's folder.

::

    README.md    the model card, once the run has ended (`model_card.py`)
    agent.json   what it was trained on, and the settings it was made with
    weights/     what the agent itself has saved
    source/      a copy of its file, and of those beside it that this imports, if it came from one
    task/        the same of the file that registers its task

The copies are what an agent of one's own is loaded from where a file is gone or has changed:
results can be moved. To load an agent runs its code, so load only what you trust.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.agents.registry import agent_class
from benchmark.errors import UserError, is_of_machine, with_type
from benchmark.interface import Agent, HindsightGoals, TaskInfo
from benchmark.plugins.source_files import short_hash, source_hash, source_of_hash
from benchmark.records.devices import resolve_device
from benchmark.records.files import write_atomically
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.records.text import listed
from benchmark.tasks import Task, find_task

_METADATA, WEIGHTS, _SOURCE, _TASK = "agent.json", "weights", "source", "task"
_KEPT = ("task", "task_hash", "agent", "seed", "source_hash", "settings")
_EXPECTED = "the folder that a completed run left behind; train it again"
# From an output folder, from around it, or from within it to the folders of runs.
_BELOW = ("seed-*", "*/seed-*", "*/*/seed-*", "runs/*/*/seed-*", "*/runs/*/*/seed-*")
_SHOWN = 3  # Folders of a message.


def save_agent(agent: Agent, run: RunSpec, folder: Path, info: TaskInfo | None = None) -> None:
    """Keeps an agent, whole or not at all; the one before stays until it is written.

    Args:
        agent: fitted.
        run: that trained it.
        folder: to keep it in.
        info: what it was told of its task, with which it is loaded without the environment.
    """
    import torch  # Keeps it out of --help.

    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        (new / WEIGHTS).mkdir(parents=True)
        agent.save(new / WEIGHTS)
        metadata = {key: getattr(run, key) for key in _KEPT}
        metadata |= _keep_sources(run, new)
        metadata |= {"threads": torch.get_num_threads(), "info": info and _as_plain(info)}
        write_atomically(new / _METADATA, json.dumps(metadata, indent=1))
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    if folder.exists():
        shutil.rmtree(folder)
    new.rename(folder)


def _as_plain(info: TaskInfo) -> dict[str, Any]:
    """As JSON has it; a float32 comes back as it was."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in asdict(info).items()
    }


def _task_info(values: Mapping[str, Any]) -> TaskInfo:
    bounds = {name: np.array(values[name], np.float32) for name in ("action_low", "action_high")}
    columns = {name: tuple(values[name]) for name in ("position_columns", "goal_columns")}
    hindsight = values.get("hindsight")
    if hindsight is not None:
        lists = {name: tuple(hindsight[name]) for name in ("goal_columns", "state_columns")}
        hindsight = HindsightGoals(**{**hindsight, **lists})
    return TaskInfo(**{**values, **bounds, **columns, "hindsight": hindsight})


def _keep_sources(run: RunSpec, folder: Path) -> dict[str, str | None]:
    """Copies the files of agent and task; returns where they are, as seen from the folder."""
    source, task_source = run.source, run.task_source
    if source is not None and run.source_hash is not None:
        path_text, _, class_name = source.rpartition(":")
        source = f"{_keep_file(path_text, run.source_hash, folder, _SOURCE)}:{class_name}"
    if task_source is not None and run.task_hash is not None and task_source.endswith(".py"):
        task_source = _keep_file(task_source, run.task_hash, folder, _TASK)
    return {"source": source, "task_source": task_source}


def _keep_file(path_text: str, digest: str, folder: Path, copies: str) -> str:
    for name, content in source_of_hash(digest).items():
        path = folder / copies / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # To another disk of Windows no way leads: its path stays as it is.
    with contextlib.suppress(ValueError):
        path_text = os.path.relpath(path_text, folder.resolve())
    return path_text.replace(os.sep, "/")


def has_agent(folder: Path) -> bool:
    """Whether a run has left its trained agent behind; results that were passed on may have not."""
    return (folder / _METADATA).is_file() and (folder / WEIGHTS).is_dir()


def load_agent(folder: str | Path, device: str = "cpu") -> Agent:
    """Brings back a trained agent from the folder that its run left behind.

    It is made with the settings that it was trained with, whatever its task's are today, and this
    process gets as many threads of torch as it was trained with: with more, small networks act
    a hundred times as slowly.

    Args:
        folder: such as `results/maze2d-quick/runs/maze2d-umaze/mage/seed-0`, or a URL of one that
            fsspec can reach, such as `hf://NAME/REPOSITORY` or `s3://bucket/folder`.
        device: name of a torch device.

    Raises:
        UserError: if it is not there, was altered, or is none of ours; or for a device that is not
            there.
    """
    import torch  # It stays out of --help.

    device = resolve_device(device)
    with local_folder(folder) as here, _whole(folder):
        metadata = _metadata(here)
        from benchmark.tasks.environments import task_info  # With MuJoCo, which may be broken.

        torch.set_num_threads(metadata.get("threads", 1))
        agent_cls = _class_of(here, metadata)
        stored = metadata.get("info")  # Earlier versions have none.
        info = _task_info(stored) if stored else task_info(_task_of(here, metadata))
        agent = agent_cls(info, metadata["settings"], device)
        agent.load(here / WEIGHTS)
        return agent


@contextlib.contextmanager
def local_folder(location: Path | str) -> Iterator[Path]:
    """A run's folder on this machine: that itself, or a copy for as long as the block lasts.

    Args:
        location: a folder, or a URL of one.

    Raises:
        UserError: for a URL that cannot be reached, or has no agent.
    """
    with contextlib.ExitStack() as stack:
        with _whole(location):
            store = stack.enter_context(Store(str(location)))
            store.pull("*")
            if store.is_remote and not has_agent(store.folder):
                raise UserError(f"there is no {_METADATA} in it; expected {_EXPECTED}")
        yield store.folder


def _class_of(folder: Path, metadata: Mapping[str, Any]) -> type[Agent]:
    """The agent's class: from its own file where that is as it was, or else from the copy."""
    source, digest = metadata["source"], metadata.get("source_hash")
    if source is None or digest is None:  # Known by name, or of a version that kept no copy.
        return agent_class(source or metadata["agent"])
    path_text, _, class_name = source.rpartition(":")
    again = f"train again with --agents path/to/{Path(path_text).name}:{class_name}"
    path = _found_file(folder, path_text, digest, _SOURCE, class_name, again)
    return agent_class(f"{path}:{class_name}")


def _found_file(
    folder: Path, path_text: str, digest: str, copies: str, what: str, again: str
) -> Path:
    """The user's file where it is as it was, or else the copy.

    Raises:
        UserError: if neither is.
    """
    own = Path(os.path.normpath(folder.resolve() / path_text))
    copy = folder.resolve() / copies / own.name
    hashes = {path: source_hash(path) for path in (own, copy) if path.is_file()}
    for path, its_hash in hashes.items():
        if its_hash == digest:
            return path
    now = "; ".join(
        f"{path} {'is not there' if path not in hashes else 'has ' + short_hash(hashes[path])}"
        for path in (own, copy)
    )
    raise UserError(
        f"the file of {what} that it was trained with has the hash {short_hash(digest)}, but "
        f"{now}; put it back, or {again}"
    )


def trained_task(folder: Path) -> Task:
    """The task that the agent in a run's folder was trained for.

    Raises:
        UserError: if there is no agent.
    """
    with _whole(folder):
        return _task_of(folder, _metadata(folder))


def _task_of(folder: Path, metadata: Mapping[str, Any]) -> Task:
    name, source, digest = (metadata.get(key) for key in ("task", "task_source", "task_hash"))
    if source is None or digest is None or not source.endswith(".py"):
        return find_task(metadata["task"], source, digest)
    again = f"train again with --tasks path/to/{Path(source).name}:{name}"
    path = _found_file(folder, source, digest, _TASK, f"the task {name}", again)
    return find_task(metadata["task"], str(path), digest)


def trained_name(folder: Path) -> str:
    """The name of the agent in a run's folder.

    Raises:
        UserError: if there is no agent.
    """
    with _whole(folder):
        return str(_metadata(folder)["agent"])


def trained_seed(folder: Path) -> int:
    """The training seed of the agent in a run's folder.

    Runs of older versions do not say it; all of them played the episodes of training seed 0.

    Raises:
        UserError: if there is no agent.
    """
    with _whole(folder):
        return int(_metadata(folder).get("seed", 0))


@contextlib.contextmanager
def _whole(folder: Path | str) -> Iterator[None]:
    try:
        yield
    except UserError as error:
        raise UserError(f"no agent can be loaded from {folder}: {error}") from error
    except Exception as error:  # Whatever a foreign file makes the readers raise.
        way_out = f"expected {_EXPECTED}"
        if is_of_machine(error):
            way_out = "it may be all right: put that right, and try again"
        raise UserError(
            f"no agent can be loaded from {folder} ({with_type(error)}); {way_out}"
        ) from error


def _metadata(folder: Path) -> dict[str, Any]:
    try:
        text = (folder / _METADATA).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(_no_agent(folder)) from None
    values: dict[str, Any] = json.loads(text)
    return values


def _no_agent(folder: Path) -> str:
    """What to say of a place without a trained agent: where there are some, near it."""
    beside = folder.parent / folder.stem  # As of a record or a log.
    near = [place for place in (beside, folder.parent) if has_agent(place)]
    near += [path.parent for way in _BELOW for path in sorted(folder.glob(f"{way}/{_METADATA}"))]
    if near:
        more = f" and {len(near) - _SHOWN:,} more" if len(near) > _SHOWN else ""
        return (
            "it is not the folder of one trained agent; valid: "
            f"{listed(near[:_SHOWN])}{more}; name one of them"
        )
    records = [path for way in _BELOW for path in folder.glob(f"{way}.json")]
    if records or (folder.parent / f"{folder.stem}.json").is_file():
        return (
            "it holds records of runs, but none of their trained agents, which are not passed on "
            "with records; train again: python -m benchmark.run --out FOLDER"
        )
    return f"there is no {_METADATA} in it; expected {_EXPECTED}"
