"""Numbers and lists as they read in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def listed(values: Iterable[Any]) -> str:
    """Distinct values in the order they come, with commas between."""
    return ", ".join(str(value) for value in dict.fromkeys(values))


def counted(number: int, what: str) -> str:
    """A number of things: `1 run`, `2 runs`, `10,000 runs`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
