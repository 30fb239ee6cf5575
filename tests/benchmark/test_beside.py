"""What lies beside records gets into the report, if it is there."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

import pytest

from benchmark.output import RunFiles
from benchmark.report import build_report
from tests.benchmark.made_up import completed, write_all

pytestmark = pytest.mark.usefixtures("undrawn")
UMAZE = "maze2d-umaze"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output folder with a picture for both seeds, and a video for the second."""
    write_all(tmp_path, [completed(UMAZE, "mage", seed, 1.0) for seed in (0, 1)])
    for seed in (0, 1):
        folder = RunFiles(tmp_path, f"{UMAZE}/mage/seed-{seed}").agent
        folder.mkdir()
        (folder / "plan.png").write_bytes(b"picture %d" % seed)
    (folder / "episode-1000000.mp4").touch()
    return tmp_path


def test_plans_of_the_first_seed_are_shown(out: Path) -> None:
    summary = build_report(out)[-1].read_text(encoding="utf-8")
    assert "## Plans" in summary
    (link,) = re.findall(r"!\[MAGE on maze2d-umaze, seed 0\]\((.*?)\)", summary)
    assert (out / "report" / link).read_bytes() == b"picture 0"
    page = (out / "report" / "report.html").read_text(encoding="utf-8")
    assert page.count(b64encode(b"picture 0").decode()) == 1
    assert b64encode(b"picture 1").decode() not in page


def test_videos_are_linked(out: Path) -> None:
    summary = build_report(out)[-1].read_text(encoding="utf-8")
    (link,) = re.findall(r"- \[MAGE on maze2d-umaze, seed 1\]\((.*?)\)", summary)
    assert (out / "report" / link).is_file()
    page = (out / "report" / "report.html").read_text(encoding="utf-8")
    assert f'<a href="{link}">MAGE on maze2d-umaze, seed 1</a>' in page


def test_what_is_gone_is_gone_from_the_report(out: Path) -> None:
    build_report(out)
    for path in out.glob("runs/*/*/seed-*/*"):
        path.unlink()
    summary = build_report(out)[-1].read_text(encoding="utf-8")
    assert "## Plans" not in summary and "## Videos" not in summary
    assert not list(out.glob("report/plan-*"))
