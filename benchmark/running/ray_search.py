"""The search for settings with Ray Tune: samples are drawn at random, and ASHA ends poor ones.

Every sample is scored on the tuning seeds alone. Which samples are drawn depends on the seed only;
which of them end early also on how fast each is, as several run at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler, TrialScheduler
from ray.tune.search.basic_variant import BasicVariantGenerator

from benchmark.agents.registry import agent_class, class_of_run
from benchmark.data import open_shared
from benchmark.errors import one_line
from benchmark.evaluation.episode_seeds import tuning_seeds
from benchmark.evaluation.rollout import EnvironmentPool, evaluate
from benchmark.interface import Agent, Dataset, Metrics
from benchmark.records.capacity import usable_cores
from benchmark.running.compute import Needs, needs_of, set_threads, torch_gpus
from benchmark.running.monitor import check_budget, evenly_spaced_steps
from benchmark.running.notebook_tasks import tasks_to_send
from benchmark.running.ray_cluster import machines, own_gpu_gb, ray_resources, shares_gpus
from benchmark.running.ray_failures import deaths_cost_one_trial
from benchmark.running.ray_session import Session, ray_session
from benchmark.running.sample_steps import sample_steps
from benchmark.running.sample_watcher import SampleWatcher
from benchmark.running.search_space import PRESENT, Sample, Search, drawn_settings
from benchmark.tasks import Task, find_task, register_task
from benchmark.tasks.environments import task_info

# Scores of one training, equally spaced over its gradient steps. After the 1st, 2nd, 4th, 8th ...
# of a sample, ASHA ends it if it is below the median of those that came so far before it.
ROUNDS = 5
_REDUCTION = 2

_DOMAINS: dict[str, Callable[..., Any]] = {
    "uniform": tune.uniform,
    "loguniform": tune.loguniform,
    "int": lambda low, high: tune.randint(low, high + 1),
    # By number: Ray would look into values that are lists or tuples.
    "choice": lambda values: tune.choice(list(range(len(values)))),
}


@contextmanager
def search_session(searches: Sequence[Search], log: Path, workers: int) -> Iterator[Session]:
    """Starts Ray for searches one after another: to start it again in one process is not safe.

    Args:
        searches: on one device.
        log: gets all that Ray has to say.
        workers: samples at a time.
    """
    agents = (agent_class(search.run.source or search.run.agent) for search in searches)
    cores = max(usable_cores(), *(workers * needs_of(agent_cls).threads for agent_cls in agents))
    with (
        ray_session(log, cores=cores, gpus=torch_gpus(searches[0].device)) as session,
        deaths_cost_one_trial(),
    ):
        yield session


def run_search(
    search: Search,
    data: Path,
    session: Session,
    workers: int,
    keep: Callable[[Sequence[Sample]], None],
) -> list[Sample]:
    """Tries all samples, each in a process of its own, and tells the terminal of each end.

    Args:
        search: what to search.
        data: folder in which the arrays of the task have been shared.
        session: from `search_session`.
        workers: samples at a time.
        keep: is given all samples that have ended so far, each time that one does.

    Returns:
        The samples in the order of their numbers; not all of them if Ray itself has failed.
    """
    watcher = SampleWatcher(search, keep, session.print_line, tries_again=workers > 1)
    _fit(search, data, session, _tune_config(search, workers), watcher)
    if again := watcher.try_again():
        _fit(search, data, session, _alone_config(again), watcher)
    return watcher.samples


def _fit(
    search: Search, data: Path, session: Session, config: tune.TuneConfig, watcher: SampleWatcher
) -> None:
    """Has Ray try samples to their end, or to its own."""
    needs = needs_of(agent_class(search.run.source or search.run.agent))
    tasks = tasks_to_send([search.run.task])
    trial = tune.with_parameters(_try_settings, search=search, data=data, tasks=tasks)
    tuner = tune.Tuner(
        tune.with_resources(trial, _resources(needs, search.device)),
        param_space={name: _DOMAINS[form](*rest) for name, (form, *rest) in search.space.items()},
        tune_config=config,
        run_config=tune.RunConfig(
            storage_path=str(session.folder / "tune"), verbose=0, callbacks=[watcher]
        ),
    )
    try:
        tuner.fit()
    except Exception as error:  # Of Ray itself; samples fail without one.
        watcher.give_up(f"Ray failed: {one_line(error)}")


def _alone_config(points: Sequence[dict[str, Any]]) -> tune.TuneConfig:
    """Samples that died beside others, one at a time and each to its end."""
    return tune.TuneConfig(
        metric="score",
        mode="max",
        num_samples=len(points),
        search_alg=BasicVariantGenerator(points_to_evaluate=list(points), max_concurrent=1),
    )


def _tune_config(search: Search, workers: int) -> tune.TuneConfig:
    present = {
        name: PRESENT if search.space[name][0] == "choice" else value
        for name, value in search.present.items()
    }
    return tune.TuneConfig(
        metric="score",
        mode="max",
        num_samples=search.samples,
        search_alg=BasicVariantGenerator(
            points_to_evaluate=[present], max_concurrent=workers, random_state=search.run.seed
        ),
        # One round more than there are: a sample that reaches the last ends by itself.
        scheduler=_SparesTheFirst(max_t=ROUNDS * search.trainings + 1, reduction_factor=_REDUCTION),
    )


def _resources(needs: Needs, device: str) -> tune.PlacementGroupFactory:
    """What Ray sets aside for a sample."""
    gpu = shares_gpus(device)
    gpu_gb = own_gpu_gb() if gpu else None
    return tune.PlacementGroupFactory([ray_resources(needs, machines(), gpu_gb, gpu=gpu)])


class _SparesTheFirst(ASHAScheduler):
    """ASHA, but the present settings always go on to the end: the others are compared to them."""

    _first: str | None = None

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        super().on_trial_add(tune_controller, trial)
        self._first = self._first or trial.trial_id

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        decision: str = super().on_trial_result(tune_controller, trial, result)
        return TrialScheduler.CONTINUE if trial.trial_id == self._first else decision


class Rounds:
    """A sample's progress callback: has the agent scored at a few equally spaced steps."""

    def __init__(self, agent: Agent, budget: int, score: Callable[[int], None]) -> None:
        self._agent, self._budget = agent, budget
        self._score = score
        self._steps = evenly_spaced_steps(budget, ROUNDS)
        self._last_step = 0

    def __call__(self, step: int, metrics: Metrics) -> None:
        """See `benchmark.interface.Progress`."""
        self._last_step = step
        if step in self._steps:
            self._score(step)

    def finish(self) -> None:
        """Has an agent without gradient steps scored, which reports none.

        Raises:
            RuntimeError: if the steps that were reported are not the budget.
        """
        check_budget(self._agent, self._last_step, self._budget)
        if self._last_step == 0:
            self._score(0)


def _try_settings(
    config: dict[str, Any], search: Search, data: Path, tasks: Sequence[Task] = ()
) -> None:
    """One sample, in a process of its own."""
    for sent in tasks:
        register_task(sent)
    run = search.run
    task = find_task(run.task, run.task_source, run.task_hash)
    agent_cls = class_of_run(run)
    set_threads(needs_of(agent_cls))
    loaded = open_shared(data)
    assert loaded is not None
    task = task.scored_by(loaded.metadata.get("reference_scores"))
    settings = {**run.settings, **drawn_settings(config, search)}
    info = task_info(task)
    agent_cls(info, settings, search.device)  # Refused in the agent's own words.
    steps = sample_steps(search, settings, info, loaded.dataset)
    scores: list[float] = []  # The last one of each training.
    with EnvironmentPool(task) as pool:
        for _ in range(search.trainings):
            agent = agent_cls(info, settings, search.device)
            _train_and_report(agent, loaded.dataset, pool, search, steps, scores)


def _train_and_report(
    agent: Agent,
    dataset: Dataset,
    pool: EnvironmentPool,
    search: Search,
    steps: int,
    scores: list[float],
) -> None:
    """One training of a sample; adds its last score to those of the trainings before it."""
    run, before = search.run, len(scores)
    last = before == search.trainings - 1

    def score(step: int) -> None:
        scores[before:] = [evaluate(agent, pool, tuning_seeds(search.episodes)).mean_score]
        # No steps are taken by an agent without gradient steps.
        tune.report(
            {
                "score": fmean(scores),
                "step": step and before * steps + step,
                "budget": steps * search.trainings,
                "whole": last and step in (0, steps),
            }
        )

    rounds = Rounds(agent, steps, score)
    agent.fit(dataset, steps=steps, seed=run.seed + before, progress=rounds)
    rounds.finish()
