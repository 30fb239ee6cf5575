"""The mazes: where their walls are, and maps of them for gymnasium-robotics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

GridCell = tuple[int, int]
"""(row, column) of a map."""

ANT_CELL_SIZE = 4.0  # Side of a cell of the ant's mazes, in metres; of point mazes it is 1.

_WALLS = {
    "umaze": ("11111", "10001", "11101", "10001", "11111"),
    "medium": (
        "11111111",
        "10011001",
        "10010001",
        "11000111",
        "10010001",
        "10100101",
        "10001001",
        "11111111",
    ),
    "large": (
        "111111111111",
        "100001000001",
        "101101010101",
        "100000010001",
        "101111011101",
        "100101000001",
        "110101010111",
        "100100010001",
        "111111111111",
    ),
}


def maze_map(
    size: str, special: Mapping[GridCell, str] | None = None, free: str = "0"
) -> list[list[Any]]:
    """A map in gymnasium-robotics' form.

    Args:
        size: `umaze`, `medium` or `large`.
        special: marks for single cells: `r` start, `g` goal, `c` both.
        free: mark of all other free cells; `0` for none.

    Returns:
        Rows of 1 for a wall, 0 for free, or a mark.
    """
    cells: list[list[Any]] = [
        [1 if cell == "1" else (0 if free == "0" else free) for cell in row] for row in _WALLS[size]
    ]
    for (row, column), mark in (special or {}).items():
        cells[row][column] = mark
    return cells


def cell_centre(cells: Sequence[Sequence[Any]], cell: GridCell) -> tuple[float, float]:
    """The x and y of the centre of a cell, where its side is 1 and the map is around (0, 0)."""
    row, column = cell
    return column + 0.5 - len(cells[0]) / 2, len(cells) / 2 - row - 0.5
