"""What a machine has for runs: devices, memory, folders, data, environments, and a way to draw.

Everything may be broken or missing, and is a `Finding` then.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmark.data import dataset_state
from benchmark.data.minari_folder import minari_root
from benchmark.data.seals import cache_folder
from benchmark.errors import UserError, with_type
from benchmark.evaluation.recording import check_drawing
from benchmark.records.capacity import usable_cores, usable_memory
from benchmark.records.disk import OUT_MIB, TEMP_MIB, free_mib, why_not_written
from benchmark.records.text import listed
from benchmark.running.compute import Needs
from benchmark.running.installation import Finding
from benchmark.tasks import TASKS
from benchmark.tasks.extras import missing_extra

_DRAWN = "maze2d-umaze"


def devices() -> Iterator[Finding]:
    """What torch can compute on, and the cores and memory that this process may use."""
    import torch

    gpus = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    names = ["cpu", *(f"cuda:{number} ({name})" for number, name in enumerate(gpus))]
    names += ["mps"] if torch.backends.mps.is_available() else []
    cuda = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    yield Finding("devices", f"{listed(names)}; torch was built with {cuda}")
    asked = os.environ.get("OMP_NUM_THREADS")
    threads = "OMP_NUM_THREADS is not set" if asked is None else f"OMP_NUM_THREADS is {asked}"
    yield Finding("cores", f"{usable_cores()} of {os.cpu_count()}, a run takes one; {threads}")
    memory, wanted = usable_memory() / 2**30, Needs().memory_gb
    remedy = f"a run takes about {wanted:.0f} GiB: free some" if memory < wanted else None
    yield Finding("memory", f"{memory:.1f} GiB free", remedy)


def folders() -> Iterator[Finding]:
    """Where data, what is remembered of it, results and temporary files go."""
    yield _folder("datasets", minari_root(), "MINARI_DATASETS_PATH", 0)
    if (cache := cache_folder()) is not None:
        yield _folder("cache", cache, "MAGE_BENCH_CACHE", 0)
    yield _folder("results", Path("results").absolute(), "--out FOLDER", OUT_MIB)
    yield _folder(
        "temporary", Path(tempfile.gettempdir()), "--temp DIR or TMPDIR", TEMP_MIB, needed=True
    )


def _folder(name: str, folder: Path, option: str, least: int, needed: bool = False) -> Finding:
    """A folder: whether it can be written, and has the room in MiB that is asked for."""
    room = free_mib(folder)
    text = f"{folder}{'' if folder.exists() else ' (not there yet)'}"
    text += "" if room is None else f", {room / 2**10:.1f} GiB free"
    if problem := why_not_written(folder):
        text += f", cannot be written ({problem.strerror})"
    elif room is None or room >= least:
        return Finding(name, text)
    return Finding(name, text, f"choose another with {option}, or put that right", needed)


def data() -> Iterator[Finding]:
    """How many tasks have their data in Minari's folder, and how the others get it."""
    states = Counter(dataset_state(task, "auto").state for task in TASKS.values())
    counts = ", ".join(f"{count} {state}" for state, count in states.items())
    yield Finding("data", f"{counts}; python -m benchmark.datasets list shows which")


def environments() -> Iterator[Finding]:
    """The first task of each benchmark, of which the environment is made."""
    first = {task.benchmark: task for task in reversed(TASKS.values())}
    for benchmark, task in reversed(first.items()):
        try:
            # May be what is broken.
            from benchmark.tasks.environments import make_environment

            if (missing := missing_extra(task)) is not None:
                yield Finding(benchmark, *missing)
                continue
            env = make_environment(task)
            env.close()
        except Exception as error:  # So may MuJoCo, in many ways.
            remedy = "put right what is wrong with gymnasium-robotics and mujoco"
            text = f"{task.name} cannot be made ({with_type(error)})"
            yield Finding(benchmark, text, remedy, needed=True)
            continue
        spaces: list[Any] = [env.observation_space, env.action_space]
        seen, done = (space.shape[0] for space in spaces)
        yield Finding(
            benchmark, f"{task.name} can be made: observations of {seen}, actions of {done}"
        )


def drawing() -> Iterator[Finding]:
    """Whether videos can be drawn here; no report needs a browser or a screen."""
    try:
        check_drawing(TASKS[_DRAWN])
    except UserError as error:
        yield Finding("videos", "cannot be drawn here; all else needs none", str(error))
    else:
        yield Finding("videos", "can be drawn; reports need no browser and no screen")


SECTIONS: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
    ("Machine", devices),
    ("Folders", folders),
    ("Data", data),
    ("Environments", environments),
    ("Pictures", drawing),
)
