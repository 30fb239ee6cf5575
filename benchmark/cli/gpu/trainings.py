"""Trainings on a device: several side by side, and one that is interrupted and goes on."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmark.agents.registry import AgentChoice
from benchmark.errors import UserError
from benchmark.evaluation.device_costs import Figures, made_up_data, workload
from benchmark.evaluation.training_time import Workload
from benchmark.interface import Agent, FloatArray
from benchmark.running.checkpoint import load_checkpoint, save_checkpoint
from benchmark.running.synthetic_task import play


class _InterruptedError(Exception):
    """Ends a training."""


def side_by_side(
    choice: AgentChoice, preset: str, device: str, seconds: float, counts: Sequence[int]
) -> Figures:
    """Trains the same agent several times at once, each in a process of its own.

    Args:
        choice: the agent.
        preset: whose settings it has.
        device: name of a torch device, which all share.
        seconds: about how long one training takes alone.
        counts: how many at once, ascending.

    Yields:
        For each number, how many times the gradient steps of one alone they take together in the
        same time.
    """
    load = workload(choice, preset, device)
    load.choose_lengths(made_up_data(load), seconds)
    work = (choice, preset, device, load.lengths[1])
    with ProcessPoolExecutor(counts[-1], get_context("spawn")) as pool:
        # The first trainings of all processes, which import and compile, do not count.
        _wall_seconds(pool, work, counts[-1])
        alone = _wall_seconds(pool, work, 1)
        for count in counts:
            taken = alone if count == 1 else _wall_seconds(pool, work, count)
            yield f"{count} at once", count * alone / taken


def _wall_seconds(pool: ProcessPoolExecutor, work: tuple[Any, ...], count: int) -> float:
    begin = time.perf_counter()
    for training in [pool.submit(_train, *work) for _ in range(count)]:
        training.result()
    return time.perf_counter() - begin


def _train(choice: AgentChoice, preset: str, device: str, steps: int) -> None:
    torch.set_num_threads(1)
    load = workload(choice, preset, device)
    load.train(made_up_data(load), steps)


def interrupted(load: Workload, seconds: float) -> Figures:
    """Interrupts a training half way, goes on from its checkpoint, and compares with a whole one.

    Args:
        load: from `workload`.
        seconds: about how long a whole training takes.

    Yields:
        The step it went on from, of how many, and by how much an action differs at most from that
        of the undisturbed training: 0 on a processor, and on a GPU no more than by the order in
        which it adds.

    Raises:
        UserError: if it did not go on from where it was.
    """
    data = made_up_data(load)
    load.choose_lengths(data, seconds)
    steps = load.lengths[1]
    _, whole = load.train(data, steps)
    begun: Any = load.make()
    with tempfile.TemporaryDirectory(prefix="mage-check-gpu-") as name:
        folder = Path(name)

        def interrupt(step: int, metrics: Mapping[str, Any]) -> None:
            if step == steps // 2:
                save_checkpoint(folder, begun.training_state(), {})
                raise _InterruptedError

        with suppress(_InterruptedError):
            begun.fit(data, steps=steps, seed=0, progress=interrupt)
        checkpoint = load_checkpoint(folder)
    again: Any = load.make()
    again.resume(checkpoint[0] if checkpoint else {})
    reported: list[int] = []
    again.fit(data, steps=steps, seed=0, progress=lambda step, _: reported.append(step))
    if reported != list(range(steps // 2 + 1, steps + 1)):
        raise UserError(f"it went on with step {reported[:1]}, and not with {steps // 2 + 1}")
    yield "went on from step", steps // 2
    yield "of", steps
    yield "largest difference of an action", _difference(whole, again, load)


def _difference(one: Agent, other: Agent, load: Workload) -> float:
    """Of their actions, as a share of the widest range of an action."""
    first, second = (play(agent, load.info) for agent in (one, other))
    widths: FloatArray = load.info.action_high - load.info.action_low
    return float(np.abs(first - second).max() / widths.max())
