"""Samples: how each is scored, and what is told of all; the search itself is in test_tune."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest.mock import Mock

import numpy as np
import pytest

from benchmark.agents import registry
from benchmark.data import share
from benchmark.data.loading import LoadedDataset
from benchmark.evaluation.rollout import Evaluation
from benchmark.interface import Dataset, TaskInfo
from benchmark.records.record import RunSpec
from benchmark.running import ray_search
from benchmark.running.ray_search import ROUNDS, Rounds
from benchmark.running.search_space import Search, drawn_settings
from benchmark.tasks import Task


class Stepping:
    """An agent, as far as its gradient steps are concerned."""

    def fit(self) -> None: ...

    reset = act = save = load = __init__ = fit


@pytest.mark.parametrize(
    ("budget", "scored"), [(100, [20, 40, 60, 80, 100]), (12, [3, 5, 8, 10, 12]), (2, [1, 2])]
)
def test_a_sample_is_scored_at_equally_spaced_steps(budget: int, scored: list[int]) -> None:
    steps: list[int] = []
    rounds = Rounds(Stepping(), budget, steps.append)
    for step in range(1, budget + 1):
        rounds(step, {"loss": 1.0})
    rounds.finish()
    assert steps == scored and len(steps) <= ROUNDS


def test_an_agent_without_gradient_steps_is_scored_once() -> None:
    class Declared(Stepping):
        takes_gradient_steps = False

    steps: list[int] = []
    Rounds(Declared(), 100, steps.append).finish()
    assert steps == [0]
    with pytest.raises(RuntimeError, match="agent reported none of 100 gradient steps; its fit"):
        Rounds(Stepping(), 100, steps.append).finish()
    assert steps == [0], "it is not scored"


@pytest.mark.parametrize("taken", [99, 101])
def test_another_number_of_gradient_steps_is_refused(taken: int) -> None:
    rounds = Rounds(Stepping(), 100, lambda step: None)
    for step in range(1, taken + 1):
        rounds(step, {})
    with pytest.raises(RuntimeError, match=f"agent took {taken} of 100 gradient steps"):
        rounds.finish()


RUN = RunSpec("maze2d-umaze", "mine", 0, "smoke", steps=10, episodes=2)
SEARCH = Search(
    RUN, {"rate": ("uniform", 0, 1)}, {"rate": 0.5}, samples=3, episodes=4, device="cpu"
)


def test_of_a_score_each_episode_counts_alike_and_all_are_tuning_episodes(
    monkeypatch: pytest.MonkeyPatch, tiny_dataset: Dataset, tiny_task: TaskInfo, tmp_path: Path
) -> None:
    seen: list[Any] = []

    class Mine:
        needs: ClassVar[dict[str, Any]] = {"threads": 3}

        def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
            seen.append((task.name, settings, device))

        def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:
            seen.append((len(dataset), steps, seed))
            for step in range(1, steps + 1):
                progress(step, {})

        def act(self) -> None: ...

        reset = save = load = act

    @contextmanager
    def pool(task: Task) -> Iterator[Task]:
        yield task

    def evaluate(agent: Any, pool: Task, seeds: list[int]) -> Evaluation:
        seen.append((pool.min_score, pool.max_score, *seeds))
        return Evaluation(seeds, [], [1.0, 2.0, 3.0, 10.0], [], [])

    monkeypatch.setattr(registry, "_registered", {"mine": Mine})
    monkeypatch.setattr(ray_search, "task_info", lambda task: tiny_task)
    monkeypatch.setattr(ray_search, "EnvironmentPool", pool)
    monkeypatch.setattr(ray_search, "evaluate", evaluate)
    monkeypatch.setattr("torch.set_num_threads", lambda n: seen.append(("threads", n)))
    monkeypatch.setattr(ray_search.tune, "report", seen.append)
    share(LoadedDataset(tiny_dataset, {"reference_scores": [5.0, 6.0]}), tmp_path / "data")
    run = RunSpec("adroit-pen-human", "mine", 7, "smoke", 10, 2, settings={"rate": 9, "more": 1})
    space = {"rate": ("uniform", 0, 1), "size": ("choice", ((1, 2), (3,)))}
    asked = replace(SEARCH, run=run, space=space, present={"rate": 9, "size": None}, device="cuda")
    ray_search._try_settings({"rate": 0.25, "size": 1}, asked, tmp_path / "data")
    # What is drawn replaces what was there; a choice is drawn by its number.
    settings = {"rate": 0.25, "more": 1, "size": (3,)}
    made = ("tiny", settings, "cuda")  # First only to see whether it can be.
    assert seen.pop(1) == made and seen[:3] == [("threads", 3), made, (120, 10, 7)]
    scored = (5.0, 6.0, 500_000, 500_001, 500_002, 500_003)
    assert seen[3:] == [
        each
        for step in (2, 4, 6, 8, 10)
        for each in (scored, {"score": 4.0, "step": step, "budget": 10, "whole": step == 10})
    ]


def test_a_sample_has_the_mean_of_its_trainings_so_far(
    monkeypatch: pytest.MonkeyPatch, tiny_dataset: Dataset
) -> None:
    seeds, reports = list[int](), list[dict[str, Any]]()

    class Mine(Stepping):
        def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Any) -> None:  # type: ignore[override]
            seeds.append(seed)
            for step in range(1, steps + 1):
                progress(step, {})

    drawn = iter([1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 11.0, 12.0, 13.0, 15.0])
    monkeypatch.setattr(ray_search, "evaluate", lambda *_: Mock(mean_score=next(drawn)))
    monkeypatch.setattr(ray_search.tune, "report", reports.append)
    asked, scores = replace(SEARCH, run=replace(RUN, seed=100), trainings=2), list[float]()
    for _ in range(2):
        ray_search._train_and_report(Mine(), tiny_dataset, Mock(), asked, 10, scores)
    assert seeds == [100, 101] and scores == [5.0, 15.0]
    assert [report["score"] for report in reports] == [1, 2, 3, 4, 5, 7.5, 8, 8.5, 9, 10]
    assert [report["step"] for report in reports] == list(range(2, 21, 2))
    assert [report["whole"] for report in reports] == [False] * 9 + [True]
    assert {report["budget"] for report in reports} == {20}
    assert ray_search._tune_config(asked, 1).scheduler._max_t == 11  # type: ignore[union-attr]


def test_the_present_value_of_a_choice_need_not_be_among_the_others() -> None:
    space = {"rate": ("uniform", 0, 1), "size": ("choice", ("a", "b"))}
    asked = replace(SEARCH, space=space, present={"rate": 0.5, "size": "c"})
    drawn = [drawn_settings({"rate": 0.1, "size": number}, asked) for number in (-1, 0, 1)]
    assert drawn == [{"rate": 0.1, "size": size} for size in ("c", "a", "b")]


def test_values_are_drawn_from_the_range_that_is_declared() -> None:
    declared = {
        "uniform": (2.0, 3.0),
        "loguniform": (1e-4, 1e-2),
        "int": (1, 3),
        "choice": (("a", "b", "c"),),
    }
    rng = np.random.RandomState(0)
    drawn = {
        form: np.array(ray_search._DOMAINS[form](*ends).sample(size=300, random_state=rng))
        for form, ends in declared.items()
    }
    assert 2 <= drawn["uniform"].min() < 2.02 and 2.98 < drawn["uniform"].max() <= 3
    assert abs(drawn["uniform"].mean() - 2.5) < 0.05
    logs = np.log10(drawn["loguniform"])
    assert -4 <= logs.min() < -3.95 and -2.05 < logs.max() <= -2
    assert abs(logs.mean() + 3) < 0.1, "as many below a thousandth as above"
    assert set(drawn["int"]) == {1, 2, 3}, "both ends"
    assert set(drawn["choice"]) == {0, 1, 2}, "by number"


def _decisions(*scores: float) -> list[list[str]]:
    """What becomes of samples that reach their first scores one after the other, and go on."""
    config = ray_search._tune_config(replace(SEARCH, samples=len(scores)), 1)
    scheduler: Any = config.scheduler
    scheduler.set_search_properties(config.metric, config.mode)
    trials = [SimpleNamespace(trial_id=str(number), config={}) for number in range(len(scores))]
    for trial in trials:
        scheduler.on_trial_add(None, trial)
    found = []
    for trial, score in zip(trials, scores, strict=True):
        found.append([])
        for iteration in range(1, ROUNDS + 1):
            result = {"score": score, "training_iteration": iteration}
            found[-1].append(scheduler.on_trial_result(None, trial, result))
            if found[-1][-1] == "STOP":
                break
    return found


def test_samples_below_the_median_end_early_but_not_the_present_settings() -> None:
    on = ["CONTINUE"] * 5
    # The first has nobody to be compared with; 1 is below it, 9 above both; 4 is below the
    # median of 5, 1 and 9. 5.5 is above that of these and 4, which is 4.5, but in the second round
    # only 5 and 9 are left.
    found = _decisions(5.0, 1.0, 9.0, 4.0, 5.5)
    assert found == [on, ["STOP"], on, ["STOP"], ["CONTINUE", "STOP"]]


def test_the_present_settings_go_on_however_poor_they_are() -> None:
    config = ray_search._tune_config(SEARCH, 1)
    scheduler: Any = config.scheduler
    scheduler.set_search_properties(config.metric, config.mode)
    first, good, poor = trials = [SimpleNamespace(trial_id=name, config={}) for name in "abc"]
    for trial in trials:
        scheduler.on_trial_add(None, trial)
    told = [
        scheduler.on_trial_result(None, trial, {"score": score, "training_iteration": 1})
        for trial, score in ((good, 9.0), (first, -9.0), (poor, -8.0))
    ]
    # Of 9 and -9 the median is 0, which -8 is below; -9 is below 9, but goes on.
    assert told == ["CONTINUE", "CONTINUE", "STOP"]


def test_the_first_sample_has_the_present_settings_and_the_seed_draws_the_others() -> None:
    space = {"rate": ("uniform", 0, 1), "size": ("choice", ("a", "b"))}
    run = replace(RUN, seed=4)
    asked = replace(SEARCH, run=run, space=space, present={"rate": 0.5, "size": "c"}, samples=7)
    config = ray_search._tune_config(asked, 3)
    assert (config.metric, config.mode, config.num_samples) == ("score", "max", 7)
    drawing: Any = config.search_alg
    assert drawing._points_to_evaluate == [{"rate": 0.5, "size": -1}]
    assert drawing.max_concurrent == 3
    assert drawing._random_state.rng.random() == np.random.default_rng(4).random()


def test_samples_that_died_are_tried_one_at_a_time_and_each_to_its_end() -> None:
    config = ray_search._alone_config([{"rate": 0.3}, {"rate": 0.2}])
    drawing: Any = config.search_alg
    assert (config.num_samples, drawing.max_concurrent, config.scheduler) == (2, 1, None)
    assert drawing._points_to_evaluate == [{"rate": 0.3}, {"rate": 0.2}]
