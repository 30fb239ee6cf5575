"""Refuses settings that cannot work before any time is spent on them."""

from __future__ import annotations

from math import inf
from typing import Any

Range = tuple[float, float]


def check_ranges(config: Any, **ranges: Range) -> None:
    """Checks fields of a config, or each number of a field that holds several.

    Args:
        config: a dataclass instance.
        ranges: field name -> smallest and largest number allowed.

    Raises:
        ValueError: for a number that is out of range, or is none, and where several are expected
            and there is none.
    """
    for name, (low, high) in ranges.items():
        value = getattr(config, name)
        numbers = value if isinstance(value, (tuple, list)) else (value,)
        for number in numbers or (None,):
            if not isinstance(number, (int, float)) or not low <= number <= high:
                raise ValueError(
                    f"setting {name}={value!r} of {type(config).__name__} is out of range; "
                    f"valid: {low:g} to {high:g}"
                )


def check_multiple(config: Any, name: str, divisor: str) -> None:
    """Checks that one field of a config is a multiple of another, both in range.

    Raises:
        ValueError: if it is not.
    """
    value, part = getattr(config, name), getattr(config, divisor)
    if value % part > 0:
        raise ValueError(
            f"setting {name}={value} of {type(config).__name__} is no multiple of "
            f"{divisor}={part}; choose one that is"
        )


def check_heads(config: Any) -> None:
    """Checks that `width` can be shared out among `n_heads` attention heads.

    Raises:
        ValueError: if it cannot.
    """
    check_ranges(config, n_heads=(1, inf), width=(1, inf))
    check_multiple(config, "width", "n_heads")
