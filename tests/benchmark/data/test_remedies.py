"""What is said of data that is there and cannot be used."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from benchmark.data.minari_folder import folder_of
from benchmark.data.remedies import bad_dataset
from benchmark.errors import BadDatasetError
from tests.benchmark.data.synthetic_datasets import (
    ACTION,
    DOOR,
    DOOR_TASK,
    UMAZE,
    alter_metadata,
    change_a_number,
    door_episode,
    load_task,
    prepare_task,
    write,
)

REMEDY = r"; delete .*/mage/maze2d/umaze-v0, and it is collected again"
NAMED = "dataset mage/maze2d/umaze-v0, for maze2d-umaze, "


def test_a_truncated_file_is_refused(own_umaze: Path) -> None:
    file = own_umaze / "data" / "main_data.hdf5"
    file.write_bytes(file.read_bytes()[:10_000])
    with pytest.raises(
        BadDatasetError, match=NAMED + r"is damaged \(.*truncated file.*\)" + REMEDY
    ):
        prepare_task(UMAZE, "local")


def test_a_file_without_its_data_is_refused(own_umaze: Path) -> None:
    (own_umaze / "data" / "main_data.hdf5").unlink()
    with pytest.raises(BadDatasetError, match=NAMED + "is damaged"):
        load_task(UMAZE, "local")


@pytest.mark.parametrize("text", ["", "{}", '{"total_steps": '])
def test_damaged_metadata_is_refused(own_umaze: Path, text: str) -> None:
    (own_umaze / "data" / "metadata.json").write_text(text)
    with pytest.raises(BadDatasetError, match=NAMED + "is damaged"):
        load_task(UMAZE, "local")


def test_altered_data_is_refused(own_umaze: Path) -> None:
    change_a_number(own_umaze)
    with pytest.raises(
        BadDatasetError, match=NAMED + "was altered: the hash of its content is" + ".*"
    ):
        load_task(UMAZE, "local")


def test_a_missing_episode_is_refused(own_umaze: Path) -> None:
    with h5py.File(own_umaze / "data" / "main_data.hdf5", "r+") as file:
        del file["episode_3"]
    with pytest.raises(BadDatasetError, match=NAMED + "is damaged .*episode_3"):
        load_task(UMAZE, "local")


def test_steps_have_to_be_as_many_as_it_says(own_umaze: Path) -> None:
    alter_metadata(own_umaze, total_steps=5001)
    with pytest.raises(BadDatasetError, match=NAMED + "has 5000 steps, but says that it has 5001"):
        load_task(UMAZE, "local")


def test_data_of_a_newer_minari_is_named(own_umaze: Path) -> None:
    alter_metadata(own_umaze, minari_version="9.9.9")
    with pytest.raises(
        BadDatasetError, match=NAMED + "was written by Minari 9.9.9; the installed .* is too old"
    ) as caught:
        load_task(UMAZE, "local")
    assert "delete" not in str(caught.value) and "damaged" not in str(caught.value)


def test_data_in_a_newer_format_is_not_called_damaged(own_umaze: Path) -> None:
    alter_metadata(own_umaze, data_format="zarr")
    with pytest.raises(
        BadDatasetError, match=NAMED + "is stored as 'zarr', which the installed Minari"
    ) as caught:
        load_task(UMAZE, "local")
    assert "delete" not in str(caught.value) and "damaged" not in str(caught.value)


def test_a_bad_episode_is_refused_by_its_number() -> None:
    write(DOOR, door_episode(0), door_episode(1, actions=np.full((6, ACTION), -3, np.float32)))
    with pytest.raises(BadDatasetError) as caught:
        load_task(DOOR_TASK)
    words = "episode 1 has -3 for action 0, far outside its bounds of -1 to 1"
    assert words in caught.value.reason
    assert caught.value.remedy.startswith("put a sound copy there, or choose other data: --dataset")


def test_a_broken_download_may_be_had_again_and_other_data_may_not() -> None:
    for dataset_id, remedy in {
        DOOR: f"delete {folder_of(DOOR)}, and it is downloaded again",
        "my/door-v0": "put a sound copy there, or choose other data: --dataset "
        "adroit-door-human=ID",
    }.items():
        file = write(dataset_id, door_episode(0)) / "data" / "main_data.hdf5"
        file.write_bytes(file.read_bytes()[:3000])
        with pytest.raises(BadDatasetError, match="is damaged .*truncated") as caught:
            load_task(DOOR_TASK, "auto" if dataset_id == DOOR else dataset_id)
        assert caught.value.remedy == remedy


# What keeps a file open as another process would, until it is told to end.
_HOLD = "import h5py, sys; file = h5py.File(sys.argv[1], 'a'); print('open', flush=True); input()"


def test_a_file_that_another_process_has_open_is_not_damaged() -> None:
    file = write(DOOR, door_episode(0)) / "data" / "main_data.hdf5"
    command = [sys.executable, "-c", _HOLD, str(file)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        with pytest.raises(BadDatasetError) as caught:
            load_task(DOOR_TASK)
        holder.communicate("\n")
    assert f"dataset {DOOR}, for adroit-door-human, is in use by another process" in str(
        caught.value
    )
    assert "delete" not in str(caught.value) and "damaged" not in str(caught.value)
    assert load_task(DOOR_TASK).dataset


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "may not be read .*allow it"),
        (OSError(errno.ENOLCK, "No locks"), "no locks .*; set HDF5_USE_FILE_LOCKING=FALSE"),
        (OSError(errno.EIO, "Input/output error"), "cannot be read on this machine"),
        (BlockingIOError(errno.EAGAIN, "unable to lock"), "is in use by another process"),
        (ImportError("pyarrow is not installed"), "needs a package that is .*pyarrow.*; install"),
        (MemoryError("Unable to allocate 3 PiB"), "needs more memory than there is"),
    ],
)
def test_the_trouble_of_the_machine_is_not_the_datas(error: Exception, words: str) -> None:
    with pytest.raises(BadDatasetError, match=words) as caught, bad_dataset(DOOR_TASK, DOOR):
        raise error
    assert "delete" not in str(caught.value) and "damaged" not in str(caught.value)


def test_an_interrupt_is_no_fault_of_the_datas() -> None:
    with pytest.raises(KeyboardInterrupt), bad_dataset(DOOR_TASK, DOOR):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"total_steps": 2}, "has more steps than the 2 that it says"),
        ({"total_steps": 10**15}, "needs more memory than there is|has 12 steps, but says"),
        ({"total_steps": "12"}, "its total_steps is '12', and no number"),
        ({"total_episodes": 0}, "has no episodes"),
        ({"total_episodes": 3}, "is damaged .*episode_2"),
        ({"observation_space": 7}, "its observation_space is 7, which cannot be read: TypeError"),
        ({"action_space": None}, "its action_space is None, which cannot be read"),
        (
            {"observation_space": '{"type": "Sphere"}'},
            "an observation_space of a kind that the installed Minari does not know: Sphere;",
        ),
        ({"action_space": "["}, "its action_space is '.', which cannot be read: JSONDecode"),
        ({"data_format": "paper"}, "is stored as 'paper', which the installed Minari"),
        ({"data_format": 3}, "is damaged .it does not say how it is stored, but '3'"),
        ({"minari_version": [1]}, "does not say which Minari wrote it"),
        ({"ref_min_score": [1], "ref_max_score": 2}, "has reference scores"),
        ({"content_sha256": 7}, "was altered: the hash of its content is .*, not 7"),
    ],
)
def test_metadata_of_an_unexpected_form_ends_in_one_line(
    changes: dict[str, Any], words: str
) -> None:
    alter_metadata(write(DOOR, door_episode(0), door_episode(1)), **changes)
    with pytest.raises(BadDatasetError, match=words) as caught:
        load_task(DOOR_TASK)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("content", [b"[1]", b"null", b"\xff\xfe", b"NaN", b'"text"'])
def test_metadata_that_is_no_table_ends_in_one_line(content: bytes) -> None:
    (write(DOOR, door_episode(0)) / "data" / "metadata.json").write_bytes(content)
    with pytest.raises(BadDatasetError, match="has metadata that is no table|is damaged"):
        load_task(DOOR_TASK)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("rewards", np.array([b"a"] * 6)),
        ("rewards", None),
        ("actions", np.zeros((6, 28), complex)),
        ("observations", np.zeros(7)),
        ("observations", "a group"),
        ("terminations", np.array(b"text")),
        ("truncations", np.zeros((6, 2))),
    ],
)
def test_arrays_of_an_unexpected_form_end_in_one_line(name: str, array: Any) -> None:
    folder = write(DOOR, door_episode(0))
    with h5py.File(folder / "data" / "main_data.hdf5", "r+") as file:
        del file[f"episode_0/{name}"]
        if isinstance(array, str):
            file.create_group(f"episode_0/{name}")
        elif array is not None:
            file[f"episode_0/{name}"] = array
    with pytest.raises(BadDatasetError, match=f"dataset {DOOR}, for adroit-door-human, is"):
        load_task(DOOR_TASK)
