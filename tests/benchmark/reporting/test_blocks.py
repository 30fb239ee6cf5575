"""What a section is made of."""

from __future__ import annotations

from matplotlib.figure import Figure

from benchmark.reporting.blocks import FileLink, FileLinks, Image, Picture, Section
from benchmark.reporting.formats import Table


def test_a_section_gives_its_tables_and_its_pictures_in_order() -> None:
    tables = [Table(name, "", ["task"], []) for name in ("first", "second")]
    picture = Picture("bars", "Bars", "How to read them.", Figure())
    image = Image("plan", "A plan", "A plan.", b"png")
    links = FileLinks([FileLink("a video", "../runs/episode-0.mp4")])
    blocks = [tables[0], image, "a paragraph", tables[1], ["a list"], links, picture]
    section = Section("Title", blocks)
    assert section.tables == tables
    assert section.pictures == [image, picture]
    assert (section.name, section.data.empty) == ("", True)
