"""The hash of what was recorded."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmark.data.content import CONTENT_HASH, ContentHash


def _episode(**changes: Any) -> Any:
    arrays = {
        "observations": np.array([[1, 2], [3, 4]], np.float32),
        "actions": np.array([[0.5]]),
        "rewards": np.array([7.0]),
        "terminations": np.array([True]),
        "truncations": np.array([False]),
    }
    return SimpleNamespace(**{**arrays, **changes})


def _hash(*episodes: Any) -> str:
    content = ContentHash()
    for episode in episodes:
        content.add(episode)
    return content.hexdigest()


def test_the_hash_is_over_names_types_shapes_and_bytes() -> None:
    # Written out, as datasets that were collected earlier carry such a hash.
    written = (
        b"observations <f4 (2, 2);" + np.array([1, 2, 3, 4], np.float32).tobytes(),
        b"actions <f8 (1, 1);" + np.array([0.5]).tobytes(),
        b"rewards <f8 (1,);" + np.array([7.0]).tobytes(),
        b"terminations |b1 (1,);\x01",
        b"truncations |b1 (1,);\x00",
    )
    assert _hash(_episode()) == hashlib.sha256(b"".join(written)).hexdigest()
    assert CONTENT_HASH == "content_sha256"


def test_parts_of_observations_are_taken_in_the_order_of_their_names() -> None:
    parts = {"b": {"y": np.zeros(2), "x": np.ones(2)}, "a": np.zeros(2)}
    turned = {"a": parts["a"], "b": {"x": np.ones(2), "y": np.zeros(2)}}
    assert _hash(_episode(observations=parts)) == _hash(_episode(observations=turned))
    swapped = {"b": parts["a"], "a": parts["b"]}
    assert _hash(_episode(observations=parts)) != _hash(_episode(observations=swapped))


def test_any_change_changes_it() -> None:
    first, second = _episode(), _episode(rewards=np.array([8.0]))
    hashes = [
        _hash(first),
        _hash(first, first),
        _hash(first, second),
        _hash(second, first),
        _hash(_episode(observations=np.array([[1, 2, 3, 4]], np.float32))),
        _hash(_episode(observations=np.array([[1, 2], [3, 4]], np.float64))),
        _hash(_episode(observations=np.array([[1, 3], [2, 4]], np.float32))),
        _hash(_episode(terminations=np.array([False]))),
        _hash(_episode(truncations=np.array([True]))),
        _hash(_episode(actions=np.array([[0.25]]))),
    ]
    assert len(set(hashes)) == len(hashes)


def test_memory_in_another_order_is_the_same_content() -> None:
    turned = np.asfortranarray(np.array([[1, 2], [3, 4]], np.float32))
    assert _hash(_episode(observations=turned)) == _hash(_episode())
