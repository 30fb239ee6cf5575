"""First screen of the report -> piece of the page."""

from __future__ import annotations

from markupsafe import Markup

from benchmark.reporting.front import Front
from benchmark.reporting.page.section_html import page_section
from benchmark.reporting.page.templates import environment


def page_front(front: Front) -> Markup:
    """The first screen as a piece of the page: sentences, badges, two tables, caveats folded."""
    template = environment().get_template("front.html")
    return Markup(template.render(front=front, board=page_section(front.section, {})))
