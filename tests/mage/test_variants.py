"""Each variant differs from MAGE in what its name says, and in nothing else."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from benchmark.interface import build_config
from mage.agent import MAGEAgent
from mage.config import MAGEConfig
from mage.variants import VARIANTS

# What the paper's table of ablations varies (arXiv 2602.23770), and below the project's own.
DIFFERENCES: dict[str, dict[str, object]] = {
    "k1": {"scales": (8,)},
    "k2": {"scales": (1, 8)},
    "k4": {"scales": (1, 2, 4, 8)},
    "k8": {"scales": (1, 2, 3, 4, 5, 6, 7, 8)},
    "states": {"sequence": ("observation",)},
    "returns-states-actions": {"sequence": ("return", "observation", "action")},
    "actions": {"sequence": ("action",)},
    "no-decoder-return": {"adapter": False},
    "no-finer-return": {"condition_finer_scales": False},
    "no-condition-loss": {"condition_weight": 0.0},
    "decoded-action": {"inverse_from": "decoded"},
    "no-gumbel": {"gumbel": False},
    "no-advantage": {"condition_on_advantage": False},
    "all-windows": {"best_of": 1},
    "absolute-windows": {"relative": False},
}


def test_these_are_all() -> None:
    assert list(VARIANTS) == list(DIFFERENCES)
    assert MAGEAgent.variants is VARIANTS


@pytest.mark.parametrize("name", DIFFERENCES)
@pytest.mark.parametrize("preset", ["smoke", "quick", "paper"])
def test_a_variant_changes_exactly_what_it_says(name: str, preset: str) -> None:
    settings = {**MAGEAgent.presets[preset]}
    settings.pop("steps", None)
    whole = asdict(build_config(MAGEConfig, settings))
    variant = asdict(build_config(MAGEConfig, {**settings, **VARIANTS[name]}))
    changed = {field: value for field, value in variant.items() if value != whole[field]}
    assert changed == DIFFERENCES[name]


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_k_scales_all_end_at_eight_positions(count: int) -> None:
    scales = VARIANTS[f"k{count}"]["scales"]
    assert isinstance(scales, tuple)
    assert (len(scales), scales[-1]) == (count, 8)
