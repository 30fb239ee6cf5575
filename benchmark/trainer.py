"""Takes gradient steps so that training can be interrupted and disturbs nothing around it.

An agent may use it (`docs/writing-an-agent.md`): it says how one step is taken and what it leaves
behind, and gets `fit`, `training_state` and `resume` of `benchmark.interface` in return.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, Protocol

import torch

from benchmark.interface import Metrics, Progress


class Learner(Protocol):
    """What changes during training: networks, optimisers, schedules, generators of its own."""

    @property
    def step(self) -> int:
        """Gradient steps taken."""
        ...

    def train_step(self) -> Metrics:
        """Takes one more gradient step.

        Returns:
            Its losses by name, as `benchmark.interface.Progress` takes them.
        """
        ...

    def state(self) -> dict[str, Any]:
        """The whole state, in a form that `benchmark.interface.Resumable` allows; may be live."""
        ...

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Restores what `state` returned; it may keep the tensors."""


class Trainer:
    """Trains a learner to its budget; resumed on a CPU, it ends with the same weights."""

    def __init__(self, device: str) -> None:
        """Nothing is trained yet.

        Args:
            device: name of the torch device that training draws random numbers on.
        """
        self._device = device
        self._learner: Learner | None = None
        self._resumed: dict[str, Any] | None = None

    def fit(
        self, start: Callable[[], Learner], *, steps: int, seed: int, progress: Progress
    ) -> None:
        """Takes the gradient steps that are left, and reports each.

        Torch's global generators start from the seed, and afterwards are as they were before.

        Args:
            start: makes a new learner; an agent that is to act during training takes over its
                networks here.
            steps: of the whole training.
            seed: 0 or above.
            progress: called after every step; it may raise to end training early.
        """
        with isolated_random_numbers(seed, self._device):
            self._learner = learner = start()
            if self._resumed is not None:
                state, self._resumed = self._resumed, None
                learner.load_state(state["learner"])
                set_random_states(state["random"], self._device)
            while learner.step < steps:
                metrics = learner.train_step()
                progress(learner.step, metrics)

    def __getstate__(self) -> dict[str, Any]:
        """Without the learner, so that a copy of an agent acts, but does not go on with training.

        A learner has the whole dataset, and libraries put into it what cannot be pickled;
        `training_state` is how training goes on elsewhere.
        """
        return {**vars(self), "_learner": None}

    def training_state(self) -> dict[str, Any]:
        """See `benchmark.interface.Resumable`.

        Raises:
            RuntimeError: if nothing has been trained yet.
        """
        if self._learner is None:
            raise RuntimeError("there is no training to go on with; call fit first")
        return {"learner": self._learner.state(), "random": random_states(self._device)}

    def resume(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.interface.Resumable`."""
        self._resumed = deepcopy(dict(state))  # Optimisers would write into what they are given.


@contextmanager
def isolated_random_numbers(seed: int, device: str) -> Iterator[None]:
    """Seeds torch's global generators inside the block and restores their state after it.

    New layers and many libraries draw from the global generators, which other code shares.

    Args:
        seed: 0 or above.
        device: name of a torch device.
    """
    before = random_states(device)
    try:
        _seed(seed, device)
        yield
    finally:
        set_random_states(before, device)


def _seed(seed: int, device: str) -> None:
    """Of these generators alone: `torch.manual_seed` seeds those of all devices."""
    torch.default_generator.manual_seed(seed)
    kind = torch.device(device).type
    if kind == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    elif kind == "mps":
        torch.mps.manual_seed(seed)


def random_states(device: str) -> dict[str, torch.Tensor]:
    """The states of torch's global generators that training draws from, by type of device."""
    states = {"cpu": torch.get_rng_state()}
    kind = torch.device(device).type
    if kind == "cuda":
        states[kind] = torch.cuda.get_rng_state(device)
    elif kind == "mps":
        states[kind] = torch.mps.get_rng_state()
    return states


def set_random_states(states: Mapping[str, torch.Tensor], device: str) -> None:
    """Undoes `random_states`; on another type of device, the seed's own numbers remain."""
    torch.set_rng_state(states["cpu"])
    kind = torch.device(device).type
    if kind == "cuda" and kind in states:
        torch.cuda.set_rng_state(states[kind], device)
    elif kind == "mps" and kind in states:
        torch.mps.set_rng_state(states[kind])
