"""What a planner scores beyond those without its plan."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from benchmark.records.calibration_record import (
    OTHER_EPISODE,
    OTHER_STATE,
    OWN,
    RANDOM,
    CalibrationRecord,
)
from benchmark.statistics.calibration_frames import exchange_frame
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.planning import (
    ANOTHER,
    BEST,
    COLUMNS,
    PLANLESS,
    YARDSTICKS,
    planning_frame,
)
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
NOTHING = exchange_frame([])


def differences(**means: list[float]) -> pd.DataFrame:
    """Of agents in two mazes, `mage_mlp` being `mage.mlp`; in the second all score 5 more."""
    records = [
        completed(task, agent.replace("mage_", "mage.").replace("_", "-"), seed, mean + more)
        for task, more in ((UMAZE, 0), (MEDIUM, 5))
        for agent, of_seeds in means.items()
        for seed, mean in enumerate(of_seeds)
    ]
    return difference_frame(run_frame(records))


def test_the_best_without_plans_is_the_one_of_the_highest_mean() -> None:
    # Diffuser and Diffusion Veteran plan, one's own agent may, and `random` learns nothing.
    scores = {"mage": [50, 52], "diffuser": [90, 90], "dv": [95, 95], "mine": [99, 99]}
    others = {"iql": [20, 24], "bc_filtered": [40, 44], "hiql": [10, 10], "random": [98, 98]}
    gains = planning_frame(differences(**scores, **others), NOTHING, "mage")
    assert list(gains.columns) == list(COLUMNS)
    assert gains[["task", "yardstick", "other", "difference"]].to_numpy().tolist() == [
        [UMAZE, BEST, "bc-filtered", 9],
        [MEDIUM, BEST, "bc-filtered", 9],
    ]
    assert (gains["low"] < 9).all() and set(gains["seeds_other"]) == {2}


def test_a_users_own_task_keeps_its_benchmark_and_decimals_in_all_rows() -> None:
    own = {"dataset": {"id": "mine", "kind": "own data"}, "scale": "returns"}
    records = [
        replace(completed("mine", agent, seed, mean / 1000 + seed / 10_000, **own), benchmark="own")
        for agent, mean in (("mage", 50), ("bc", 10))
        for seed in range(2)
    ]
    exchanged = exchange_frame(
        [
            CalibrationRecord(f"mine/mage/seed-{seed}", "", "", [1, 2], exchange_scores=scores)
            for seed in range(2)
            for scores in [{kind: [1.0, 2.0] for kind in (OWN, OTHER_EPISODE, OTHER_STATE, RANDOM)}]
        ]
    )
    gains = planning_frame(difference_frame(run_frame(records)), exchanged, "mage")
    assert gains[["yardstick", "benchmark", "decimals"]].to_numpy().tolist() == [
        [BEST, "own", 4],
        [ANOTHER, "own", 4],
    ]


def test_the_variant_without_a_plan_stands_beside_it_and_is_not_the_best() -> None:
    gains = planning_frame(
        differences(mage=[50, 52], mage_mlp=[60, 60], bc=[10, 10]), NOTHING, "mage"
    )
    cells = {(row.task, row.yardstick): row for row in gains.itertuples()}
    assert cells[UMAZE, BEST].other == "bc" and cells[UMAZE, PLANLESS].other == "mage.mlp"
    assert cells[UMAZE, PLANLESS].difference == -9


def test_the_own_plan_is_compared_with_that_of_another_state() -> None:
    same = {OWN: [80.0, 90.0], OTHER_EPISODE: [0.0, 0.0], RANDOM: [0.0, 0.0]}
    exchanged = exchange_frame(
        CalibrationRecord(
            *(f"{UMAZE}/mage/seed-{seed}", "a", "b", [600_000, 600_001]),
            exchange_scores={**same, OTHER_STATE: other},
        )
        for seed, other in enumerate(([10.0, 20.0], [12.0, 22.0]))
    )
    gains = planning_frame(differences(mage=[50, 52], bc=[10, 10]), exchanged, "mage")
    assert gains["task"].tolist() == [UMAZE, UMAZE, MEDIUM]  # The yardsticks of a task together.
    assert gains["yardstick"].tolist() == [BEST, ANOTHER, BEST]
    row = gains.iloc[1]
    assert (row["difference"], row["other"], row["verdict"]) == (69, "mage", "higher")
    assert row["low"] < 69 < row["high"] and (row["seeds"], row["seeds_other"]) == (2, 2)


def test_one_seed_has_no_interval() -> None:
    gains = planning_frame(differences(mage=[50], bc=[10]), NOTHING, "mage")
    assert all(math.isnan(low) for low in gains["low"]) and len(gains) == 2


def test_nothing_is_said_of_an_agent_that_does_not_plan_or_stands_alone() -> None:
    frame = differences(mage=[50, 52], bc=[10, 10])
    assert planning_frame(frame, NOTHING, "bc").empty
    assert planning_frame(frame, NOTHING, "").empty
    alone = planning_frame(differences(mage=[50, 52]), NOTHING, "mage")
    assert alone.empty and list(alone.columns) == list(COLUMNS)
    assert len(set(YARDSTICKS)) == 3
