"""Reads what Weights & Biases keeps offline: the library itself has no reader in Python any more.

A file is a log as of LevelDB: blocks of 32 KiB hold pieces, each with its checksum, its length, and
whether it is whole, the first, a middle one or the last of a record.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_BLOCK, _HEAD = 32768, struct.Struct("<IHB")
_MAGIC = 7  # Bytes at the head of a file.
_WHOLE, _LAST = 1, 4


@dataclass
class OfflineRun:
    """What one file says of a run."""

    about: Any = None
    config: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    exit_code: int | None = None


def read_runs(folder: Path) -> list[OfflineRun]:
    """The files below a folder, the oldest first."""
    paths = sorted(folder.glob("wandb/offline-run-*/run-*.wandb"), key=lambda p: p.stat().st_mtime)
    return [read_run(path) for path in paths]


def read_run(path: Path) -> OfflineRun:
    """What a file holds."""
    from wandb.proto.wandb_internal_pb2 import Record

    run = OfflineRun()
    for data in _records(path.read_bytes()):
        record = Record.FromString(data)
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run.about = record.run
            run.config |= _values(record.run.config.update)
        elif kind == "config":
            run.config |= _values(record.config.update)
        elif kind == "history":
            run.history.append(_values(record.history.item))
        elif kind == "summary":
            run.summary |= _values(record.summary.update)
        elif kind == "exit":
            run.exit_code = record.exit.exit_code
    return run


def _values(items: Any) -> dict[str, Any]:
    return {item.key or ".".join(item.nested_key): json.loads(item.value_json) for item in items}


def _records(data: bytes) -> Iterator[bytes]:
    place, parts = _MAGIC, b""
    while place + _HEAD.size <= len(data):
        left = _BLOCK - place % _BLOCK
        if left < _HEAD.size:
            place += left
            continue
        _, length, kind = _HEAD.unpack_from(data, place)
        parts += data[place + _HEAD.size : place + _HEAD.size + length]
        place += _HEAD.size + length
        if kind in (_WHOLE, _LAST):
            yield parts
            parts = b""
