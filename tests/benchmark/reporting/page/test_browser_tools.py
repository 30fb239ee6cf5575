"""What can be done with the page in a browser beside reading: files, curves, contents, records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.benchmark.reporting.page.conftest import AGENTS, ONE_PIXEL, TASKS, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: install .[test]")
expect = driver.expect


def kept(page: Page, name: str) -> tuple[str, bytes]:
    """Name and content of the file that a button makes."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_table_is_kept_as_csv_as_it_is_sorted_with_one_value_in_each_cell(page: Page) -> None:
    page.locator("[data-table=scores-maze2d]").get_by_role("columnheader", name="MAGE").click()
    name, content = kept(page, "scores-maze2d as CSV")
    titles, *rows = (line.split(",") for line in content.decode().splitlines())
    assert name == "scores-maze2d.csv"
    assert titles[:3] == ["task", "MAGE", "MAGE standard error"]
    assert [row[:3] for row in rows] == [
        *([task, f"{score}.0", "0.0"] for score, task in zip((2, 1, 0), TASKS[::-1], strict=True)),
        ["average of 3 tasks", "1.0", "0.0"],
    ]
    assert "failed" in rows[2], "why there is no number"


def test_the_list_of_all_runs_is_kept_as_csv(page: Page) -> None:
    name, content = kept(page, "runs as CSV")
    titles, *rows = (line.split(",") for line in content.decode().splitlines())
    assert name == "runs.csv" and titles[:4] == ["task", "data", "agent", "seed"]
    assert len(rows) == 40, "all but those of the cell that nobody has run"
    assert {row[0] for row in rows} == set(TASKS)


def test_a_table_is_kept_as_latex_and_copied(page: Page) -> None:
    name, content = kept(page, "leaderboard as LaTeX")
    assert name == "leaderboard.tex" and b"\\caption{Over the" in content
    page.evaluate(
        "() => { navigator.clipboard.writeText = async text => { window.copied = text } }"
    )
    press = page.get_by_role("button", name="copy heat-map", exact=True)
    press.click()
    expect(press).to_have_text("Copied")
    lines = str(page.evaluate("window.copied")).splitlines()
    assert lines[0].split("\t")[:2] == ["task", "MAGE"] and len(lines) == 1 + len(TASKS)


def test_where_pages_have_no_clipboard_text_is_copied_all_the_same(page: Page) -> None:
    page.evaluate(
        "() => { navigator.clipboard.writeText = async () => { throw new Error('not here') };"
        "document.oncopy = () => { window.copied = document.activeElement.value } }"
    )
    page.get_by_role("button", name="copy heat-map", exact=True).click()
    page.wait_for_function("window.copied?.startsWith('task\\tMAGE')")
    assert not page.locator("textarea").count()


def test_pictures_are_kept_without_files_beside_the_page(page: Page) -> None:
    assert kept(page, "scores-maze2d as PNG") == ("scores-maze2d.png", ONE_PIXEL)
    assert kept(page, "scores-maze2d as PDF") == ("scores-maze2d.pdf", ONE_PIXEL)


def test_the_contents_stand_at_the_side_and_follow(page: Page) -> None:
    contents = page.get_by_role("navigation", name="Contents")
    here = contents.locator("[aria-current]")
    expect(here).to_have_text(["Result"])
    for title in ("Latency", "All runs", "maze2d"):
        contents.get_by_role("link", name=title, exact=True).click()
        expect(here).to_have_text([title])
        expect(contents).to_be_in_viewport(ratio=1)
    side, main = contents.bounding_box(), page.locator("main").bounding_box()
    assert side and main and side["x"] + side["width"] <= main["x"]


def test_the_contents_are_a_fold_where_there_is_no_room(
    browser: Browser, report: Path, heard: list[str]
) -> None:
    page = opened(browser, report, 390, heard)
    link = page.get_by_role("link", name="Latency", exact=True)
    expect(link).not_to_be_visible()
    page.locator("nav summary").click()
    link.click()
    expect(page.get_by_role("heading", name="Latency", exact=True)).to_be_in_viewport()
    page.close()


def test_a_cut_table_shows_on_which_side_there_is_more(
    browser: Browser, report: Path, heard: list[str]
) -> None:
    page = opened(browser, report, 390, heard)
    box = page.locator("[data-table=scores-maze2d] .scroll")
    edge = box.locator("xpath=..")
    shadow = "it => getComputedStyle(it, '::after').backgroundImage.startsWith('linear-gradient')"
    for place, more in (("0", "right"), ("50", "left right"), ("it.scrollWidth", "left")):
        box.evaluate(f"it => {{ it.scrollLeft = {place}; }}")
        expect(edge).to_have_attribute("data-more", more)
        assert edge.evaluate(shadow) == more.endswith("right")
    page.set_viewport_size({"width": 1500, "height": 800})
    expect(edge).to_have_attribute("data-more", "")
    page.close()


def test_videos_are_a_grid_that_plays_from_files_beside_the_page(
    browser: Browser, page: Page, report: Path
) -> None:
    videos = page.locator("video")
    page.wait_for_function("[...document.querySelectorAll('video')].every(it => it.duration === 1)")
    tops = videos.evaluate_all("all => all.map(it => it.getBoundingClientRect().top)")
    assert len(tops) == 2 and tops[0] == tops[1]
    alone = report.parents[2] / "mailed.html"
    alone.write_bytes(report.read_bytes())
    page = opened(browser, alone, 1280, [])
    expect(page.get_by_text("It cannot be played here")).to_have_count(2)
    page.close()


@pytest.mark.parametrize(("width", "beside"), [(390, False), (1280, True)])
def test_pictures_stand_side_by_side_where_there_is_room(
    browser: Browser, report: Path, heard: list[str], width: int, beside: bool
) -> None:
    page = opened(browser, report, width, heard)
    grid = page.locator(".pictures").filter(has=page.locator("[data-picture=intervals]"))
    tops = grid.locator("figure").evaluate_all("all => all.map(it => it.offsetTop)")
    assert (tops[0] == tops[1]) == beside
    panels = page.locator("[data-picture=curves-maze2d] .panel")
    tops = panels.evaluate_all("all => all.map(it => it.offsetTop)")
    assert len(tops) == len(TASKS) and (tops[0] == tops[1]) == beside
    page.close()


def first_panel(page: Page) -> Locator:
    return page.locator("[data-picture=curves-maze2d] .panel").first


def test_a_point_of_a_curve_says_what_it_is_under_the_mouse(page: Page) -> None:
    panel = first_panel(page)
    circle = panel.locator("[data-line=MAGE] circle").first
    circle.scroll_into_view_if_needed()
    box = circle.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(panel.locator("output")).to_contain_text(" at 50 %: 1.0")
    faint = page.locator("[data-picture=curves-maze2d] .line.faint")
    expect(faint.first).to_be_attached()
    page.mouse.move(0, 0)
    expect(faint).to_have_count(0)


def test_a_curve_is_read_by_the_arrow_keys_and_its_legend(page: Page) -> None:
    panel = first_panel(page)
    page.locator("[data-picture=curves-maze2d] .legend button").last.focus()
    page.keyboard.press("Tab")
    expect(panel.locator("output")).to_have_text("MAGE at 50 %: 1.0")
    page.keyboard.press("ArrowRight")
    expect(panel.locator("output")).to_have_text("MAGE at 100 %: 2.0")
    page.keyboard.press("ArrowDown")
    expect(panel.locator("output")).not_to_contain_text("MAGE")
    expect(panel.locator("output")).to_contain_text("at 100 %: 2.0")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="show BC before all others").click()
    expect(panel.locator(".line:not(.faint)")).to_have_attribute("data-line", "BC")


def test_agents_that_share_a_colour_are_told_apart(page: Page) -> None:
    looks = (
        first_panel(page)
        .locator(".line")
        .evaluate_all(
            "all => all.map(it => it.getAttribute('stroke') + it.querySelector('.stroke').outerHTML"
            ".match(/stroke-dasharray=.[^d]*/)[0])"
        )
    )
    assert len(looks) == len(set(looks)) > 1


def test_paper_has_pictures_and_no_controls(page: Page) -> None:
    picture = page.locator("[data-picture=curves-maze2d] img")
    expect(picture).not_to_be_visible()
    page.emulate_media(media="print")
    expect(picture).to_be_visible()
    for control in (".panels", ".tools", "nav", "#runs"):
        expect(page.locator(control).first).not_to_be_visible()


def test_the_first_seed_is_open_with_its_curve_and_episodes_and_its_command_is_copied(
    page: Page,
) -> None:
    page.locator("[data-table=scores-maze2d] a").first.click()
    dialog = page.get_by_role("dialog")
    runs = dialog.locator("details.run")
    expect(runs).to_have_count(2)
    assert runs.evaluate_all("all => all.map(it => it.open)") == [True, False]
    curve, episodes = runs.first.locator(".panel").all()
    curve.locator("svg").hover()
    expect(curve.locator("output")).to_contain_text("% of its gradient steps")
    episodes.locator("svg").hover(position={"x": 2, "y": 80})
    expect(episodes.locator("output")).to_have_text("Episode 1: 0.0, solved")
    page.evaluate(
        "() => { navigator.clipboard.writeText = async text => { window.copied = text } }"
    )
    dialog.get_by_role("button", name="copy the command").click()
    page.wait_for_function("window.copied?.includes('--seeds 0, --preset quick')")


def test_what_is_not_there_is_explained(page: Page) -> None:
    expect(page.locator("[data-table=pairs] figcaption")).to_contain_text("A dash:")


def test_tables_of_few_rows_have_no_pages(page: Page) -> None:
    assert len(AGENTS) * len(TASKS) * 2 > 25
    expect(page.locator("#runs tbody tr")).to_have_count(len(AGENTS) * len(TASKS) * 2 - 2)
    assert not page.locator(".dt-paging").count()
