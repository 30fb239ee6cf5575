"""What every agent owes the benchmark, checked for each one in the registry.

`pytest tests/test_agents.py --agents path/to/file.py:ClassName` checks one of your own.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import agent_class, agent_names, find_agent
from benchmark.agents.settings import PRESETS, resolve_settings
from benchmark.interface import Agent, Dataset, FloatArray, Resumable, TaskInfo
from benchmark.running.checkpoint import load_checkpoint, save_checkpoint
from benchmark.running.monitor import takes_gradient_steps
from benchmark.tasks import TASKS
from tests.agent_checks import (
    ACTING_STEPS,
    LOSSES,
    StoppedError,
    no_progress,
    play,
    saved,
    torch_defaults,
)

STEPS = 6
ELSEWHERE = replace(TASKS["maze2d-umaze"], name="elsewhere", benchmark="none")
# Steps enough for every part of training, and stops in each stage of it.
LONG, STOPS = 24, (4, 13)

LEARNING_STEPS = 40
SEEDLESS, UNTRAINED = {"mean"}, {"random"}  # No seed changes what is done; there is no weight.
ACTS_AS_RECORDED = {"diffuser", "dd", "hd", "dv", "tt", "carp", "mean"}


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def task(tiny_task: TaskInfo) -> TaskInfo:
    low, high = np.array([-1, -0.5], np.float32), np.array([1, 2], np.float32)
    return replace(tiny_task, action_low=low, action_high=high)


@pytest.fixture
def dataset(tiny_dataset: Dataset) -> Dataset:
    observations = tiny_dataset.observations.copy()
    observations[:, 3] = 7.0  # A column that never changes, as real datasets have them.
    actions = tiny_dataset.actions * np.array([1, 1.25], np.float32) + np.array(
        [0, 0.75], np.float32
    )
    return replace(tiny_dataset, observations=observations, actions=actions)


@pytest.fixture
def learnable(dataset: Dataset) -> Dataset:
    """What is done and what is rewarded can be told from what is observed."""
    seen = dataset.observations
    actions = np.where(seen[:, :2] > 0, [1, 2], [-1, -0.5]).astype(np.float32)
    return replace(dataset, actions=actions, rewards=(seen[:, 2] > 0.5).astype(np.float32))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the class for every agent in the registry, or for those asked for."""
    if "name" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--agents")
        metafunc.parametrize("name", asked.split(",") if asked else agent_names())


@pytest.mark.usefixtures("name")
class TestAgent:
    @pytest.fixture
    def resumable(self, name: str, make: Callable[[], Agent]) -> None:
        """Only the benchmark's own agents have to offer what is optional."""
        if not isinstance(make(), Resumable):
            assert name not in BUILTIN or not takes_gradient_steps(make())
            pytest.skip("it does not say that it can be resumed")

    @pytest.fixture
    def make(self, name: str, task: TaskInfo) -> Callable[[], Agent]:
        settings = resolve_settings(find_agent(name), ELSEWHERE, "smoke").values
        return lambda: agent_class(name)(task, settings, "cpu")

    @pytest.fixture
    def fitted(self, make: Callable[[], Agent], dataset: Dataset) -> Agent:
        agent = make()
        agent.fit(dataset, steps=STEPS, seed=0, progress=no_progress)
        return agent

    def test_reports_every_gradient_step_once(self, make, dataset):
        reports: list[tuple[int, Mapping[str, Any]]] = []
        agent = make()
        agent.fit(dataset, steps=STEPS, seed=0, progress=lambda *report: reports.append(report))
        taken = STEPS if takes_gradient_steps(agent) else 0
        assert [step for step, _ in reports] == list(range(1, taken + 1))
        for _, metrics in reports:
            values = [value() if callable(value) else value for value in metrics.values()]
            assert values and np.isfinite(values).all()

    def test_what_it_learns_by_falls(self, name, make, learnable):
        seen: dict[str, list[float]] = {}

        def progress(step: int, metrics: Mapping[str, Any]) -> None:
            for key, value in metrics.items():
                seen.setdefault(key, []).append(value() if callable(value) else value)

        make().fit(learnable, steps=LEARNING_STEPS, seed=0, progress=progress)
        if not seen:
            pytest.skip("it takes no gradient steps")
        quarters = {key: np.array_split(values, 4) for key, values in seen.items()}
        falls = {key for key, parts in quarters.items() if parts[-1].mean() < parts[0].mean()}
        if name in BUILTIN:
            assert falls >= LOSSES[name]
        elif all(len(set(values)) == 1 for values in seen.values()):
            pytest.skip("it reports no loss that changes: it has nothing to learn")
        else:
            assert falls

    def test_acts_inside_the_bounds_for_any_number_of_environments(self, fitted, task):
        for n_envs, size in ((1, 1), (7, 1), (7, 1e4)):  # Observed sizes, far from those known.
            actions = play(fitted, task, n_envs, size=size)
            assert actions.shape == (ACTING_STEPS, n_envs, task.action_size)
            assert actions.dtype == np.float32
            assert (actions >= task.action_low).all() and (actions <= task.action_high).all()

    def test_what_was_recorded_outside_the_bounds_it_does_not_do(self, name, task, dataset):
        if name not in ACTS_AS_RECORDED:
            pytest.skip("its actions are made of the task's bounds, not of the recorded actions")
        low, high = np.array([-0.1, 0.5], np.float32), np.array([0.1, 0.6], np.float32)
        narrow = replace(task, action_low=low, action_high=high)
        settings = resolve_settings(find_agent(name), ELSEWHERE, "smoke").values
        agent = agent_class(name)(narrow, settings, "cpu")
        agent.fit(dataset, steps=1, seed=0, progress=no_progress)
        actions = play(agent, narrow, n_envs=7)
        assert (actions >= low).all() and (actions <= high).all()
        assert ((actions == low) | (actions == high)).any()

    def test_same_seed_gives_the_same_actions(self, name, fitted, make, task, dataset):
        again, other = make(), make()
        again.fit(dataset, steps=STEPS, seed=0, progress=no_progress)
        other.fit(dataset, steps=STEPS, seed=1, progress=no_progress)
        np.testing.assert_array_equal(play(fitted, task), play(again, task))
        assert np.array_equal(play(fitted, task), play(other, task)) == (name in SEEDLESS)

    def test_acting_in_the_middle_of_training_changes_nothing(self, fitted, make, task, dataset):
        watched = make()
        watched.fit(dataset, steps=STEPS, seed=0, progress=lambda step, _: play(watched, task))
        np.testing.assert_array_equal(play(fitted, task), play(watched, task))

    def test_reset_forgets_the_past(self, fitted, task):
        first = play(fitted, task)
        np.testing.assert_array_equal(play(fitted, task), first)

    def test_saved_and_loaded_it_acts_the_same(self, fitted, make, task, tmp_path):
        fitted.save(tmp_path)
        loaded = make()
        loaded.load(tmp_path)
        np.testing.assert_array_equal(play(fitted, task), play(loaded, task))

    def test_saves_no_code(self, fitted, tmp_path):
        fitted.save(tmp_path)
        assert {path.suffix for path in tmp_path.iterdir()} <= {".safetensors", ".json"}

    def test_writes_only_into_its_folder(self, make, task, dataset, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "saved"
        folder.mkdir()
        agent = make()
        agent.fit(dataset, steps=STEPS, seed=0, progress=no_progress)
        play(agent, task)
        agent.save(folder)
        make().load(folder)
        assert list(tmp_path.iterdir()) == [folder] and any(folder.iterdir())

    def test_leaves_global_random_numbers_and_defaults_alone(self, make, task, dataset, tmp_path):
        before = random.getstate(), str(np.random.get_state()), torch.get_rng_state()  # noqa: NPY002
        defaults = torch_defaults()
        agent = make()
        agent.fit(dataset, steps=STEPS, seed=0, progress=no_progress)
        play(agent, task)
        agent.save(tmp_path)
        make().load(tmp_path)
        assert random.getstate() == before[0]
        assert str(np.random.get_state()) == before[1]  # noqa: NPY002
        assert torch.equal(torch.get_rng_state(), before[2])
        assert torch_defaults() == defaults

    def test_does_not_depend_on_global_random_numbers(self, fitted, make, task, dataset):
        torch.manual_seed(torch.initial_seed() + 1)
        again = make()
        again.fit(dataset, steps=STEPS, seed=0, progress=no_progress)
        np.testing.assert_array_equal(play(fitted, task), play(again, task))

    @pytest.mark.usefixtures("resumable")
    def test_stopped_and_resumed_it_ends_as_if_never_stopped(self, make, task, dataset, tmp_path):
        steps: list[int] = []
        for stop in (*STOPS, LONG):
            agent = make()
            found = load_checkpoint(tmp_path / "checkpoint")
            if found:
                agent.resume(found[0])

            def progress(step: int, _: object, agent: Any = agent, stop: int = stop) -> None:
                steps.append(step)
                state = agent.training_state()  # At every step: asking must change nothing.
                if step == stop < LONG:
                    save_checkpoint(tmp_path / "checkpoint", state, {})
                    raise StoppedError

            with contextlib.suppress(StoppedError):
                agent.fit(dataset, steps=LONG, seed=0, progress=progress)
        whole = make()
        whole.fit(dataset, steps=LONG, seed=0, progress=no_progress)
        assert steps == list(range(1, LONG + 1))
        assert saved(agent, tmp_path / "resumed") == saved(whole, tmp_path / "whole")
        np.testing.assert_array_equal(play(agent, task), play(whole, task))

    @pytest.mark.usefixtures("resumable")
    def test_resumed_once_it_starts_anew_the_next_time(self, fitted, make, task, dataset):
        agent = make()
        agent.resume(fitted.training_state())
        reports: list[int] = []
        for _ in range(2):
            agent.fit(dataset, steps=STEPS, seed=0, progress=lambda step, _: reports.append(step))
            np.testing.assert_array_equal(play(agent, task), play(fitted, task))
        assert reports == list(range(1, STEPS + 1))

    @pytest.mark.parametrize("stop", STOPS)
    def test_ended_early_it_acts_with_what_it_has_learned(
        self, make, task, dataset, tmp_path, stop
    ):
        learned: list[FloatArray] = []
        agent = make()
        if not takes_gradient_steps(agent):
            return  # Nothing ends its training early.

        def progress(step: int, _: object) -> None:
            if step == stop:
                learned.append(play(agent, task))
                raise StoppedError("on purpose")

        before = torch.get_rng_state()
        with pytest.raises(StoppedError, match="on purpose"):
            agent.fit(dataset, steps=LONG, seed=0, progress=progress)
        assert torch.equal(torch.get_rng_state(), before)
        assert np.isfinite(learned).all()
        np.testing.assert_array_equal(play(agent, task), learned[0])
        agent.save(tmp_path)
        loaded = make()
        loaded.load(tmp_path)
        np.testing.assert_array_equal(play(loaded, task), learned[0])

    def test_tells_its_settings_and_its_size(self, name, fitted):
        if name not in BUILTIN:
            pytest.skip("nice to have, for the benchmark's own agents a duty")
        assert is_dataclass(fitted.config)
        assert isinstance(fitted.parameter_count, int)
        assert fitted.parameter_count > 0 or name in UNTRAINED

    def test_refuses_an_unknown_setting(self, name, task):
        with pytest.raises(ValueError, match=r"unknown setting 'wibble' for \w+; known: \w+"):
            agent_class(name)(task, {"wibble": 1}, "cpu")

    @pytest.mark.parametrize("preset", PRESETS)
    def test_its_presets_are_settings_it_knows(self, name, task, preset):
        different = {}
        for row in (ELSEWHERE, *TASKS.values()):
            settings = resolve_settings(find_agent(name), row, preset)
            assert settings.steps > 0
            different[repr(settings.values)] = settings.values
        for values in different.values():
            agent_class(name)(task, values, "cpu")

    def test_refuses_the_dataset_of_another_task(self, name, task, dataset):
        settings = resolve_settings(find_agent(name), ELSEWHERE, "smoke").values
        agent = agent_class(name)(replace(task, observation_size=3), settings, "cpu")
        with pytest.raises(ValueError, match=r"observation.*4.*3"):
            agent.fit(dataset, steps=STEPS, seed=0, progress=no_progress)

    def test_learns_from_episodes_of_one_kind_of_end(self, make, task, dataset):
        ends = dataset.terminals | dataset.timeouts
        for terminals in (ends, np.zeros_like(ends)):
            one_kind = replace(dataset, terminals=terminals, timeouts=ends & ~terminals)
            agent = make()
            agent.fit(one_kind, steps=STEPS, seed=0, progress=no_progress)
            assert np.isfinite(play(agent, task)).all()
