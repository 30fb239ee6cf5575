"""A table as plain text -> Markdown, LaTeX (booktabs) and CSV."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd
from tabulate import tabulate

# What a line of a page of one column holds in LaTeX's small sizes, in characters.
_LINE, _GAP = 92, 2  # The gap is what the space between two columns takes.
_LONG_TEXT = 30  # What is a sentence and not a number or a name.
_LEAST = 14  # No column is broken into lines shorter than this.
_WIDEST = 110  # What is wider than the line is made smaller, what is wider than this is cut up.


@dataclass(frozen=True)
class Bar:
    """An estimate and its interval on a scale from 0 to 1 that all bars of a table share.

    Attributes:
        low, high: ends of the interval; NaN where there is none.
        value: the estimate, where the bar ends, which begins at `zero`.
    """

    low: float
    value: float
    high: float
    zero: float = 0.0


@dataclass(frozen=True)
class Table:
    """A table as plain text, before any markup; the renderers escape all of it.

    Attributes:
        name: file name and LaTeX label.
        caption: what the numbers are.
        shared: what the caption leaves to the report, which says it once for many tables; a table
            in a file of its own says it too.
        header: (columns,) titles.
        rows: each (columns,) texts.
        bold: (row, column) of the cells to stand out.
        underlined: (row, column) of those nearly as good.
        text_columns: how many columns at the left hold words; the others are set flush right.
        average: whether the last row is an average of the others.
        long: whether it may need more than one page.
        runs: (row, column) -> `<task>/<agent>` of the runs that a cell was made from.
        compact: whether it is to be seen at one glance, as a picture is: on a page with all of
            its rows, and its caption below.
        bars: (row, column) -> what a page draws beside the text.
        shades: (row, column) -> how dark a page makes the cell: from 0 to 1, and from 0 to -1 in
            another colour.
        dash: why a cell says `-` where a number should stand; its caption says so if one does.
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
    shared: str = ""
    compact: bool = False
    bars: Mapping[tuple[int, int], Bar] = field(default_factory=dict)
    shades: Mapping[tuple[int, int], float] = field(default_factory=dict)
    dash: str = ""

    @property
    def own_caption(self) -> str:
        """The caption without what is shared, but with what a dash means if there is one."""
        has_dash = self.dash and any("-" in row for row in self.rows)
        return f"{self.caption} A dash: {self.dash}." if has_dash else self.caption

    @property
    def whole_caption(self) -> str:
        """The caption of a table that stands alone."""
        return f"{self.own_caption} {self.shared}".rstrip()


def to_csv(frame: pd.DataFrame) -> str:
    """A tidy frame as CSV: one value per column, numbers in full, empty where there is none."""
    return str(frame.to_csv(index=False, lineterminator="\n"))


def to_markdown(table: Table, *, alone: bool = True) -> str:
    """The table as GitHub Markdown, its caption above it.

    Args:
        table: of any kind.
        alone: whether nothing around it says what it shares with other tables.
    """
    return _piped(table, alone, escape_markdown, "<ins>{}</ins>")


def to_terminal(table: Table, *, alone: bool = True) -> str:
    """The same for a terminal, where tags and escaped signs are hard to read."""
    return _piped(table, alone, str, "_{}_")


def _piped(table: Table, alone: bool, escape: Callable[[str], str], underline: str) -> str:
    header, rows = _marked_up(table, escape, "**{}**", underline)
    alignment = [
        "left" if column < table.text_columns else "right" for column in range(len(header))
    ]
    body = tabulate(rows, header, tablefmt="pipe", colalign=alignment, disable_numparse=True)
    caption = table.whole_caption if alone else table.own_caption
    return f"{escape(caption)}\n\n{body}\n"


def to_latex(table: Table) -> str:
    """The table as LaTeX for a page of one column; a comment at its head names the packages.

    It fits the line: long texts are set in several lines, a table of more agents or tasks than
    that is set in pieces below one another, and what is still too wide is made smaller.
    """
    _, rows = _marked_up(table, escape_latex, r"\textbf{{{}}}", r"\underline{{{}}}")
    header = [
        _stacked(title, width, "l" if column < table.text_columns else "r")
        for column, (title, width) in enumerate(zip(table.header, _widths(table), strict=True))
    ]
    caption = rf"\caption{{{escape_latex(table.whole_caption)}}}\label{{tab:{_label(table.name)}}}"
    lines = [_line(cells) for cells in rows]
    if table.long:
        shown = _long_frame(_columns(table), _line(header), lines, caption)
    else:
        parts = []
        for columns in _pieces(table):
            lines = [_line([cells[column] for column in columns]) for cells in rows]
            if table.average:
                lines.insert(len(lines) - 1, r"\midrule")
            head = _line([header[column] for column in columns])
            chosen = "".join(_columns(table)[column] for column in columns)
            parts.append(_tabular(chosen, head, lines))
        shown = _float_frame(parts, caption)
    return "\n".join(shown) + "\n"


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"


def _columns(table: Table) -> list[str]:
    """LaTeX's kind of each column: words at the left, numbers at the right, long texts broken."""
    widths = _widths(table)
    broken = _broken(table, widths)
    rest = _LINE - sum(widths) - _GAP * len(widths) + sum(widths[column] for column in broken)
    room = max(rest, _LEAST * len(broken)) / _LINE
    kinds = []
    for column, width in enumerate(widths):
        words = column < table.text_columns or width > _LONG_TEXT
        kind = "l" if words else "r"
        if column in broken:
            share = room * width / sum(widths[other] for other in broken)
            flush = r"\raggedright" if words else r"\raggedleft"
            kind = rf">{{{flush}\arraybackslash}}p{{{share:.2f}\linewidth}}"
        kinds.append(kind)
    return kinds


def _broken(table: Table, widths: list[int]) -> list[int]:
    """The columns whose texts stand in several lines: the widest, as many as must be."""
    broken: list[int] = []
    total = sum(widths) + _GAP * len(widths)
    for column in sorted(range(len(widths)), key=lambda index: -widths[index]):
        if total <= _LINE or widths[column] <= (_LEAST if table.long else _LONG_TEXT):
            break
        broken.append(column)
        total += _LEAST - widths[column]
    return broken


def _widths(table: Table) -> list[int]:
    """Characters of each column, whose title may stand in several lines."""
    titles = [max(map(len, title.split()), default=0) for title in table.header]
    return [
        max(title, *(len(row[column]) for row in table.rows), 0)
        for column, title in enumerate(titles)
    ]


def _stacked(title: str, width: int, side: str) -> str:
    """A column's title as LaTeX, in as many lines as keep it within a width."""
    lines = textwrap.wrap(title, max(width, 1), break_long_words=False, break_on_hyphens=False)
    broken = r"\\".join(map(escape_latex, lines))
    return rf"\shortstack[{side}]{{{broken}}}" if len(lines) > 1 else broken


def _pieces(table: Table) -> list[list[int]]:
    """The columns that stand side by side; the first comes again in every piece."""
    widths = [min(width, _LONG_TEXT) + _GAP for width in _widths(table)]
    if table.text_columns > 1 or sum(widths) <= _WIDEST:
        return [list(range(len(widths)))]
    pieces, used = [[0]], widths[0]
    for column in range(1, len(widths)):
        if used + widths[column] > _WIDEST and len(pieces[-1]) > 1:
            pieces.append([0])
            used = widths[0]
        pieces[-1].append(column)
        used += widths[column]
    return pieces


def _tabular(columns: str, header: str, lines: list[str]) -> list[str]:
    """One piece of a table, made smaller if it is wider than the line."""
    return [
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        rf"\begin{{tabular}}{{{columns}}}",
        *(r"\toprule", header, r"\midrule", *lines, r"\bottomrule"),
        r"\end{tabular}}",
    ]


def _long_frame(columns: list[str], header: str, lines: list[str], caption: str) -> list[str]:
    """A table that may break over pages, its header on each of them."""
    return [
        "% Needs the packages array, booktabs and longtable.",
        r"\begingroup\scriptsize\setlength{\tabcolsep}{2pt}\setlength{\LTcapwidth}{\linewidth}",
        rf"\begin{{longtable}}{{{''.join(columns)}}}",
        caption + r" \\",
        *(r"\toprule", header, r"\midrule", r"\endfirsthead"),
        *(r"\toprule", header, r"\midrule", r"\endhead"),
        *(r"\bottomrule", r"\endfoot"),
        *lines,
        r"\end{longtable}",
        r"\endgroup",
    ]


def _float_frame(parts: list[list[str]], caption: str) -> list[str]:
    """A table on one page, of one or several pieces."""
    body = [line for part in parts for line in [r"\par\medskip", *part]][1:]
    return [
        "% Needs the packages array, booktabs and graphicx.",
        r"\begin{table}[tp]",
        r"\centering\footnotesize\setlength{\tabcolsep}{4pt}\setlength{\belowcaptionskip}{4pt}",
        caption,
        *body,
        r"\end{table}",
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
    "/": r"/\allowbreak{}",  # Paths and ids of datasets are long.
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
