"""Rows of locomotion, against what they are taken from."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks.locomotion import LOCOMOTION
from tests.benchmark.tasks.literals import MAGE_PLANS, PLAIN, columns, settings

TASKS = {task.name: task for task in LOCOMOTION}

# D4RL's reference scores (d4rl/infos.py); returns asked for in Decision Transformer's paper.
BODIES: dict[str, dict[str, Any]] = {
    "halfcheetah": {
        "env_id": "HalfCheetah-v5",
        "min_score": -280.178953,
        "max_score": 12135.0,
        "target_return": 12000,
    },
    "hopper": {
        "env_id": "Hopper-v5",
        "min_score": -20.272305,
        "max_score": 3234.3,
        "target_return": 3600,
    },
    "walker2d": {
        "env_id": "Walker2d-v5",
        "min_score": 1.629008,
        "max_score": 4592.3,
        "target_return": 5000,
    },
}

# ReBRAC's penalties of policy and critics (d3rlpy's reproduction); `simple` has those of `medium`.
PENALTIES = {
    "halfcheetah-simple": (0.001, 0.01),
    "halfcheetah-medium": (0.001, 0.01),
    "halfcheetah-expert": (0.01, 0.01),
    "hopper-simple": (0.01, 0.001),
    "hopper-medium": (0.01, 0.001),
    "hopper-expert": (0.1, 0.001),
    "walker2d-simple": (0.05, 0.1),
    "walker2d-medium": (0.05, 0.1),
    "walker2d-expert": (0.01, 0.5),
}


def test_three_bodies_have_data_of_three_qualities() -> None:
    assert list(TASKS) == list(PENALTIES)


@pytest.mark.parametrize("name", PENALTIES)
def test_a_row_holds_what_its_sources_say(name: str) -> None:
    body, quality = name.split("-")
    actor, critic = PENALTIES[name]
    assert columns(TASKS[name]) == {
        **PLAIN,
        "name": name,
        "benchmark": "locomotion",
        "dataset": f"mujoco/{body}/{quality}-v0",
        "max_steps": 1000,
        "return_scale": 1000,
        **BODIES[body],
    }
    assert settings(TASKS[name]) == {
        **MAGE_PLANS,
        # IQL: its authors' configs/mujoco_config.py. AWAC: CORL's temperature.
        "iql": {"expectile": 0.7, "weight_temp": 3.0, "return_range": 1000.0},
        "awac": {"temperature": pytest.approx(0.33333333)},
        "tt/quick": {"horizon": 2},
        "rebrac": {"actor_penalty": actor, "critic_penalty": critic},
    }
