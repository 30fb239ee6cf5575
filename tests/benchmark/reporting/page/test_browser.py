"""The page in a real browser: it needs no network, sorts, filters, shows records, fits a phone."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmark.reporting.build import write_report
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed
from tests.commands import HANG

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: install .[test]")
expect = driver.expect
LIMIT = 1000 * HANG  # Milliseconds.
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
if CHROMIUM is None:
    pytest.skip("needs Chromium: install it, such as Debian's `chromium`", allow_module_level=True)

HOSTILE = "<script>alert(1)</script>"
TRACEBACK = "Traceback:\n</script><script>alert(2)</script>"
TASKS = ["maze2d-umaze", "maze2d-medium", "maze2d-large"]
AGENTS = ["mage", "dt", "iql", "cql", "bc", "td3bc", HOSTILE]
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SCORES = 'figure:has-text("D4RL-normalised score") >> nth=0'


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of three tasks, seven agents and two seeds; one cell is missing, one failed."""
    out = tmp_path_factory.mktemp("out")
    records = [
        completed(task, agent, seed, 10.0 * number + row, commit="0123abc", settings={"a": HOSTILE})
        for row, task in enumerate(TASKS)
        for number, agent in enumerate(AGENTS)
        for seed in (0, 1)
        if (task, agent) not in [(TASKS[0], "dt"), (TASKS[1], "iql")]
    ]
    records += [failed(TASKS[0], "dt", seed, traceback=TRACEBACK) for seed in (0, 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmark.plots.figure_bytes", lambda figure, kind: ONE_PIXEL)
        write_report(out, collate(records))
    return out / "report" / "report.html"


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    if pytestconfig.getoption("--fast"):
        pytest.skip("starts a process")  # Playwright does not survive that it may not.
    with driver.sync_playwright() as playwright:
        expect.set_options(timeout=LIMIT)
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--disable-gpu"], timeout=LIMIT
        )
        yield started
        started.close()


def opened(browser: Browser, report: Path, width: int, heard: list[str]) -> Page:
    """The page in a window of a width; what it says and asks for is noted down."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(LIMIT)
    page.on("console", lambda message: heard.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: heard.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (heard.append(f"alert: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: heard.append(f"request: {request.url}"))
    page.goto(report.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


@pytest.fixture
def heard(report: Path) -> Iterator[list[str]]:
    """Everything the page said and asked for: nothing but itself is allowed."""
    found: list[str] = []
    yield found
    requests = [each for each in found if not each.startswith("request: data:")]
    assert requests == [f"request: {report.as_uri()}"]


@pytest.fixture
def page(browser: Browser, report: Path, heard: list[str]) -> Iterator[Page]:
    found = opened(browser, report, 1280, heard)
    yield found
    found.close()


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
    expect(page.locator("#runs tbody tr")).to_have_count(25)
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
    command = "python -m benchmark.run --tasks maze2d-umaze --agents mage --seeds seed-0"
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


@pytest.mark.parametrize("width", [390, 1280])
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
    page.get_by_role("dialog").locator("summary").first.click()
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
