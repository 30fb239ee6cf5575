"""The transformer: who sees what."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mage.config import MAGEConfig
from mage.frozen import FrozenQuantizer
from mage.planner import Planner
from mage.transformer import NextScaleTransformer, block_causal_mask


def test_mask_for_three_scales() -> None:
    assert block_causal_mask((1, 2, 1)).int().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 1],
    ]


def test_a_finer_token_never_changes_a_coarser_logit(planner: Planner) -> None:
    quantizer, condition = planner.autoencoder.quantizer, torch.randn(1, 16)
    tokens = torch.tensor([[1, 2, 3, 4, 5, 6, 7]])
    logits = _teacher_forced(planner, condition, tokens)
    ends = torch.cumsum(torch.tensor(quantizer.scales), 0).tolist()
    for place in range(7):
        changed = tokens.clone()
        changed[0, place] = 15
        own_scale_ends = next(end for end in ends if place < end)
        after = _teacher_forced(planner, condition, changed)
        assert torch.equal(after[:, :own_scale_ends], logits[:, :own_scale_ends])
        assert own_scale_ends == 7 or not torch.allclose(
            after[:, own_scale_ends:], logits[:, own_scale_ends:]
        )


def test_every_token_of_a_scale_sees_its_own_scale(planner: Planner) -> None:
    condition = torch.randn(1, 16)
    inputs = torch.randn(1, 6, 6, requires_grad=True)
    logits = planner.transformer(condition, inputs)
    logits[0, 1].sum().backward()  # The first token of the second scale.
    seen = inputs.grad[0].abs().sum(1) > 0
    assert seen.tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize("everywhere", [True, False])
def test_the_condition_enters_at_the_scales_that_it_should(
    config: MAGEConfig, everywhere: bool
) -> None:
    torch.manual_seed(0)
    transformer = NextScaleTransformer(replace(config, condition_finer_scales=everywhere), 4)
    embedded: list[torch.Tensor] = []
    transformer.blocks[0].register_forward_pre_hook(lambda block, given: embedded.append(given[0]))
    inputs = torch.randn(1, 6, 6)
    for _ in range(2):
        transformer(torch.randn(1, 16), inputs)
    one, other = embedded
    assert not torch.equal(one[:, 0], other[:, 0])
    assert torch.equal(one[:, 1:], other[:, 1:]) is not everywhere


def _teacher_forced(
    planner: Planner, condition: torch.Tensor, tokens: torch.Tensor
) -> torch.Tensor:
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    return planner.transformer(condition, quantizer.next_inputs(quantizer.codes_of(tokens)))
