"""The first screen as a piece of the page."""

from __future__ import annotations

import re

import pytest

from benchmark.reporting.front import front
from benchmark.reporting.page.front_html import page_front
from benchmark.reporting.page.templates import own_file
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed, in_two_mazes

HOSTILE = "<script>alert(1)</script>"


def test_sentences_badges_tables_and_a_fold_in_this_order() -> None:
    text = str(page_front(front(collate(in_two_mazes()))).html)
    places = ['class="claim"', 'class="badges"', "mean rank", "Mean score of every", "<details"]
    assert [text.index(place) for place in places] == sorted(text.index(p) for p in places)
    assert '<li class="caution"><span>Goal</span> told to Diffuser' in text
    assert "<li><span>Runs</span> 7, all completed</li>" in text
    assert "<details open" not in text


def test_cells_are_shaded_and_lead_to_their_runs() -> None:
    text = str(page_front(front(collate(in_two_mazes()))).html)
    cell = '<td class="number shade" data-order="85.0" style="--shade: 1.00">'
    assert f'{cell}<a href="#runs=maze2d-umaze%2Fmage"><b>85.0</b></a></td>' in text
    assert re.search(
        r'<span class="bar" aria-hidden="true"><i style="left: [\d.]+%; width: [\d.]+%"></i>', text
    )


def test_names_are_text() -> None:
    records = [completed("maze2d-umaze", name, 0, 1.0) for name in (HOSTILE, "mage")]
    text = str(page_front(front(collate(records))).html)
    assert "<script" not in text and "&lt;script&gt;" in text


def colours(scheme: str) -> dict[str, tuple[float, ...]]:
    """Names of colours -> red, green and blue from 0 to 255, in a light or a dark frame."""
    found: dict[str, tuple[float, ...]] = {}
    for sheet in ("page.css", "front.css"):
        blocks = re.findall(r":root \{(.*?)\}", own_file(sheet), re.DOTALL)
        for block in blocks[: 2 if scheme == "dark" else 1]:
            for name, value in re.findall(r"--([\w-]+): ([^;]+);", block):
                pairs = re.findall("..", value[1:]) if value[0] == "#" else value.split()
                base = 16 if value[0] == "#" else 10
                found[name] = tuple(int(part, base) for part in pairs)
    return found


def luminance(colour: tuple[float, ...]) -> float:
    """As WCAG 2 defines it."""
    parts = [part / 255 for part in colour]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_shade(scheme: str) -> None:
    (share,) = set(re.findall(r"calc\(var\(--shade\) \* ([\d.]+)\)", own_file("front.css")))
    named = colours(scheme)
    for hue in ("higher", "lower"):
        darkest = tuple(
            float(share) * top + (1 - float(share)) * ground
            for top, ground in zip(named[hue], named["ground"], strict=True)
        )
        assert contrast(named["text"], darkest) >= 4.5, hue
    assert contrast(named["caution"], named["caution-ground"]) >= 4.5
    for ink in ("text", "quiet", "accent", "alarm"):
        for ground in ("ground", "raised"):
            assert contrast(named[ink], named[ground]) >= 4.5, (ink, ground)
