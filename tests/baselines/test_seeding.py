from __future__ import annotations

import pytest
import torch

from baselines.seeding import seeded_torch


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
