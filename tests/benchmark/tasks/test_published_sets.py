"""What data is called."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.tasks import TASKS
from benchmark.tasks.published_sets import PUBLISHED_SETS, Sizes, data_words, kind_of

DOOR, PUBLISHED = "D4RL/door/expert-v2", Sizes(5000, 1_000_000)
SMALL = Sizes(100, 20_000)


def test_the_sizes_of_every_published_set_of_the_table_of_tasks_are_known() -> None:
    assert set(PUBLISHED_SETS) == {task.dataset for task in TASKS.values()}
    assert PUBLISHED_SETS["ogbench/pointmaze-giant-navigate-v0"] == Sizes(500, 1_000_000)
    assert PUBLISHED_SETS["ogbench/humanoidmaze-giant-stitch-v0"] == Sizes(10_000, 4_000_000)
    assert PUBLISHED_SETS[DOOR] == PUBLISHED
    assert PUBLISHED_SETS["D4RL/pen/expert-v2"] == Sizes(4958, 499_206)
    for sizes in PUBLISHED_SETS.values():
        assert 19 <= sizes.episodes < sizes.steps <= 4_000_000


ANEW = "A small re-creation of the D4RL expert dataset."


@pytest.mark.parametrize(
    ("dataset_id", "sizes", "words", "kind"),
    [
        (DOOR, PUBLISHED, {"author": "Rodrigo", "description": "Expert data."}, "published"),
        (DOOR, PUBLISHED, {"description": None, "dataset_id": DOOR}, "published"),
        (DOOR, PUBLISHED, {}, "published"),
        (DOOR, SMALL, {"author": "Rodrigo", "description": "Expert data."}, "altered"),
        (DOOR, Sizes(5000, 999_999), {}, "altered"),
        (DOOR, SMALL, {"description": ANEW, "dataset_id": "rebuilt/door/expert-v0"}, "altered"),
        (DOOR, PUBLISHED, {"description": ANEW}, "re-creation"),
        # A copy keeps the name that it had.
        (DOOR, PUBLISHED, {"dataset_id": "rebuilt/door/expert-v0"}, "re-creation"),
        ("rebuilt/door/expert-v0", SMALL, {"author": "local"}, "re-creation"),
        ("rebuilt/door/expert-v0", PUBLISHED, {}, "re-creation"),
        ("my/door-v3", SMALL, {"description": "A Re-creation of D4RL's."}, "re-creation"),
        ("my/ant-v0", SMALL, {"description": "not the D4RL original."}, "re-creation"),
        ("my/door-v3", SMALL, {"author": "me", "description": "Mine."}, "own data"),
        ("my/rebuilt/door-v3", PUBLISHED, {"author": ["me"]}, "own data"),
        ("rebuilt-v0", SMALL, {"description": 7}, "own data"),
        # Of other tasks.
        ("D4RL/pen/expert-v2", PUBLISHED_SETS["D4RL/pen/expert-v2"], {}, "own data"),
        ("D4RL/pen/expert-v2", PUBLISHED, {}, "altered"),
        ("mage/kitchen/complete-v0", SMALL, {"author": "MAGE-bench"}, "own data"),
    ],
)
def test_kinds(dataset_id: str, sizes: Sizes, words: dict[str, Any], kind: str) -> None:
    assert kind_of(TASKS["adroit-door-expert"], dataset_id, sizes, words) == kind


@pytest.mark.parametrize(
    ("author", "kind"),
    [("MAGE-bench", "collected here"), (["MAGE-bench"], "collected here"), ("me", "own data")],
)
def test_what_a_recipe_of_the_task_collected(author: object, kind: str) -> None:
    about = {"author": author, "description": "not D4RL's data."}
    assert kind_of(TASKS["kitchen-complete"], "mage/kitchen/complete-v0", SMALL, about) == kind


@pytest.mark.parametrize(
    ("about", "published_id", "words"),
    [
        (
            {"kind": "re-creation", "recorded_episodes": 100, "recorded_steps": 20_000},
            DOOR,
            "re-creation, 100 episodes; published set: 5,000 episodes",
        ),
        (
            {"kind": "altered", "recorded_episodes": 5000, "recorded_steps": 999},
            DOOR,
            "altered, 5,000 episodes, 999 steps; published set: 5,000 episodes, 1,000,000 steps",
        ),
        ({"kind": "published", "recorded_episodes": 5000}, DOOR, "published data"),
        (
            {"kind": "collected here", "recorded_episodes": 1, "recorded_steps": 9},
            None,
            "collected here, 1 episode",
        ),
        (
            {"kind": "own data", "recorded_episodes": 2, "recorded_steps": 9},
            "D4RL/other/expert-v9",
            "own data, 2 episodes; sizes of the published set are not known",
        ),
        # Records of an older version say neither.
        (
            {"id": DOOR, "episodes": 5000},
            DOOR,
            "data of unknown origin; published set: 5,000 episodes",
        ),
        ({}, None, "data of unknown origin"),
    ],
)
def test_words(about: dict[str, Any], published_id: str | None, words: str) -> None:
    assert data_words(about, published_id) == words
