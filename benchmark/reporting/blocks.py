"""What a section of a report is made of, before it is written in any format."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure

from benchmark.reporting.charts import Chart
from benchmark.reporting.formats import Table


@dataclass(frozen=True)
class Picture:
    """A figure as it stands in a report.

    Attributes:
        name: of its files.
        title: what it shows, for those who do not see it.
        caption: how to read it.
        figure: to be drawn.
        data: the numbers behind it, where no table of the section has them.
        chart: what a page draws in its place, if anything.
    """

    name: str
    title: str
    caption: str
    figure: Figure
    data: pd.DataFrame | None = None
    chart: Chart | None = None


@dataclass(frozen=True)
class Image:
    """A picture that is a file already.

    Attributes:
        name: of its file in the report, without ending.
        title: what it shows, for those who do not see it.
        caption: how to read it.
        content: of the file.
        kind: `png`, or `gif` for one that moves.
    """

    name: str
    title: str
    caption: str
    content: bytes
    kind: str = "png"


@dataclass(frozen=True)
class Fold:
    """A text that few read, below one line that all do.

    Attributes:
        summary: the line.
        text: what it leaves out.
    """

    summary: str
    text: str


@dataclass(frozen=True)
class FileLink:
    """A way to a file that lies beside the report.

    Attributes:
        title: what is there.
        address: relative to the report's folder, not quoted yet.
    """

    title: str
    address: str


@dataclass(frozen=True)
class FileLinks:
    """A list of ways to other files.

    Attributes:
        targets: in order.
    """

    targets: list[FileLink]


Block = Table | Picture | Image | FileLinks | Fold | str | list[str]
"""A text is a paragraph, a list of texts a list."""


@dataclass(frozen=True)
class Section:
    """A piece of a report.

    Attributes:
        title: its heading.
        blocks: what it shows, in order.
        name: of the files that hold its tables; empty for none.
        data: the numbers behind the tables, in full.
    """

    title: str
    blocks: list[Block]
    name: str = ""
    data: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def tables(self) -> list[Table]:
        """The tables among its blocks."""
        return [block for block in self.blocks if isinstance(block, Table)]

    @property
    def pictures(self) -> list[Picture | Image]:
        """The pictures among its blocks."""
        return [block for block in self.blocks if isinstance(block, Picture | Image)]
