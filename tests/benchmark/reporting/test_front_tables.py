"""The tables at the head of a report, cell by cell."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from benchmark.records.record import Record
from benchmark.reporting.front import front
from benchmark.reporting.front_tables import _bars, heat_table, leaderboard_table, pair_table
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed

UMAZE, MEDIUM, PEN = "maze2d-umaze", "maze2d-medium", "adroit-pen-human"


def flat(task: str, agent: str, *scores: float, **changes: Any) -> list[Record]:
    return [
        completed(*(task, agent, seed, score), episode_seeds=[1, 2], **changes)
        for seed, score in enumerate(scores)
    ]


@pytest.fixture
def records() -> list[Record]:
    """Three agents; one was not timed, one has failed on a task and is not in one benchmark."""
    return [
        *flat(UMAZE, "mage", 90, 90, seconds={"fit": 1200.0}),
        *flat(UMAZE, "dt", 10, 10, latency_ms=[]),
        *flat(UMAZE, "bc", 50, 50, seconds={"fit": 7.0}),
        *flat(MEDIUM, "mage", 20, 24),
        *flat(MEDIUM, "dt", 20, 22, latency_ms=[]),
        *(failed(MEDIUM, "bc", seed) for seed in (0, 1)),
        *(*flat(PEN, "mage", 5, 5), *flat(PEN, "dt", 5, 5, latency_ms=[])),
    ]


def test_leaderboard(records: list[Record]) -> None:
    table = front(collate(records)).section.tables[0]
    assert table.header == [
        *("agent", "IQM", "mean rank", "highest", "shortfall", "ms per action", "training (s)")
    ]
    # Of the middle half of 90, 90, 20, 24, 5, 5: 24 and 20 whole, and of the rest one each.
    assert [[row[0], *row[2:]] for row in table.rows] == [
        ["MAGE", "1.17", "2", "61.0", "2.00", "1,200"],
        ["DT", "1.83", "0", "88.0", "not timed", "not timed"],
        ["BC", "n/a", "0", "n/a", "2.00", "7"],
    ]
    assert table.rows[2][1] == "n/a" and set(table.bars) == {(0, 1), (1, 1)}
    assert "Over the 3 tasks that all of these agents completed" in table.caption
    assert "n/a: BC did not complete them." in table.caption
    assert "Highest: of 3 tasks" in table.caption


def test_bars_share_a_scale_from_zero_or_the_least() -> None:
    def bars(*ends: tuple[float, float, float]) -> list[tuple[float, float, float]]:
        columns = ["iqm", "iqm_low", "iqm_high"]
        board = pd.DataFrame(ends, columns=columns).assign(
            agent="bc", mean_rank=1.0, highest=0, optimality_gap=1.0
        )
        times = dict.fromkeys(["ms_least", "ms_most", "seconds_least", "seconds_most"], math.nan)
        frames = collate(flat(UMAZE, "mage", 1, 2))
        table = leaderboard_table(board.assign(**times), frames.groups[-1], frames.scores)
        return [(bar.low, bar.value, bar.high) for bar in table.bars.values()]

    assert bars((40, 30, 50), (10, 0, 20)) == [(0.6, 0.8, 1.0), (0.0, 0.2, 0.4)]
    assert bars((0, -10, 10), (30, 20, 30)) == [(0.0, 0.25, 0.5), (0.75, 1.0, 1.0)]
    assert bars((-20, -30, -15)) == [(0.0, pytest.approx(1 / 3), 0.5)], "zero is on the scale"
    (only,) = bars((40, math.nan, math.nan))
    assert only[1] == 1.0 and math.isnan(only[0]), "one seed: a bar without an interval"
    board = pd.DataFrame([(30, 20, 30), (-10, -10, 0)], columns=["iqm", "iqm_low", "iqm_high"])
    assert [bar.zero for bar in _bars(board).values()] == [0.25, 0.25]
    assert bars((0, 0, 0)) == [] == bars((math.nan, math.nan, math.nan))


def test_a_mean_without_some_seeds_or_of_a_capped_run_is_marked() -> None:
    (whole,) = flat(MEDIUM, "bc", 7)
    capped = replace(whole, status="capped", reason="no time")
    records = [*flat(UMAZE, "mage", 90, 90), *flat(UMAZE, "bc", 50), capped]
    table = heat_table(collate(records).scores)
    assert table.rows[0] == [UMAZE, "90.0", "50.0*"] and table.rows[1][2] == "7.0*"
    assert "*: some training seeds of the benchmark are not in this mean" in table.caption
    assert "*" not in heat_table(collate(flat(UMAZE, "mage", 90, 90)).scores).caption


def test_heat_map(records: list[Record]) -> None:
    table = heat_table(collate(records).plain.scores)
    assert table.header == ["task", "MAGE", "DT", "BC"]
    assert table.rows == [
        [PEN, "5.0", "5.0", "not run"],
        [UMAZE, "90.0", "10.0", "50.0"],
        [MEDIUM, "22.0", "21.0", "failed"],
    ]
    # Within a row from the lowest to the highest; where all are equal nothing is shaded.
    assert table.shades == {(1, 1): 1.0, (1, 2): 0.0, (1, 3): 0.5, (2, 1): 1.0, (2, 2): 0.0}
    assert table.bold == {(1, 1)} and table.underlined == {(2, 1), (2, 2)}
    assert len(table.runs) == 9 and table.runs[2, 3] == f"{MEDIUM}/bc"
    assert table.compact


def test_pairs(records: list[Record]) -> None:
    table = pair_table(collate(records).differences)
    assert table.header == ["agent", "MAGE", "DT", "BC"]
    assert table.rows == [
        ["MAGE", "-", "1 / 0", "1 / 0"],
        ["DT", "0 / 1", "-", "0 / 1"],
        ["BC", "0 / 1", "1 / 0", "-"],
    ]
    assert table.shades[0, 2] == -table.shades[1, 1] == pytest.approx(1 / 3)
    assert table.shades[2, 1] == -1.0
