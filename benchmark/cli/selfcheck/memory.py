"""How much memory it takes to load a dataset, and what two workers share of it.

A made-up dataset of the door's sizes goes through the real loading and sharing, in fresh processes.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.data import load, open_shared, share
from benchmark.interface import Dataset
from benchmark.records.system import linux_figure, peak_memory
from benchmark.tasks import TASKS
from benchmark.tasks.environments import make_environment, task_info

# Made-up data must not go by the name of the published.
_TASK = replace(TASKS["adroit-door-expert"], dataset="selfcheck/door-v0")
_EPISODE_STEPS = 200
_WORKERS = 2


@dataclass(frozen=True)
class MemoryUse:
    """Bytes that were taken beyond what a process takes anyway.

    Attributes:
        steps: of the dataset.
        arrays: size of the arrays that agents see.
        load_peak: the most that a process takes while it loads them; None where the system does
            not tell.
        workers: processes that have mapped the shared arrays and read all of them.
        all_workers: what these take together, a shared page counted once; None where the system
            does not tell.
    """

    steps: int
    arrays: int
    load_peak: int | None
    workers: int
    all_workers: int | None


def measure_memory(steps: int = 1_000_000) -> MemoryUse:
    """Writes a dataset of so many steps, loads it, and has two processes map it at once."""
    steps -= steps % _EPISODE_STEPS
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="mage-selfcheck-") as scratch, _minari_in(scratch):
        shared = Path(scratch) / "shared"
        with context.Pool(1) as pool:
            pool.apply(_write, (steps,))
        with context.Pool(1) as pool:
            arrays, peak = pool.apply(_load_and_share, (shared,))
        barrier = context.Manager().Barrier(_WORKERS)
        with context.Pool(_WORKERS) as pool:
            taken = _map_together(pool, shared, barrier)
    together = None if None in taken else sum(size or 0 for size in taken)
    return MemoryUse(steps, arrays, peak, _WORKERS, together)


@contextmanager
def _minari_in(folder: str) -> Iterator[None]:
    before = os.environ.get("MINARI_DATASETS_PATH")
    os.environ["MINARI_DATASETS_PATH"] = folder
    try:
        yield
    finally:
        del os.environ["MINARI_DATASETS_PATH"]
        if before is not None:
            os.environ["MINARI_DATASETS_PATH"] = before


def _write(steps: int) -> None:
    import minari

    env = make_environment(_TASK).unwrapped
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Minari asks for an author and more.
        minari.create_dataset_from_buffers(_TASK.dataset, _episodes(steps), env=env)


def _episodes(steps: int) -> Iterator[Any]:
    from minari.data_collector import EpisodeBuffer

    rng, info = np.random.default_rng(0), task_info(_TASK)
    for index in range(steps // _EPISODE_STEPS):
        last = np.arange(1, _EPISODE_STEPS + 1) == _EPISODE_STEPS
        yield EpisodeBuffer(
            id=index,
            observations=rng.standard_normal((_EPISODE_STEPS + 1, info.observation_size)),
            actions=rng.uniform(-1, 1, (_EPISODE_STEPS, info.action_size)).astype(np.float32),
            rewards=rng.standard_normal(_EPISODE_STEPS),
            terminations=np.zeros(_EPISODE_STEPS, bool),
            truncations=last,
        )


def _load_and_share(folder: Path) -> tuple[int, int | None]:
    """Size of the arrays, and the most memory taken while they were loaded, in bytes."""
    import minari  # Takes memory of its own, which is none of the dataset's.

    info, _ = task_info(_TASK), minari
    before = peak_memory()
    loaded = load(_TASK, info, "auto")
    after = peak_memory()
    share(loaded, folder)
    peak = None if before is None or after is None else after - before
    return sum(getattr(loaded.dataset, field.name).nbytes for field in fields(Dataset)), peak


def _map_together(pool: Pool, folder: Path, barrier: Any) -> Sequence[int | None]:
    waiting = [pool.apply_async(_map, (folder, barrier)) for _ in range(_WORKERS)]
    return [result.get() for result in waiting]


def _map(folder: Path, barrier: Any) -> int | None:
    """What this process takes for the shared arrays while the others look at them too, in bytes."""
    before = _share_of_memory()
    loaded = open_shared(folder)
    assert loaded is not None
    for field in fields(Dataset):
        getattr(loaded.dataset, field.name).sum()
    barrier.wait()
    after = _share_of_memory()
    barrier.wait()  # Nobody leaves before all have looked.
    return None if before is None or after is None else after - before


def _share_of_memory() -> int | None:
    """This process's memory in bytes, a page that n processes share counted as 1/n."""
    return linux_figure("smaps_rollup", "Pss")
