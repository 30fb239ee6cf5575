"""The report as one HTML page that needs nothing beside it, and no network.

Tables, pictures and captions are the sections of every other format; what the page adds is a way
from each score to the records that it was made from.
"""

from __future__ import annotations

from benchmark.reporting.page.document import page_html
from benchmark.reporting.page.front_html import page_front
from benchmark.reporting.page.section_html import PageSection, page_section

__all__ = ["PageSection", "page_front", "page_html", "page_section"]
