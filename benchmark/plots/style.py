"""What all pictures have in common: colours, fonts, panels and files."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from benchmark.agents.builtin import ROW_ORDER, display_name
from benchmark.statistics.reference_scales import RETURN, SUCCESS
from benchmark.statistics.score_frames import in_order

# Seaborn's palette for colour-blind readers, with a dark red in place of its yellow, which is hard
# to see on white. The first six belong to the first agents of ROW_ORDER, in that order.
_COLORBLIND = [to_hex(color) for color in sns.color_palette("colorblind")]
_COLORS = (
    *(_COLORBLIND[n] for n in (0, 1, 2, 3, 4, 7, 9, 5)),
    *("#000000", "#882255"),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "h", "p")
# When all colours are taken, all but the first come again, with markers of quite another shape.
_AGAIN = [(_COLORS[1 + n % 9], MARKERS[(n + 9) % 11]) for n in range(99)]
_PAIRS = list(dict.fromkeys([*zip(_COLORS, MARKERS, strict=False), *_AGAIN]))

MOST_TOGETHER = 8
"""Agents whose lines can be told apart in one panel."""
NORMALISED_SCORE = "normalised score"
"""What an axis is called whose scores are, whatever by."""
LINE_HEIGHT = 0.145
"""Inches that a line of text takes."""
_LETTER = 0.066  # Inches that a letter takes, on average.
_AXIS = 0.3  # Inches of a panel that its axis takes.
_NAME_LENGTH = 16  # Letters in a line of an agent's name.

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.parse_math": False,  # a dollar sign in an agent's name is a dollar sign
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
}
LINE: dict[str, Any] = {"linewidth": 1.2, "markersize": 4.5, "markeredgewidth": 0.3}
LINE |= {"markeredgecolor": "white"}
GRID: dict[str, Any] = {"color": "0.9", "linewidth": 0.6}
WIDTHS = (3.3, 4.4)
"""Inches of figures with one panel, and with two side by side: no wider, so that their text is
still legible when they are shrunk to a column of a paper or to a telephone."""

Draw = Callable[[str, Axes], object]
Styles = Mapping[str, tuple[str, str]]
"""Colour and marker of each agent."""


def agent_styles(agents: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and marker of every agent; those in `ROW_ORDER` always have the same ones.

    Others take what is left in the order of their names. MAGE has a colour of its own; from the
    eleventh agent on the other colours come again, with other markers. There are 100 pairs.
    """
    others = [name for name in in_order(agents, ROW_ORDER) if name not in ROW_ORDER]
    every = [*ROW_ORDER, *others]
    return {name: _PAIRS[index % len(_PAIRS)] for index, name in enumerate(every)}


def picture_name(agent: str) -> str:
    """How pictures call an agent; a long name, as one's own may be, takes several lines."""
    return "\n".join(textwrap.wrap(display_name(agent), _NAME_LENGTH))


def height_of_rows(agents: Iterable[str], row: float) -> float:
    """How high a row for each agent is: `row` inches, and more where a name has several lines."""
    lines = [picture_name(agent).count("\n") + 1 for agent in agents]
    return len(lines) * (row + LINE_HEIGHT * (max(lines) - 1)) if lines else 0.0


def legend_lines(agents: Iterable[str], styles: Styles) -> list[Line2D]:
    """One entry of a legend for every agent."""
    return [
        Line2D([], [], **LINE, color=color, marker=marker, label=picture_name(agent))
        for agent in in_order(agents, ROW_ORDER)
        for color, marker in [styles[agent]]
    ]


def plain_log_axis(ax: Axes) -> None:
    """Makes the horizontal axis logarithmic, its numbers written as they are."""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0,), numticks=6))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())


def columns_of(panels: int) -> int:
    """How many panels stand side by side."""
    return min(panels, len(WIDTHS))


def panels(
    names: Sequence[str], draw: Draw, height: float, legend: Sequence[Line2D] = ()
) -> Figure:
    """A grid with one panel per name, read row by row.

    Args:
        names: titles of the panels; one that is too wide takes a second line.
        draw: draws the panel of a name.
        height: of a row with a title of one line, in inches.
        legend: of all panels.
    """
    columns = columns_of(len(names))
    rows, width = math.ceil(len(names) / columns), WIDTHS[columns - 1]
    titles = [wrapped_title(name, width / columns - _AXIS) for name in names]
    height += LINE_HEIGHT * max((title.count("\n") for title in titles), default=0)
    names_lines = [str(line.get_label()).split("\n") for line in legend]
    longest = max((len(text) for texts in names_lines for text in texts), default=0)
    tallest = max(map(len, names_lines), default=1)
    entries = max(1, int(width / (0.48 + _LETTER * longest)))  # Side by side.
    lines, entry = math.ceil(len(legend) / entries), 0.18 + LINE_HEIGHT * (tallest - 1)
    with mpl.rc_context(STYLE):
        figure = Figure((width, 0.2 + height * rows + entry * lines), layout="constrained")
        for index, (name, title) in enumerate(zip(names, titles, strict=True)):
            ax = figure.add_subplot(rows, columns, index + 1)
            draw(name, ax)
            labels = ax.get_xlabel(), ax.get_ylabel()
            ax.set(title=title, xlabel="", ylabel="")
        figure.supxlabel(labels[0], size=STYLE["axes.labelsize"])
        figure.supylabel(labels[1], size=STYLE["axes.labelsize"])
        if legend:
            figure.legend(
                handles=legend,
                loc="outside upper center",
                ncols=math.ceil(len(legend) / lines),
                frameon=False,
            )
    return figure


def wrapped_title(name: str, width: float) -> str:
    """A task's title; what its data is has a line of its own where both are too wide (inches).

    A task that is too wide still goes on in another line after a hyphen.
    """
    letters = int(width / _LETTER)
    lines = []
    for line in name.split("\n"):
        task, bracket, rest = line.partition(" (")
        if len(line) <= letters or not bracket:
            lines.append(line)
            continue
        lines += [*textwrap.wrap(task, letters, break_long_words=False), f"({rest}"]
    return "\n".join(lines)


def figure_bytes(figure: Figure, extension: str) -> bytes:
    """The figure as the content of a `png` or `pdf` file."""
    # Dates and version numbers would make every rebuilt file differ from the last.
    dates = {
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        "png": {"Software": None},
    }
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format=extension, metadata=dates[extension])
    figure.set_layout_engine("none")  # Laid out once: that takes as long as drawing.
    return buffer.getvalue()


def score_label(scales: Iterable[str]) -> str:
    """What an axis of scores is called.

    Args:
        scales: of what is drawn, of `reference_scales.SCALES`.
    """
    drawn = set(scales)
    if drawn == {SUCCESS}:
        return "success (%)"
    are_returns = {scale == RETURN for scale in drawn}
    if are_returns == {True}:
        return "return"
    return "score" if True in are_returns else NORMALISED_SCORE
