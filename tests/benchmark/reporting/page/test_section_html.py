from __future__ import annotations

import base64
import re

from matplotlib.figure import Figure

from benchmark.reporting.blocks import FileLink, FileLinks, Fold, Picture, Section
from benchmark.reporting.charts import Chart, ChartLine, ChartPanel
from benchmark.reporting.formats import Table, to_latex
from benchmark.reporting.page.section_html import page_section, run_link

TABLE = Table(
    name="scores",
    caption="Scores of <b>&",
    header=["task", "<script>alert(1)</script>", "BC"],
    rows=[["umaze", "1,050.5 ± 0.5", "failed"], ["medium", "-3.0 ± -", "-"], ["average", "2", "3"]],
    bold=frozenset({(0, 1)}),
    underlined=frozenset({(1, 1)}),
    average=True,
    runs={(0, 1): "umaze/<agent>", (0, 2): "umaze/bc"},
)


FILES: dict[str, str | bytes] = {"bars.png": b"image", "bars.pdf": b"paper"}


def html(*blocks: object) -> str:
    return str(page_section(Section("A title", list(blocks)), FILES).html)  # type: ignore[arg-type]


def test_table_keeps_caption_marks_and_average() -> None:
    text = html(TABLE)
    assert "Scores of &lt;b&gt;&amp;</figcaption>" in text
    assert "<b>1,050.5 ± 0.5</b>" in text
    assert "<u>-3.0 ± -</u>" in text
    assert text.index("</tbody>") < text.index("<tfoot>") < text.index("average")


def test_text_is_never_markup() -> None:
    text = html(TABLE, "<i>a</i>", ["<i>b</i>"])
    assert "<script>" not in text and "<i>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_numbers_are_sorted_as_numbers_and_reasons_stand_out() -> None:
    text = html(TABLE)
    for order in ("1050.5", "-3.0"):
        assert f'data-order="{order}"' in text
    assert (
        '<td class="number none" data-order=""><a href="#runs=umaze%2Fbc">failed</a></td>' in text
    )
    assert '<td class="number" data-order="">-</td>' in text


def test_a_number_is_sorted_by_all_that_stands_before_its_error() -> None:
    texts = ["12,345.6 ± 1.0", "-0.5", "7", "0.81 [0.60, 0.93]", "missing", "5 of 6"]
    shown = html(Table("t", "c", ["task", "score"], [["x", text] for text in texts]))
    orders = re.findall(r'data-order="([^"]*)"', shown)
    assert orders == ["12345.6", "-0.5", "7", "0.81", "", "5"]


def test_scores_link_to_their_runs() -> None:
    assert run_link("umaze/<a b>") == "#runs=umaze%2F%3Ca%20b%3E"
    assert html(TABLE).count('<a href="#runs=') == 2
    assert "Select a score" in html(TABLE)


def test_pictures_are_inside_and_described() -> None:
    picture = Picture("bars", 'Bars "of" all', "How to <read> it.", Figure((7.0, 2.0)))
    text = html(picture)
    assert 'src="data:image/png;base64,aW1hZ2U="' in text
    assert 'alt="Bars &#34;of&#34; all"' in text
    assert 'width="910" height="260"' in text
    assert "How to &lt;read&gt; it." in text


def test_what_the_page_makes_on_demand_goes_with_the_section() -> None:
    line = ChartLine("MAGE", "#0072b2", [[50.0, 1.0, 1.0, 1.0]])
    chart = Chart("x", "y", [ChartPanel("umaze", 1, [line])])
    picture = Picture("bars", "Bars", "A caption.", Figure((2.0, 2.0)), chart=chart)
    data = page_section(Section("A title", [TABLE, picture]), FILES).data
    assert data["latex"] == {"scores": to_latex(TABLE)}
    assert data["pdf"] == {"bars": base64.b64encode(b"paper").decode()}
    assert data["charts"]["bars"]["panels"][0]["lines"][0]["points"] == [[50.0, 1.0, 1.0, 1.0]]


def test_pictures_in_a_row_share_a_grid_and_texts_end_it() -> None:
    bars = Picture("bars", "Bars", "A caption.", Figure((2.0, 2.0)))
    text = html(bars, bars, "A text.", bars)
    assert [part.count("<figure") for part in text.split('<div class="pictures">')] == [0, 2, 1]


def test_a_fold_shows_one_line() -> None:
    text = html(Fold("3 <commits>", "a, b & c"))
    assert "<summary>3 &lt;commits&gt;</summary>\n<p>a, b &amp; c</p>" in text
    assert "<details open" not in text


def test_videos_are_a_grid_of_files_beside_the_page() -> None:
    text = html(FileLinks([FileLink("MAGE on umaze", "../runs/a b/episode-0.mp4")] * 2))
    assert text.count('<video src="../runs/a%20b/episode-0.mp4" controls') == 2
    assert text.count("<figure>") == 2 and text.count('class="pictures"') == 1


def test_anchor_is_a_plain_word() -> None:
    part = page_section(Section('A "title" <x>', []), {})
    assert part.anchor == "section-a-title-x"
    assert part.title == 'A "title" <x>'
