"""Hashes of datasets, kept apart from them: by these a later load sees that one was altered.

What the user brought or downloaded is never written to. Datasets are told apart by their id and
Minari's folder; a seal is broken when the same id in the same folder has another content.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from benchmark.data.minari_folder import minari_root
from benchmark.records.files import write_atomically

_HASH = "content_sha256"


def cache_folder() -> Path | None:
    """Where this program remembers things of its user; None without a home folder.

    It is `MAGE_BENCH_CACHE`, or else `mage-bench` in the user's folder for caches.
    """
    try:
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(os.environ.get("MAGE_BENCH_CACHE") or Path(cache) / "mage-bench").expanduser()
    except RuntimeError:
        return None


def seal_file(dataset_id: str) -> Path | None:
    """Where the hash of a dataset is kept, or would be; None without a folder for caches."""
    if (folder := cache_folder()) is None:
        return None
    place = f"{minari_root().resolve()}|{dataset_id}"
    return folder / "seals" / f"{hashlib.sha256(place.encode()).hexdigest()[:16]}.json"


def sealed_hash(dataset_id: str) -> str | None:
    """The hash of a dataset's content when it was sealed; None if it was not."""
    file = seal_file(dataset_id)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return None if file is None else str(json.loads(file.read_text("utf-8"))[_HASH])
    return None


def keep_seal(dataset_id: str, content: str) -> None:
    """Keeps the hash of a dataset's content; where nothing can be written there is no seal."""
    file = seal_file(dataset_id)
    if file is None:
        return
    about = {"dataset": dataset_id, "folder": str(minari_root().resolve()), _HASH: content}
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, json.dumps(about))


def remove_seal(dataset_id: str) -> None:
    """Forgets a dataset whose place a new one has taken."""
    file = seal_file(dataset_id)
    if file is not None:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
