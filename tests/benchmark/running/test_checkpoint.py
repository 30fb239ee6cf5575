"""Checkpoints: what goes in comes out, and what is not ours is refused."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.errors import UserError
from benchmark.running import checkpoint
from benchmark.running.checkpoint import (
    load_checkpoint,
    remove_checkpoint,
    save_checkpoint,
)

STATE: dict[str, Any] = {
    "step": 7,
    "weights": {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones((), dtype=torch.int16)},
    "optimiser": {"state": {0: {"exp_avg": torch.zeros(2)}, 1: {}}, "groups": [{"lr": 0.1}]},
    "rng": np.random.default_rng(3).bit_generator.state,
    "array": np.arange(3),
    "none": None,
    "flag": True,
    "nothing": float("nan"),
    "all": float("-inf"),
    "scalar": np.float32(1.5),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "seed-0.checkpoint"
    save_checkpoint(path, STATE, {"run": "mine"})
    return path


def test_a_state_comes_back(folder: Path) -> None:
    loaded = load_checkpoint(folder)
    assert loaded is not None
    state, metadata = loaded
    assert metadata == {"run": "mine"}
    assert torch.equal(state["weights"]["a"], STATE["weights"]["a"])
    assert state["weights"]["b"].dtype == torch.int16
    assert set(state["optimiser"]["state"]) == {0, 1}
    assert state["rng"] == STATE["rng"]
    assert isinstance(state["array"], np.ndarray) and state["array"].tolist() == [0, 1, 2]
    assert np.isnan(state["nothing"]) and state["all"] == -np.inf
    assert (state["none"], state["flag"], state["step"], state["scalar"]) == (None, True, 7, 1.5)


def test_any_reader_of_json_can_read_what_was_written(folder: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    text = (folder / "state.json").read_text(encoding="utf-8")
    written = json.loads(text, parse_constant=refuse)["state"]
    assert (written["nothing"], written["all"]) == ({"<number>": "nan"}, {"<number>": "-inf"})


@pytest.mark.parametrize(
    "array",
    [
        np.array([[0.1], [2.0]]),
        np.array([True, False]),
        np.arange(6, dtype=np.float32).reshape(2, 3).T,
        np.array(7, dtype=np.int64),
    ],
)
def test_arrays_and_tensors_keep_their_type_and_shape(tmp_path: Path, array: Any) -> None:
    given = {"array": array, "tensor": torch.tensor(array)}
    save_checkpoint(tmp_path / "c", given, {})
    state, _ = load_checkpoint(tmp_path / "c")  # type: ignore[misc]
    np.testing.assert_array_equal(state["array"], array)
    assert (state["array"].dtype, state["array"].shape) == (array.dtype, array.shape)
    assert torch.equal(state["tensor"], given["tensor"])
    assert state["tensor"].dtype == given["tensor"].dtype


def test_what_is_nested_comes_back_in_its_place(tmp_path: Path) -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    given = {
        "list": [(1, 2.5), [weight, -1]],
        "numbers": {3: {"a": [np.int64(5), np.bool_(True)]}, -1: "b", "<array>": 0.25},
        "all": [float("inf"), float("-inf"), None, False],
    }
    save_checkpoint(tmp_path / "deep" / "c", given, {"step": 3})
    state, metadata = load_checkpoint(tmp_path / "deep" / "c")  # type: ignore[misc]
    restored = state["list"][1][0]
    assert restored.tolist() == [1, 2] and not restored.requires_grad
    assert state["list"] == [[1, 2.5], [restored, -1]]
    assert state["numbers"] == {3: {"a": [5, True]}, -1: "b", "<array>": 0.25}
    assert state["numbers"][3]["a"][1] is True and state["all"][3] is False
    assert state["all"] == [np.inf, -np.inf, None, False]
    assert metadata == {"step": 3}


def test_tensors_that_share_memory_come_back_apart(tmp_path: Path) -> None:
    weight = torch.ones(3)
    save_checkpoint(tmp_path / "c", {"one": weight, "two": weight[:2]}, {})
    state, _ = load_checkpoint(tmp_path / "c")  # type: ignore[misc]
    assert state["two"].tolist() == [1, 1]


def test_a_second_replaces_the_first_and_leaves_nothing_else(folder: Path) -> None:
    save_checkpoint(folder, {"step": 8}, {})
    assert load_checkpoint(folder) == ({"step": 8}, {})
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("last", [1, 2])
def test_a_write_that_dies_leaves_the_one_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    renames = []

    def dying(path: Path, target: Path) -> Path:
        renames.append(path.name)
        if len(renames) == last:  # The old one is to go aside; the new one is to take its place.
            raise OSError("No space left on device")
        return rename(path, target)

    rename = Path.rename
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dying)
        with pytest.raises(OSError, match="No space"):
            save_checkpoint(folder, {"step": 8}, {})
    assert len(renames) == last
    loaded = load_checkpoint(folder)
    assert loaded is not None and loaded[0]["step"] == 7
    # What the dead one left behind is in nobody's way.
    save_checkpoint(folder, {"step": 9}, {})
    assert load_checkpoint(folder) == ({"step": 9}, {})
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_write_that_dies_half_way_leaves_the_one_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: str) -> None:
        path.write_text(content[:9])
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "write_atomically", full)
        with pytest.raises(OSError, match="No space"):
            save_checkpoint(folder, {"step": 8}, {})
    loaded = load_checkpoint(folder)
    assert loaded is not None and loaded[0]["step"] == 7
    remove_checkpoint(folder)
    assert list(folder.parent.iterdir()) == []


def test_without_a_checkpoint_there_is_none(folder: Path) -> None:
    folder.rename(folder.with_name(f"{folder.name}.old"))
    assert load_checkpoint(folder) is not None
    folder.rename(folder.with_name(f"{folder.name}.old"))
    remove_checkpoint(folder)
    assert load_checkpoint(folder) is None
    assert list(folder.parent.iterdir()) == []


def _alter_a_tensor(folder: Path) -> None:
    file = folder / "state.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def _take_tensors_of_another(folder: Path) -> None:
    other = folder.with_name("other")
    save_checkpoint(other, {**STATE, "array": np.arange(1, 4)}, {})
    (other / "state.safetensors").replace(folder / "state.safetensors")


def _alter_the_format(folder: Path, number: int = 99) -> None:
    file = folder / "state.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": number}))


def _put_a_pickle(folder: Path) -> None:
    torch.save({"step": 7}, folder / "state.safetensors")


@pytest.mark.parametrize(
    "alter",
    [
        _alter_a_tensor,
        _take_tensors_of_another,
        _put_a_pickle,
        lambda folder: (folder / "state.json").write_text("not JSON"),
        lambda folder: (folder / "state.json").unlink(),
        lambda folder: (folder / "state.safetensors").unlink(),
    ],
)
def test_what_is_not_ours_is_refused_by_name(folder: Path, alter: Any) -> None:
    alter(folder)
    with pytest.raises(UserError, match=r"checkpoint .*seed-0.checkpoint cannot be trusted"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    "error", [PermissionError(errno.EACCES, "Permission denied"), MemoryError("3 PiB")]
)
def test_the_trouble_of_the_machine_is_not_the_checkpoints(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(path: Path) -> bytes:
        raise error

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UserError, match=r"cannot be read on this machine \(.*put that") as told:
        load_checkpoint(folder)
    assert "delete" not in str(told.value) and "trusted" not in str(told.value)


def test_the_checkpoint_of_an_older_version_is_refused_with_a_way_out(folder: Path) -> None:
    _alter_the_format(folder, 1)
    message = r"its format is 1, that of this version 2\).* delete it, and the run starts again"
    with pytest.raises(UserError, match=message):
        load_checkpoint(folder)


def test_the_checkpoint_of_a_later_version_is_not_called_bad(folder: Path) -> None:
    _alter_the_format(folder)
    message = r"seed-0.checkpoint was written by a later version of mage-bench .*; update"
    with pytest.raises(UserError, match=message) as told:
        load_checkpoint(folder)
    assert "delete" not in str(told.value)


def test_a_full_disk_keeps_the_checkpoint_before_and_no_part_of_the_new_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = load_checkpoint(folder)

    def full(path: Path, content: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(folder, {"step": 9}, {})
    assert list(folder.parent.iterdir()) == [folder]
    assert str(load_checkpoint(folder)) == str(before)


def test_a_state_that_cannot_be_kept(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a training state cannot hold .* of type object"):
        save_checkpoint(tmp_path / "c", {"thing": [object()]}, {})
