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


def check_heads(config: Any) -> None:
    """Checks that `width` can be shared out among `n_heads` attention heads.

    Raises:
        ValueError: if it cannot.
    """
    check_ranges(config, n_heads=(1, inf), width=(1, inf))
    if config.width % config.n_heads > 0:
        raise ValueError(
            f"setting width={config.width} of {type(config).__name__} is no multiple of "
            f"n_heads={config.n_heads}; choose one that is"
        )
