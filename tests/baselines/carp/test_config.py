from __future__ import annotations

from dataclasses import asdict

import pytest

from baselines.carp.config import CARPConfig


def test_defaults_are_those_of_carp_for_a_single_task_and_states():
    # singletask/utils/arg_util.py of ZhefeiGong/carp: pn 1_2_3_4, act_horizon 16, vocab_size 512,
    # vocab_ch 8, vblr 3e-4, tdepth 8, tembed 64, tblr 1e-4, twd 0.05, tclip 2; and train_ar.sh: bs
    # 256. Also vqbeta 0.25 and vqresi 0.5, which the losses and contributions above show.
    assert asdict(CARPConfig()) == {
        "scales": (1, 2, 3, 4),
        "replan_every": 8,
        "n_codes": 512,
        "code_size": 8,
        "channels": 8,
        "tokeniser_share": 0.1,
        "tokeniser_rate": 3e-4,
        "width": 64,
        "n_layers": 8,
        "n_heads": 8,
        "batch_size": 256,
        "learning_rate": 1e-4,
        "weight_decay": 0.05,
        "clip_norm": 2.0,
    }
    assert CARPConfig().horizon == 16 and CARPConfig(scales=(1, 3), replan_every=12).horizon == 12


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scales": (1, 2, 2)}, r"scales=\(1, 2, 2\) must ascend, such as \(1, 2, 4\)"),
        ({"scales": (3, 1)}, r"scales=\(3, 1\) must ascend"),
        ({"scales": ()}, r"setting scales=\(\) of CARPConfig is out of range"),
        ({"scales": (0, 1)}, r"scales=\(0, 1\) .* valid: 1 to inf"),
        ({"replan_every": 17}, r"replan_every=17 .* valid: 1 to 16"),
        ({"replan_every": 0}, r"replan_every=0 .* valid: 1 to 16"),
        ({"n_codes": 1}, r"n_codes=1 .* valid: 2 to inf"),
        ({"code_size": 0}, r"code_size=0 .* valid: 1 to inf"),
        ({"channels": 0}, r"channels=0 .* valid: 1 to inf"),
        ({"tokeniser_share": 1.5}, r"tokeniser_share=1.5 .* valid: 0 to 1"),
        ({"tokeniser_share": -0.5}, r"tokeniser_share=-0.5 .* valid: 0 to 1"),
        ({"tokeniser_rate": 1.5}, r"tokeniser_rate=1.5 .* valid: 0 to 1"),
        ({"tokeniser_rate": -1}, r"tokeniser_rate=-1 .* valid: 0 to 1"),
        ({"learning_rate": 1.5}, r"learning_rate=1.5 .* valid: 0 to 1"),
        ({"learning_rate": -1}, r"learning_rate=-1 .* valid: 0 to 1"),
        ({"weight_decay": 1.5}, r"weight_decay=1.5 .* valid: 0 to 1"),
        ({"weight_decay": -1}, r"weight_decay=-1 .* valid: 0 to 1"),
        ({"n_layers": 0}, r"n_layers=0 .* valid: 1 to inf"),
        ({"batch_size": 0}, r"batch_size=0 .* valid: 1 to inf"),
        ({"clip_norm": -1}, r"clip_norm=-1 .* valid: 0 to inf"),
        ({"n_heads": 5}, r"width=64 .* no multiple of n_heads=5; choose one that is"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        CARPConfig(**settings)


def test_settings_at_the_edge_are_taken():
    one = dict.fromkeys(("replan_every", "code_size", "channels", "n_layers", "batch_size"), 1)
    rates = ("tokeniser_share", "tokeniser_rate", "learning_rate", "weight_decay")
    CARPConfig(**one, **dict.fromkeys(rates, 0), scales=(1,), n_codes=2, clip_norm=0)
    CARPConfig(**dict.fromkeys(rates, 1), replan_every=16)
