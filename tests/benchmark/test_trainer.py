from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from copy import deepcopy
from typing import Any

import pytest
import torch

from benchmark.interface import Metrics
from benchmark.trainer import (
    Trainer,
    isolated_random_numbers,
    random_states,
    set_random_states,
)


class Walk:
    """One weight that momentum carries after random numbers, of torch's generators and its own."""

    def __init__(self, seed: int = 0) -> None:
        self.step = 0
        self.weight = torch.nn.Parameter(torch.rand(1))
        self.momentum = torch.optim.SGD([self.weight], 0.1, momentum=0.9)
        self.generator = torch.Generator().manual_seed(seed)

    def train_step(self) -> Metrics:
        target = torch.rand(1) + torch.rand(1, generator=self.generator)
        loss = ((self.weight - target) ** 2).sum()
        self.momentum.zero_grad()
        loss.backward()
        self.momentum.step()
        self.step += 1
        return {"loss": loss.item()}

    def state(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "weight": self.weight.detach(),
            "momentum": self.momentum.state_dict(),
            "generator": self.generator.get_state(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        self.step = state["step"]
        self.weight.data.copy_(state["weight"])
        self.momentum.load_state_dict(state["momentum"])
        self.generator.set_state(state["generator"])


class Walker:
    """An agent on the trainer: acts with the weight that it has at the moment."""

    def __init__(self) -> None:
        self.trainer = Trainer("cpu")

    def start(self) -> Walk:
        self.learner = Walk()
        return self.learner

    def act(self) -> float:
        return self.learner.weight.item()

    def fit(self, steps: int, seed: int = 0) -> list[tuple[int, float]]:
        """Each report's step and what it would do then."""
        reports: list[tuple[int, float]] = []
        self.trainer.fit(
            self.start,
            steps=steps,
            seed=seed,
            progress=lambda step, _: reports.append((step, self.act())),
        )
        return reports


def states_of(steps: int) -> list[dict[str, Any]]:
    """The training state after each step."""
    trainer, states = Trainer("cpu"), []
    trainer.fit(
        Walk,
        steps=steps,
        seed=0,
        progress=lambda *_: states.append(deepcopy(trainer.training_state())),
    )
    return states


def test_it_takes_the_steps_asked_for_and_reports_each_with_its_losses() -> None:
    reports: list[tuple[int, Metrics]] = []
    trainer = Trainer("cpu")
    trainer.fit(Walk, steps=3, seed=0, progress=lambda *report: reports.append(report))
    assert [step for step, _ in reports] == [1, 2, 3]
    assert len({metrics["loss"] for _, metrics in reports}) == 3
    trainer.fit(Walk, steps=0, seed=0, progress=lambda *report: reports.append(report))
    assert len(reports) == 3


def test_the_agent_acts_during_training_with_what_it_has_learned() -> None:
    reports = Walker().fit(3)
    states = states_of(3)
    assert [action for _, action in reports] == [
        state["learner"]["weight"].item() for state in states
    ]
    assert len({action for _, action in reports}) == 3


def test_training_follows_the_seed_and_leaves_the_numbers_of_the_process_alone() -> None:
    before = torch.get_rng_state()
    first, second, other = Walker().fit(2, 5), Walker().fit(2, 5), Walker().fit(2, 6)
    assert torch.equal(torch.get_rng_state(), before)
    assert first == second
    assert not {action for _, action in first} & {action for _, action in other}


@pytest.mark.parametrize("done", [0, 1, 3])
def test_resumed_it_takes_the_same_steps_as_if_never_interrupted(done: int) -> None:
    states, whole = states_of(4), Walker().fit(4)
    for _ in range(2):  # Going on does not write into the state.
        walker = Walker()
        walker.trainer.resume(states[done])
        assert walker.fit(4) == whole[done + 1 :]
        end = walker.trainer.training_state()["learner"]
        expected = states[3]["learner"]
        assert end["step"] == expected["step"] == 4
        momentum = [state["momentum"]["state"][0]["momentum_buffer"] for state in (end, expected)]
        assert torch.equal(momentum[0], momentum[1])


def test_a_state_belongs_to_whoever_took_it() -> None:
    state = states_of(2)[1]
    walker = Walker()
    walker.trainer.resume(state)
    for values in (state["learner"]["weight"], state["random"]["cpu"]):
        values.zero_()
    assert walker.fit(4) == Walker().fit(4)[2:]


def test_resumed_once_it_starts_anew_the_next_time() -> None:
    walker = Walker()
    walker.trainer.resume(states_of(2)[1])
    assert len(walker.fit(4)) == 2
    assert walker.fit(4) == Walker().fit(4)


def test_progress_may_end_the_training() -> None:
    walker, before = Walker(), torch.get_rng_state()

    def progress(step: int, metrics: Metrics) -> None:
        if step == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walker.trainer.fit(walker.start, steps=9, seed=0, progress=progress)
    assert torch.equal(torch.get_rng_state(), before)
    assert walker.learner.step == 2
    assert walker.act() == Walker().fit(9)[1][1]
    assert walker.fit(3) == Walker().fit(3)  # And it can be trained again.


def test_before_training_there_is_no_state() -> None:
    with pytest.raises(RuntimeError, match="no training to go on with; call fit first"):
        Trainer("cpu").training_state()


def test_the_block_draws_by_its_seed_and_the_rest_of_the_process_by_its_own() -> None:
    before = torch.get_rng_state()
    with isolated_random_numbers(3, "cpu"):
        first = torch.rand(4)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, torch.rand(4, generator=torch.Generator().manual_seed(3)))
    torch.rand(1)
    with isolated_random_numbers(3, "cpu"):
        assert torch.equal(torch.rand(4), first)
    with isolated_random_numbers(4, "cpu"):
        assert not torch.isclose(torch.rand(4), first).any()


def test_an_error_inside_restores_the_state_too() -> None:
    before = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), isolated_random_numbers(3, "cpu"):
        torch.rand(1 // 0)
    assert torch.equal(torch.get_rng_state(), before)


def test_random_states_can_be_put_back() -> None:
    with isolated_random_numbers(0, "cpu"):
        states = random_states("cpu")
        first = torch.rand(3)
        assert set(states) == {"cpu"}
        set_random_states(states, "cpu")
        assert torch.equal(torch.rand(3), first)


@pytest.mark.parametrize("device", ["cuda:1", "mps"])
def test_numbers_of_an_accelerator_are_kept_apart_and_put_back_too(
    monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    kind = device.partition(":")[0]
    now = {"state": "before"}

    def put_back(state: str, *of: str) -> None:
        assert of == (device,) * (kind == "cuda")
        now["state"] = state

    seeded: list[int] = []
    monkeypatch.setattr(f"torch.{kind}.manual_seed", seeded.append)
    monkeypatch.setattr("torch.cuda.device", lambda of: nullcontext(of))
    monkeypatch.setattr("torch.manual_seed", None)  # It seeds all devices there are.
    monkeypatch.setattr(f"torch.{kind}.get_rng_state", lambda *of: now["state"])
    monkeypatch.setattr(f"torch.{kind}.set_rng_state", put_back)
    with isolated_random_numbers(0, "cpu"):
        now["state"] = "drawn"
    assert now["state"] == "drawn" and not seeded, "on a CPU nothing of it is touched"
    with isolated_random_numbers(7, device):
        assert seeded == [7]
        now["state"] = "of training"
        states = random_states(device)
    assert now["state"] == "drawn" and states[kind] == "of training"
    set_random_states(states, "cpu")
    set_random_states({"cpu": states["cpu"]}, device)
    assert now["state"] == "drawn", "on another type of device there is nothing to put back"
    set_random_states(states, device)
    assert now["state"] == "of training"
