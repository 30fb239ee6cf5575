from __future__ import annotations

import pytest
import torch

from baselines.seeding import random_states, seeded_torch, set_random_states


def test_the_block_draws_by_its_seed_and_the_rest_of_the_process_by_its_own():
    before = torch.get_rng_state()
    with seeded_torch(3, "cpu"):
        first = torch.rand(4)
    assert torch.equal(torch.get_rng_state(), before)
    with seeded_torch(3, "cpu"):
        assert torch.equal(torch.rand(4), first)


def test_an_error_inside_restores_the_state_too():
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), seeded_torch(3, "cpu"):
        torch.rand(1 // 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_random_states_can_be_put_back() -> None:
    with seeded_torch(0, "cpu"):
        states = random_states("cpu")
        first = torch.rand(3)
        set_random_states(states, "cpu")
        assert torch.equal(torch.rand(3), first)
