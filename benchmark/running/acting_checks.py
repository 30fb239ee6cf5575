"""Checks of how an agent acts and is saved; they can be run on any agent.

Each trains the agent anew, for moments, on a `synthetic_task`. How an agent is constructed
and trained is looked at in `training_checks`.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, ParamSpec

import numpy as np
import torch

from benchmark.errors import with_type
from benchmark.interface import FloatArray
from benchmark.running.synthetic_task import Subject, play, saved_files

_DATA_FILES = {".safetensors", ".json", ".npy", ".npz"}


class CheckFailedError(Exception):
    """An agent or a task does not pass a check; the message says what was seen."""


class NotApplicableError(Exception):
    """A check does not apply to an agent or a task; the message says why."""


Looked = ParamSpec("Looked")


@dataclass(frozen=True)
class ConformanceCheck(Generic[Looked]):
    """One check of an agent, or of a task.

    Attributes:
        name: what an agent does that passes.
        advice: what to do if it does not.
        look: looks whether it does; raises `CheckFailedError`, `NotApplicableError`, or whatever
            the agent raises. That of an agent may write to the empty folder that it is given.
    """

    name: str
    advice: str
    look: Callable[Looked, None]


AgentCheck = ConformanceCheck[[Subject, Path]]


def check(name: str, advice: str) -> Callable[[Callable[Looked, None]], ConformanceCheck[Looked]]:
    """Decorator that makes a `ConformanceCheck` of a function that looks whether it is passed."""
    return lambda look: ConformanceCheck(name, advice, look)


def expect(condition: bool, seen: str) -> None:
    """Ends a check unless a condition holds.

    Args:
        condition: what must hold.
        seen: what was seen in its place.

    Raises:
        CheckFailedError: if it does not hold.
    """
    if not condition:
        raise CheckFailedError(seen)


def expect_value_error(refused: Callable[[], object], otherwise: str) -> ValueError:
    """The ValueError that a call must raise; `otherwise` is what was seen where it raises nothing.

    Raises:
        CheckFailedError: if the call raises another error, or none.
    """
    try:
        refused()
    except ValueError as error:
        return error
    except Exception as error:
        raise CheckFailedError(f"it raised {with_type(error)}, which is no ValueError") from error
    raise CheckFailedError(otherwise)


def expect_same(first: FloatArray, second: FloatArray, when: str) -> None:
    """Ends a check unless two arrays of actions are the same, bit by bit.

    Args:
        first: (steps, n, A).
        second: of the same shape.
        when: the circumstances of the second.

    Raises:
        CheckFailedError: if they are not.
    """
    expect(np.array_equal(first, second), f"its actions differ {when}")


@check(
    "acts inside the task's bounds, for any number of environments",
    "return a float32 array (n, action_size) between task.action_low and task.action_high",
)
def acts_inside_the_bounds(subject: Subject, folder: Path) -> None:
    """Also for observations far from those that it knows."""
    agent, low, high = subject.fitted(), subject.task.action_low, subject.task.action_high
    for n_envs, size in ((1, 1), (7, 1), (7, 1e4)):
        actions = play(agent, subject.task, n_envs, size=size)
        shape = (n_envs, subject.task.action_size)
        expect(actions.shape[1:] == shape, f"actions are {actions.shape[1:]}, not {shape}")
        expect(actions.dtype == np.float32, f"actions are {actions.dtype}, not float32")
        outside = actions[~((actions >= low) & (actions <= high)).all(axis=2)]
        expect(not len(outside), f"action {outside[:1].tolist()}, bounds {low} to {high}")


@check(
    "forgets the past with `reset`",
    "clear in `reset` what `act` remembers, and start its random numbers anew",
)
def forgets_with_reset(subject: Subject, folder: Path) -> None:
    """The same episode twice."""
    agent = subject.fitted()
    first = play(agent, subject.task)
    expect_same(first, play(agent, subject.task), "in a second episode")


@check(
    "acts the same after `save` and `load`",
    "save all that `act` needs, also means and scales of the data",
)
def comes_back_from_its_folder(subject: Subject, folder: Path) -> None:
    """In another object of its class."""
    fitted, loaded = subject.fitted(), subject.agent()
    fitted.save(folder)
    loaded.load(folder)
    expect_same(play(fitted, subject.task), play(loaded, subject.task), "after `save` and `load`")


@check(
    "saves data and no code",
    "save with safetensors, json or numpy: a pickle runs code when it is loaded",
)
def saves_no_code(subject: Subject, folder: Path) -> None:
    """By the names of the files."""
    names = saved_files(subject.fitted(), folder / "saved")
    others = sorted(name for name in names if Path(name).suffix not in _DATA_FILES)
    expect(not others, f"it saved {', '.join(others)}")


@check(
    "writes only into the folder of `save`",
    "write no log and no cache into the working folder; save there all that acting needs",
)
def writes_only_into_its_folder(subject: Subject, folder: Path) -> None:
    """Seen from a working folder of its own."""
    saved = folder / "saved"
    saved.mkdir()
    with _inside(folder):
        agent = subject.fitted()
        play(agent, subject.task)
        agent.save(saved)
        subject.agent().load(saved)
    others = sorted(path.name for path in folder.iterdir() if path != saved)
    expect(not others, f"it wrote {', '.join(others)} beside it")
    expect(any(saved.iterdir()), "it saved nothing")


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Works in a folder; `contextlib.chdir` is younger than the oldest Python that is supported."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@check(
    "leaves global random numbers and torch's defaults alone",
    "use generators of your own, or benchmark.trainer.isolated_random_numbers, and set no defaults",
)
def leaves_global_state_alone(subject: Subject, folder: Path) -> None:
    """In training, acting, saving and loading."""
    before, defaults = _random_states(), _torch_defaults()
    agent = subject.fitted()
    play(agent, subject.task)
    agent.save(folder)
    subject.agent().load(folder)
    moved = [name for name, state in _random_states().items() if state != before[name]]
    expect(not moved, f"it used the global random numbers of {', '.join(moved)}")
    expect(_torch_defaults() == defaults, f"torch's defaults became {_torch_defaults()}")


def _random_states() -> dict[str, object]:
    return {
        "random": random.getstate(),
        "numpy": str(np.random.get_state()),  # noqa: NPY002
        "torch": torch.get_rng_state().tolist(),
        "torch on GPUs": [state.tolist() for state in torch.cuda.get_rng_state_all()],
    }


def _torch_defaults() -> tuple[object, ...]:
    """What one agent could change for the next one in the same process."""
    return (
        torch.get_default_dtype(),
        torch.get_default_device(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.get_float32_matmul_precision(),
    )


@check(
    "does not depend on global random numbers",
    "draw weights too from the seed of `fit` (benchmark.trainer.isolated_random_numbers)",
)
def needs_no_global_random_numbers(subject: Subject, folder: Path) -> None:
    """Those of torch, numpy and Python are others the second time."""
    first = play(subject.fitted(), subject.task)
    torch.manual_seed(torch.initial_seed() + 1)
    np.random.seed(random.randrange(2**32))  # noqa: NPY002
    random.random()
    expect_same(first, play(subject.fitted(), subject.task), "with other global random numbers")


ACTING_CHECKS = (
    acts_inside_the_bounds,
    forgets_with_reset,
    comes_back_from_its_folder,
    saves_no_code,
    writes_only_into_its_folder,
    leaves_global_state_alone,
    needs_no_global_random_numbers,
)
