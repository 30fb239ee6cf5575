"""The settings that an agent takes."""

from __future__ import annotations

from dataclasses import dataclass

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
