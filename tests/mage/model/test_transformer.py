"""The transformer: who sees what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.model.quantizer import FrozenQuantizer
from mage.model.transformer import NextScaleTransformer, block_causal_mask
from tests.mage import plain
from tests.mage.conftest import random_condition


def test_mask_for_three_scales() -> None:
    assert block_causal_mask((1, 2, 1)).int().tolist() == [
        [1, 0, 0, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 1],
    ]


@pytest.mark.parametrize("everywhere", [True, False])
def test_logits_are_those_of_plain_loops(config: MAGEConfig, everywhere: bool) -> None:
    torch.manual_seed(0)
    planner = Planner(replace(config, return_at_finer_scales=everywhere), 4, 2)
    quantizer, condition = FrozenQuantizer(planner.autoencoder.quantizer), random_condition(2)
    with torch.no_grad():
        for weight in planner.transformer.parameters():
            weight.add_(
                0.3 * torch.randn_like(weight)
            )  # Biases and scales too, which begin as 0, 1.
    tokens = torch.randint(16, (2, 7))
    codes = quantizer.codes_of(tokens)
    found = planner.transformer(planner.embed(condition), quantizer.next_inputs(codes))
    for row in range(2):
        given = plain.array(torch.cat([each[row] for each in condition]))
        expected = plain.logits(planner, given, tokens[row].tolist())
        np.testing.assert_allclose(found[row].tolist(), expected, atol=1e-4)


def test_the_first_scale_may_have_more_than_one_token(config: MAGEConfig) -> None:
    torch.manual_seed(0)
    planner = Planner(replace(config, scales=(2, 4)), 4, 2)
    quantizer, condition = FrozenQuantizer(planner.autoencoder.quantizer), random_condition(1)
    codes = quantizer.codes_of(torch.tensor([[1, 2, 3, 4, 5, 6]]))
    found = planner.transformer(planner.embed(condition), quantizer.next_inputs(codes))
    expected = plain.logits(planner, plain.array(torch.cat(condition, 1)[0]), [1, 2, 3, 4, 5, 6])
    np.testing.assert_allclose(found[0].tolist(), expected, atol=1e-4)


def test_places_begin_small() -> None:
    torch.manual_seed(0)
    config = MAGEConfig(pairs=64, scales=(64,), width=64, layers=1)
    places = NextScaleTransformer(config, 4).places_TW
    assert places.shape == (64, 64)
    assert places.std().item() == pytest.approx(0.02, rel=0.05)


def test_the_mask_is_not_saved(planner: Planner) -> None:
    assert "mask" not in planner.transformer.state_dict()
    assert len(planner.transformer.blocks) == 2


def test_a_finer_token_never_changes_a_coarser_logit(planner: Planner) -> None:
    quantizer, condition = planner.autoencoder.quantizer, torch.randn(1, 1, 16)
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
    condition = torch.randn(1, 1, 16)
    inputs = torch.randn(1, 6, 6, requires_grad=True)
    logits = planner.transformer(condition, inputs)
    logits[0, 1].sum().backward()  # The first token of the second scale.
    seen = inputs.grad[0].abs().sum(1) > 0
    assert seen.tolist() == [True, True, False, False, False, False]


def test_each_token_takes_its_own_part_of_the_condition(planner: Planner) -> None:
    embedded: list[torch.Tensor] = []
    planner.transformer.blocks[0].register_forward_pre_hook(
        lambda block, given: embedded.append(given[0])
    )
    inputs, condition = torch.randn(1, 6, 6), torch.randn(1, 7, 16)
    for place in (0, 5):
        planner.transformer(condition, inputs)
        moved = condition.clone()
        moved[:, place] += 1
        planner.transformer(moved, inputs)
        one, other = embedded[-2:]
        assert (one != other).any(2)[0].nonzero().flatten().tolist() == [place]


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_bf16_changes_little(
    config: MAGEConfig, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    condition, inputs = torch.randn(8, 1, 16, device=device), torch.randn(8, 6, 6, device=device)
    logits, gradients = [], []
    for bf16 in (False, True):
        torch.manual_seed(0)
        transformer = NextScaleTransformer(replace(config, bf16=bf16), 4).to(device)
        logits.append(transformer(condition, inputs))
        logits[-1].square().sum().backward()
        gradients.append(transformer.blocks[0].queries_keys_values.weight.grad)
    assert logits[1].dtype == torch.float32
    assert torch.allclose(*logits, atol=0.05) and not torch.equal(*logits)
    assert torch.cosine_similarity(*[each.flatten() for each in gradients], dim=0) > 0.99


@pytest.mark.parametrize(
    ("found", "able"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": False, "avx2": True}, False),
        ({}, False),
    ],
    ids=str,
)
def test_bf16_only_on_processors_made_for_it(
    config: MAGEConfig, found: dict[str, bool], able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    seen: list[torch.Tensor] = []
    attended: list[torch.Tensor] = []
    for asked in (True, False):
        transformer = NextScaleTransformer(replace(config, bf16=asked), 4)
        transformer.blocks[0].project.register_forward_hook(lambda *call: seen.append(call[-1]))
        transformer.blocks[0].project.register_forward_pre_hook(
            lambda _, given: attended.append(given[0])
        )
        assert transformer(torch.randn(1, 1, 16), torch.randn(1, 6, 6)).dtype == torch.float32
    assert seen[0].dtype == (torch.bfloat16 if able else torch.float32)
    assert seen[1].dtype == torch.float32
    assert {each.dtype for each in attended} == {torch.float32}, "attention is not on a CPU"


def _teacher_forced(
    planner: Planner, condition: torch.Tensor, tokens: torch.Tensor
) -> torch.Tensor:
    quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
    return planner.transformer(condition, quantizer.next_inputs(quantizer.codes_of(tokens)))
