"""What lies beside records gets into the report, if it is there."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path

import pytest

from benchmark.records.files import RunFiles
from benchmark.reporting.build import build_report
from benchmark.reporting.media import media_sections
from benchmark.statistics.score_frames import run_frame
from tests.benchmark.synthetic_records import completed, write_all

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


def test_plans_in_motion_are_shown_as_what_they_are(out: Path) -> None:
    (RunFiles(out, f"{UMAZE}/mage/seed-1").agent / "plan.gif").write_bytes(b"GIF89a of seed 1")
    summary = build_report(out)[-1].read_text(encoding="utf-8")
    (link,) = re.findall(r"!\[MAGE on maze2d-umaze, seed 1\]\((.*?)\)", summary)
    assert link == "plan-animated-maze2d-umaze-mage.gif"
    assert (out / "report" / link).read_bytes() == b"GIF89a of seed 1"
    page = (out / "report" / "report.html").read_text(encoding="utf-8")
    assert f"data:image/gif;base64,{b64encode(b'GIF89a of seed 1').decode()}" in page
    assert f"data:image/png;base64,{b64encode(b'picture 0').decode()}" in page
    (RunFiles(out, f"{UMAZE}/mage/seed-1").agent / "plan.gif").unlink()
    build_report(out)
    assert not (out / "report" / link).exists()


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


def test_a_few_plans_are_shown_of_the_first_seed_of_each_task_and_agent(tmp_path: Path) -> None:
    cells = [
        ("maze2d-umaze", "mage", 10),
        ("maze2d-umaze", "mage", 2),
        ("maze2d-medium", "mage", 0),
    ]
    cells += [("maze2d-large", agent, 0) for agent in ("mage", "dd", "hd", "tt", "diffuser")]
    records = [completed(*cell, 1.0) for cell in cells]
    for record in records:
        folder = RunFiles(tmp_path, record.run.name).agent
        folder.mkdir(parents=True)
        for name in ("plan-b.png", "plan-a.png", "plan.gif", "episode-2.mp4"):
            (folder / name).write_bytes(f"{record.run.name} {name}".encode())
    plans, videos = media_sections(tmp_path, run_frame(records), tmp_path / "report")
    first = [
        *(f"maze2d-large/{agent}/seed-0" for agent in ("dd", "diffuser", "hd", "mage", "tt")),
        *("maze2d-medium/mage/seed-0", "maze2d-umaze/mage/seed-2"),
    ]
    shown = [image.content.decode() for image in plans.pictures]
    stills = [f"{name} plan-a.png" for name in first[:6]]
    assert shown == [*stills, *(f"{name} plan.gif" for name in first[:3])]
    (links,) = videos.blocks
    assert [link.address for link in links.targets] == [
        f"../runs/{name}/episode-2.mp4" for name in first
    ]
