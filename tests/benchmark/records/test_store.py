"""A place for results that is not a local folder, by fsspec's own `file://`."""

from __future__ import annotations

import errno
import json
import os
import platform
import shutil
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem

from benchmark.errors import UserError
from benchmark.records import store
from benchmark.records.store import Store
from tests.commands import wait_for


def test_a_local_folder_is_used_as_it_is(tmp_path: Path) -> None:
    with Store(str(tmp_path)) as place:
        (tmp_path / "file").touch()
        place.pull("*")
        place.push(tmp_path / "file")
        assert (place.folder, place.is_remote) == (tmp_path, False)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.fixture
def far(tmp_path: Path) -> Path:
    return tmp_path / "far away"


def test_what_is_pushed_is_there_for_others(far: Path) -> None:
    with Store(f"file://{far}") as one:
        (one.folder / "runs/a/b").mkdir(parents=True)
        (one.folder / "runs/a/b.json").write_text("{}")
        (one.folder / "runs/a/b/deep").write_bytes(b"x")
        one.push(one.folder / "runs/a/b.json", one.folder / "runs/a/b", one.folder / "not there")
    assert not one.folder.exists()
    with Store(f"file://{far}") as other:
        other.pull("runs/*/*.json")
        assert [p.name for p in other.folder.rglob("*") if p.is_file()] == ["b.json"]
        other.pull("runs/a/b")
        assert (other.folder / "runs/a/b/deep").read_bytes() == b"x"
        other.pull("nothing/*")


def checkpoint(place: Store, text: str) -> Path:
    """A folder of two files that hold a text."""
    folder = place.folder / "runs/a.checkpoint"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("one", "two"):
        (folder / name).write_text(text)
    return folder


def found_at(far: Path) -> list[str]:
    with Store(f"file://{far}") as other:
        other.pull("runs/a.checkpoint")
        folder = other.folder / "runs/a.checkpoint"
        return [(folder / name).read_text() for name in ("one", "two")]


def test_a_folder_that_cannot_be_pushed_leaves_the_one_of_before(
    far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = LocalFileSystem.put_file

    def unsteady(self: LocalFileSystem, source: str, target: str, **options: object) -> None:
        if Path(source).name == "two":
            raise OSError(errno.EIO, "no network")
        put(self, source, target, **options)

    with Store(f"file://{far}") as place:
        place.push(checkpoint(place, "old"))
        with monkeypatch.context() as patch:
            patch.setattr(LocalFileSystem, "put_file", unsteady)
            with pytest.raises(OSError, match="no network"):
                place.push(checkpoint(place, "new"))
        assert found_at(far) == ["old"] * 2
        place.push(checkpoint(place, "newer"))
        assert found_at(far) == ["newer"] * 2
    assert [path.name for path in (far / "runs").iterdir()] == ["a.checkpoint"]


def test_a_process_that_dies_while_a_folder_is_replaced_loses_neither(
    far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(self: LocalFileSystem, source: str, target: str, **options: object) -> None:
        Path(target).mkdir()
        (Path(target) / "one").write_text("half")
        raise KeyboardInterrupt

    put = LocalFileSystem.put_file

    def check_and_put(self: LocalFileSystem, *where: str, **options: object) -> None:
        assert found_at(far) == ["new"] * 2, "also while the next is on its way"
        put(self, *where, **options)

    with Store(f"file://{far}") as place:
        place.push(checkpoint(place, "old"))
        with monkeypatch.context() as patch:
            patch.setattr(LocalFileSystem, "cp", die)
            with pytest.raises(KeyboardInterrupt):
                place.push(checkpoint(place, "new"))
        assert found_at(far) == ["new"] * 2
        with monkeypatch.context() as patch:
            patch.setattr(LocalFileSystem, "put_file", check_and_put)
            place.push(checkpoint(place, "newest"))
        assert found_at(far) == ["newest"] * 2
        assert [path.name for path in (far / "runs").iterdir()] == ["a.checkpoint"]
        gone = checkpoint(place, "newest")
        shutil.rmtree(gone)
        place.push(gone)
    assert not any((far / "runs").iterdir())


def test_a_first_folder_of_which_a_part_is_missing_is_none(
    far: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (far / "runs/a.checkpoint.new").mkdir(parents=True)
    (far / "runs/a.checkpoint.new/one").write_text("half")
    with Store(f"file://{far}") as other:
        other.pull("runs/a.checkpoint")
        assert not (other.folder / "runs").exists()


def test_a_folder_of_which_a_part_is_here_already_comes_whole(far: Path) -> None:
    (far / "runs/a/seed-0.checkpoint").mkdir(parents=True)
    for name in ("state.json", "state.safetensors"):
        (far / "runs/a/seed-0.checkpoint" / name).write_text(name)
    with Store(f"file://{far}") as place:
        place.pull("runs/*/seed-*.checkpoint/state.json")
        place.pull("runs/a/seed-0.checkpoint")
        found = sorted((place.folder / "runs/a/seed-0.checkpoint").rglob("*"))
    assert [path.name for path in found] == ["state.json", "state.safetensors"]


def test_a_folder_is_replaced_not_mixed(far: Path) -> None:
    with Store(f"file://{far}") as place:
        folder = place.folder / "checkpoint"
        folder.mkdir()
        (folder / "old").touch()
        place.push(folder)
        (folder / "old").rename(folder / "new")
        place.push(folder)
        assert [path.name for path in (far / "checkpoint").iterdir()] == ["new"]
        (folder / "new").unlink()
        folder.rmdir()
        place.push(folder)
        assert not (far / "checkpoint").exists()


def test_a_place_is_claimed_by_one_command(far: Path) -> None:
    with Store(f"file://{far}") as one, Store(f"file://{far}") as other:
        with (
            one.claimed(),
            pytest.raises(UserError, match=r"is in use by process \d+ on .*; wait for its end"),
            other.claimed(),
        ):
            pass
        with other.claimed():
            pass
    assert list(far.iterdir()) == []


def test_the_claim_of_a_killed_command_is_void_after_a_while(far: Path) -> None:
    far.mkdir()
    holder = {"machine": "m", "process": 1, "time": time.time() - 3600}
    (far / "in-use.json").write_text(json.dumps(holder))
    with Store(f"file://{far}") as place, place.claimed():
        pass


@pytest.mark.parametrize(
    "claim", ["", "{", "[]", '{"machine": "m"}', '{"machine": "m", "process": 1, "time": "x"}']
)
def test_a_claim_that_tells_nothing_is_void(
    far: Path, claim: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_HALF_WRITTEN", 0.01)
    far.mkdir()
    (far / "in-use.json").write_text(claim)
    with Store(f"file://{far}") as place, place.claimed():
        (far / "in-use.json").unlink()  # Whoever removes it hides no error.


@pytest.mark.parametrize(("age", "holds"), [(0.0, True), (59.0, True), (61.0, False)])
def test_a_claim_holds_for_a_minute(
    far: Path, monkeypatch: pytest.MonkeyPatch, age: float, holds: bool
) -> None:
    far.mkdir()
    monkeypatch.setattr(store.time, "time", lambda: 1000.0)
    claim = far / "in-use.json"
    claim.write_text(json.dumps({"machine": "m", "process": 17, "time": 1000.0 - age}))
    with Store(f"file://{far}") as place, ExitStack() as stack:
        if holds:
            with pytest.raises(UserError, match="is in use by process 17 on m; wait"):
                stack.enter_context(place.claimed())
            assert json.loads(claim.read_text())["process"] == 17
        else:
            stack.enter_context(place.claimed())
            held = json.loads(claim.read_text())
            assert (held["process"], held["time"]) == (os.getpid(), 1000)
            assert held["machine"] == platform.node()


def test_a_claim_is_renewed(far: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (store._BEAT, store._DEAD) == (10, 60), "several beats before it is void"
    monkeypatch.setattr(store, "_BEAT", 0.01)
    ticks = count(1000)
    monkeypatch.setattr(store.time, "time", lambda: next(ticks))
    claim = far / "in-use.json"

    def is_renewed() -> bool:
        text = claim.read_text()
        return bool(text) and json.loads(text)["time"] >= 1003

    with Store(f"file://{far}") as place, place.claimed():
        wait_for(is_renewed, "a renewed claim")
    assert not claim.exists()


def test_a_place_that_cannot_be_written_is_named(far: Path) -> None:
    far.write_text("a file")
    message = f"output folder file://{far}/x cannot be written .*; choose another with --out"
    with (
        Store(f"file://{far}/x") as place,
        pytest.raises(UserError, match=message),
        place.claimed(),
    ):
        pass


def test_a_file_that_is_gone_goes_there_too(far: Path) -> None:
    with Store(f"file://{far}/") as place:
        file = place.folder / "a/b.json"
        file.parent.mkdir()
        file.write_text("1")
        place.push(file)
        file.write_text("22")
        place.push(file)
        assert (far / "a/b.json").read_text() == "22"
        file.unlink()
        place.push(file)
    assert not (far / "a/b.json").exists()


def test_half_of_a_file_does_not_stay_there(far: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(files: object, source: str, target: str) -> None:
        Path(target).write_text("ha")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(LocalFileSystem, "put_file", full)
    with Store(f"file://{far}") as place:
        (place.folder / "record.json").write_text("half")
        with pytest.raises(OSError, match="No space"):
            place.push(place.folder / "record.json")
    assert list(far.iterdir()) == []


@pytest.mark.parametrize("location", ["nowhere://bucket/x", "s3x://a"])
def test_an_unknown_protocol_is_refused(location: str) -> None:
    with pytest.raises(UserError, match=f"{location} cannot be reached .*; valid: a folder"):
        Store(location)


def test_a_folder_is_written_by_one_command_at_a_time(tmp_path: Path) -> None:
    out = tmp_path / "out"
    place = Store(str(out))
    with (
        place.claimed(),
        pytest.raises(UserError, match="is in use by another"),
        place.claimed(),
    ):
        pass
    with place.claimed():
        (out / "something").touch()
    assert [path.name for path in out.iterdir()] == ["something"]


def test_a_remote_place_is_claimed_there(tmp_path: Path) -> None:
    with Store(f"file://{tmp_path}/far") as place, place.claimed():
        assert [path.name for path in (tmp_path / "far").iterdir()] == ["in-use.json"]


def test_a_folder_in_which_nothing_was_written_goes(tmp_path: Path) -> None:
    with Store(str(tmp_path / "out")).claimed():
        pass
    assert not (tmp_path / "out").exists()
