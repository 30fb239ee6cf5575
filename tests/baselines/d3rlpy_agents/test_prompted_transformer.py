"""An action is read off its state, from what came before."""

from __future__ import annotations

import pytest
import torch

from baselines.d3rlpy_agents.autotuned_config import AutotunedConfig
from baselines.d3rlpy_agents.prompted_transformer import PromptedTransformer

CONFIG = AutotunedConfig(context_size=3, width=8, n_layers=2, n_heads=2)


@pytest.fixture
def network() -> PromptedTransformer:
    torch.manual_seed(0)
    return PromptedTransformer(CONFIG, 2, 1, max_steps=9).eval()


def inputs() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {
        "prompt_BL": torch.randn(1, 3),
        "state_BLS": torch.randn(1, 3, 2),
        "action_BLA": torch.randn(1, 3, 1),
        "time_BL": torch.tensor([[4, 5, 6]]),
    }


@pytest.mark.parametrize(
    ("name", "step", "changed"),
    [
        ("prompt_BL", 1, [False, True, True]),
        ("state_BLS", 1, [False, True, True]),
        ("action_BLA", 1, [False, False, True]),
        ("time_BL", 1, [False, True, True]),
        ("action_BLA", 2, [False, False, False]),
    ],
)
def test_what_an_action_depends_on(
    network: PromptedTransformer, name: str, step: int, changed: list[bool]
) -> None:
    before = network(**inputs())
    other = inputs()
    other[name][:, step] += 2
    after = network(**other)
    assert (before != after)[0, :, 0].tolist() == changed
    assert before.abs().max() < 1


def test_padding_is_not_looked_at(network: PromptedTransformer) -> None:
    padded = inputs()
    padded["time_BL"] = torch.tensor([[0, 1, 2]])
    before = network(**padded)[:, 1:]
    for name in ("prompt_BL", "state_BLS", "action_BLA"):
        padded[name][:, 0] += 5
    torch.testing.assert_close(network(**padded)[:, 1:], before)
