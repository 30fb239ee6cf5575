"""What an agent owes as it is made and trained: each fault is seen by the check that is for it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.running import training_duties as duties
from benchmark.running.duties import CheckFailedError, NotOwedError
from tests.benchmark.running.checked_agents import Good, subject_of


class Lenient(Good):
    def __init__(self, task: Any, settings: Any, device: str) -> None:
        super().__init__(task, {}, device)


class Confused(Good):
    def __init__(self, task: Any, settings: Any, device: str) -> None:
        if settings:
            raise TypeError("what")
        super().__init__(task, settings, device)


class Vague(Good):
    def __init__(self, task: Any, settings: Any, device: str) -> None:
        if settings:
            raise ValueError("no")
        super().__init__(task, settings, device)


class WrongPreset(Good):
    presets: Mapping[str, Any] = {"paper": {"width": 7}}


class Careless(Good):
    def fit(self, dataset: Any, **options: Any) -> None:
        seen = dataset.observations[:, : self.task.observation_size]
        super().fit(replace(dataset, observations=seen.copy()), **options)


class Upset(Good):
    def fit(self, dataset: Any, **options: Any) -> None:
        if dataset.observations.shape[1] != self.task.observation_size:
            raise IndexError("too many")
        super().fit(dataset, **options)


class NeedsTerminals(Good):
    def fit(self, dataset: Any, **options: Any) -> None:
        super().fit(dataset, **options)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.weights = self.weights * (dataset.terminals.sum() / dataset.terminals.sum())


class Lazy(Good):
    def fit(self, dataset: Any, *, steps: int, **options: Any) -> None:
        super().fit(dataset, steps=steps - 1, **options)


class Unlimited(Good):
    def take_step(self, dataset: Any) -> None:
        super().take_step(dataset)
        self.loss = float("inf") if self.step == 3 else 1.0


class Silent(Good):
    def fit(self, dataset: Any, *, progress: Any, **options: Any) -> None:
        super().fit(dataset, progress=lambda step, _: progress(step, {}), **options)


class Worse(Good):
    def take_step(self, dataset: Any) -> None:
        super().take_step(dataset)
        self.loss = float(self.step)


class OneSeed(Good):
    def begin(self, seed: int) -> None:
        super().begin(0)


class Moody(Good):
    draws = iter(range(10**6))

    def begin(self, seed: int) -> None:
        super().begin(next(self.draws))


class Entangled(Good):
    def reset(self, n_envs: int) -> None:
        self.noise = np.random.default_rng(0)
        self.rng.random()


class Stubborn(Good):
    def fit(self, dataset: Any, *, progress: Any, **options: Any) -> None:
        def quiet(*report: Any) -> None:
            with contextlib.suppress(Exception):
                progress(*report)

        super().fit(dataset, progress=quiet, **options)


class Forgetful(Good):
    def fit(self, dataset: Any, **options: Any) -> None:
        try:
            super().fit(dataset, **options)
        except Exception:
            self.weights = 0 * self.weights
            raise


class Untidy(Good):
    def fit(self, dataset: Any, **options: Any) -> None:
        torch.rand(1)
        super().fit(dataset, **options)


class Unsaved(Good):
    def save(self, folder: Path) -> None:
        np.save(folder / "weights.npy", np.round(self.weights, 1))


class LosesItsPlace(Good):
    def take_over(self, state: Any) -> None:
        self.weights, self.step = state["weights"], state["step"]


class StartsOver(Good):
    def take_over(self, state: Any) -> None:
        pass


class Clinging(Good):
    def fit(self, dataset: Any, **options: Any) -> None:
        state = self.resumed
        super().fit(dataset, **options)
        self.resumed = state


class Plain(Good):
    training_state = resume = None  # type: ignore[assignment]


class Still(Good):
    takes_gradient_steps = False

    def fit(self, dataset: Any, *, seed: int, **options: Any) -> None:
        self.begin(0)


FAULTS = [
    (duties.refuses_unknown_settings, Lenient, "it took the setting 'wibble'"),
    (
        duties.refuses_unknown_settings,
        Confused,
        "it raised TypeError: what, which is no ValueError",
    ),
    (duties.refuses_unknown_settings, Vague, "the error does not name it: no"),
    (
        duties.knows_the_settings_of_its_presets,
        WrongPreset,
        "preset paper on elsewhere: ValueError: unknown setting 'width'",
    ),
    (duties.refuses_data_of_another_task, Careless, "for 3 observed numbers, and learned from 4"),
    (duties.refuses_data_of_another_task, Upset, "raised IndexError: too many, which is no Va"),
    (duties.learns_from_one_kind_of_end, NeedsTerminals, "with timeouts alone its actions are no"),
    (duties.reports_its_steps, Lazy, r"of 6 steps it reported \[1, 2, 3, 4, 5\]"),
    (duties.reports_its_steps, Unlimited, r"at step 3 it reported losses of \[inf, inf\]"),
    (duties.reports_its_steps, Silent, r"at step 1 it reported losses of \[\]"),
    (duties.has_a_loss_that_falls, Worse, "no loss was lower after 40 steps"),
    (duties.keeps_to_its_seed, OneSeed, "two seeds gave the same actions"),
    (duties.keeps_to_its_seed, Moody, "it acts otherwise after another training alike"),
    (duties.may_act_in_training, Entangled, "it acts otherwise if it acted during training"),
    (duties.acts_when_ended_early, Stubborn, "`fit` went on when `progress` raised at step 4"),
    (duties.acts_when_ended_early, Forgetful, "it acts otherwise after it was ended at step 4"),
    (duties.acts_when_ended_early, Untidy, "the random numbers of torch were not put back"),
    (duties.acts_when_ended_early, Unsaved, "it acts otherwise loaded, ended at step 4"),
    (duties.goes_on_after_an_interruption, LosesItsPlace, "what it saves is not what it saves"),
    (duties.goes_on_after_an_interruption, StartsOver, "of 24 steps in three parts it took"),
    (duties.starts_anew_after_it_went_on, Clinging, r"twice trained, it reported steps \[\]"),
]


@pytest.mark.parametrize(
    ("duty", "agent", "seen"), FAULTS, ids=[agent.__name__ for _, agent, _ in FAULTS]
)
def test_a_fault_is_seen(
    duty: Any, agent: Any, seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CheckFailedError, match=seen):
        duty.look(subject_of(agent, monkeypatch), tmp_path)


@pytest.mark.parametrize(
    ("duty", "agent", "reason"),
    [
        (duties.goes_on_after_an_interruption, Plain, "it has no training_state and resume"),
        (duties.starts_anew_after_it_went_on, Plain, "it has no training_state and resume"),
        (duties.acts_when_ended_early, Still, "it takes no gradient steps"),
        (duties.has_a_loss_that_falls, Still, "it reports no loss that changes"),
    ],
)
def test_what_is_optional_is_not_owed(
    duty: Any, agent: Any, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotOwedError, match=reason):
        duty.look(subject_of(agent, monkeypatch), tmp_path)


def test_an_agent_that_takes_no_steps_needs_no_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for duty in (duties.keeps_to_its_seed, duties.reports_its_steps):
        duty.look(subject_of(Still, monkeypatch), tmp_path)


def test_the_losses_that_fall_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert duties.losses_that_fall(subject_of(Good, monkeypatch)) == {"loss", "later"}
    assert duties.losses_that_fall(subject_of(Worse, monkeypatch)) == set()
