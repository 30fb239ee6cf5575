"""Planning top-down from a condition."""

from __future__ import annotations

from dataclasses import replace

import torch

from mage.planner import Planner


def test_greedy_plans_follow_the_likeliest_tokens(planner: Planner) -> None:
    quantizer, condition = planner.autoencoder.quantizer, torch.randn(3, 5)
    latent = planner.generate(condition, None)
    tokens = torch.zeros(3, 0, dtype=torch.long)
    for end in (1, 3, 7):  # The slow way: every scale recomputes all that went before.
        padded = torch.cat([tokens, torch.zeros(3, 7 - tokens.shape[1], dtype=torch.long)], 1)
        inputs = quantizer.next_inputs(quantizer.codes_of(padded))
        logits = planner.transformer(condition, inputs)
        tokens = torch.cat([tokens, logits[:, tokens.shape[1] : end].argmax(-1)], 1)
    torch.testing.assert_close(latent, quantizer.latent(quantizer.codes_of(tokens)))


def test_sampled_plans_repeat_with_the_generator(planner: Planner) -> None:
    planner.config = replace(planner.config, temperature=2.0)
    condition = torch.randn(8, 5)

    def plan(seed: int) -> torch.Tensor:
        return planner.generate(condition, torch.Generator().manual_seed(seed))

    assert torch.equal(plan(1), plan(1))
    assert not torch.equal(plan(1), plan(2))


def test_a_new_adapter_leaves_the_decoder_as_it_is(planner: Planner) -> None:
    latent, wanted = torch.randn(2, 4, 6), torch.randn(2, 1)
    assert torch.equal(planner.decode(latent, wanted), planner.autoencoder.decode(latent))


def test_inverse_dynamics_can_be_blind_to_the_observation(planner: Planner) -> None:
    latent = torch.randn(2, 4, 6)
    observations = torch.randn(2, 4), torch.randn(2, 4)
    seeing = [planner.inverse_dynamics(latent, each) for each in observations]
    assert not torch.equal(*seeing)
    torch.manual_seed(0)
    blind = Planner(replace(planner.config, inverse_observation=False), 4, 2)
    assert torch.equal(*[blind.inverse_dynamics(latent, each) for each in observations])
