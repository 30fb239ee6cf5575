"""A hash of what was recorded, kept with a dataset, by which it is seen whether it was altered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

CONTENT_HASH = "content_sha256"
"""Field of a dataset's metadata: `ContentHash` over its episodes in their order."""


class StoredEpisode(Protocol):
    """What Minari's episodes have in common, written or read."""

    observations: Any
    actions: Any
    rewards: Any
    terminations: Any
    truncations: Any


class ContentHash:
    """SHA-256 over names, types, shapes and bytes of the arrays of episodes."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, episode: StoredEpisode) -> None:
        """Takes in the next episode."""
        for name in ("observations", "actions", "rewards", "terminations", "truncations"):
            self._add(name, getattr(episode, name))

    def _add(self, name: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key in sorted(value):
                self._add(f"{name}/{key}", value[key])
            return
        array = np.ascontiguousarray(value)
        self._digest.update(f"{name} {array.dtype.str} {array.shape};".encode())
        self._digest.update(array.data)

    def hexdigest(self) -> str:
        """The hash of what was added so far."""
        return self._digest.hexdigest()
