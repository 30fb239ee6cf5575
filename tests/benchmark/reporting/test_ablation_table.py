"""Variants of MAGE beside MAGE and beside what is published of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from benchmark.agents.ablation import ABLATION_AGENTS, OFFERED_AGENTS, ROWS
from benchmark.agents.registry import variant_settings
from benchmark.records.files import write_record
from benchmark.records.record import Record
from benchmark.reporting.ablation_table import ablation_table, effects, published_ablation
from benchmark.reporting.build import build_report, printed_score_tables
from benchmark.statistics.frames import collate
from benchmark.statistics.score_frames import run_frame, score_frame
from benchmark.tasks.suites import SUITES
from mage.config import MAGEConfig
from tests.benchmark.synthetic_records import completed

pytestmark = pytest.mark.usefixtures("undrawn")
PEN, DOOR, MAZE = "adroit-pen-expert", "adroit-door-cloned", "maze2d-medium"


def records(task: str, kind: str = "published", **scores: tuple[float, ...]) -> list[Record]:
    """Completed runs of MAGE (`mage`) and of variants (`k1` and so on)."""
    data = {"id": "some/data-v0", "kind": kind}
    names = {name: name if name == "mage" else f"mage.{name}" for name in scores}
    return [
        completed(task, names[name], seed, score, dataset=data)
        for name, each in scores.items()
        for seed, score in enumerate(each)
    ]


def sentences(found: list[Record]) -> list[str]:
    runs = run_frame(found)
    return effects(runs)


def test_every_row_is_a_variant_that_can_be_made() -> None:
    for agent in OFFERED_AGENTS:
        MAGEConfig(**{"pairs": 16, **variant_settings(agent)})
    assert set(ABLATION_AGENTS) - set(OFFERED_AGENTS) == {"mage.k4", "mage.decoded-action"}
    assert {row.dimension for row in ROWS} == {row.dimension for row in ROWS if row.is_reference}
    assert SUITES["ablation"] == (PEN, DOOR, MAZE)


IN_THE_PLAN = {
    "sequence": ("return", "observation", "action"),
    "inverse_from": "action",
    "shares": (0.15, 0.2, 0.0),
    "replan_every": 1,
}
LATENT_ALONE = {"inverse_observation": False, "replan_every": 1}
CHOSEN = {"candidates": 16, "temperature": 1.0}
# Dimension, label, settings in which the variant differs, and what the paper reports on the pen of
# an expert and the door of a clone (its tables of ablations).
VARIED = [
    ("scales", "K = 1", {"scales": (16,)}, 123.5, 5.2),
    ("scales", "K = 2", {"scales": (1, 16)}, None, None),
    ("scales", "K = 3", {"scales": (1, 4, 16)}, None, None),
    ("scales", "K = 6", {"scales": (1, 2, 4, 6, 10, 16)}, None, None),
    ("scales", "K = 8", {"scales": (1, 2, 3, 4, 6, 8, 12, 16)}, 147.8, 20.5),
    ("scales", "K = 12", {"scales": (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16)}, None, None),
    ("sequence", "(R, s)", {}, 147.8, 20.5),
    ("sequence", "(s)", {"sequence": ("observation",)}, None, None),
    ("sequence", "(R, s, a)", {"sequence": ("return", "observation", "action")}, 124.9, 17.2),
    ("sequence", "actions", {"sequence": ("action",), "start_noise": 0.0}, 127.6, 4.9),
    ("return", "everywhere", {}, 147.8, 20.5),
    ("return", "not in the decoder", {"adapter_return": False}, 140.3, 12.3),
    ("return", "at the first scale only", {"return_at_finer_scales": False}, 139.5, 16.3),
    ("return", "no L_cond", {"condition_weight": 0.0}, 139.9, 17.1),
    ("return", "L_cond without adapter", {"adapter": False}, None, None),
    ("action", "from the latent plan", {}, None, None),
    ("action", "from the latent plan alone", LATENT_ALONE, None, None),
    ("action", "in the decoded plan", IN_THE_PLAN, None, None),
    ("gradients", "through sampled tokens", {}, None, None),
    ("gradients", "not through tokens", {"gumbel": False}, None, None),
    ("this project's own", "all of it", {}, None, None),
    (
        "this project's own",
        "R without its advantage",
        {"condition_on_advantage": False},
        None,
        None,
    ),
    ("this project's own", "guided plans", {"guidance": 1.5}, None, None),
    ("this project's own", "the best of 16 plans", CHOSEN, None, None),
    ("this project's own", "plans of 64 steps", {"pairs": 16, "stride": 4}, None, None),
    ("this project's own", "all windows alike", {"best_of": 1}, None, None),
    (
        "this project's own",
        "windows not relative",
        {"relative": False, "start_noise": 0.0},
        None,
        None,
    ),
]


def test_every_row_varies_what_it_says_and_is_published_as_in_the_paper() -> None:
    known = published_ablation()
    assert [
        (
            *(row.dimension, row.label, variant_settings(row.agent)),
            *(known.get((row.published_as, name)) for name in ("pen-expert", "door-cloned")),
        )
        for row in ROWS
        if not row.is_gone
    ] == VARIED
    assert [row.label for row in ROWS if row.is_reference] == [
        *("K = 8", "(R, s)", "everywhere", "from the latent plan", "through sampled tokens"),
        "all of it",
    ]


def test_published_rows_are_found_by_their_names() -> None:
    names = {name for name, _ in published_ablation()}
    assert names == {row.published_as for row in ROWS if row.published_as}
    assert published_ablation()["K=8 (full MAGE)", "pen-expert"] == 147.8


def test_measured_and_published_stand_side_by_side() -> None:
    varied = {"states": (80.0, 80.0)}
    runs = run_frame(records(PEN, mage=(100.0, 104.0), k1=(90.0, 90.0), **varied))
    table = ablation_table(score_frame(runs), runs)
    assert table.header == ["varied", "variant", PEN, "published"]
    assert table.runs[0, 2] == f"{PEN}/mage.k1"
    assert all(column == 2 for _, column in table.runs)
    by_label = {row[1]: row[2:] for row in table.rows}
    assert by_label["K = 1"] == ["90.0 ± 0.0", "123.5"]
    assert by_label["(R, s)"] == ["102.0 ± 2.0", "147.8"]
    assert by_label["K = 2"] == ["not run", "-"]


def test_only_dimensions_in_which_something_was_varied_have_rows() -> None:
    runs = run_frame(records(MAZE, mage=(1.0,), k1=(2.0,)))
    table = ablation_table(score_frame(runs), runs)
    assert [row[1:] for row in table.rows] == [
        *(["K = 1", "2.0 ± -"], ["K = 2", "not run"], ["K = 3", "not run"], ["K = 6", "not run"]),
        *(["K = 8", "not run"], ["K = 12", "not run"]),
    ]


def test_records_of_a_variant_that_is_gone_keep_their_row() -> None:
    runs = run_frame(records(MAZE, mage=(1.0,), k1=(2.0,), k4=(3.0,)))
    rows = {row[1]: row[2] for row in ablation_table(score_frame(runs), runs).rows}
    assert (rows["K = 1"], rows["K = 4"]) == ("2.0 ± -", "3.0 ± -")


def test_each_task_has_its_own_columns() -> None:
    found = [*records(DOOR, mage=(1.0,), k1=(2.0,)), *records(MAZE, mage=(3.0,), k1=(4.0,))]
    runs = run_frame([*found, *records(PEN, mage=(5.0,), k1=(6.0,))])
    table = ablation_table(score_frame(runs), runs)
    assert table.header[2:] == [PEN, "published", DOOR, "published", MAZE]
    assert table.rows[0][2:] == ["6.0 ± -", "123.5", "2.0 ± -", "5.2", "4.0 ± -"]
    assert [table.runs[0, column] for column in (2, 4, 6)] == [
        f"{task}/mage.k1" for task in (PEN, DOOR, MAZE)
    ]


def test_an_effect_is_a_tested_difference() -> None:
    # Errors 3 and 4, so that of the difference is 5, with 625 / (81 + 256) degrees of freedom.
    (found,) = sentences(records(MAZE, k8=(17.0, 23.0), k1=(7.0, 15.0)))
    text = "K = 1 instead of K = 8: -9.0 [-32.2, 14.2] cannot tell (unpaired)."
    assert found.endswith(text)


def test_effects_come_task_by_task_and_row_by_row() -> None:
    found = [
        *records(PEN, mage=(50.0,), states=(45.0,), actions=(40.0,)),
        *records(DOOR, mage=(9.0,), actions=(8.0,)),
    ]
    assert [each.split(" [-, -] cannot tell (one seed)")[0] for each in sentences(found)] == [
        f"{PEN}, sequence: (s) instead of (R, s): -5.0",
        f"{PEN}, sequence: actions instead of (R, s): -10.0",
        f"{DOOR}, sequence: actions instead of (R, s): -1.0",
    ]
    assert "published: -20.2;" in sentences(found)[1]  # 127.6 - 147.8.


def test_a_maze_has_no_published_column() -> None:
    runs = run_frame(records(MAZE, mage=(1.0,)))
    assert ablation_table(score_frame(runs), runs).header == ["varied", "variant", MAZE]


def test_without_published_numbers_the_measured_ones_stand_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("benchmark.reporting.published._FOLDERS", (tmp_path,))
    runs = run_frame(records(PEN, mage=(1.0,)))
    assert ablation_table(score_frame(runs), runs).header == ["varied", "variant", PEN]


@pytest.mark.parametrize(
    ("k1", "verdict"),
    [
        # Error sqrt(2), two degrees of freedom.
        ((80.0, 82.0), "-20.0 [-26.1, -13.9] lower (unpaired); {}the published effect shows."),
        (
            (100.0, 101.0),
            "-0.5 [-7.4, 6.4] cannot tell (unpaired); {}the published effect does not show.",
        ),
        (
            (120.0, 122.0),
            "20.0 [13.9, 26.1] higher (unpaired); {}the opposite of the published effect.",
        ),
    ],
)
def test_it_says_whether_a_published_effect_shows(k1: tuple[float, ...], verdict: str) -> None:
    (told,) = sentences(records(PEN, k8=(100.0, 102.0), k1=k1))
    assert told == f"{PEN}, scales: K = 1 instead of K = 8: {verdict.format('published: -24.3; ')}"


def test_on_other_data_than_the_paper_s_it_says_so() -> None:
    found = records(PEN, "re-creation", k8=(100.0, 102.0), k1=(100.0, 101.0))
    assert sentences(found) == [
        f"{PEN} (re-creation), scales: K = 1 instead of K = 8: -0.5 [-7.4, 6.4] cannot tell "
        "(unpaired); published, on different data: -24.3; the published effect does not show on "
        "this data."
    ]
    runs = run_frame(found)
    table = ablation_table(score_frame(runs), runs)
    assert table.header[2:] == [f"{PEN} (re-creation)", "published (different data)"]


def test_where_the_paper_has_a_gain_a_gain_is_what_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {("K=8 (full MAGE)", "pen-expert"): 10.0, ("K=1", "pen-expert"): 14.0}
    monkeypatch.setattr("benchmark.reporting.ablation_table.published_ablation", lambda: known)
    (gain,) = sentences(records(PEN, k8=(100.0, 102.0), k1=(120.0, 122.0)))
    assert gain.endswith("published: 4.0; the published effect shows.")
    (loss,) = sentences(records(PEN, k8=(100.0, 102.0), k1=(80.0, 82.0)))
    assert loss.endswith("published: 4.0; the opposite of the published effect.")


def test_one_seed_can_show_nothing() -> None:
    (told,) = sentences(records(PEN, k8=(100.0,), k1=(50.0,)))
    assert "-50.0 [-, -] cannot tell (one seed)" in told
    assert told.endswith("; not tested.")


def test_what_the_paper_does_not_have_is_only_measured() -> None:
    (told,) = sentences(records(MAZE, mage=(10.0, 12.0), states=(0.0, 2.0)))
    assert told.endswith("(s) instead of (R, s): -10.0 [-16.1, -3.9] lower (unpaired).")


def test_variants_have_a_section_of_their_own(tmp_path: Path) -> None:
    for record in records(MAZE, mage=(50.0,), k1=(40.0,)):
        write_record(tmp_path, record)
    summary = build_report(tmp_path)[-1].read_text()
    scores = pd.read_csv(tmp_path / "report" / "scores-maze2d.csv")
    assert list(scores["agent"]) == ["mage"]
    assert "## Ablations" in summary and "K = 1" in summary
    assert set(pd.read_csv(tmp_path / "report" / "ablation.csv")["agent"]) == {"mage", "mage.k1"}


def test_the_terminal_shows_them_too() -> None:
    shown = printed_score_tables(collate(records(MAZE, mage=(50.0,), k1=(40.0,))))
    assert "Variants of MAGE" in shown and "K = 1" in shown
    assert "Variants" not in printed_score_tables(collate(records(MAZE, mage=(50.0,))))


def test_variants_alone_make_a_report(tmp_path: Path) -> None:
    for record in records(MAZE, k1=(40.0,)):
        write_record(tmp_path, record)
    assert "## Ablations" in build_report(tmp_path)[-1].read_text()
