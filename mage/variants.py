"""MAGE with one thing changed: the ablations of the paper, a few more, and two yardsticks.

A variant has the last word on a setting, after those of its task, so each names all that it takes
back. Shares of the training are written out in full, since a variant that leaves out a stage has
to say what the others get.

The rows on the number of scales all end at a latent of sixteen positions, so that nothing but the
number of scales differs between them; `quick` itself has eight positions, in patches of two steps,
or four in point mazes.
"""

from __future__ import annotations

_Settings = dict[str, object]

# The paper's method, and of ours only what is no setting (`mage.agent`): a fixed return asked,
# counted down by the rewards; the transformer sees s_0 and R_0 alone; the inverse dynamics reads
# the latent alone, learns from sampled plans alone, and only in stage 2, by all three losses; each
# step has a plan of its own. How long plans are stays as it is: it is not known.
_PAPER: _Settings = {
    "return_asked": "target",
    "discount": 1.0,
    "persistence": 0.0,
    "log_returns": False,
    "bootstrap_steps": 0,
    "best_of": 1,
    "condition_on_advantage": False,
    "condition_dropout": 0.0,
    "guidance": 1.0,
    "temperature": 1.0,
    "candidates": 1,
    "replan_every": 1,
    "relative": False,
    "start_noise": 0.0,
    "place_features": 0,
    "condition_width": 0,
    "condition_layers": 1,
    "inverse_weight": 1.0,
    "condition_weight": 1.0,
    "gumbel": True,
    "inverse_observation": False,
    "inverse_on_recorded": False,
    "inverse_dropout": 0.0,
    "inverse_noise": 0.0,
    "shares": (0.0, 0.2, 0.0),
}

VARIANTS: dict[str, _Settings] = {
    # Yardsticks: what MAGE's own return machinery is worth without a plan, and the paper's method.
    "mlp": {
        **{"inverse_from": "condition", "replan_every": 1, "candidates": 1},
        "shares": (0.15, 0.0, 0.85),
    },
    "paper": _PAPER,
    # Ablations.
    "k1": {"scales": (16,)},
    "k2": {"scales": (1, 16)},
    "k3": {"scales": (1, 4, 16)},
    "k6": {"scales": (1, 2, 4, 6, 10, 16)},
    "k8": {"scales": (1, 2, 3, 4, 6, 8, 12, 16)},
    "k12": {"scales": (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16)},
    "states": {"sequence": ("observation",)},
    "returns-states-actions": {"sequence": ("return", "observation", "action")},
    "actions": {"sequence": ("action",), "start_noise": 0.0},
    "no-decoder-return": {"adapter_return": False},
    "no-finer-return": {"return_at_finer_scales": False},
    "no-condition-loss": {"condition_weight": 0.0},
    # L_cond then holds the plan itself to what is asked for.
    "no-adapter-condition-loss": {"adapter": False},
    "decoded-actions": {
        "sequence": ("return", "observation", "action"),
        "inverse_from": "action",
        "replan_every": 1,
        "shares": (0.15, 0.2, 0.0),
    },
    # As in the paper.
    "latent-alone": {"inverse_observation": False, "replan_every": 1},
    "no-gumbel": {"gumbel": False},
    "no-advantage": {"condition_on_advantage": False},
    "guided": {"guidance": 1.5},
    "chosen": {"candidates": 16, "temperature": 1.0},
    "short-plans": {"pairs": 16, "stride": 4},
    "all-windows": {"best_of": 1},
    "absolute-windows": {"relative": False, "start_noise": 0.0},
}
