"""The whole page: first screen, sections, records, and the programs that make tables sortable."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from markupsafe import Markup

from benchmark.records.text import listed
from benchmark.reporting.page.run_index import run_index
from benchmark.reporting.page.section_html import PageSection
from benchmark.reporting.page.templates import environment, own_file
from benchmark.reporting.sections import PROBLEMS
from benchmark.statistics.frames import Frames

# Parts of the page's program, in the order in which they run.
_PROGRAMS = ("elements", "charts", "records", "files", "tables", "contents", "start")


def page_html(front: PageSection, sections: Sequence[PageSection], frames: Frames) -> str:
    """The page as text of one HTML file.

    Args:
        front: what stands above all sections, from `front_html.page_front`.
        sections: in order; the one of what is missing goes up to the front.
        frames: of one record or more.
    """
    library, library_style = _datatables()
    program = "\n".join(own_file(f"{name}.js") for name in _PROGRAMS)
    runs = frames.runs
    return (
        environment()
        .get_template("page.html")
        .render(
            title=f"{listed(runs['benchmark'])}, preset {listed(runs['preset'])}",
            front=front.html,
            problems=[section for section in sections if section.title == PROBLEMS],
            sections=[section for section in sections if section.title != PROBLEMS],
            data=_packed({"runs": run_index(frames), **_data([front, *sections])}),
            # Files of the code, not of a user: they are markup as they are.
            style=Markup("\n".join([library_style, own_file("page.css"), own_file("front.css")])),
            program=Markup(program),
            program_hash=_hash(program),
            library=library,
        )
        + "\n"
    )


def _data(sections: Sequence[PageSection]) -> dict[str, dict[str, Any]]:
    """What the sections leave to the page's program, kind by kind."""
    return {
        kind: {
            name: value
            for section in sections
            for name, value in section.data.get(kind, {}).items()
        }
        for kind in ("latex", "pdf", "charts")
    }


def _packed(data: Mapping[str, Any]) -> str:
    """Base64 of compressed JSON: of ten thousand runs a small part of what it is else.

    Browsers read no NaN, and so none is written.
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    # Without the date, the same records give the same page.
    return base64.b64encode(gzip.compress(text.encode("ascii"), mtime=0)).decode("ascii")


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
