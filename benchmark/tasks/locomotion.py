"""Locomotion: gymnasium's half-cheetah, hopper and walker run as fast as they can.

The data is Minari's, recorded with its own policies of three qualities. It is not D4RL's
halfcheetah-medium and so on, so no published score belongs to it; the reference scores are D4RL's.
Returns asked for are those of the Decision Transformer's paper (Chen et al. 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.tasks.task import MAGE_PLANS, Task

# name: environment, reference scores, undiscounted return asked for.
_BODIES = {
    "halfcheetah": ("HalfCheetah-v5", -280.178953, 12135.0, 12000.0),
    "hopper": ("Hopper-v5", -20.272305, 3234.3, 3600.0),
    "walker2d": ("Walker2d-v5", 1.629008, 4592.3, 5000.0),
}

# IQL: the authors' configs/mujoco_config.py, with the returns of a dataset brought to a range of
# 1000 as in their train_offline.py. AWAC: CORL's temperature. CQL and TD3+BC: their own defaults,
# which are the authors' for locomotion.
_BASELINES: Mapping[str, Mapping[str, Any]] = {
    "iql": {"expectile": 0.7, "weight_temp": 3.0, "return_range": 1000.0},
    "awac": {"temperature": 1 / 3},
    # Steps take up to 25 tokens, so plans of Trajectory Transformer are shorter than in mazes.
    "tt/quick": {"horizon": 2},
}
# ReBRAC: the paper's penalties of policy and critics, as d3rlpy's reproduction lists them. The
# paper has no `simple` data: there they are those of `medium`.
_PENALTIES = {
    "halfcheetah": {"medium": (0.001, 0.01), "expert": (0.01, 0.01)},
    "hopper": {"medium": (0.01, 0.001), "expert": (0.1, 0.001)},
    "walker2d": {"medium": (0.05, 0.1), "expert": (0.01, 0.5)},
}


def _rebrac(body: str, quality: str) -> dict[str, float]:
    known = _PENALTIES[body]
    actor, critic = known.get(quality, known["medium"])
    return {"actor_penalty": actor, "critic_penalty": critic}


LOCOMOTION = [
    Task(
        name=f"{body}-{quality}",
        benchmark="locomotion",
        dataset=f"mujoco/{body}/{quality}-v0",
        env_id=env_id,
        max_steps=1000,
        min_score=low,
        max_score=high,
        return_scale=1000.0,
        target_return=target,
        settings={**MAGE_PLANS, **_BASELINES, "rebrac": _rebrac(body, quality)},
    )
    for body, (env_id, low, high, target) in _BODIES.items()
    for quality in ("simple", "medium", "expert")
]
