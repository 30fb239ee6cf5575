"""An optional part of an agent: its acting as one function, for a file without the benchmark.

`python -m benchmark.export` writes that function to a file, and `docs/deployment.md` shows how it
is offered and used. Shapes: n environments, O observation and A action size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

# The names that inputs other than the state have.
OBSERVATION, LAST_REWARD, RANDOM = "observation", "last_reward", "random"


@dataclass(frozen=True)
class StepFunction:
    """From what an agent observes, and its state, to its action and its next state.

    The module takes tensors of n environments in the order of `input_names`, and returns those of
    `output_names`, or the action alone where there is no state. It keeps nothing from call to call
    and draws nothing, so that equal inputs give equal outputs. It has to be right for every n from
    1 up, so it takes n from the `shape` of a tensor, not from `len`.

    Attributes:
        module: in evaluation mode, on the CPU, with everything in it that acting needs.
        reads_reward: whether it takes the last reward (n,), 0 at the first step.
        random_shape: of the random numbers that it takes for each environment; None for none. They
            are uniform in [0, 1), drawn anew at every step. The agent itself draws them by
            `torch.rand((n, *random_shape), generator=...)`, from a generator with seed 0 that it
            makes in `reset`.
        state: what it remembers, by name, as the array of one environment has it after `reset`.
    """

    module: torch.nn.Module
    reads_reward: bool = False
    random_shape: tuple[int, ...] | None = None
    state: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def input_names(self) -> tuple[str, ...]:
        """`observation` (n, O); then, where it takes them, `last_reward`, `random`, the state."""
        optional = {LAST_REWARD: self.reads_reward, RANDOM: self.random_shape is not None}
        return (OBSERVATION, *(name for name, there in optional.items() if there), *self.state)

    @property
    def output_names(self) -> tuple[str, ...]:
        """`action` (n, A), inside the bounds, and `next_NAME` of each part of the state."""
        return ("action", *(f"next_{name}" for name in self.state))

    def initial_state(self, n_envs: int) -> list[NDArray[Any]]:
        """The state of n environments (n, ...) whose episodes begin."""
        return [np.repeat(value[None], n_envs, 0) for value in self.state.values()]


@runtime_checkable
class Exportable(Protocol):
    """An agent whose acting can be written to a file."""

    def step_function(self) -> StepFunction:
        """What `act` does now, with its own copy of whatever later training would change.

        Raises:
            ValueError: if with its settings it cannot be one function.
        """
        ...
