"""MAGE with one thing changed: the ablations of the paper, and a few more.

The rows on the number of scales all end at a latent of eight positions, so that nothing but the
number of scales differs between them.
"""

from __future__ import annotations

VARIANTS: dict[str, dict[str, object]] = {
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
