"""What results are shown as; the numbers themselves have their tests where they are made."""

from __future__ import annotations

from pathlib import Path

import matplotlib.figure
import pandas as pd
import pytest

from benchmark import Results, UserError, load_results
from tests.benchmark.synthetic_records import completed, failed, in_two_mazes, written


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return load_results(written(tmp_path / "out", *in_two_mazes()))


def test_scores_are_tidy_and_have_no_averages(results: Results) -> None:
    scores = results.scores.set_index(["task", "agent"])["mean"]
    assert scores.to_dict() == {
        ("maze2d-umaze", "mage"): 85.0,
        ("maze2d-umaze", "diffuser"): 10.5,
        ("maze2d-medium", "mage"): pytest.approx(-0.02),
        ("maze2d-medium", "diffuser"): 30.0,
    }
    assert results.runs["score"].tolist() == [80, 90, 10, 11, -0.04, 0, 30]
    assert not results.runs["reason"].any() and not results.runs["remedy"].any()
    assert set(results.curves["agent"]) == {"mage", "diffuser"}


def test_what_a_frame_is_changed_to_changes_no_results(results: Results) -> None:
    for frame in (results.runs, results.scores, results.curves):
        frame.loc[:, "agent"] = "nobody"
    assert "nobody" not in str(results) + results.runs.to_string() + results.scores.to_string()


def test_a_table_is_that_of_the_report(results: Results) -> None:
    table = results.table("maze2d")
    assert isinstance(table, pd.DataFrame) and table.index.name == "task"
    assert list(table.columns) == ["MAGE", "Diffuser"] and len(table) == 3
    assert table["MAGE"].iloc[0].startswith("85.0 ± ")
    assert table["Diffuser"].iloc[1] == "30.0 ± - (1 of 2 seeds)"
    pd.testing.assert_frame_equal(results.table(), table)
    assert results.benchmarks == ["maze2d"]


def test_variants_have_a_table_of_their_own(tmp_path: Path) -> None:
    variants = [completed("maze2d-umaze", "mage.k1", seed, 20.0) for seed in range(2)]
    results = load_results(written(tmp_path / "out", *in_two_mazes(), *variants))
    assert "K = 1" in results.table("ablation").to_string() + " ".join(results.table("ablation"))
    assert "mage.k1" in set(results.scores["agent"])
    assert results._repr_html_().count("<caption>") == 2


def test_one_of_several_benchmarks_has_to_be_named(tmp_path: Path) -> None:
    kitchen = completed("kitchen-complete", "mage", 0, 3.0)
    results = load_results(written(tmp_path / "out", *in_two_mazes(), kitchen))
    with pytest.raises(UserError, match="results of 2 benchmarks; name one: kitchen, maze2d"):
        results.table()
    with pytest.raises(UserError, match="unknown benchmark of these results 'maze'; .*'maze2d'"):
        results.plot_scores("maze")
    assert len(results.table("kitchen")) == 1


@pytest.mark.parametrize("name", ["scores", "curves", "intervals", "improvement", "profiles"])
def test_figures_are_those_of_matplotlib(tmp_path: Path, name: str) -> None:
    cells = [(task, agent) for task in ("umaze", "medium") for agent in ("mage", "bc")]
    records = [
        completed(f"maze2d-{task}", agent, seed, 10.0 * seed + len(agent))
        for task, agent in cells
        for seed in range(3)
    ]
    results = load_results(written(tmp_path / "out", *records))
    figure = getattr(results, f"plot_{name}")()
    assert isinstance(figure, matplotlib.figure.Figure) and figure.axes


@pytest.mark.parametrize("name", ["scores", "curves", "intervals", "improvement", "profiles"])
def test_where_there_is_nothing_to_draw_it_says_so(tmp_path: Path, name: str) -> None:
    results = load_results(written(tmp_path / "out", failed("maze2d-umaze", "mage", 0)))
    with pytest.raises(UserError, match=r"nothing to draw of .*out: .*; see Results\.runs"):
        getattr(results, f"plot_{name}")()
    assert "failed" in results.table().to_string()


def test_what_it_prints(results: Results, tmp_path: Path) -> None:
    line = f"<Results of {tmp_path / 'out'}: 2 tasks x 2 agents x 2 seeds, 7 of 7 runs scored>"
    assert repr(results) == line
    assert str(results).startswith(line) and "85.0 ± " in str(results)


def test_a_notebook_shows_marks_and_what_has_failed(tmp_path: Path) -> None:
    bad = failed("maze2d-umaze", "bc", 0, reason="no <b>", remedy="see its log")
    html = load_results(written(tmp_path / "out", *in_two_mazes(), bad))._repr_html_()
    assert "<table" in html and "<caption>maze2d: D4RL-normalised score" in html
    assert "85.0 ± " in html and "font-weight: bold" in html
    assert "failed: maze2d-umaze, bc, seed 0: no &lt;b&gt;; see its log" in html


def test_the_report_goes_beside_the_records_or_elsewhere(
    results: Results, tmp_path: Path, undrawn: None
) -> None:
    video = tmp_path / "out/runs/maze2d-umaze/mage/seed-0/episode-3.mp4"
    video.parent.mkdir(parents=True, exist_ok=True)
    video.write_bytes(b"")
    assert results.report() == tmp_path / "out/report/report.html"
    assert "../runs/maze2d-umaze/mage/seed-0/episode-3.mp4" in results.report().read_text()
    other = results.report(tmp_path / "far" / "away")
    assert other == tmp_path / "far/away/report.html"
    link = "../../out/runs/maze2d-umaze/mage/seed-0/episode-3.mp4"
    assert link in other.read_text() and (other.parent / link).exists()


def test_results_may_lie_at_a_url(tmp_path: Path, undrawn: None) -> None:
    written(tmp_path / "out", *in_two_mazes())
    results = load_results(f"file://{tmp_path / 'out'}")
    assert len(results.runs) == 7
    with pytest.raises(UserError, match="not in a folder of this machine; name one"):
        results.report()
    assert results.report(tmp_path / "page").exists()


def test_a_reference_can_be_chosen(tmp_path: Path) -> None:
    out = written(tmp_path / "out", *in_two_mazes())
    assert load_results(out, reference="diffuser").frames.reference == "diffuser"
    with pytest.raises(UserError, match="unknown agent in --reference 'iql'"):
        load_results(out, reference="iql")
    with pytest.raises(UserError, match="holds no run record|does not exist"):
        load_results(tmp_path / "nowhere")
