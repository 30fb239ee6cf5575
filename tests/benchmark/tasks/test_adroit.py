"""Rows of Adroit, against what they are taken from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from benchmark.tasks.adroit import ADROIT
from tests.benchmark.tasks.literals import PLAIN

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

NAMES = [f"{hand}-{quality}" for hand in HANDS for quality in ("human", "cloned", "expert")]


def test_four_hands_have_data_of_three_qualities() -> None:
    assert list(TASKS) == [
        *("adroit-pen-human", "adroit-pen-cloned", "adroit-pen-expert"),
        *("adroit-door-human", "adroit-door-cloned", "adroit-door-expert"),
        *("adroit-hammer-human", "adroit-hammer-cloned", "adroit-hammer-expert"),
        *("adroit-relocate-human", "adroit-relocate-cloned", "adroit-relocate-expert"),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_row_holds_what_its_sources_say(name: str) -> None:
    task = TASKS[f"adroit-{name}"]
    hand, quality = name.split("-")
    assert asdict(task) == {
        **PLAIN,
        "name": f"adroit-{name}",
        "benchmark": "adroit",
        "dataset": f"D4RL/{hand}/{quality}-v2",
        "published_as": name,
        "return_scale": 1000,
        **HANDS[hand],
    }
