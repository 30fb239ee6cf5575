"""Fills in what README.md and the pages quote: `python -m docs.generate`.

A part of a page between `<!-- generated: NAME -->` and `<!-- end -->` is made from the records in
`results/`, from tables of the code, or from measurements in `docs/measured/`. With `--check`
nothing is written, and the exit code is 1 if a page is not as it would be written.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from docs import parts_of_code, parts_of_measurements, parts_of_ogbench, parts_of_records

ROOT = Path(__file__).resolve().parent.parent
PARTS: dict[str, Callable[[], str]] = {
    **parts_of_code.PARTS,
    **parts_of_measurements.PARTS,
    **parts_of_ogbench.PARTS,
    **parts_of_records.PARTS,
}
_PART = re.compile(r"(<!-- generated: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """README.md and all pages of the site."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def filled(text: str) -> str:
    """A page with all of its generated parts made anew.

    Raises:
        KeyError: for a part that nothing makes.
    """
    return _PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]().strip()}\n{part[3]}", text)


def outdated() -> Iterator[tuple[Path, str]]:
    """Pages that quote something else than they should, and what they should be."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (new := filled(text)) != text:
            yield page, new


def main(arguments: list[str]) -> int:
    """Writes the pages, or only names those that differ."""
    code = 0
    for page, text in outdated():
        if "--check" in arguments:
            print(f"{page.relative_to(ROOT)} is outdated; run python -m docs.generate")
            code = 1
        else:
            page.write_text(text, encoding="utf-8")
            print(f"written: {page.relative_to(ROOT)}")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
