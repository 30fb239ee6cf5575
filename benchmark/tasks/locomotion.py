"""Locomotion: gymnasium's half-cheetah, hopper and walker run as fast as they can.

The data is Minari's, recorded with its own policies of three qualities. It is not D4RL's
halfcheetah-medium and so on, so no published score belongs to it; the reference scores are D4RL's.
Returns asked for are those of the Decision Transformer's paper (Chen et al. 2021).
"""

from __future__ import annotations

from benchmark.tasks.task import Task

# name: environment, reference scores, undiscounted return asked for.
_BODIES = {
    "halfcheetah": ("HalfCheetah-v5", -280.178953, 12135.0, 12000.0),
    "hopper": ("Hopper-v5", -20.272305, 3234.3, 3600.0),
    "walker2d": ("Walker2d-v5", 1.629008, 4592.3, 5000.0),
}

LOCOMOTION = [
    Task(
        name=f"{body}-{quality}",
        benchmark="locomotion",
        dataset=f"mujoco/{body}/{quality}-v0",
        env_id=env_id,
        max_steps=1000,
        min_score=low,
        max_score=high,
        tells_success=False,  # To run is never done: there is no success.
        return_scale=1000.0,
        target_return=target,
    )
    for body, (env_id, low, high, target) in _BODIES.items()
    for quality in ("simple", "medium", "expert")
]
