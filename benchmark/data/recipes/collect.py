"""Collects the episodes of a recipe on all cores, and goes on where it was interrupted.

Every episode has a seed of its own, made of the recipe's seed and its number, so that the data is
the same whatever the number of processes. Finished episodes are kept in a hidden folder of
Minari's until the dataset is whole::

    <root>/.collecting/<dataset id>/<fingerprint>/episode-00012.npz
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

import numpy as np

from benchmark.data.recipes.recipe import Player, Recipe
from benchmark.data.recipes.storage import write_dataset, write_part
from benchmark.errors import DatasetError
from benchmark.records.capacity import usable_cores
from benchmark.records.lock import locked

Report = Callable[[str], None]
AtomicDataset = Callable[[str], contextlib.AbstractContextManager[None]]

_REPORT_EVERY = 5.0  # Seconds.
_WORTH_A_PROCESS = 8  # Episodes; to start a process takes as long as to record a few.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def collect(
    recipe: Recipe,
    root: Path,
    atomic: AtomicDataset,
    report: Report,
    *,
    seed: int = 0,
    workers: int | None = None,
) -> None:
    """Collects a dataset, or what is missing of it, into Minari's folder.

    Args:
        recipe: what to collect.
        root: Minari's folder.
        atomic: given the dataset's id, makes sure that what Minari writes is there whole or not
            at all.
        report: gets the progress, in a line every few seconds.
        seed: the same seed gives the same arrays.
        workers: processes; by default as many as there are cores.

    Raises:
        DatasetError: if a process died.
        OSError: if the folder cannot be written to.
    """
    hidden = root / ".collecting"
    folder = hidden / recipe.id
    try:
        message = f"{recipe.id}: another process is collecting it; waiting for its end"
        with locked(folder, lambda: report(message)):
            if (root / recipe.id).exists():
                return  # Another process was faster.
            parts = _record_missing(recipe, folder, report, seed, workers)
            report(f"{recipe.id}: writing the dataset")
            with atomic(recipe.id):
                write_dataset(recipe, seed, parts)
            for recorded in filter(Path.is_dir, folder.iterdir()):
                shutil.rmtree(recorded)
    except KeyboardInterrupt:
        report(f"{recipe.id}: interrupted; collect again, and it goes on with what is missing")
        raise
    finally:
        _remove_empty(folder, hidden)


def _remove_empty(folder: Path, top: Path) -> None:
    """Removes `folder`, what is in it, and what it is in up to `top`, as far as it is empty."""
    for path in (*folder.glob("*"), folder, *folder.parents):
        with contextlib.suppress(OSError):
            path.rmdir()
        if path == top:
            return


def _record_missing(
    recipe: Recipe, folder: Path, report: Report, seed: int, workers: int | None
) -> list[Path]:
    """Records the episodes that are not there yet, and returns the files of all."""
    folder = folder / recipe.fingerprint(seed)  # Nothing recorded in another way gets in between.
    folder.mkdir(exist_ok=True)
    parts = [folder / f"episode-{index:05d}.npz" for index in range(recipe.episodes)]
    missing = [index for index, part in enumerate(parts) if not part.exists()]
    if not missing:
        return parts
    workers = workers or min(usable_cores(), -(-len(missing) // _WORTH_A_PROCESS))
    there = len(parts) - len(missing)
    before = f"; {there} are there from before" if there else ""
    processes = "1 process" if workers == 1 else f"{workers} processes"
    report(f"{recipe.id}: {recipe.episodes} episodes, {processes}{before}")
    progress = _CollectionProgress(recipe, there, report)
    if workers == 1:
        player = recipe.player()
        for index in missing:
            _record(player, seed, index, parts[index])
            progress.one_more()
        player.env.close()
    else:
        _record_side_by_side(recipe, seed, parts, missing, workers, progress)
    return parts


def _record(player: Player, seed: int, index: int, part: Path) -> None:
    write_part(part, player.play(np.random.default_rng([seed, index])))


class _CollectionProgress:
    """Reports how far it has got, and how long it will take."""

    def __init__(self, recipe: Recipe, there: int, report: Report) -> None:
        self._recipe, self._report = recipe, report
        self._there, self._done = there, 0
        self._started = self._last_report = time.monotonic()

    def one_more(self) -> None:
        """Counts a finished episode."""
        self._done += 1
        now, total = time.monotonic(), self._recipe.episodes
        done = self._there + self._done
        if now - self._last_report < _REPORT_EVERY and done < total:
            return
        self._last_report = now
        left = (now - self._started) / self._done * (total - done)
        self._report(f"{self._recipe.id}: {done} of {total} episodes, {_duration(left)} left")

    def finishing(self) -> None:
        """Says what an interrupt waits for."""
        self._report(
            f"{self._recipe.id}: finishing the episodes at hand (Ctrl-C again: without them)"
        )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _record_side_by_side(
    recipe: Recipe,
    seed: int,
    parts: Sequence[Path],
    missing: Sequence[int],
    workers: int,
    progress: _CollectionProgress,
) -> None:
    with _one_thread_each(), _without_program(), _interrupted_once(progress.finishing):
        pool = ProcessPoolExecutor(
            workers, multiprocessing.get_context("spawn"), _start_process, (recipe,)
        )
        try:
            # No more at a time than there are processes: an interrupt waits for those at hand.
            waiting = iter(missing)
            at_hand = {_submit(pool, seed, i, parts) for i in islice(waiting, workers)}
            while at_hand:
                done, at_hand = wait(at_hand, return_when=FIRST_COMPLETED)
                for episode in done:
                    episode.result()
                    progress.one_more()
                at_hand |= {_submit(pool, seed, i, parts) for i in islice(waiting, len(done))}
        except BrokenProcessPool as error:
            raise DatasetError(
                f"a process that was collecting {recipe.id} died; was it out of memory?",
                "collect again: what was finished is kept, and it goes on from there",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _interrupted_once(finishing: Callable[[], None]) -> Iterator[None]:
    """Within the block the first Ctrl-C interrupts; a second one ends the processes started in it.

    Were it to interrupt the wait for them, Python would wait for their end for ever.
    """
    before = set(multiprocessing.active_children())

    def end(number: int, frame: object) -> None:
        for process in set(multiprocessing.active_children()) - before:
            process.terminate()

    def interrupt(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, end)
        finishing()
        raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _submit(
    pool: ProcessPoolExecutor, seed: int, index: int, parts: Sequence[Path]
) -> Future[None]:
    return pool.submit(_record_here, seed, index, parts[index])


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Lets processes that start meanwhile use one thread each."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _without_program() -> Iterator[None]:
    """Lets processes that start meanwhile do without the program that runs.

    They need nothing of it, and a user's script that has no guard against that would start anew in
    each of them, and wait for the data as this process does.
    """
    program = vars(sys.modules["__main__"])
    names: list[str] = ["__file__", "__spec__"]
    before = {name: program[name] for name in names if name in program}
    program.pop("__file__", None)
    program["__spec__"] = None
    try:
        yield
    finally:
        program.update(before)


_player: Player  # Of a process that records.


def _start_process(recipe: Recipe) -> None:
    global _player
    # The parent process is who decides on an interrupt, and waits for the episodes at hand.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _player = recipe.player()


def _end_with_parent() -> None:
    """Ends this process when its parent was killed, and could not say so."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _record_here(seed: int, index: int, part: Path) -> None:
    _record(_player, seed, index, part)
