"""Suites and how tasks are chosen."""

from __future__ import annotations

import pytest

from benchmark.errors import UserError
from benchmark.suites import SUITES, default_agents, select_tasks


def test_the_five_benchmarks_of_the_paper() -> None:
    sizes = {
        name: len(SUITES[name]) for name in ("adroit", "kitchen", "antmaze", "maze2d", "multi2d")
    }
    assert sizes == {"adroit": 12, "kitchen": 3, "antmaze": 6, "maze2d": 3, "multi2d": 3}
    assert len(SUITES["paper"]) == 27


def test_all_adds_locomotion() -> None:
    assert set(SUITES["all"]) - set(SUITES["paper"]) == set(SUITES["locomotion"])
    assert len(SUITES["locomotion"]) == 9


def test_the_ablation_brings_its_own_agents() -> None:
    assert SUITES["ablation"] == ("adroit-pen-expert", "adroit-door-cloned", "maze2d-medium")
    assert default_agents("ablation").startswith("mage.k1,mage.k2")
    assert default_agents("all") == default_agents(None) == "mage,dt,diffuser,iql,cql,bc"


def test_suites_names_and_globs() -> None:
    assert [t.name for t in select_tasks("maze2d", [])] == [
        f"maze2d-{s}" for s in ("umaze", "medium", "large")
    ]
    assert len(select_tasks(None, ["adroit-door-*"])) == 3
    assert [t.name for t in select_tasks("maze2d", ["*-umaze"])] == ["maze2d-umaze"]


@pytest.mark.parametrize(
    ("suite", "patterns", "message"),
    [
        ("maze", [], "unknown suite 'maze'; valid: .*maze2d"),
        (None, [], "no tasks asked for; name a suite"),
        (None, ["maze2d-umase"], "unknown task 'maze2d-umase'; did you mean maze2d-umaze"),
        ("kitchen", ["zzz"], "unknown task 'zzz'; valid: kitchen-complete"),
    ],
)
def test_unknown_names(suite: str | None, patterns: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        select_tasks(suite, patterns)
