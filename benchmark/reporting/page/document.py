"""The whole page: first screen, sections, records, and the programs that make tables sortable."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from benchmark.records.text import listed
from benchmark.reporting.page.run_index import run_index
from benchmark.reporting.page.section_html import PageSection
from benchmark.reporting.page.templates import environment, own_file
from benchmark.reporting.sections import PROBLEMS


def page_html(
    front: Markup, sections: Sequence[PageSection], runs: pd.DataFrame, details: pd.DataFrame
) -> str:
    """The page as text of one HTML file.

    Args:
        front: what stands above all sections, from `front_html.page_front`.
        sections: in order; the one of what is missing goes up to the front.
        runs: one row or more from `score_frames.run_frame`.
        details: from `details.details_frame`, of the same records.
    """
    library, library_style = _datatables()
    program = own_file("page.js")
    return (
        environment()
        .get_template("page.html")
        .render(
            title=f"{listed(runs['benchmark'])}, preset {listed(runs['preset'])}",
            front=front,
            problems=[section for section in sections if section.title == PROBLEMS],
            sections=[section for section in sections if section.title != PROBLEMS],
            run_index=run_index(runs, details),
            # Files of the code, not of a user: they are markup as they are.
            style=Markup("\n".join([library_style, own_file("page.css"), own_file("front.css")])),
            program=Markup(program),
            program_hash=_hash(program),
            library=library,
        )
        + "\n"
    )


def _hash(program: str) -> str:
    """What the page's own policy knows its program by, so that browsers run no other."""
    return base64.b64encode(hashlib.sha256(program.encode("utf-8")).digest()).decode("ascii")


@cache
def _datatables() -> tuple[str, str]:
    """DataTables as itables ships it for use without a network: base64 of a module, and style.

    Its files are read without importing itables, of which nothing else is needed.
    """
    bundle = Path(str(distribution("itables").locate_file("itables/html/dt_bundle.js")))
    style = bundle.with_suffix(".css").read_text(encoding="utf-8")
    return base64.b64encode(bundle.read_bytes()).decode("ascii"), style
