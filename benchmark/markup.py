"""A table as plain text -> Markdown, LaTeX (booktabs) and CSV."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd
from tabulate import tabulate

_WIDE = 8  # Columns that fit on a page.


@dataclass(frozen=True)
class Table:
    """A table as plain text, before any markup; the renderers escape all of it.

    Attributes:
        name: file name and LaTeX label.
        caption: what the numbers are and what they were made from.
        header: (columns,) titles.
        rows: each (columns,) texts.
        bold: (row, column) of the cells to stand out.
        underlined: (row, column) of those nearly as good.
        text_columns: how many columns at the left hold words; the others are set flush right.
        average: whether the last row is an average of the others.
        long: whether it may need more than one page.
        runs: (row, column) -> `<task>/<agent>` of the runs that a cell was made from.
    """

    name: str
    caption: str
    header: list[str]
    rows: list[list[str]]
    bold: frozenset[tuple[int, int]] = frozenset()
    underlined: frozenset[tuple[int, int]] = frozenset()
    text_columns: int = 1
    average: bool = False
    long: bool = False
    runs: Mapping[tuple[int, int], str] = field(default_factory=dict)


def to_csv(frame: pd.DataFrame) -> str:
    """A tidy frame as CSV: one value per column, numbers in full, empty where there is none."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def to_markdown(table: Table, underline: str = "<ins>{}</ins>") -> str:
    """The table as GitHub Markdown, its caption above it.

    Args:
        table: of any kind.
        underline: how underlined text is written; tags are hard to read on a terminal.
    """
    header, rows = _marked_up(table, escape_markdown, "**{}**", underline)
    alignment = [
        "left" if column < table.text_columns else "right" for column in range(len(header))
    ]
    body = tabulate(rows, header, tablefmt="pipe", colalign=alignment, disable_numparse=True)
    return f"{escape_markdown(table.caption)}\n\n{body}\n"


def to_latex(table: Table) -> str:
    """The table as LaTeX; a comment at its head says which packages it needs."""
    header, rows = _marked_up(table, escape_latex, r"\textbf{{{}}}", r"\underline{{{}}}")
    lines = [" & ".join(cells) + r" \\" for cells in rows]
    if table.average:
        lines.insert(len(lines) - 1, r"\midrule")
    body = [r"\toprule", " & ".join(header) + r" \\", r"\midrule", *lines, r"\bottomrule"]
    columns = "l" * table.text_columns + "r" * (len(header) - table.text_columns)
    caption = rf"\caption{{{escape_latex(table.caption)}}}\label{{tab:{_label(table.name)}}}"
    frame = _long_frame if table.long else _float_frame
    return "\n".join(frame(body, columns, caption)) + "\n"


def _long_frame(body: list[str], columns: str, caption: str) -> list[str]:
    """Around a table that may break over pages."""
    return [
        "% Needs the packages booktabs and longtable.",
        r"\begingroup\scriptsize",
        rf"\begin{{longtable}}{{{columns}}}",
        caption + r" \\",
        *body,
        r"\end{longtable}",
        r"\endgroup",
    ]


def _float_frame(body: list[str], columns: str, caption: str) -> list[str]:
    """Around a table on one page; one of many columns is made as wide as the text."""
    wide = len(columns) > _WIDE
    return [
        f"% Needs the package{'s booktabs and graphicx' if wide else ' booktabs'}.",
        rf"\begin{{table{'*' * wide}}}[t]",
        r"\centering\footnotesize",
        caption,
        *[r"\resizebox{\textwidth}{!}{%"] * wide,
        rf"\begin{{tabular}}{{{columns}}}",
        *body,
        r"\end{tabular}" + "}" * wide,
        rf"\end{{table{'*' * wide}}}",
    ]


def _label(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", name)


def _marked_up(
    table: Table, escape: Callable[[str], str], bold: str, underline: str
) -> tuple[list[str], list[list[str]]]:
    marks = {**dict.fromkeys(table.underlined, underline), **dict.fromkeys(table.bold, bold)}
    rows = [
        [marks.get((row, column), "{}").format(escape(text)) for column, text in enumerate(texts)]
        for row, texts in enumerate(table.rows)
    ]
    return [escape(text) for text in table.header], rows


def escape_markdown(text: str) -> str:
    """Text that GitHub shows as it is, on one line."""
    text = " ".join(str(text).split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_|\[\]~$#])", r"\\\1", text)


_LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\`{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "±": r"$\pm$",
    # At the start of a row these would be arguments of the line break before it.
    **{character: f"{{{character}}}" for character in "[]*"},
}


def escape_latex(text: str) -> str:
    """Text that LaTeX sets as it is, on one line; characters pdfLaTeX lacks become `?`."""
    return "".join(map(_latex_character, " ".join(str(text).split())))


def _latex_character(character: str) -> str:
    if character in _LATEX:
        return _LATEX[character]
    # Latin letters with an accent are safe in pdfLaTeX's default encoding, hardly any other is.
    plain = unicodedata.normalize("NFD", character)[0].isascii() and ord(character) < 256
    return character if plain and character.isprintable() else "?"
