"""Suites and how tasks are chosen."""

from __future__ import annotations

import pytest

from benchmark.errors import UserError
from benchmark.tasks.suites import SUITES, select_tasks

HANDS = ("pen", "door", "hammer", "relocate")
BODIES = ("halfcheetah", "hopper", "walker2d")
# The tables of the paper, and in the last line what this project adds.
BENCHMARKS = {
    "adroit": [f"{hand}-{data}" for hand in HANDS for data in ("human", "cloned", "expert")],
    "kitchen": ["complete", "partial", "mixed"],
    "antmaze": [
        *("umaze", "umaze-diverse", "medium-play"),
        *("medium-diverse", "large-play", "large-diverse"),
    ],
    "maze2d": ["umaze", "medium", "large"],
    "multi2d": ["umaze", "medium", "large"],
    "locomotion": [f"{body}-{data}" for body in BODIES for data in ("simple", "medium", "expert")],
}


def test_the_benchmarks_of_the_paper_and_what_is_beside_them() -> None:
    names = {
        name: tuple(task if name == "locomotion" else f"{name}-{task}" for task in tasks)
        for name, tasks in BENCHMARKS.items()
    }
    *paper, locomotion = names.values()
    assert names == {name: SUITES[name] for name in names}
    ogbench = (*SUITES["ogbench-maze"], *SUITES["ogbench-arm"])
    assert SUITES["ogbench"] == ogbench and len(ogbench) == 20 + 25
    assert set(SUITES["ogbench-arm-default"]) < set(SUITES["ogbench-arm"])
    assert SUITES["paper"] == tuple(task for tasks in paper for task in tasks)
    assert SUITES["all"] == (*SUITES["paper"], *locomotion, *ogbench)
    assert list(SUITES) == [
        *(*names, "ogbench-maze", "ogbench-arm", "ogbench", "ogbench-arm-default"),
        *("paper", "all", "ablation"),
    ]


def test_the_tasks_of_the_ablation() -> None:
    assert SUITES["ablation"] == ("adroit-pen-expert", "adroit-door-cloned", "maze2d-medium")


def test_suites_names_and_globs() -> None:
    assert [t.name for t in select_tasks("maze2d", [])] == [
        f"maze2d-{s}" for s in ("umaze", "medium", "large")
    ]
    assert len(select_tasks(None, ["adroit-door-*"])) == 3
    assert [t.name for t in select_tasks("maze2d", ["*-umaze"])] == ["maze2d-umaze"]
    # In the order asked for, each once.
    asked = select_tasks(None, ["maze2d-large", "m*2d-umaze", "maze2d-*"])
    assert [t.name for t in asked] == [
        *("maze2d-large", "maze2d-umaze", "multi2d-umaze", "maze2d-medium"),
    ]


@pytest.mark.parametrize(
    ("suite", "patterns", "message"),
    [
        ("maze", [], "unknown suite 'maze'; valid: .*maze2d"),
        (
            "maze2d",
            ["multi2d-umaze"],
            "suite maze2d: 'multi2d-umaze'; valid: .*mean 'maze2d-umaze'",
        ),
        (None, ["maze2d-umaze", "zzz"], "unknown task 'zzz'"),
        (None, [], "no tasks asked for; name a suite"),
        (None, ["maze2d-umase"], "unknown task 'maze2d-umase'; did you mean 'maze2d-umaze'"),
        ("kitchen", ["zzz"], "unknown task of the suite kitchen: 'zzz'; valid: kitchen-complete"),
        (
            "maze2d-umaze",
            [],
            "unknown suite 'maze2d-umaze'; .*; it is a task: --tasks maze2d-umaze",
        ),
        ("Maze2D", [], "unknown suite 'Maze2D'; valid: .*; did you mean 'maze2d'"),
        (None, ["maze2d"], "'maze2d-umaze'.* prints all 81.; it is a suite: --suite maze2d"),
        (None, ["Maze2D-*"], "did you mean 'maze2d-large' or .* or 'maze2d-umaze'. .python"),
    ],
)
def test_unknown_names(suite: str | None, patterns: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        select_tasks(suite, patterns)
