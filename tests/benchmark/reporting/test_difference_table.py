"""One agent against all others, as a table and in words."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.reporting.difference_table import ONE_IN_TWENTY, difference_table, verdicts
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed

UMAZE, MEDIUM, PEN = "maze2d-umaze", "maze2d-medium", "adroit-pen-human"


def flat(task: str, agent: str, *scores: float) -> list[Record]:
    """Runs whose episodes all score the same, on the same seeds for every agent."""
    return [
        completed(*(task, agent, seed, score), scores=[score] * 2, episode_seeds=[1, 2])
        for seed, score in enumerate(scores)
    ]


@pytest.fixture
def runs() -> pd.DataFrame:
    return run_frame(
        [
            *flat(UMAZE, "mage", 90, 92),
            *flat(UMAZE, "dt", 40, 42),
            *flat(UMAZE, "bc", 91, 91),
            *flat(MEDIUM, "mage", 10, 10),
            *flat(MEDIUM, "dt", 30, 30),
            *flat(PEN, "bc", 5),
            *flat(PEN, "mage", 7),
        ]
    )


def test_tasks_by_agents_with_an_average_of_each_benchmark(runs: pd.DataFrame) -> None:
    table = difference_table(difference_frame(runs), runs, "mage")
    assert table.header == ["task", "MAGE - DT", "MAGE - BC"]
    # Two degrees of freedom and a variance of 2: 4.3027 times its root; on average, half of it.
    assert table.rows == [
        [PEN, "-", "2.0 [-, -] cannot tell (one seed)"],
        [UMAZE, "50.0 [43.9, 56.1] higher", "0.0 [-12.7, 12.7] cannot tell"],
        [MEDIUM, "-20.0 [-20.0, -20.0] lower", "-"],
        ["average of maze2d", "15.0 [12.0, 18.0] higher", "-"],
    ]
    assert "cannot tell" in table.caption and "MAGE" in table.caption


def test_words_count_what_can_be_wrong(runs: pd.DataFrame) -> None:
    assert list(verdicts(difference_frame(runs), runs, "mage")) == [
        f"MAGE against DT: higher on {UMAZE}; lower on {MEDIUM}.",
        f"MAGE against BC: cannot tell on {PEN}, {UMAZE}.",
        "The CSV file beside it has all pairs of agents: 5 comparisons on single tasks, 1 higher, "
        f"2 lower, 2 cannot tell. {ONE_IN_TWENTY}",
    ]


def test_any_agent_can_be_set_against_the_others(runs: pd.DataFrame) -> None:
    table = difference_table(difference_frame(runs), runs, "bc")
    assert table.header == ["task", "BC - MAGE", "BC - DT"]
    assert table.rows == [
        [PEN, "-2.0 [-, -] cannot tell (one seed)", "-"],
        [UMAZE, "0.0 [-12.7, 12.7] cannot tell", "50.0 [37.3, 62.7] higher"],
    ]
    (first, second, _) = verdicts(difference_frame(runs), runs, "bc")
    assert first == f"BC against MAGE: cannot tell on {PEN}, {UMAZE}."
    assert second == f"BC against DT: higher on {UMAZE}."


def test_an_average_is_called_by_what_the_data_of_its_tasks_is() -> None:
    data = {"id": "some/data-v0", "kind": "re-creation"}
    records = [
        completed(task, agent, seed, 1.0, dataset=data)
        for task in ("maze2d-umaze", "maze2d-medium")
        for agent in ("mage", "bc")
        for seed in (0, 1)
    ]
    runs = run_frame(records)
    assert [row[0] for row in difference_table(difference_frame(runs), runs, "mage").rows] == [
        *("maze2d-umaze (re-creation)", "maze2d-medium (re-creation)"),
        "average of maze2d (re-creation)",
    ]
