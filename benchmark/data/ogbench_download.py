"""OGBench's published files: downloaded by its own package, and kept as Minari datasets."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import sys
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.data.checks import HASHED_INFOS
from benchmark.data.minari_folder import atomic_dataset, not_writable
from benchmark.errors import DatasetError, is_of_machine, one_line, with_type
from benchmark.tasks.extras import install_command
from benchmark.tasks.published_sets import PUBLISHED_SETS, Sizes

NAMESPACE = "ogbench"
"""Of published datasets: `ogbench/cube-single-play-v0` is OGBench's `cube-single-play-v0`."""

SOURCE_HASH = "source_sha256"
"""Field of a dataset's metadata: SHA-256 of the published file that it was converted from."""

_WAIT_SECONDS = 10.0  # For an answer of the server.
_BYTES_AT_ONCE = 2**20


def check_installed() -> None:
    """Makes sure that OGBench's package is there.

    Raises:
        DatasetError: if it is not.
    """
    if find_spec("ogbench") is None:
        raise DatasetError(
            "OGBench's data needs the package ogbench, which is not installed",
            install_command("ogbench"),
        )


def download_ogbench(dataset_id: str) -> None:
    """Downloads a published file into the package's own folder and converts it.

    A file that is there already, because another program of the user's got it, is taken as it is.

    Args:
        dataset_id: `ogbench/` and OGBench's name of the dataset.

    Raises:
        DatasetError: if it is not known here, the package is not installed, the file cannot be
            had, or is not what was published.
    """
    if dataset_id not in PUBLISHED_SETS:
        valid = (name for name in PUBLISHED_SETS if name.startswith(f"{NAMESPACE}/"))
        raise DatasetError(
            f"{dataset_id} is none of the datasets of OGBench that are known here",
            f"valid: {', '.join(valid)}",
        )
    check_installed()
    # The package brings MuJoCo, which a command that answers at once does without.
    from ogbench.utils import DEFAULT_DATASET_DIR, download_datasets

    name = dataset_id.removeprefix(f"{NAMESPACE}/")
    folder = Path(DEFAULT_DATASET_DIR).expanduser()
    file = folder / f"{name}.npz"
    if not (file.exists() and (folder / f"{name}-val.npz").exists()):
        problem = _no_network()
        if problem is None:
            with _patient(), contextlib.redirect_stdout(sys.stderr):  # It prints the address.
                try:
                    download_datasets([name], str(folder))
                except Exception as error:  # Whatever lies between here and the server.
                    problem = with_type(error)
        if problem is not None:
            raise DatasetError(
                f"{dataset_id} cannot be downloaded: {problem}",
                f'on a machine with network: python -c "import ogbench; '
                f"ogbench.download_datasets(['{name}'])\"; then copy both files to {folder}",
            )
    try:
        convert(file, dataset_id)
    except DatasetError:
        raise
    except OSError as error:
        if not is_of_machine(error):
            raise _not_published(file, f"cannot be read ({with_type(error)})") from error
        raise not_writable(dataset_id, error) from error
    except Exception as error:  # Files of others, and what reads them, raise anything.
        raise _not_published(file, f"cannot be read ({with_type(error)})") from error


def convert(file: Path, dataset_id: str) -> None:
    """Writes a published file into Minari's folder, with its SHA-256 in the metadata.

    A row more than an episode has steps is recorded, whose action leads nowhere: it is the final
    observation. Rewards are 0: the file has none.

    Args:
        file: as it was published.
        dataset_id: of the dataset that it becomes.

    Raises:
        DatasetError: if it holds other episodes than were published, or cannot be written.
        Exception: whatever reading raises.
    """
    from ogbench.utils import DATASET_URL, load_dataset

    rows = load_dataset(file, compact_dataset=True, add_info=True)
    ends = np.flatnonzero(rows["valids"] == 0) + 1
    _check(file, rows, ends, PUBLISHED_SETS[dataset_id])
    # MuJoCo and Minari are of no use to what only looks data up.
    import gymnasium as gym
    import minari

    sizes = rows["observations"].shape[1], rows["actions"].shape[1]
    state = _states(rows, dataset_id)
    with warnings.catch_warnings(), atomic_dataset(dataset_id):
        warnings.simplefilter("ignore", UserWarning)  # Minari asks for an e-mail address.
        dataset = minari.create_dataset_from_buffers(
            dataset_id,
            _episodes(rows, ends, state),
            observation_space=gym.spaces.Box(-np.inf, np.inf, sizes[:1], np.float32),
            action_space=gym.spaces.Box(-1.0, 1.0, sizes[1:], np.float32),
            author="Park, Frans, Eysenbach and Levine (OGBench)",
            description=(
                f"OGBench's {file.name}, as downloaded from {DATASET_URL}, converted without any "
                "change of its numbers. It has no rewards: the zeros stand for none."
            ),
        )
        # Rewards of single tasks come from the state, which a seal is to hold as well.
        dataset.storage.update_metadata({SOURCE_HASH: file_hash(file), HASHED_INFOS: state})


def file_hash(file: Path) -> str:
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while part := content.read(_BYTES_AT_ONCE):
            digest.update(part)
    return digest.hexdigest()


def _states(rows: Mapping[str, Any], dataset_id: str) -> list[str]:
    """Names of the simulation's state, where it is not observed."""
    names = () if "maze" in dataset_id else ("qpos", "button_states")
    return [name for name in names if name in rows]


def _episodes(rows: Mapping[str, Any], ends: NDArray[Any], kept: Sequence[str]) -> Iterator[Any]:
    """The episodes as Minari's buffers, with these of the infos."""
    from minari.data_collector import EpisodeBuffer

    for index, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        steps = end - start - 1
        yield EpisodeBuffer(
            id=index,
            observations=rows["observations"][start:end],
            actions=rows["actions"][start : end - 1],
            rewards=np.zeros(steps, np.float32),
            terminations=np.zeros(steps, bool),
            truncations=np.arange(1, steps + 1) == steps,
            infos={name: rows[name][start:end] for name in kept} or None,
        )


def _check(file: Path, rows: Mapping[str, Any], ends: NDArray[Any], published: Sizes) -> None:
    """Makes sure that a file holds the episodes that were published."""
    steps = published.steps // published.episodes
    expected = np.arange(1, published.episodes + 1) * (steps + 1)
    total = len(rows["observations"])
    if len(ends) != published.episodes or total != expected[-1] or (ends != expected).any():
        raise _not_published(
            file,
            f"has {len(ends):,} episodes in {total:,} rows; published: {published.episodes:,} "
            f"episodes of {steps + 1:,} rows",
        )
    for name in ("observations", "actions"):
        if not np.isfinite(rows[name]).all():
            raise _not_published(file, f"has {name} that are not finite")
    if np.abs(rows["actions"]).max() > 1:
        raise _not_published(file, "has actions beyond -1 to 1")


def _not_published(file: Path, problem: str) -> DatasetError:
    return DatasetError(f"{file} {problem}", "delete it, and it is downloaded again")


@cache
def _no_network() -> str | None:
    """Why OGBench's server is out of reach, asked once in the life of a process."""
    from huggingface_hub import constants  # Takes long to import.
    from ogbench.utils import DATASET_URL

    if constants.HF_HUB_OFFLINE:  # Who wants no network for data wants none here.
        return "no network: HF_HUB_OFFLINE is set"
    request = urllib.request.Request(DATASET_URL, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=_WAIT_SECONDS).close()
    except urllib.error.HTTPError:  # It answers, if only that this is no file.
        return None
    except Exception as error:  # Whatever lies between here and the server.
        return f"no network: {DATASET_URL} cannot be reached ({one_line(error)})"
    return None


@contextlib.contextmanager
def _patient() -> Iterator[None]:
    """Limits how long connections that are made meanwhile wait for an answer."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_WAIT_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
