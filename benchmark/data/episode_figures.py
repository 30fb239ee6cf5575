"""Returns and lengths of the recorded episodes of a dataset, read once and then remembered."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.data.checks import BadDataError
from benchmark.data.minari_folder import folder_of
from benchmark.data.seals import seal_file
from benchmark.records.files import write_atomically

_EPISODES_AT_ONCE = 100  # The file keeps what was read until it is closed.
_DIGITS = 6  # That count; sums differ in the last ones between processors.


@dataclass(frozen=True)
class EpisodeFigures:
    """What is derived from the episodes of a dataset.

    Attributes:
        least_return: undiscounted return of the worst episode.
        most_return: that of the best.
        longest: steps of the longest.
    """

    least_return: float
    most_return: float
    longest: int


def episode_figures(dataset_id: str, stored: Any) -> EpisodeFigures:
    """Reads a dataset, unless that was done before and its files are as they were then.

    Args:
        dataset_id: of a dataset in Minari's folder.
        stored: from `stored.open_stored`.

    Raises:
        BadDataError: if it has no episodes, or rewards that are no finite numbers.
        Exception: whatever reading raises.
    """
    seal = seal_file(dataset_id)
    file = None if seal is None else seal.parent.parent / "episodes" / seal.name
    files = _files(dataset_id)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if file is not None:
            kept = json.loads(file.read_text("utf-8"))
            if kept["files"] == files:
                return EpisodeFigures(**kept["figures"])
    figures = _read(stored)
    if file is not None:
        with contextlib.suppress(OSError):  # Then it is read anew each time.
            file.parent.mkdir(parents=True, exist_ok=True)
            about = {"dataset": dataset_id, "files": files, "figures": asdict(figures)}
            write_atomically(file, json.dumps(about))
    return figures


def _files(dataset_id: str) -> list[list[Any]]:
    """What tells the files of a dataset from others: name, size and time of the last change."""
    files = ((path, path.stat()) for path in (folder_of(dataset_id) / "data").iterdir())
    return sorted([path.name, stat.st_size, stat.st_mtime_ns] for path, stat in files)


def _read(stored: Any) -> EpisodeFigures:
    rewards = list(_rewards(stored))
    if not rewards:
        raise BadDataError("has no episodes")
    returns = [float(one.sum()) for one in rewards]
    if not np.isfinite(returns).all():
        raise BadDataError("has rewards that are not finite")
    least, most = (float(f"{value:.{_DIGITS}g}") for value in (min(returns), max(returns)))
    return EpisodeFigures(least, most, max(map(len, rewards)))


def _rewards(stored: Any) -> Iterator[np.ndarray]:
    """(T,) rewards of each episode."""
    episodes = range(int(stored.total_episodes))
    for first in episodes[::_EPISODES_AT_ONCE]:
        for episode in stored.get_episodes(episodes[first : first + _EPISODES_AT_ONCE]):
            yield np.asarray(episode["rewards"], np.float64).reshape(-1)
