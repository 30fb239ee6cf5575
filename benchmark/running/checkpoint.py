"""What a run goes on from: tensors in safetensors, all else in JSON; never pickle.

A checkpoint is a folder::

    state.safetensors   every tensor and array of the state, by number
    state.json          the state with numbers in their place, what it belongs to, and a hash
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.errors import TooNewError, UserError, is_of_machine, one_line, too_new, with_type
from benchmark.records.files import write_atomically

_FORMAT = 2  # Of the state too: 1 held each agent's own form, 2 holds the trainer's.
_TENSORS, _STATE = "state.safetensors", "state.json"
_TENSOR, _ARRAY, _NUMBER, _KEYS = "<tensor>", "<array>", "<number>", "<keys>"


def save_checkpoint(folder: Path, state: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
    """Writes a checkpoint in place of the one that may be there; whole or not at all.

    Args:
        folder: of the checkpoint.
        state: nested dicts and lists of tensors, arrays, numbers, strings, booleans and None.
        metadata: JSON values that say what it belongs to.

    Raises:
        TypeError: if the state holds anything else.
    """
    from safetensors.torch import save_file  # Keeps torch out of --help, as below.

    tensors: dict[str, Any] = {}
    plain = _pack(dict(state), tensors)
    new, old = _sibling(folder, "new"), _sibling(folder, "old")
    shutil.rmtree(new, ignore_errors=True)
    try:
        new.mkdir(parents=True)
        save_file(tensors, new / _TENSORS)
        content = {"format": _FORMAT, "about": metadata, "state": plain}
        content["sha256"] = _sha256(new / _TENSORS)
        write_atomically(new / _STATE, json.dumps(content))
    except BaseException:  # The disk may be full: then this is the room that can be given back.
        shutil.rmtree(new, ignore_errors=True)
        raise
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Reads a checkpoint; None if there is none.

    Returns:
        The state, with tensors on the CPU, and what it belongs to.

    Raises:
        UserError: if it was damaged, altered, or is none of ours, or a later version wrote it, or
            this machine cannot read it.
    """
    _put_back(folder)
    if not folder.exists():
        return None
    from safetensors.torch import load_file

    try:
        content = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        if content["format"] > _FORMAT:
            raise too_new(f"checkpoint {folder}")
        if content["format"] != _FORMAT:
            raise ValueError(f"its format is {content['format']}, that of this version {_FORMAT}")
        if content["sha256"] != _sha256(folder / _TENSORS):
            raise ValueError("its parts do not belong together")
        state = _unpack(content["state"], load_file(folder / _TENSORS))
        return state, content["about"]
    except TooNewError:
        raise
    except Exception as error:  # Whatever a foreign file makes the readers raise.
        if is_of_machine(error):
            raise UserError(
                f"checkpoint {folder} cannot be read on this machine ({with_type(error)}); "
                "it may be all right: put that right, and run the same again with --resume"
            ) from error
        raise UserError(
            f"checkpoint {folder} cannot be trusted ({one_line(error)}); expected one that this "
            "program wrote; delete it, and the run starts again from its first step"
        ) from error


def checkpoint_metadata(folder: Path) -> dict[str, Any] | None:
    """What a checkpoint belongs to; None if there is none, or none that can be read.

    Nothing is moved, as somebody else may be writing it.
    """
    there = folder if folder.exists() else _sibling(folder, "old")
    try:
        metadata = json.loads((there / _STATE).read_text(encoding="utf-8"))["about"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return metadata if isinstance(metadata, dict) and "basis" in metadata else None


def _put_back(folder: Path) -> None:
    """The checkpoint before, where writing one died between two renames."""
    old = _sibling(folder, "old")
    if not folder.exists() and old.exists():
        old.rename(folder)


def remove_checkpoint(folder: Path) -> None:
    """Removes a checkpoint and what an interrupted write may have left beside it."""
    for path in (folder, _sibling(folder, "new"), _sibling(folder, "old")):
        shutil.rmtree(path, ignore_errors=True)


def _sibling(folder: Path, which: str) -> Path:
    return folder.with_name(f"{folder.name}.{which}")


def _pack(value: Any, tensors: dict[str, Any]) -> Any:
    """JSON for a value, whose tensors are put aside."""
    import torch

    if isinstance(value, Mapping):
        if all(isinstance(key, str) and not key.startswith("<") for key in value):
            return {key: _pack(item, tensors) for key, item in value.items()}
        # JSON knows only strings for keys; torch's optimisers number their parameters.
        return {_KEYS: [[_pack(key, tensors), _pack(item, tensors)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_pack(item, tensors) for item in value]
    if isinstance(value, np.ndarray):
        return {_ARRAY: _put(torch.tensor(value).contiguous(), tensors)}
    if isinstance(value, torch.Tensor):
        # A copy of its own: safetensors refuses tensors that share memory.
        return {_TENSOR: _put(value.detach().cpu().clone().contiguous(), tensors)}
    if isinstance(value, np.generic):
        return _pack(value.item(), tensors)
    if isinstance(value, float) and not math.isfinite(value):
        return {_NUMBER: repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a training state cannot hold {value!r} of type {type(value).__name__}")


def _put(tensor: Any, tensors: dict[str, Any]) -> str:
    tensors[str(len(tensors))] = tensor
    return str(len(tensors) - 1)


def _unpack(value: Any, tensors: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_unpack(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if _TENSOR in value:
        return tensors[value[_TENSOR]]
    if _ARRAY in value:
        return tensors[value[_ARRAY]].numpy()
    if _NUMBER in value:
        return float(value[_NUMBER])
    if _KEYS in value:
        return {_unpack(key, tensors): _unpack(item, tensors) for key, item in value[_KEYS]}
    return {key: _unpack(item, tensors) for key, item in value.items()}


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
