"""The settings that an agent takes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from benchmark.agent_settings import build_config


def test_unknown_settings_are_refused() -> None:
    @dataclass(frozen=True)
    class Config:
        rate: float = 1.0

    assert build_config(Config, {"rate": 2.0}) == Config(2.0)
    assert build_config(Config, {}) == Config(1.0)
    with pytest.raises(ValueError, match="unknown setting 'rat' for Config; known: rate"):
        build_config(Config, {"rat": 2.0})
    with pytest.raises(ValueError, match="unknown setting 'wide' for Config; known: rate"):
        build_config(Config, {"rate": 2.0, "wide": 1})


@dataclass(frozen=True)
class Typed:
    """A field of each kind."""

    count: int = 1
    rate: float = 0.5
    on: bool = False
    text: str = "a"
    sizes: tuple[int, ...] = (1, 2)
    shares: tuple[float, ...] = (0.5,)
    limit: float | None = None
    bounds: tuple[int, ...] | None = None
    anything: Any = None
    table: dict[str, int] = field(default_factory=dict)


@pytest.mark.parametrize(
    ("settings", "field_value"),
    [
        ({"count": -3}, -3),
        ({"rate": 2}, 2),
        ({"rate": -1e300}, -1e300),
        ({"on": True}, True),
        ({"text": ""}, ""),
        ({"sizes": [3, 4]}, (3, 4)),
        ({"sizes": ()}, ()),
        ({"shares": [1, 0.5]}, (1, 0.5)),
        ({"limit": 1.5}, 1.5),
        ({"limit": None}, None),
        ({"bounds": [1]}, (1,)),
        ({"anything": object}, object),
        ({"table": [1]}, [1]),
    ],
)
def test_values_of_their_type_are_taken(settings: dict[str, Any], field_value: object) -> None:
    (name,) = settings
    assert getattr(build_config(Typed, settings), name) == field_value


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("count", [True, 1.0, "1", None, [1], math.nan, 2**63, -(10**30)], "a whole number"),
        ("rate", [True, "0.5", None, math.nan, math.inf, -math.inf, 10**400], "a finite number"),
        ("on", [1, 0, "true", None], "True or False"),
        ("text", [1, None, ["a"]], "a text"),
        (
            "sizes",
            [1, "12", [1.0], [True], [[1]], None, {1: 2}],
            "a list, each part a whole number",
        ),
        ("shares", [0.5, [math.nan], ["0.5"]], "a list, each part a finite number"),
        ("limit", [True, "1", math.inf], "a finite number or None"),
        ("bounds", [1, [1.5]], "a list, each part a whole number or None"),
    ],
)
def test_values_of_another_type_are_refused(name: str, values: list[Any], words: str) -> None:
    for value in values:
        text = f"setting {name}={value!r} of Typed is of the wrong type; valid: {words}"
        with pytest.raises(ValueError, match=re.escape(text) + "$"):
            build_config(Typed, {name: value})


def test_annotations_that_cannot_be_read_check_nothing() -> None:
    @dataclass
    class Odd:
        rate: Nowhere = 1  # type: ignore[name-defined]  # noqa: F821

    assert build_config(Odd, {"rate": "any"}).rate == "any"
