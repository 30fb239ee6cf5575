"""A page of made-up records in a real browser, for the tests beside this file."""

from __future__ import annotations

import base64
import io
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmark.reporting.build import write_report
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed
from tests.commands import HANG

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LIMIT = 1000 * HANG  # Milliseconds.
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOSTILE = "<script>alert(1)</script>"
TRACEBACK = "Traceback:\n</script><script>alert(2)</script>"
TASKS = ["maze2d-umaze", "maze2d-medium", "maze2d-large"]
AGENTS = ["mage", "dt", "iql", "cql", "bc", "td3bc", HOSTILE]
ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def silence() -> bytes:
    """A second without sound: of all that a player of videos takes, the simplest to write."""
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    return content.getvalue()


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
        for task in TASKS[:2]:
            folder = out / "runs" / task / "mage" / "seed-0"
            folder.mkdir(parents=True)
            (folder / "episode-0.mp4").write_bytes(silence())
            (folder / "plan.gif").write_bytes(ONE_PIXEL)
        write_report(out, collate(records))
    return out / "report" / "report.html"


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    if pytestconfig.getoption("--fast"):
        pytest.skip("starts a process")  # Playwright does not survive that it may not.
    driver = pytest.importorskip("playwright.sync_api", reason="needs playwright: .[test]")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("needs Chromium: install it, such as Debian's `chromium`")
    with driver.sync_playwright() as playwright:
        driver.expect.set_options(timeout=LIMIT)
        started = playwright.chromium.launch(
            executable_path=program, args=["--disable-gpu"], timeout=LIMIT
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
    """Everything the page said and asked for: nothing but itself and its videos is allowed."""
    found: list[str] = []
    yield found
    inside = ("request: data:", "request: blob:")
    outside = [each for each in found if not each.startswith(inside)]
    requests = [each for each in outside if not each.endswith("/seed-0/episode-0.mp4")]
    assert requests == [f"request: {report.as_uri()}"]


@pytest.fixture
def page(browser: Browser, report: Path, heard: list[str]) -> Iterator[Page]:
    found = opened(browser, report, 1280, heard)
    yield found
    found.close()
