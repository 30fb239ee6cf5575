"""Rows of the table of tasks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmark.datasets.views import cell_centre
from benchmark.tasks import TASKS

# Published reference scores and horizons of D4RL, of one task per environment.
D4RL = {
    "adroit-pen-human": (100, 96.262799, 3076.8331017826877),
    "adroit-door-cloned": (200, -56.512833, 2880.5693087298737),
    "adroit-hammer-expert": (200, -274.856578, 12794.134825156867),
    "adroit-relocate-human": (200, -6.425911, 4233.877797728884),
    "kitchen-mixed": (280, 0, 4),
    "antmaze-umaze-diverse": (700, 0, 1),
    "antmaze-large-play": (1000, 0, 1),
    "maze2d-umaze": (300, 23.85, 161.86),
    "multi2d-medium": (600, 13.13, 277.39),
    "maze2d-large": (800, 6.7, 273.99),
    "halfcheetah-simple": (1000, -280.178953, 12135.0),
    "hopper-medium": (1000, -20.272305, 3234.3),
    "walker2d-expert": (1000, 1.629008, 4592.3),
}


@pytest.mark.parametrize("name", D4RL)
def test_horizons_and_reference_scores_are_those_of_d4rl(name: str) -> None:
    task = TASKS[name]
    assert (task.max_steps, task.min_score, task.max_score) == D4RL[name]


def test_reference_returns_score_0_and_100() -> None:
    for task in TASKS.values():
        assert task.normalised(task.min_score) == 0
        assert task.normalised(task.max_score) == pytest.approx(100)


def test_what_is_said_of_a_preset_goes_before_what_is_said_of_all() -> None:
    settings = {"iql": {"expectile": 0.7, "tau": 0.1}, "iql/quick": {"expectile": 0.9}}
    task = replace(TASKS["maze2d-umaze"], settings=settings)
    assert task.settings_for("iql", "quick") == {"expectile": 0.9, "tau": 0.1}
    assert task.settings_for("iql", "paper") == {"expectile": 0.7, "tau": 0.1}
    assert task.settings_for("cql", "quick") == {}


def test_every_task_says_how_far_mage_plans() -> None:
    for task in TASKS.values():
        for preset in ("quick", "paper"):
            assert {"pairs", "stride", "scales"} <= set(task.settings_for("mage", preset))


# Expectile and inverse temperature of IQL as published, and threshold of CQL's Lagrange variant.
PUBLISHED = {
    "adroit-pen-human": (0.7, 0.5, 5.0),
    "kitchen-mixed": (0.7, 0.5, 5.0),
    "antmaze-large-play": (0.9, 10.0, 1.0),
    "walker2d-medium": (0.7, 3.0, None),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_baselines_have_their_published_settings(name: str) -> None:
    iql, cql = (TASKS[name].settings_for(agent, "paper") for agent in ("iql", "cql"))
    found = iql["expectile"], iql["weight_temp"], cql.get("lagrange_threshold")
    assert found == PUBLISHED[name]
    is_antmaze = name.startswith("antmaze")
    assert iql.get("reward_shift") == cql.get("reward_shift") == (-1.0 if is_antmaze else None)


@pytest.mark.parametrize(("size", "steps"), [("umaze", 128), ("medium", 256), ("large", 384)])
@pytest.mark.parametrize("benchmark", ["maze2d", "multi2d"])
def test_diffusers_plan_as_far_in_mazes_as_published(benchmark: str, size: str, steps: int) -> None:
    task = TASKS[f"{benchmark}-{size}"]
    for agent in ("diffuser", "dd"):
        quick = task.settings_for(agent, "quick")
        assert quick["horizon"] * quick["stride"] == steps
        assert task.settings_for(agent, "paper")["horizon"] == steps
    # Each of its stretches is 15 steps long, and its network takes multiples of 4.
    sub_goals = task.settings_for("hd", "paper")
    assert abs(sub_goals["horizon"] * sub_goals["subgoal_every"] - steps) <= 30
    assert sub_goals["horizon"] % 4 == 0


@pytest.mark.parametrize("agent", ["diffuser", "hd"])
def test_diffusers_are_told_the_hidden_goal_and_only_that(agent: str) -> None:
    hidden, shown = (TASKS[f"{each}-large"] for each in ("maze2d", "multi2d"))
    assert hidden.goal_cell is not None
    told = hidden.settings_for(agent, "quick")["goal"]
    assert told == tuple(cell_centre(hidden, hidden.goal_cell)) == (3.5, -3.0)
    assert shown.settings_for(agent, "quick")["goal"] == ()
    assert "goal" not in hidden.settings_for("dd", "quick")


def test_rebrac_has_penalties_of_its_own_on_every_task() -> None:
    for task in TASKS.values():
        assert {"actor_penalty", "critic_penalty"} <= set(task.settings_for("rebrac", "paper"))
    door = TASKS["adroit-door-cloned"].settings_for("rebrac", "paper")
    assert (door["actor_penalty"], door["critic_penalty"]) == (0.01, 0.1)
    ant = TASKS["antmaze-large-diverse"].settings_for("rebrac", "paper")
    assert (ant["gamma"], ant["reward_scale"], ant["critic_learning_rate"]) == (0.999, 100, 5e-5)


def test_a_datasets_own_reference_scores_come_first_where_its_rewards_are_the_evaluations() -> None:
    own = (-50.0, 3000.0)
    assert TASKS["adroit-door-human"].scored_by(own).normalised(3000) == 100
    assert TASKS["adroit-door-human"].scored_by(None) == TASKS["adroit-door-human"]
    assert TASKS["antmaze-umaze"].scored_by((0.0, 446.8)) == TASKS["antmaze-umaze"]
