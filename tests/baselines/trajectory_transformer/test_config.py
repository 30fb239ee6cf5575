from __future__ import annotations

from dataclasses import asdict

import pytest

from baselines.trajectory_transformer.config import TrajectoryTransformerConfig


def test_defaults_are_those_of_trajectory_transformer():
    # config/offline.py of jannerm/trajectory-transformer: N 100, n_layer 4, n_head 4, n_embd 32 for
    # each head, dropout 0.1, action_weight 5, batches of 256, rate 6e-4; planned with horizon 15,
    # beam_width 128, n_expand 2, max_context_transitions 5, cdf_act 0.6. Decay 0.1 and clipping at
    # 1 are those of its Trainer.
    assert asdict(TrajectoryTransformerConfig()) == {
        "n_bins": 100,
        "context": 5,
        "horizon": 15,
        "beam_width": 128,
        "expansions": 2,
        "top_p": 0.4,
        "replan_every": 1,
        "width": 128,
        "n_layers": 4,
        "n_heads": 4,
        "dropout": 0.1,
        "action_weight": 5.0,
        "batch_size": 256,
        "learning_rate": 6e-4,
        "weight_decay": 0.1,
        "clip_norm": 1.0,
    }
    assert TrajectoryTransformerConfig(context=3, horizon=4).length == 7


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"top_p": 0.0}, r"top_p=0.0 .* valid: 1e-06 to 1"),
        ({"top_p": 1.1}, r"top_p=1.1 .* valid: 1e-06 to 1"),
        ({"replan_every": 16}, r"replan_every=16 .* valid: 1 to 15"),
        ({"replan_every": 0}, r"replan_every=0 .* valid: 1 to 15"),
        ({"n_bins": 1}, r"n_bins=1 .* valid: 2 to inf"),
        ({"width": 30}, r"width=30 .* no multiple of n_heads=4; choose one that is"),
        ({"context": -1}, r"context=-1 .* valid: 0 to inf"),
        ({"horizon": 0}, r"horizon=0 .* valid: 1 to inf"),
        ({"beam_width": 0}, r"beam_width=0 .* valid: 1 to inf"),
        ({"expansions": 0}, r"expansions=0 .* valid: 1 to inf"),
        ({"dropout": 1.1}, r"dropout=1.1 .* valid: 0 to 1"),
        ({"dropout": -0.1}, r"dropout=-0.1 .* valid: 0 to 1"),
        ({"n_layers": 0}, r"n_layers=0 .* valid: 1 to inf"),
        ({"batch_size": 0}, r"batch_size=0 .* valid: 1 to inf"),
        ({"action_weight": -1}, r"action_weight=-1 .* valid: 0 to inf"),
        ({"learning_rate": 1.1}, r"learning_rate=1.1 .* valid: 0 to 1"),
        ({"learning_rate": -0.1}, r"learning_rate=-0.1 .* valid: 0 to 1"),
        ({"weight_decay": 1.1}, r"weight_decay=1.1 .* valid: 0 to 1"),
        ({"weight_decay": -0.1}, r"weight_decay=-0.1 .* valid: 0 to 1"),
        ({"clip_norm": -1}, r"clip_norm=-1 .* valid: 0 to inf"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        TrajectoryTransformerConfig(**settings)


def test_settings_at_the_edge_are_taken():
    low = {"context": 0, "horizon": 1, "beam_width": 1, "expansions": 1, "n_layers": 1, "n_bins": 2}
    zero = {"dropout": 0, "action_weight": 0, "learning_rate": 0, "weight_decay": 0, "clip_norm": 0}
    TrajectoryTransformerConfig(**low, **zero, batch_size=1, top_p=1e-6)
    TrajectoryTransformerConfig(top_p=1, dropout=1, learning_rate=1, weight_decay=1)
    TrajectoryTransformerConfig(replan_every=15)
