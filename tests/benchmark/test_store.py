"""A place for results that is not a local folder, by fsspec's own `file://`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.store import Store


def test_a_local_folder_is_used_as_it_is(tmp_path: Path) -> None:
    with Store(str(tmp_path)) as store:
        (tmp_path / "file").touch()
        store.pull("*")
        store.push(tmp_path / "file")
        assert (store.folder, store.is_remote) == (tmp_path, False)
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


def test_a_folder_is_replaced_not_mixed(far: Path) -> None:
    with Store(f"file://{far}") as store:
        folder = store.folder / "checkpoint"
        folder.mkdir()
        (folder / "old").touch()
        store.push(folder)
        (folder / "old").rename(folder / "new")
        store.push(folder)
        assert [path.name for path in (far / "checkpoint").iterdir()] == ["new"]
        (folder / "new").unlink()
        folder.rmdir()
        store.push(folder)
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
    with Store(f"file://{far}") as store, store.claimed():
        pass


@pytest.mark.parametrize("location", ["nowhere://bucket/x", "s3x://a"])
def test_an_unknown_protocol_is_refused(location: str) -> None:
    with pytest.raises(UserError, match=f"--out {location} cannot be reached .*; valid: a folder"):
        Store(location)
