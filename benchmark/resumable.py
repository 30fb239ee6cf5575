"""What an agent says of its training: whether it takes gradient steps, and can go on with more.

Agents import the protocol from `benchmark.interface`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class Resumable(Protocol):
    """An optional part of an agent: a training that was interrupted, or has ended, can go on."""

    def training_state(self) -> dict[str, Any]:
        """All that `fit` needs to continue after the step that it reported last.

        Called from within `progress`, at the last step too. Weights, optimisers, schedules, random
        generators and the step, as nested dicts and lists of tensors, arrays, numbers, strings,
        booleans and None. It may return the live tensors: the caller writes them at once.
        """
        ...

    def resume(self, state: Mapping[str, Any]) -> None:
        """Lets the next `fit` continue from what `training_state` returned.

        That `fit` is given the same dataset and seed, and as many steps or more; it reports only
        the steps that are left. With as many, on a CPU, it ends with the same weights as one that
        was never interrupted. With more it goes on as a training of so many would from that step
        on: what depends on the number of steps, such as a learning rate, follows the new one.
        An agent that cannot do this sets `trains_longer = False` in its class.
        """


def takes_gradient_steps(agent: object) -> bool:
    """Whether an agent, or a class, learns by gradient steps, as all that do not say otherwise."""
    declared = getattr(agent, "takes_gradient_steps", True)
    return not isinstance(declared, (bool, np.bool_)) or bool(declared)


def trains_longer(agent_class: type[Any]) -> bool:
    """Whether a training of this class can go on with more steps than it was begun with."""
    return issubclass(agent_class, Resumable) and bool(getattr(agent_class, "trains_longer", True))
