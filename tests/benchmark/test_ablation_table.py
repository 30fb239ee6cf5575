"""Variants of MAGE beside MAGE and beside what is published of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmark.ablation import AGENTS, ROWS, TASK_NAMES
from benchmark.ablation_table import ablation_table, effects, published
from benchmark.collate import collate
from benchmark.record import Record, write_record
from benchmark.registry import variant_settings
from benchmark.report import build_report, score_table
from benchmark.statistics import run_frame, score_frame
from benchmark.tasks import TASKS
from mage.config import MAGEConfig
from tests.benchmark.made_up import completed

pytestmark = pytest.mark.usefixtures("undrawn")
PEN, MAZE = "adroit-pen-expert", "maze2d-medium"


def records(task: str, **scores: tuple[float, ...]) -> list[Record]:
    """Completed runs of MAGE (`mage`) and of variants (`k1` and so on)."""
    names = {name: name if name == "mage" else f"mage.{name}" for name in scores}
    return [
        completed(task, names[name], seed, score)
        for name, each in scores.items()
        for seed, score in enumerate(each)
    ]


def sentences(found: list[Record]) -> list[str]:
    return effects(score_frame(run_frame(found)))


def test_every_row_is_a_variant_that_can_be_made() -> None:
    for agent in AGENTS:
        MAGEConfig(**{"pairs": 16, **variant_settings(agent)})
    assert {row.dimension for row in ROWS} == {row.dimension for row in ROWS if row.whole}
    assert set(TASK_NAMES) <= set(TASKS)


def test_published_rows_are_found_by_their_names() -> None:
    names = {name for name, _ in published()}
    assert names == {row.published_as for row in ROWS if row.published_as}
    assert published()["K=8 (full MAGE)", "pen-expert"] == 147.8


def test_measured_and_published_stand_side_by_side() -> None:
    runs = run_frame(records(PEN, mage=(100.0, 104.0), k1=(90.0, 90.0)))
    table = ablation_table(score_frame(runs), runs)
    assert table.header == ["varied", "variant", PEN, "published"]
    assert table.runs[0, 2] == f"{PEN}/mage.k1"
    assert all(column == 2 for _, column in table.runs)
    by_label = {row[1]: row[2:] for row in table.rows}
    assert by_label["K = 1"] == ["90.0 ± 0.0", "123.5"]
    assert by_label["(R, s)"] == ["102.0 ± 2.0", "147.8"]
    assert by_label["K = 2"] == ["missing", "-"]


def test_a_maze_has_no_published_column() -> None:
    runs = run_frame(records(MAZE, mage=(1.0,)))
    assert ablation_table(score_frame(runs), runs).header == ["varied", "variant", MAZE]


def test_without_published_numbers_the_measured_ones_stand_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmark.published._FOLDERS", (tmp_path,))
    runs = run_frame(records(PEN, mage=(1.0,)))
    assert ablation_table(score_frame(runs), runs).header == ["varied", "variant", PEN]


@pytest.mark.parametrize(
    ("k1", "verdict"),
    [
        ((80.0, 82.0), "loses 20.0 ± 1.4; published: loses 24.3; the published effect shows."),
        (
            (100.0, 101.0),
            "loses 0.5 ± 1.1, which may be chance; published: loses 24.3; "
            "the published effect does not show.",
        ),
        (
            (120.0, 122.0),
            "gains 20.0 ± 1.4; published: loses 24.3; the opposite of the published effect.",
        ),
    ],
)
def test_it_says_whether_a_published_effect_shows(k1: tuple[float, ...], verdict: str) -> None:
    (told,) = sentences(records(PEN, k8=(100.0, 102.0), k1=k1))
    assert told == f"{PEN}, scales: K = 1 instead of K = 8: {verdict}"


def test_one_seed_can_show_nothing() -> None:
    (told,) = sentences(records(PEN, k8=(100.0,), k1=(50.0,)))
    assert "loses 50.0 (one seed), which may be chance" in told
    assert told.endswith("the published effect does not show.")


def test_what_the_paper_does_not_have_is_only_measured() -> None:
    (told,) = sentences(records(MAZE, mage=(10.0, 12.0), states=(0.0, 2.0)))
    assert told.endswith("(s) instead of (R, s): loses 10.0 ± 1.4.")


def test_variants_have_a_section_of_their_own(tmp_path: Path) -> None:
    for record in records(MAZE, mage=(50.0,), k1=(40.0,)):
        write_record(tmp_path, record)
    summary = build_report(tmp_path)[-1].read_text()
    scores = pd.read_csv(tmp_path / "report" / "scores-maze2d.csv")
    assert list(scores["agent"]) == ["mage"]
    assert "## Ablations" in summary and "K = 1" in summary
    assert set(pd.read_csv(tmp_path / "report" / "ablation.csv")["agent"]) == {"mage", "mage.k1"}


def test_the_terminal_shows_them_too() -> None:
    shown = score_table(collate(records(MAZE, mage=(50.0,), k1=(40.0,))))
    assert "Variants of MAGE" in shown and "K = 1" in shown
    assert "Variants" not in score_table(collate(records(MAZE, mage=(50.0,))))


def test_variants_alone_make_a_report(tmp_path: Path) -> None:
    for record in records(MAZE, k1=(40.0,)):
        write_record(tmp_path, record)
    assert "## Ablations" in build_report(tmp_path)[-1].read_text()
