"""Disks that cannot be written or are full are named, with the room that is missing."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.errors import UserError
from benchmark.records import disk
from benchmark.records.disk import (
    check_writable,
    check_writable_file,
    disk_trouble,
    socket_temp,
    use_temp,
)


@pytest.fixture(autouse=True)
def _temp_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", "")  # Only what was set is put back afterwards.
    monkeypatch.delenv("TMPDIR")


@pytest.fixture
def nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every disk has 99 MiB and a little left."""
    room = SimpleNamespace(free=100 * 2**20 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: room)


def test_a_writable_folder_is_left_as_it_was(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "deeper")
    check_writable_file(tmp_path / "new" / "times.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "folder", ["a-file", "a-file/below", "/proc/below", "circle", "gone", "gone/x"]
)
def test_an_unwritable_folder_is_refused(tmp_path: Path, folder: str) -> None:
    (tmp_path / "a-file").touch()
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    with pytest.raises(UserError, match="output folder .* cannot be written .*choose another"):
        check_writable(tmp_path / folder)


@pytest.mark.parametrize("name", ["s3://bucket/x", "file:///x", "gs://bucket/a/x.csv", "memory://"])
def test_a_url_is_no_folder_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for check in (check_writable, check_writable_file):
        with pytest.raises(
            UserError, match="^--out [a-z0-9]+://.* is a URL; valid here: a file or"
        ):
            check(Path(name))
    assert list(tmp_path.iterdir()) == []


def test_a_colon_may_stand_in_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("C:/runs", "./s3:x/y", str(tmp_path / "s3:"), "12:30/x"):
        check_writable(Path(name))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder; valid: the name of a file"):
        check_writable_file(tmp_path)


@pytest.mark.usefixtures("nearly_full")
def test_too_little_room_says_how_much_is_missing(tmp_path: Path) -> None:
    message = "has 99 MiB left on its disk, 1 MiB fewer than the 100 MiB that are needed"
    with pytest.raises(UserError, match=f"^output folder .*new {message}; free some, or .*--out"):
        check_writable(tmp_path / "new")
    with pytest.raises(UserError, match=r"^temporary folder .* 101 MiB fewer than .*--temp DIR"):
        use_temp(tmp_path)


def test_a_temporary_folder_is_used_here_and_by_children(tmp_path: Path) -> None:
    use_temp(tmp_path)
    assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(tmp_path)


def test_without_a_choice_the_systems_is_kept() -> None:
    use_temp(None)
    assert "TMPDIR" not in os.environ


@pytest.mark.parametrize("asked", [True, False])
def test_a_temporary_folder_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    folder = tmp_path / "nowhere"
    if not asked:
        monkeypatch.setenv("TMPDIR", str(folder))
    message = "temporary folder .*nowhere cannot be written .*another with --temp DIR or TMPDIR"
    with pytest.raises(UserError, match=message):
        use_temp(folder if asked else None)


def test_no_temporary_folder_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    with pytest.raises(UserError, match="no temporary folder can be written .*choose one with"):
        use_temp(None)


def test_sockets_lie_where_names_are_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: "/dev/shm")
    assert socket_temp() == Path("/dev/shm")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / ("long" * 10)))
    assert socket_temp() == Path("/tmp")
    monkeypatch.setattr(disk, "_written", lambda folder: OSError())
    with pytest.raises(UserError, match=r"too long a name for .* up to 2\d bytes with --temp DIR"):
        socket_temp()


@pytest.mark.usefixtures("nearly_full")
def test_the_way_out_of_a_full_disk(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    for full in (
        OSError(errno.ENOSPC, "full", path),
        OSError(errno.EDQUOT, "quota", path),
        OSError(errno.EFBIG, "limit", path),
    ):
        told = f"free some space, raise the quota, or use another disk ({path}: 99 MiB left)"
        assert disk_trouble(full, Path("elsewhere")) == told
    library = RuntimeError("I/O error: No space left on device (os error 28)")
    assert "(out: 99 MiB left, temp: 99 MiB left)" in str(
        disk_trouble(library, Path("out"), Path("temp"))
    )


def test_the_way_out_of_a_protected_disk() -> None:
    error = OSError(errno.EROFS, "Read-only file system", "/x")
    assert disk_trouble(error) == "use a place that can be written"


@pytest.mark.parametrize("error", [ValueError("x"), BrokenPipeError(errno.EPIPE, "Broken pipe")])
def test_other_errors_are_not_a_disks(error: BaseException) -> None:
    assert disk_trouble(error) is None


def test_a_folder_that_is_not_there_yet_is_as_the_one_above_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert disk.why_not_written(tmp_path / "not" / "there") is None
    assert isinstance(disk.why_not_written(tmp_path / "file" / "below"), NotADirectoryError)
    assert disk.free_mib(tmp_path / "not" / "there") == disk.free_mib(tmp_path)
    assert not list(tmp_path.glob("not*"))
