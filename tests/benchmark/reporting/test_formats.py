from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.records.record import Record
from benchmark.reporting import tables
from benchmark.reporting.formats import (
    Table,
    escape_latex,
    escape_markdown,
    to_latex,
    to_markdown,
    to_terminal,
)
from benchmark.reporting.sections import sections
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.frames import collate
from benchmark.statistics.marks import with_marks
from benchmark.statistics.provenance import provenance_frame
from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed, failed, in_two_mazes
from tests.commands import HANG

PACKAGES = ("array", "booktabs", "longtable", "graphicx")
UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
NASTY = 'a|b<c>`d`&e_f*[g]$h$#%^~\\{i}"\n± é 日'


def score_table(records: list[Record]) -> Table:
    runs = run_frame(records)
    return tables.score_table(with_marks(score_frame(runs), difference_frame(runs)), runs)


@pytest.fixture
def records() -> list[Record]:
    return in_two_mazes()


def test_markdown(records: list[Record]) -> None:
    caption, empty, header, rule, *rows = to_markdown(score_table(records)).splitlines()
    assert caption.startswith("maze2d: ")
    assert empty == ""
    assert [title.strip() for title in header.split("|")] == ["", "task", "MAGE", "Diffuser", ""]
    assert re.fullmatch(r"\|:-+\|-+:\|-+:\|", rule)
    assert re.fullmatch(r"\| maze2d-umaze +\| +\*\*85\.0 ± 5\.0\*\* \| +10\.5 ± 0\.5 \|", rows[0])
    assert len(rows) == 3


def test_latex_is_a_booktabs_table(records: list[Record]) -> None:
    latex = to_latex(score_table(records))
    assert latex.count(r"\begin{tabular}{lrr}") == latex.count(r"\end{tabular}") == 1
    rules = [line for line in latex.splitlines() if line.endswith("rule")]
    assert rules == [r"\toprule", r"\midrule", r"\midrule", r"\bottomrule"]
    assert rf"{UMAZE} & \textbf{{85.0 $\pm$ 5.0}} & 10.5 $\pm$ 0.5 \\" in latex
    assert r"\label{tab:scores-maze2d}" in latex
    assert latex.count("{") == latex.count("}")


def test_long_table_can_break_over_pages(records: list[Record]) -> None:
    runs = run_frame(records)
    latex = to_latex(tables.provenance_table(provenance_frame(runs), runs))
    assert latex.startswith("% Needs the packages array, booktabs and longtable.")
    assert re.search(r"\\begin{longtable}{ll(l|>{[^p]*p{.*?})lllrrr}", latex)
    assert latex.count("episodes") == 3, (
        "in the caption, and as a title on the first and next pages"
    )


def test_markdown_shows_text_from_records_as_it_is() -> None:
    assert escape_markdown(NASTY) == (
        r"a\|b&lt;c&gt;\`d\`&amp;e\_f\*\[g\]\$h\$\#%^\~\\{i}" + '" ± é 日'
    )


def test_latex_shows_text_from_records_as_it_is() -> None:
    assert escape_latex(NASTY) == (
        r"a\textbar{}b\textless{}c\textgreater{}\`{}d\`{}\&e\_f{*}{[}g{]}\$h\$\#\%"
        r"\textasciicircum{}\textasciitilde{}\textbackslash{}\{i\}'' $\pm$ é ?"
    )


def test_a_nasty_agent_breaks_no_table() -> None:
    table = score_table([completed(UMAZE, NASTY, 0, 1.0), completed(UMAZE, "mage", 0, 0.0)])
    rows = to_markdown(table).splitlines()[2:]
    # Unescaped pipes only: two at the edges, two between three columns.
    assert {row.replace(r"\|", "").count("|") for row in rows} == {4}
    # A title wider than its column stands in several lines.
    assert escape_latex(NASTY) in to_latex(table).replace(r"\\", " ")


def test_long_texts_are_broken_into_lines() -> None:
    sentence = "word " * 40
    latex = to_latex(Table("t", "c", ["a", "why"], [["x", sentence]], text_columns=2, long=True))
    assert r"{l>{\raggedright\arraybackslash}p{0.95\linewidth}}" in latex
    latex = to_latex(Table("t", "c", ["a", "peak memory"], [["x", "1"]], text_columns=2))
    assert r"a & \shortstack[l]{peak\\memory} \\" in latex


def test_tables_are_set_by_latex(records: list[Record], tmp_path: Path) -> None:
    """Every kind of table of a report, with names that mean something to LaTeX."""
    if shutil.which("pdflatex") is None:
        pytest.skip("needs pdflatex, as texlive-latex-recommended has it")
    agents = [NASTY, *(f"an-agent-with-a-long-name-{number}" for number in range(12))]
    records = [
        *records,
        *(completed(UMAZE, agent, seed, 1.0) for agent in agents for seed in (0, 1)),
    ]
    records += [failed(MEDIUM, agent, 0, reason=100 * NASTY) for agent in agents]
    found = [table for section in sections(collate(records)) for table in section.tables]
    assert {table.long for table in found} == {True, False}
    packages = "".join(rf"\usepackage{{{name}}}" for name in PACKAGES)
    body = "\n".join(map(to_latex, found))
    source = tmp_path / "tables.tex"
    source.write_text(
        f"\\documentclass{{article}}{packages}\\begin{{document}}\n{body}\\end{{document}}\n",
        encoding="utf-8",
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=HANG)
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_terminal_shows_signs_as_they_are() -> None:
    table = Table("t", "c*", ["a"], [["1.0 [0.5, 1.5]"]])
    assert "1.0 [0.5, 1.5]" in to_terminal(table) and "c*\n" in to_terminal(table)
    assert "1.0 \\[0.5, 1.5\\]" in to_markdown(table)


def test_means_near_the_best_are_underlined() -> None:
    table = Table("t", "c", ["a", "b"], [["x", "1"]], underlined=frozenset({(0, 1)}))
    assert "<ins>1</ins>" in to_markdown(table)
    assert "_1_" in to_terminal(table)
    assert r"x & \underline{1} \\" in to_latex(table)


def test_a_wide_table_is_cut_into_pieces() -> None:
    columns = ["task", *(f"agent-number-{number}" for number in range(12))]
    latex = to_latex(Table("t", "c", columns, [columns]))
    assert latex.startswith("% Needs the packages array, booktabs and graphicx.")
    assert latex.count(r"\begin{tabular}") == latex.count(r"\resizebox") == 2
    assert latex.count("agent-number-11") == 2 and latex.count("task") == 4
    assert latex.count("{") == latex.count("}")


def test_a_dash_is_explained_where_there_is_one() -> None:
    table = Table("t", "A caption.", ["a", "b"], [["x", "-"]], shared="Shared.", dash="not timed")
    assert table.own_caption == "A caption. A dash: not timed."
    for text in (to_latex(table), to_markdown(table)):
        assert "A caption. A dash: not timed. Shared." in text
    assert replace(table, rows=[["x", "1"]]).own_caption == "A caption."
