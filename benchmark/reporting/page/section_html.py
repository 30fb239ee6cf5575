"""Section of the report -> piece of the page."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from benchmark.reporting.blocks import Block, FileLinks, Fold, Image, Picture, Section
from benchmark.reporting.formats import Bar, Table, to_latex
from benchmark.reporting.page.templates import environment

_PIXELS_PER_INCH = 130  # Of figures on the page: their smallest text is as large as that of tables.


@dataclass(frozen=True)
class PageSection:
    """A section as it stands on the page.

    Attributes:
        anchor: what links to it name.
        title: its heading.
        html: what is below the heading.
        data: what the page's program makes of it on demand: `latex` (name of a table -> text),
            `pdf` (name of a picture -> file in base64) and `charts` (name of a picture -> its
            `Chart` as plain values).
    """

    anchor: str
    title: str
    html: Markup
    data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class PageCell:
    """A cell of a table as it stands on the page.

    Attributes:
        text: what it says.
        order: what it is sorted by if its column holds numbers, empty if it has none itself; None
            in columns of words.
        mark: `b` or `u` for those that stand out; empty for others.
        link: to the runs that it was made from; empty if there are none.
        shade: how dark it is, from -1 to 1; None if it is not shaded.
        bar: what is drawn beside its text; empty if nothing is.
    """

    text: str
    order: str | None
    mark: str
    link: str
    shade: float | None
    bar: Markup

    @property
    def says_why(self) -> bool:
        """Whether words stand where a number should."""
        return self.order == "" and self.text != "-"


def page_section(section: Section, files: Mapping[str, str | bytes]) -> PageSection:
    """A section as a piece of the page, its pictures in it.

    Args:
        section: from `sections.sections`.
        files: name -> content, of the `.png` and the `.pdf` of each picture of the section.
    """
    template = environment().get_template("section.html")
    blocks = [_block(block, files) for block in section.blocks]
    # Pictures that follow one another stand side by side where there is room.
    groups = [(kind, list(group)) for kind, group in groupby(blocks, key=lambda it: it["group"])]
    html = Markup(template.render(groups=groups))
    drawn = [picture for picture in section.pictures if isinstance(picture, Picture)]
    data: dict[str, dict[str, Any]] = {
        "latex": {table.name: to_latex(table) for table in section.tables},
        "pdf": {picture.name: _base64(files[f"{picture.name}.pdf"]) for picture in drawn},
        "charts": {picture.name: asdict(picture.chart) for picture in drawn if picture.chart},
    }
    return PageSection(_anchor(section.title), section.title, html, data)


def run_link(name: str) -> str:
    """Where the page shows a run, or all runs of a `<task>/<agent>`."""
    return f"#runs={quote(name, safe='')}"


def _anchor(title: str) -> str:
    # With a prefix, so that no benchmark is called as something else on the page is.
    return "section-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _block(block: Block, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    """What the template of a section needs of one block."""
    shown = _shown(block, files)
    return {"group": "pictures" if shown["kind"] == "picture" else "rest", **shown}


def _shown(block: Block, files: Mapping[str, str | bytes]) -> dict[str, Any]:
    if isinstance(block, Table):
        rows = [list(_cells(block, row)) for row in range(len(block.rows))]
        body, foot = (rows[:-1], rows[-1:]) if block.average else (rows, [])
        shown = {"table": block, "anchor": _anchor(block.name), "body": body, "foot": foot}
        return {"kind": "table", **shown}
    if isinstance(block, Picture):
        width, height = (round(_PIXELS_PER_INCH * i) for i in block.figure.get_size_inches())
        image = _base64(files[f"{block.name}.png"])
        shown = {"picture": block, "image": image, "width": width, "height": height}
        return {"kind": "picture", "format": "png", **shown}
    if isinstance(block, Image):
        image = _base64(block.content)
        return {"kind": "picture", "format": block.kind, "picture": block, "image": image}
    if isinstance(block, FileLinks):
        links = [(link.title, quote(link.address)) for link in block.targets]
        return {"kind": "links", "links": links}
    if isinstance(block, Fold):
        return {"kind": "fold", "fold": block}
    return {"kind": "list" if isinstance(block, list) else "text", "content": block}


def _base64(content: str | bytes) -> str:
    content = content.encode("utf-8") if isinstance(content, str) else content
    return base64.b64encode(content).decode("ascii")


def _cells(table: Table, row: int) -> Iterator[PageCell]:
    for column, text in enumerate(map(str, table.rows[row])):
        place = row, column
        mark = "b" if place in table.bold else "u" if place in table.underlined else ""
        link = run_link(table.runs[place]) if place in table.runs else ""
        order = None if column < table.text_columns else _order(text)
        bar = _bar(table.bars[place]) if place in table.bars else Markup()
        yield PageCell(text, order, mark, link, table.shades.get(place), bar)


def _bar(bar: Bar) -> Markup:
    """A bar from zero to its value, and a line from end to end of its interval."""
    interval = (
        Markup('<s style="left: {:.1%}; width: {:.1%}"></s>').format(bar.low, bar.high - bar.low)
        if bar.high >= bar.low
        else Markup()
    )
    drawn = Markup(
        '<span class="bar" aria-hidden="true"><i style="left: {:.1%}; width: {:.1%}"></i>{}</span>'
    )
    return drawn.format(min(bar.zero, bar.value), abs(bar.value - bar.zero), interval)


def _order(text: str) -> str:
    """The number that a cell starts with."""
    number = re.match(r"-?\d[\d,]*(\.\d+)?", text)
    return number[0].replace(",", "") if number else ""
