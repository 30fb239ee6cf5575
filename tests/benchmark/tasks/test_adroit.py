"""Rows of Adroit, against what they are taken from."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks.adroit import ADROIT
from tests.benchmark.tasks.literals import (
    MAGE_PLANS,
    PLAIN,
    TT_LONG_STEPS,
    columns,
    rebrac,
    settings,
)

TASKS = {task.name: task for task in ADROIT}

# D4RL's reference scores (d4rl/infos.py) and horizons; returns that an expert reaches.
HANDS: dict[str, dict[str, Any]] = {
    "pen": {
        "env_id": "AdroitHandPen-v1",
        "max_steps": 100,
        "min_score": 96.262799,
        "max_score": 3076.8331017826877,
        "target_return": 3000,
        "camera": {"distance": 0.7},
    },
    "door": {
        "env_id": "AdroitHandDoor-v1",
        "max_steps": 200,
        "min_score": -56.512833,
        "max_score": 2880.5693087298737,
        "target_return": 3000,
    },
    "hammer": {
        "env_id": "AdroitHandHammer-v1",
        "max_steps": 200,
        "min_score": -274.856578,
        "max_score": 12794.134825156867,
        "target_return": 13000,
        "camera": {"distance": 1.3},
    },
    "relocate": {
        "env_id": "AdroitHandRelocate-v1",
        "max_steps": 200,
        "min_score": -6.425911,
        "max_score": 4233.877797728884,
        "target_return": 4300,
    },
}

# ReBRAC's penalties of policy and critics (CORL, configs/offline/rebrac).
PENALTIES = {
    "pen-human": (0.1, 0.5),
    "pen-cloned": (0.05, 0.5),
    "pen-expert": (0.01, 0.01),
    "door-human": (0.1, 0.1),
    "door-cloned": (0.01, 0.1),
    "door-expert": (0.05, 0.01),
    "hammer-human": (0.01, 0.5),
    "hammer-cloned": (0.1, 0.5),
    "hammer-expert": (0.01, 0.01),
    "relocate-human": (0.1, 0.01),
    "relocate-cloned": (0.1, 0.01),
    "relocate-expert": (0.05, 0.01),
}

MAGE: dict[str, dict[str, Any]] = {
    "human": {"best_of": 8, "expectile": 0.99, "temperature": 0.5, "inverse_dropout": 0.2},
    "cloned": {"best_of": 8, "expectile": 0.99, "temperature": 1.0, "inverse_dropout": 0.2},
    "expert": {"best_of": 1, "expectile": 0.9, "advantage_asked": 0.0, "inverse_dropout": 0.2},
}
PEN_EXPERT = {**MAGE["expert"], "inverse_unit_dropout": 0.1}

# IQL: its authors' configs/kitchen_config.py. CQL: CORL's for the pen. The others: found here.
BASELINES: dict[str, dict[str, Any]] = {
    "iql": {"expectile": 0.7, "weight_temp": 0.5, "dropout": 0.1},
    "cql": {"conservative_weight": 1.0, "lagrange_threshold": 5.0},
    "awac": {"temperature": 10.0, "reward_scale": 0.01},
    "diffuser": {"guide_scale": 0.0, "replan_every": 4},
    "carp/quick": {"steps": 3000},
}


def test_four_hands_have_data_of_three_qualities() -> None:
    assert list(TASKS) == [f"adroit-{name}" for name in PENALTIES]


@pytest.mark.parametrize("name", PENALTIES)
def test_a_row_holds_what_its_sources_say(name: str) -> None:
    task = TASKS[f"adroit-{name}"]
    hand, quality = name.split("-")
    assert columns(task) == {
        **PLAIN,
        "name": f"adroit-{name}",
        "benchmark": "adroit",
        "dataset": f"D4RL/{hand}/{quality}-v2",
        "published_as": name,
        "return_scale": 1000,
        **HANDS[hand],
    }
    assert settings(task) == {
        **MAGE_PLANS,
        **TT_LONG_STEPS,
        **BASELINES,
        "mage": PEN_EXPERT if name == "pen-expert" else MAGE[quality],
        "rebrac": rebrac(*PENALTIES[name]),
    }
