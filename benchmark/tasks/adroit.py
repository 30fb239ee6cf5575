"""Adroit: a hand with 24 joints spins a pen, opens a door, drives a nail and carries a ball.

Reference scores and the horizon of 100 steps for the pen are D4RL's (Fu et al. 2020); the
environment's own limit for the pen is 200.
"""

from __future__ import annotations

from benchmark.tasks.task import Task

# name: environment, steps, reference scores, undiscounted return an expert reaches.
_HANDS = {
    "pen": ("AdroitHandPen-v1", 100, 96.262799, 3076.8331017826877, 3000.0),
    "door": ("AdroitHandDoor-v1", 200, -56.512833, 2880.5693087298737, 3000.0),
    "hammer": ("AdroitHandHammer-v1", 200, -274.856578, 12794.134825156867, 13000.0),
    "relocate": ("AdroitHandRelocate-v1", 200, -6.425911, 4233.877797728884, 4300.0),
}

# Nearer than the environments' own cameras, from which hand and object are small.
_CAMERAS = {"pen": {"distance": 0.7}, "hammer": {"distance": 1.3}}

ADROIT = [
    Task(
        name=f"adroit-{hand}-{quality}",
        benchmark="adroit",
        dataset=f"D4RL/{hand}/{quality}-v2",
        published_as=f"{hand}-{quality}",
        env_id=env_id,
        max_steps=max_steps,
        min_score=low,
        max_score=high,
        return_scale=1000.0,
        target_return=target,
        camera=_CAMERAS.get(hand, {}),
    )
    for hand, (env_id, max_steps, low, high, target) in _HANDS.items()
    for quality in ("human", "cloned", "expert")
]
