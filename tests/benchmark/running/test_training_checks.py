"""How an agent is constructed and trained: each fault is seen by the check that is for it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.running import training_checks as checks
from benchmark.running.acting_checks import CheckFailedError, NotApplicableError
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
    (checks.refuses_unknown_settings, Lenient, "it took the setting 'wibble'"),
    (
        checks.refuses_unknown_settings,
        Confused,
        "it raised TypeError: what, which is no ValueError",
    ),
    (checks.refuses_unknown_settings, Vague, "the error does not name it: no"),
    (
        checks.knows_the_settings_of_its_presets,
        WrongPreset,
        "preset paper on elsewhere: ValueError: unknown setting 'width'",
    ),
    (checks.refuses_data_of_another_task, Careless, "for 3 observed numbers, and learned from 4"),
    (checks.refuses_data_of_another_task, Upset, "raised IndexError: too many, which is no Va"),
    (checks.learns_from_one_kind_of_end, NeedsTerminals, "with timeouts alone its actions are no"),
    (checks.reports_its_steps, Lazy, r"of 4 steps it reported \[1, 2, 3\]"),
    (checks.reports_its_steps, Unlimited, r"at step 3 it reported losses of \[inf, inf\]"),
    (checks.reports_its_steps, Silent, r"at step 1 it reported losses of \[\]"),
    (checks.has_a_loss_that_falls, Worse, "no loss was lower after 40 steps"),
    (checks.keeps_to_its_seed, OneSeed, "two seeds gave the same actions"),
    (checks.keeps_to_its_seed, Moody, "its actions differ after another training alike"),
    (checks.may_act_in_training, Entangled, "its actions differ if it acted during training"),
    (checks.acts_when_ended_early, Stubborn, "`fit` went on when `progress` raised at step 4"),
    (checks.acts_when_ended_early, Forgetful, "its actions differ after it was ended at step 4"),
    (checks.acts_when_ended_early, Untidy, "the random numbers of torch were not put back"),
    (checks.acts_when_ended_early, Unsaved, "its actions differ loaded, ended at step 4"),
    (checks.goes_on_after_an_interruption, LosesItsPlace, "what it saves is not what it saves"),
    (checks.goes_on_after_an_interruption, StartsOver, "of 16 steps in three parts it took"),
    (checks.starts_anew_after_it_went_on, Clinging, r"twice trained, it reported steps \[\]"),
]


@pytest.mark.parametrize(
    ("check", "agent", "seen"), FAULTS, ids=[agent.__name__ for _, agent, _ in FAULTS]
)
def test_a_fault_is_seen(
    check: Any, agent: Any, seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CheckFailedError, match=seen):
        check.look(subject_of(agent, monkeypatch), tmp_path)


@pytest.mark.parametrize(
    ("check", "agent", "reason"),
    [
        (checks.goes_on_after_an_interruption, Plain, "it has no training_state and resume"),
        (checks.starts_anew_after_it_went_on, Plain, "it has no training_state and resume"),
        (checks.acts_when_ended_early, Still, "it takes no gradient steps"),
        (checks.has_a_loss_that_falls, Still, "it reports no loss that changes"),
    ],
)
def test_what_is_optional_is_skipped(
    check: Any, agent: Any, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotApplicableError, match=reason):
        check.look(subject_of(agent, monkeypatch), tmp_path)


def test_an_agent_that_takes_no_steps_needs_no_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for check in (checks.keeps_to_its_seed, checks.reports_its_steps):
        check.look(subject_of(Still, monkeypatch), tmp_path)


def test_the_losses_that_fall_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.losses_that_fall(subject_of(Good, monkeypatch)) == {"loss", "later"}
    assert checks.losses_that_fall(subject_of(Worse, monkeypatch)) == set()
