"""First screen of the report -> piece of the page."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from benchmark.reporting.front import Front
from benchmark.reporting.page.section_html import PageSection, page_section
from benchmark.reporting.page.templates import environment


def page_front(front: Front) -> PageSection:
    """The first screen as a piece of the page: sentences, badges, two tables, caveats folded."""
    template = environment().get_template("front.html")
    board = page_section(front.section, {})
    return replace(board, html=Markup(template.render(front=front, board=board)))
