"""What an environment is given of the actions that an agent returns."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.tasks.action_bounds import clip_actions, far_outside


def playable_actions(
    actions: Any, space: gym.Space[Any], running: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The actions inside their bounds, as environments clip them.

    Args:
        actions: what `act` returned for n environments.
        space: of one environment's actions, a box of size A.
        running: (n,) whose episode goes on; what the others do counts nowhere, and is 0.

    Returns:
        (n, A) actions; (n,) which of them were clipped by more than rounding.

    Raises:
        ValueError: if they have the wrong shape, are no finite numbers, or lie far outside.
    """
    assert isinstance(space, gym.spaces.Box)
    actions, expected = np.asarray(actions), (len(running), *space.shape)
    if actions.shape != expected:
        raise ValueError(f"act returned actions of shape {actions.shape}; expected {expected}")
    if actions.dtype.kind not in "fiu":
        raise ValueError(f"act returned actions of type {actions.dtype}; expected float32")
    actions = np.where(running[:, None], actions, actions.dtype.type(0))
    if not np.isfinite(actions).all():
        raise ValueError("act returned actions that are not finite; has training diverged?")
    if far := far_outside(actions[running], space.low, space.high):
        raise ValueError(
            f"act returned {far}; an agent has to stay inside its task's action_low and "
            "action_high (a little beyond them is clipped)"
        )
    return clip_actions(actions, space.low, space.high)
