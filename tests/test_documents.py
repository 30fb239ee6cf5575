"""The documents: what they quote is generated, their links lead somewhere, and the site builds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import yaml

from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import TASKS
from docs import parts_of_ogbench
from docs.generate import ROOT, filled, outdated, pages
from docs.picture import front_figure, leaderboard

LINKED = [*pages(), ROOT / "CONTRIBUTING.md", ROOT / "results" / "README.md"]


class _Loader(yaml.SafeLoader):
    """Reads MkDocs' settings, whose own tags are of no matter here."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
SITE = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), _Loader)


def test_all_that_is_quoted_is_as_the_records_say() -> None:
    assert [page.name for page, _ in outdated()] == [], "run python -m docs.generate"


def test_a_number_that_is_changed_by_hand_is_noticed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text[text.index("<!-- generated: scores -->") :]
    number = re.search(r"\d+\.\d\s±", part)
    assert number
    assert filled(text.replace(number[0], "999.9\N{NO-BREAK SPACE}±", 1)) == text
    with pytest.raises(KeyError, match="weather"):
        filled("<!-- generated: weather -->\nfine\n<!-- end -->")


def nav_files(entries: object) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    if isinstance(entries, dict):
        entries = list(entries.values())
    assert isinstance(entries, list)
    return [name for entry in entries for name in nav_files(entry)]


def test_of_ogbench_variants_are_no_others_and_tasks_without_mage_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [("a", "mage", 50.0), ("a", "mage.mlp", 70.0), ("a", "hiql", 60.0), ("b", "hiql", 9.0)]
    scores = pd.DataFrame(rows, columns=["task", "agent", "mean"])
    found = SimpleNamespace(scores=scores, runs=pd.DataFrame({"seed": [0]}))
    monkeypatch.setattr(parts_of_ogbench, "frames", lambda folder: found)
    assert "in brackets the best other: `a` 50.0 (HIQL 60.0). One" in parts_of_ogbench.sentence()


def test_every_page_is_in_the_navigation_once() -> None:
    there = sorted(str(page.relative_to(ROOT / "docs")) for page in pages()[1:])
    assert sorted(nav_files(SITE["nav"])) == there


def anchors(page: Path) -> set[str]:
    """What a link to a heading of a page may end in."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", head.lower()).strip()) for head in heads}


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_paths_that_are_named_exist() -> None:
    named = r"`((?:mage|benchmark|baselines|docs|tests)/[\w/.-]*(?:\.py|\.md|/))`"
    for page in LINKED:
        for path in re.findall(named, page.read_text("utf-8")):
            assert (ROOT / path).exists(), f"{page.name}: {path}"


def test_what_a_deviation_brings_stands_in_the_diary_that_it_names() -> None:
    page = ROOT / "docs" / "method.md"
    rows = re.findall(r"^\|.*\(tuning/.*\|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) >= 6
    for row in rows:
        gain = row.split(" | ")[-1]
        diaries = [page.parent / name for name in re.findall(r"\((tuning/[\w-]+\.md)\)", gain)]
        written = set(re.findall(r"\d+(?:\.\d+)?", "".join(map(Path.read_text, diaries))))
        quoted = set(re.findall(r"(?<![a-z\d])\d+(?:\.\d+)?(?!d)", gain))
        assert quoted <= written, f"{quoted - written} of: {gain}"


@pytest.mark.slow
def test_the_site_builds_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    for package in ("mkdocs", "material", "mkdocstrings_handlers.python"):
        pytest.importorskip(package, reason="needs the extra [docs]")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    built = sorted(tmp_path.rglob("*.html"))
    assert len(built) == len(pages()[1:]) + 1  # And the one for an address without a page.
    for page in built:
        loads = r"<(?:script|img|link|iframe)\b[^>]*?(?:src|href)=\"?(\S+)"
        addresses = re.findall(loads, page.read_text("utf-8"))
        assert not [each for each in addresses if each.startswith(("http", "//"))], page.name


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{citation["version"]}"' in project
    assert citation["license"] == "Apache-2.0"
    assert "Multi-scale Autoregressive" in citation["preferred-citation"]["title"]


def test_the_picture_has_panels_of_scales_and_path_and_a_bar_for_each_agent() -> None:
    rng = np.random.default_rng(0)
    plans = rng.normal(size=(5, 3, 4, 4)).astype(np.float32)
    path = rng.normal(size=(6, 4)).astype(np.float32)
    trace = PlanTrace((1, 2, 4), np.arange(4), plans, path, np.zeros(5, np.float32))
    *panels, bars = front_figure(trace, TASKS["maze2d-large"]).axes
    assert [ax.get_title() for ax in panels] == [
        *("scale 1: 1 token", "scale 2: 2 tokens", "scale 3: 4 tokens", "the whole path"),
    ]
    rows = leaderboard()
    assert bars.get_yticklabels()[0].get_text() == "MAGE"
    assert [bar.get_width() for bar in bars.patches] == rows["iqm"].tolist()
    assert rows["iqm"].is_monotonic_decreasing
