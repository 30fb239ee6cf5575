"""Actions beyond their bounds: what is clipped, as environments clip it, and what is refused.

One rule for recorded actions and for those of agents. Shapes: n steps, A action size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# How far beyond its bounds an action may lie, as a share of the distance between them. People who
# drive a hand do not keep to the bounds; the environment clips what they want.
_BEYOND = 0.5
# The same for what counts as rounding, of float32 and of changes of units.
_ROUNDING = 1e-6


def clip_actions(
    actions: NDArray[Any], low: NDArray[Any], high: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The actions as an environment takes them, and which of them it had to clip.

    Args:
        actions: (n, A).
        low: (A,) smallest action.
        high: (A,) largest action.

    Returns:
        (n, A) actions inside the bounds; (n,) whether one was outside by more than rounding.
    """
    inside = np.clip(actions, low, high)
    clipped: NDArray[np.bool_] = (np.abs(inside - actions) > _ROUNDING * (high - low)).any(axis=1)
    return inside, clipped


def far_outside(actions: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> str | None:
    """The first action so far beyond its bounds that it cannot be meant; None without one.

    Args:
        actions: (n, A), finite.
        low: (A,) smallest action.
        high: (A,) largest action.
    """
    beyond = _BEYOND * (high - low)
    far = np.argwhere((actions < low - beyond) | (actions > high + beyond))
    if not len(far):
        return None
    row, column = far[0]
    return (
        f"{actions[row, column]:g} for action {column}, far outside its bounds of {low[column]:g} "
        f"to {high[column]:g}"
    )
