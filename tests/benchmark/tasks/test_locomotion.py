"""Rows of locomotion, against what they are taken from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from benchmark.tasks.locomotion import LOCOMOTION
from tests.benchmark.tasks.literals import PLAIN

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

NAMES = [f"{body}-{quality}" for body in BODIES for quality in ("simple", "medium", "expert")]


def test_three_bodies_have_data_of_three_qualities() -> None:
    assert list(TASKS) == [
        *("halfcheetah-simple", "halfcheetah-medium", "halfcheetah-expert"),
        *("hopper-simple", "hopper-medium", "hopper-expert"),
        *("walker2d-simple", "walker2d-medium", "walker2d-expert"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_holds_what_its_sources_say(name: str) -> None:
    body, quality = name.split("-")
    assert asdict(TASKS[name]) == {
        **PLAIN,
        "name": name,
        "benchmark": "locomotion",
        "dataset": f"mujoco/{body}/{quality}-v0",
        "max_steps": 1000,
        "tells_success": False,
        "return_scale": 1000,
        **BODIES[body],
    }
