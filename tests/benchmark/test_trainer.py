from __future__ import annotations

import pytest
import torch

from benchmark.trainer import random_states, seeded_torch, set_random_states


def test_the_block_draws_by_its_seed_and_the_rest_of_the_process_by_its_own() -> None:
    before = torch.get_rng_state()
    with seeded_torch(3, "cpu"):
        first = torch.rand(4)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, torch.rand(4, generator=torch.Generator().manual_seed(3)))
    torch.rand(1)
    with seeded_torch(3, "cpu"):
        assert torch.equal(torch.rand(4), first)
    with seeded_torch(4, "cpu"):
        assert not torch.isclose(torch.rand(4), first).any()


def test_an_error_inside_restores_the_state_too() -> None:
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), seeded_torch(3, "cpu"):
        torch.rand(1 // 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_random_states_can_be_put_back() -> None:
    with seeded_torch(0, "cpu"):
        states = random_states("cpu")
        first = torch.rand(3)
        assert set(states) == {"cpu"}
        set_random_states(states, "cpu")
        assert torch.equal(torch.rand(3), first)


def test_numbers_of_an_accelerator_are_kept_apart_and_put_back_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: dict[str, object] = {}
    forked: list[list[torch.device]] = []
    fork = torch.random.fork_rng

    def fork_rng(devices: list[torch.device]) -> object:
        forked.append(devices)
        return fork(devices=[])

    def remember(state: object, device: str) -> None:
        kept[device] = state

    monkeypatch.setattr("torch.random.fork_rng", fork_rng)
    monkeypatch.setattr("torch.cuda.get_rng_state", lambda device: f"state of {device}")
    monkeypatch.setattr("torch.cuda.set_rng_state", remember)
    for device in ("cpu", "cuda:1"):
        with seeded_torch(0, device):
            pass
    assert forked == [[], [torch.device("cuda:1")]]
    states = random_states("cuda:1")
    assert states["cuda"] == "state of cuda:1"
    set_random_states(states, "cpu")
    set_random_states({"cpu": states["cpu"]}, "cuda:1")
    assert not kept  # On another type of device there is nothing to put back.
    set_random_states(states, "cuda:1")
    assert kept == {"cuda:1": "state of cuda:1"}
