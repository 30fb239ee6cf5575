"""The whole page as text; `test_browser.py` opens it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from benchmark.records.record import Record
from benchmark.reporting.build import write_report
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, failed, without_data

pytestmark = pytest.mark.usefixtures("undrawn")
UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"
HOSTILE = "<script>alert(1)</script>"


def page(out: Path, *records: Record) -> str:
    write_report(out, collate(records))
    return (out / "report" / "report.html").read_text(encoding="utf-8")


def data_of(text: str) -> str:
    """What the page's program unpacks."""
    (found,) = re.findall(r'<script type="text/plain" id="data">([A-Za-z0-9+/=]*)</script>', text)
    return gzip.decompress(base64.b64decode(found)).decode()


def test_nothing_from_outside_is_named(tmp_path: Path) -> None:
    text = page(tmp_path, completed(UMAZE, "mage", 0, 1.0))
    own = re.sub(r"<style>.*?</style>|<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', own)
    assert "http:" not in own and "https:" not in own
    assert "default-src 'none'" in own


def test_only_the_page_s_own_program_may_run(tmp_path: Path) -> None:
    text = page(tmp_path, completed(UMAZE, "mage", 0, 1.0))
    (program,) = re.findall(r'<script type="module">(.*?)</script>', text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}' data:" in text


def test_who_leads_comes_first_and_then_what_is_missing(tmp_path: Path) -> None:
    records = [
        completed(UMAZE, "mage", 0, 1.0),
        failed(UMAZE, "bc", 0),
        without_data(MEDIUM, "mage", 0),
    ]
    text = page(tmp_path, *records)
    places = [
        *("MAGE is the only agent with a score", "3: 1 completed, 1 failed, 1 no-dataset"),
        *("mean rank", "What the numbers may be used for.", "How sure they are."),
        ">Missing, failed or capped</h2>",
        *("RuntimeError: diverged", "there is no record of it", ">maze2d</h2>"),
    ]
    found = [text.index(each) for each in places]
    assert found == sorted(found)
    for cell in ("failed", "n/a (dataset)", "missing"):
        assert re.search(
            rf'class="number none"[^>]*><a href="#runs=[^"]+">{re.escape(cell)}<', text
        )


def test_text_of_records_is_text(tmp_path: Path) -> None:
    traceback = "</script><script>alert(2)</script><!--"
    records = [
        completed(UMAZE, HOSTILE, 0, 1.0, settings={"a": HOSTILE}, commit=HOSTILE),
        failed(UMAZE, "bc", 0, traceback=traceback, reason=traceback, remedy=traceback),
    ]
    text = page(tmp_path, *records)
    assert "<script>" not in text
    assert text.count("<script") == text.count("</script>") == 3
    pool = json.loads(data_of(text))["runs"]["pool"]
    assert HOSTILE in pool and traceback in pool
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_same_records_give_the_same_page(tmp_path: Path) -> None:
    records = [completed(UMAZE, "mage", seed, 1.0 + seed) for seed in (0, 1)]
    assert page(tmp_path / "a", *records) == page(tmp_path / "b", *reversed(records))


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
