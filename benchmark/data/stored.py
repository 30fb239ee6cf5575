"""What a dataset in Minari's folder says of itself, before its arrays are read."""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from packaging.version import InvalidVersion, Version

from benchmark.data.checks import BadDataError
from benchmark.data.minari_folder import folder_of
from benchmark.errors import with_type
from benchmark.tasks import Task
from benchmark.tasks.published_sets import Sizes, kind_of

# Longest author and description of a record, in characters.
_AUTHOR, _DESCRIPTION = 100, 400

UPDATE = "update MAGE-bench and Minari (pip install --upgrade minari)"
"""The way out where data is newer than what reads it."""

_SPACES = ("observation_space", "action_space")
_KIND_OF_SPACE = r'"type": *"(\w+)"'
_ANEW = "have the data written anew by a version that it reads"


def read_metadata(dataset_id: str) -> dict[str, Any]:
    """The metadata of a dataset, as it is.

    Raises:
        OSError: if its file cannot be read.
        ValueError: if it is no JSON.
        BadDataError: if it is no table.
    """
    file = folder_of(dataset_id) / "data" / "metadata.json"
    metadata = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(metadata, dict):
        raise BadDataError(f"has metadata that is no table: {_cut(str(metadata), 40)!r}")
    return metadata


def about_stored(task: Task, dataset_id: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What a dataset is to a task, and in its own words.

    Returns:
        `id`, `kind` (see `published_sets.kind_of`), `author`, `description`, and
        `recorded_episodes` and `recorded_steps`, which its file should hold.

    Raises:
        BadDataError: if the sizes are missing, or no numbers.
    """
    sizes = Sizes(_count(metadata, "total_episodes"), _count(metadata, "total_steps"))
    names = metadata.get("author") or ""
    author = _cut(", ".join(map(str, names)) if isinstance(names, list) else str(names), _AUTHOR)
    description = " ".join(str(metadata.get("description") or "").split())
    return {
        "id": dataset_id,
        "kind": kind_of(task, dataset_id, sizes, metadata),
        "author": author,
        "description": _cut(description, _DESCRIPTION),
        "recorded_episodes": sizes.episodes,
        "recorded_steps": sizes.steps,
    }


def check_version(metadata: Mapping[str, Any]) -> None:
    """Makes sure that the installed Minari can read a dataset; if not, it is not the data's fault.

    Raises:
        BadDataError: if it was written by a version that is too new or too old, or in a format that
            is not known, or if it does not say so.
    """
    import minari  # Brings Gymnasium, which a command that answers at once does without.
    from minari.dataset._storages import get_storage_keys

    known = sorted(minari.supported_dataset_versions, key=Version)
    written = _named(metadata, "minari_version", "which Minari wrote it")
    if written not in known:
        new = _too_old(written, known)
        raise BadDataError(
            f"was written by Minari {_cut(written, 40)}; the installed {minari.__version__} is too "
            f"{'new' if new else 'old'} for it: it reads what {known[0]} to {known[-1]} wrote",
            _ANEW if new else f"{UPDATE}, or {_ANEW}",
        )
    stored, formats = _named(metadata, "data_format", "how it is stored"), get_storage_keys()
    if stored not in formats:
        raise BadDataError(
            f"is stored as {_cut(stored, 40)!r}, which the installed Minari {minari.__version__} "
            f"does not know: it reads {', '.join(formats)}",
            f"{UPDATE}, or {_ANEW}",
        )


def open_stored(dataset_id: str, metadata: Mapping[str, Any]) -> Any:
    """Minari's storage of a dataset, by its path: an empty MINARI_DATASETS_PATH is none to Minari.

    Its `MinariDataset` would also read for which environment the data is, which is of no use here
    and fails where another Gymnasium wrote it.

    Args:
        dataset_id: of the dataset.
        metadata: as `read_metadata` has it.

    Raises:
        BadDataError: if it leaves its spaces to an environment that cannot be made here.
        Exception: whatever Minari raises.
    """
    # Brings Gymnasium, which a command that answers at once does without.
    from minari.dataset.minari_storage import MinariStorage

    try:
        return MinariStorage.read(folder_of(dataset_id) / "data")
    except Exception as error:  # An environment may raise anything.
        if all(name in metadata for name in _SPACES) or not _is_table(metadata.get("env_spec")):
            raise
        raise BadDataError(
            f"leaves its spaces to an environment that cannot be made here ({with_type(error)})",
            f"install that environment, {UPDATE}, or {_ANEW}",
        ) from error


def check_opens(dataset_id: str) -> None:
    """Opens the file that holds a dataset's arrays, where Minari keeps it as HDF5, and reads none.

    Raises:
        OSError: if it is cut short, or no such file.
    """
    import h5py  # Takes long to import; a command that answers at once does without.

    path = folder_of(dataset_id) / "data" / "main_data.hdf5"
    if path.exists():
        h5py.File(path).close()


def check_spaces_readable(metadata: Mapping[str, Any]) -> None:
    """Makes sure that Minari can read the spaces of a dataset, which it does without a word of why.

    Raises:
        BadDataError: for the first that it cannot.
    """
    # Brings Gymnasium, which a command that answers at once does without.
    from minari.serialization import deserialize_space

    for name in _SPACES:
        if name not in metadata:
            continue  # Then it is the environment's.
        text = metadata[name]
        try:
            deserialize_space(text)
        except Exception as error:  # Files of others, and what reads them, raise anything.
            if new := set(re.findall(_KIND_OF_SPACE, str(text))) - set(deserialize_space.registry):
                raise BadDataError(
                    f"has an {name} of a kind that the installed Minari does not know: "
                    f"{_cut(', '.join(sorted(new)), 40)}",
                    f"{UPDATE}, or {_ANEW}",
                ) from error
            raise BadDataError(
                f"is damaged (its {name} is {_cut(repr(text), 40)}, which cannot be read: "
                f"{with_type(error)})"
            ) from error


def reference_scores(metadata: Mapping[str, Any]) -> tuple[float, float] | None:
    """The returns that score 0 and 100 as a dataset itself has them, if it does.

    Raises:
        BadDataError: if they cannot be used.
    """
    scores = metadata.get("ref_min_score"), metadata.get("ref_max_score")
    if None in scores:
        return None
    if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in scores):
        raise BadDataError(
            f"has reference scores {scores[0]!r} and {scores[1]!r}; expected numbers"
        )
    low, high = map(float, scores)  # type: ignore[arg-type]
    if not low < high:
        raise BadDataError(
            f"has reference scores {low:g} and {high:g}; expected the first to be less"
        )
    return low, high


def _count(metadata: Mapping[str, Any], name: str) -> int:
    value = metadata.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        raise BadDataError(f"is damaged (its {name} is {_cut(str(value), 40)!r}, and no number)")
    return int(value)


def _is_table(text: Any) -> bool:
    """Whether a text is the JSON of a table, as an environment is written down."""
    try:
        return isinstance(json.loads(text), dict)
    except (TypeError, ValueError):
        return False


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 3]}..."


def _named(metadata: Mapping[str, Any], name: str, what: str) -> str:
    """A text of the metadata that no dataset is without."""
    value = metadata.get(name)
    if not isinstance(value, str):
        raise BadDataError(f"is damaged (it does not say {what}, but {_cut(str(value), 40)!r})")
    return value


def _too_old(written: str, known: list[str]) -> bool:
    """Whether a version is below all that are known; one that is no number is not."""
    with contextlib.suppress(InvalidVersion):
        return Version(written) < Version(known[0])
    return False
