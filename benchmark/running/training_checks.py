"""Checks of how an agent is constructed and trained; they can be run on any agent."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmark.agents.settings import PRESETS
from benchmark.errors import one_line, with_type
from benchmark.interface import Agent, FloatArray, Resumable
from benchmark.resumable import takes_gradient_steps
from benchmark.running.acting_checks import (
    CheckFailedError,
    NotApplicableError,
    check,
    expect,
    expect_same,
    expect_value_error,
)
from benchmark.running.checkpoint import load_checkpoint, save_checkpoint
from benchmark.running.synthetic_task import (
    ROW,
    STEPS,
    Subject,
    learnable_dataset,
    play,
    saved_files,
)
from benchmark.tasks import TASKS

_LONG, _STOPS = 16, (4, 11)  # Steps enough for every part of training, and stops in two of them.
_LEARNING_STEPS = 40


class TrainingEndedError(Exception):
    """Raised from within `progress` to end a training early."""


@check(
    "refuses a setting that it does not know",
    "make its config with benchmark.interface.build_config, or raise ValueError with the name",
)
def refuses_unknown_settings(subject: Subject, folder: Path) -> None:
    """A slip in a file of settings must not go unnoticed."""
    taken = "it took the setting 'wibble'"
    error = expect_value_error(lambda: subject.agent(values={"wibble": 1}), taken)
    expect("wibble" in str(error), f"the error does not name it: {one_line(error)}")


@check(
    "takes the settings of its presets, on every task",
    "correct presets and task_settings, or let the config know what they hold",
)
def knows_the_settings_of_its_presets(subject: Subject, folder: Path) -> None:
    """Each distinct set of them once."""
    rows = [(row, preset) for preset in PRESETS for row in (ROW, *TASKS.values())]
    distinct: dict[str, Any] = {}
    for row, preset in rows:
        values = subject.settings(row, preset)
        distinct.setdefault(repr(values), (row, preset, values))
    for row, preset, values in distinct.values():
        try:
            subject.agent(values=values)
        except Exception as error:
            words = f"preset {preset} on {row.name}: {with_type(error)}"
            raise CheckFailedError(words) from error


@check(
    "refuses the dataset of another task",
    "call dataset.check_fits(task) at the start of `fit`",
)
def refuses_data_of_another_task(subject: Subject, folder: Path) -> None:
    """One with observations of another size."""
    agent = subject.agent(replace(subject.task, observation_size=3))
    expect_value_error(
        lambda: subject.fit(agent), "it was made for 3 observed numbers, and learned from 4"
    )


@check(
    "learns from episodes of one kind of end",
    "data may have no terminals, or no timeouts: divide by no count of them",
)
def learns_from_one_kind_of_end(subject: Subject, folder: Path) -> None:
    """All episodes end the task, or none does."""
    ends = subject.dataset.terminals | subject.dataset.timeouts
    for terminals in (ends, np.zeros_like(ends)):
        data = replace(subject.dataset, terminals=terminals, timeouts=ends & ~terminals)
        actions = play(subject.fit(subject.agent(), dataset=data), subject.task)
        kind = "terminals" if terminals.any() else "timeouts"
        expect(bool(np.isfinite(actions).all()), f"with {kind} alone its actions are no numbers")


@check(
    "reports each gradient step once, with losses that are finite",
    "call progress(step, losses) after each of `steps` gradient steps, from 1 up; an agent that "
    "takes none says so: takes_gradient_steps = False",
)
def reports_its_steps(subject: Subject, folder: Path) -> None:
    """A loss may be a function that gives it."""
    reports: list[tuple[int, list[float]]] = []

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        values = [value() if callable(value) else value for value in metrics.values()]
        reports.append((step, values))

    agent = subject.fit(subject.agent(), progress=progress)
    taken = STEPS if takes_gradient_steps(agent) else 0
    steps = [step for step, _ in reports]
    expect(steps == list(range(1, taken + 1)), f"of {taken} steps it reported {steps}")
    for step, losses in reports:
        are_finite = bool(losses) and bool(np.isfinite(losses).all())
        expect(are_finite, f"at step {step} it reported losses of {losses}")


def losses_that_fall(subject: Subject) -> set[str]:
    """The losses that are smaller in the last quarter of a short training than in the first.

    Args:
        subject: the agent; what is done in its data can be told from what is observed.

    Raises:
        NotApplicableError: if it reports no loss, or none that ever changes.
    """
    reported: dict[str, list[float]] = {}

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        for name, value in metrics.items():
            reported.setdefault(name, []).append(value() if callable(value) else value)

    agent = subject.agent()
    subject.fit(agent, dataset=learnable_dataset(), steps=_LEARNING_STEPS, progress=progress)
    if all(len(set(values)) == 1 for values in reported.values()):
        raise NotApplicableError("it reports no loss that changes")
    quarters = {name: np.array_split(values, 4) for name, values in reported.items()}
    return {name for name, parts in quarters.items() if parts[-1].mean() < parts[0].mean()}


@check(
    "learns: a loss falls where there is something to learn",
    "look at the optimiser, the learning rate and the batches",
)
def has_a_loss_that_falls(subject: Subject, folder: Path) -> None:
    """Any of them."""
    expect(bool(losses_that_fall(subject)), f"no loss was lower after {_LEARNING_STEPS} steps")


@check(
    "does the same after a training with the same seed, and something else after another",
    "draw all random numbers of `fit` from its seed, and those of `act` from generators that "
    "`reset` starts anew (benchmark.trainer.isolated_random_numbers)",
)
def keeps_to_its_seed(subject: Subject, folder: Path) -> None:
    """Without gradient steps no seed need change anything."""
    agent = subject.fitted()
    first = play(agent, subject.task)
    expect_same(first, play(subject.fitted(), subject.task), "after another training alike")
    if takes_gradient_steps(agent):
        other = play(subject.fit(subject.agent(), seed=1), subject.task)
        expect(not np.array_equal(first, other), "two seeds gave the same actions")


@check(
    "may act in the middle of training, which changes nothing",
    "let `act` leave alone what `fit` uses: its random numbers, and its networks' train mode",
)
def may_act_in_training(subject: Subject, folder: Path) -> None:
    """As it does when its learning curve is scored."""
    watched = subject.agent()

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        play(watched, subject.task)

    subject.fit(watched, progress=progress)
    plain = play(subject.fitted(), subject.task)
    expect_same(plain, play(watched, subject.task), "if it acted during training")


@check(
    "acts with what it has learned when training ends early",
    "let what `progress` raises pass, and act with the networks of the step reported last",
)
def acts_when_ended_early(subject: Subject, folder: Path) -> None:
    """As where `--max-minutes` ends a run; also after it was saved."""
    if not takes_gradient_steps(subject.agent()):
        raise NotApplicableError("it takes no gradient steps")
    for stop in _STOPS:
        agent, before = subject.agent(), torch.get_rng_state()
        learned = _ended_early(subject, agent, stop)
        is_put_back = torch.equal(torch.get_rng_state(), before)
        expect(is_put_back, "the random numbers of torch were not put back")
        expect(bool(np.isfinite(learned).all()), f"at step {stop} its actions are no numbers")
        expect_same(learned, play(agent, subject.task), f"after it was ended at step {stop}")
        loaded, place = subject.agent(), folder / str(stop)
        saved_files(agent, place)
        loaded.load(place)
        expect_same(learned, play(loaded, subject.task), f"loaded, ended at step {stop}")


def _ended_early(subject: Subject, agent: Agent, stop: int) -> FloatArray:
    """What an agent does at a step at which its training is then ended."""
    learned: list[FloatArray] = []

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        if step == stop:
            learned.append(play(agent, subject.task))
            raise TrainingEndedError

    with contextlib.suppress(TrainingEndedError):
        subject.fit(agent, steps=_LONG, progress=progress)
        raise CheckFailedError(f"`fit` went on when `progress` raised at step {stop}")
    return learned[0]


def resumable_agent(subject: Subject) -> Any:
    """An agent whose training can go on.

    Raises:
        NotApplicableError: if it cannot.
    """
    agent = subject.agent()
    if not isinstance(agent, Resumable):
        raise NotApplicableError("it has no training_state and resume")
    return agent


@check(
    "goes on after an interruption as if there had been none",
    "put weights, optimisers, schedules, random states and the step into training_state, and take "
    "them over in resume (benchmark.trainer.Trainer does)",
)
def goes_on_after_an_interruption(subject: Subject, folder: Path) -> None:
    """By way of checkpoints on disk, and asked for its state at every step."""
    steps: list[int] = []
    for stop in (*_STOPS, _LONG):
        agent = resumable_agent(subject)
        if checkpoint := load_checkpoint(folder / "checkpoint"):
            agent.resume(checkpoint[0])

        def progress(
            step: int, metrics: Mapping[str, Any], agent: Any = agent, stop: int = stop
        ) -> None:
            steps.append(step)
            state = agent.training_state()  # Asking must change nothing.
            if step == stop < _LONG:
                save_checkpoint(folder / "checkpoint", state, {})
                raise TrainingEndedError

        with contextlib.suppress(TrainingEndedError):
            subject.fit(agent, steps=_LONG, progress=progress)
    whole = subject.fit(subject.agent(), steps=_LONG)
    expect(steps == list(range(1, _LONG + 1)), f"of {_LONG} steps in three parts it took {steps}")
    is_same = saved_files(agent, folder / "resumed") == saved_files(whole, folder / "whole")
    expect(is_same, "what it saves is not what it saves without an interruption")
    expect_same(play(whole, subject.task), play(agent, subject.task), "after an interruption")


@check(
    "once resumed and trained, starts anew the next time",
    "forget the state of `resume` as soon as `fit` has taken it over",
)
def starts_anew_after_it_went_on(subject: Subject, folder: Path) -> None:
    """From the last step there is nothing to do; the second training has all steps."""
    agent, fitted = resumable_agent(subject), subject.fit(resumable_agent(subject))
    agent.resume(fitted.training_state())  # type: ignore[attr-defined]
    steps: list[int] = []
    for _ in range(2):
        subject.fit(agent, progress=lambda step, _: steps.append(step))
        expect_same(play(fitted, subject.task), play(agent, subject.task), "after it was resumed")
    expect(steps == list(range(1, STEPS + 1)), f"twice trained, it reported steps {steps}")


TRAINING_CHECKS = (
    refuses_unknown_settings,
    knows_the_settings_of_its_presets,
    refuses_data_of_another_task,
    learns_from_one_kind_of_end,
    reports_its_steps,
    has_a_loss_that_falls,
    keeps_to_its_seed,
    may_act_in_training,
    acts_when_ended_early,
    goes_on_after_an_interruption,
    starts_anew_after_it_went_on,
)
