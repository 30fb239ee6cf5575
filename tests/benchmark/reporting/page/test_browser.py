"""The page in a real browser: it needs no network, sorts, filters, shows records, fits a phone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.benchmark.reporting.page.conftest import (
    AGENTS,
    HOSTILE,
    LIMIT,
    TASKS,
    TRACEBACK,
    opened,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: install .[test]")
expect = driver.expect
SCORES = 'figure:has-text("D4RL-normalised score") >> nth=0'


def scored_tasks(page: Page) -> Locator:
    """First cells of the rows of scores; `expect` waits until they are as a click makes them."""
    return page.locator(f"{SCORES} >> tbody tr > :first-child")


def test_opens_in_silence_with_all_it_shows(page: Page) -> None:
    assert page.title() == "MAGE-bench report: maze2d, preset quick"
    for heading in (
        "Missing, failed or capped",
        "maze2d",
        "Latency",
        "Provenance",
        "All runs",
    ):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    loaded = "images => images.length && images.every(image => image.naturalWidth === 1)"
    assert page.locator("img").evaluate_all(loaded)


def test_a_click_sorts_and_the_average_stays_below(page: Page) -> None:
    header = page.locator(SCORES).get_by_role("columnheader", name="MAGE", exact=False)
    expect(scored_tasks(page)).to_have_text(TASKS)
    header.click()
    expect(scored_tasks(page)).to_have_text(TASKS[::-1])
    expect(page.locator(f"{SCORES} >> tfoot")).to_contain_text("average of 3 tasks")
    header.click()
    expect(scored_tasks(page)).to_have_text(TASKS)


def test_the_first_screen_is_seen_at_a_glance_and_sorts(page: Page) -> None:
    boards = page.locator("figure.compact")
    board, heat = boards.nth(0), boards.nth(1)
    expect(page.locator(".claim")).to_contain_text("has the highest mean on")
    expect(board.locator("tbody tr")).to_have_count(len(AGENTS))
    assert not board.get_by_role("searchbox").count() and not heat.get_by_role("searchbox").count()
    expect(board.locator("tbody tr >> nth=0 >> th")).to_have_text(HOSTILE)
    board.get_by_role("columnheader", name="mean rank").click()
    expect(board.locator("tbody tr >> nth=0 >> td >> nth=1")).to_have_text("5.00")
    heat.get_by_role("link", name="failed", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("heading")).to_have_text("DT on maze2d-umaze")
    page.keyboard.press("Escape")
    fold = page.locator("details.caveats")
    expect(fold.get_by_text("How sure they are.")).not_to_be_visible()
    fold.locator("summary").click()
    expect(fold.get_by_text("How sure they are.")).to_be_visible()


def test_what_has_no_score_is_sorted_below_all_scores(page: Page) -> None:
    page.locator(SCORES).get_by_role("columnheader", name="DT", exact=False).first.click()
    expect(scored_tasks(page)).to_have_text(TASKS[::-1])


def test_runs_are_filtered_by_several_words(page: Page) -> None:
    expect(page.locator("#runs tbody tr")).to_have_count(len(TASKS) * len(AGENTS) * 2 - 2)
    box = page.get_by_role("searchbox").last
    box.fill("failed umaze")
    expect(page.locator("#runs tbody tr")).to_have_count(2)
    box.fill("no such thing")
    expect(page.locator("#runs tbody")).to_contain_text("no row matches")


def test_a_score_leads_to_its_runs_by_keyboard_and_back(page: Page, report: Path) -> None:
    link, dialog = page.locator(f"{SCORES} >> a").first, page.get_by_role("dialog")
    for _ in range(2):  # The same link works again.
        link.focus()
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("heading")).to_have_text("MAGE on maze2d-umaze")
        expect(dialog.locator("details.run")).to_have_count(2)
        page.keyboard.press("Escape")
        expect(dialog).not_to_be_visible()
        expect(page).to_have_url(report.as_uri())


def test_a_record_tells_how_it_was_made(page: Page) -> None:
    page.get_by_role("link", name="open maze2d-umaze/mage/seed-0").click()
    command = "python -m benchmark.run --tasks maze2d-umaze --agents mage --seeds 0,"
    for part in ("Seed 0: completed, score 0.0", "0123abc", "aaaa", "Chip 1", command, HOSTILE):
        expect(page.get_by_role("dialog")).to_contain_text(part)


def test_a_failed_run_shows_its_traceback(page: Page) -> None:
    page.get_by_role("link", name="failed", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Seed 1: failed").click()
    for part in (TRACEBACK, "RuntimeError: diverged", "see its log"):
        expect(dialog).to_contain_text(part)


def test_a_missing_cell_says_so(page: Page) -> None:
    page.get_by_role("link", name="missing", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("IQL on maze2d-medium")
    expect(dialog).to_contain_text("Seed 0, 1: no record, though others in its table have one.")


def test_an_address_leads_to_a_record(page: Page, report: Path) -> None:
    page.evaluate("location.hash = '#runs=maze2d-large%2Fbc%2Fseed-1'")
    expect(page.get_by_role("dialog")).to_contain_text("BC on maze2d-large")


def test_names_are_text(page: Page) -> None:
    header = page.locator(SCORES).locator("thead th").last
    expect(header).to_have_text(HOSTILE)
    page.locator(f"{SCORES} >> tbody tr >> nth=0 >> a").last.click()
    title = page.get_by_role("dialog").get_by_role("heading")
    expect(title).to_have_text(f"{HOSTILE} on maze2d-umaze")


@pytest.mark.parametrize("width", [390, 1500])
def test_only_tables_scroll_sideways(
    browser: Browser, report: Path, heard: list[str], width: int
) -> None:
    page = opened(browser, report, width, heard)
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert page.evaluate(fits)
    assert page.locator("img").evaluate_all("all => all.every(i => i.offsetWidth <= innerWidth)")
    box = page.locator(f"{SCORES} >> .scroll")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth") == (width == 390)
    page.locator(f"{SCORES} >> a").first.click()
    expect(page.get_by_role("dialog").locator("svg")).to_have_count(2)
    assert page.evaluate(fits)
    assert page.get_by_role("dialog").evaluate("it => it.scrollWidth <= it.clientWidth")
    page.close()


def test_without_programs_the_tables_are_there(browser: Browser, report: Path) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.set_default_timeout(LIMIT)
    page.goto(report.as_uri())
    expect(scored_tasks(page)).to_have_text(TASKS)
    expect(page.locator("noscript")).to_contain_text("below runs/", use_inner_text=True)
    page.close()
