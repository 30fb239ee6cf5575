"""The search for settings with Ray Tune: samples are drawn at random, and ASHA ends poor ones.

Every sample is scored on the tuning seeds alone. Which samples are drawn depends on the seed only;
which of them end early also on how fast each is, as several run at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler, TrialScheduler
from ray.tune.search.basic_variant import BasicVariantGenerator

from benchmark.agents.registry import agent_class
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
from benchmark.running.ray_failures import deaths_cost_one_trial, trial_error
from benchmark.running.ray_session import Session, ray_session
from benchmark.running.search_space import Sample, Search
from benchmark.tasks import Task, find_task, register_task
from benchmark.tasks.environments import task_info

# Scores of one training, equally spaced over its gradient steps. After the 1st, 2nd, 4th, 8th ...
# of a sample, ASHA ends it if it is below the median of those that came so far before it.
ROUNDS = 5
_REDUCTION = 2

# In place of the number of a choice: the value there is now, which need not be among them.
_PRESENT = -1

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
    needs = needs_of(agent_class(search.run.source or search.run.agent))
    watcher = _SampleWatcher(search, keep, session.print_line)
    tasks = tasks_to_send([search.run.task])
    trial = tune.with_parameters(_try_settings, search=search, data=data, tasks=tasks)
    tuner = tune.Tuner(
        tune.with_resources(trial, _resources(needs, search.device)),
        param_space={name: _DOMAINS[form](*rest) for name, (form, *rest) in search.space.items()},
        tune_config=_tune_config(search, workers),
        run_config=tune.RunConfig(
            storage_path=str(session.folder / "tune"), verbose=0, callbacks=[watcher]
        ),
    )
    try:
        tuner.fit()
    except Exception as error:  # Of Ray itself; samples fail without one.
        watcher.give_up(f"Ray failed: {one_line(error)}")
    return watcher.samples


def _tune_config(search: Search, workers: int) -> tune.TuneConfig:
    present = {
        name: _PRESENT if search.space[name][0] == "choice" else value
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


def _settings(config: Mapping[str, Any], search: Search) -> dict[str, Any]:
    """What Ray has drawn, as the agent takes it."""
    settings = dict(config)
    for name, (form, *rest) in search.space.items():
        if form == "choice":
            number = config[name]
            settings[name] = search.present[name] if number == _PRESENT else rest[0][number]
    return settings


class _SparesTheFirst(ASHAScheduler):
    """ASHA, but the present settings always go on to the end: the others are compared to them."""

    _first: str | None = None

    def on_trial_add(self, tune_controller: Any, trial: Any) -> None:
        super().on_trial_add(tune_controller, trial)
        self._first = self._first or trial.trial_id

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> str:
        decision: str = super().on_trial_result(tune_controller, trial, result)
        return TrialScheduler.CONTINUE if trial.trial_id == self._first else decision


class _SampleWatcher(tune.Callback):
    """Sees each sample end.

    Attributes:
        samples: those that have ended, in the order of their numbers.
    """

    def __init__(
        self,
        search: Search,
        keep: Callable[[Sequence[Sample]], None],
        print_line: Callable[[str], None],
    ) -> None:
        self.samples: list[Sample] = []
        self._search = search
        self._keep = keep
        self._print_line = print_line
        self._running: dict[str, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {}  # Ray keeps a copy to resume from, which is not done here.

    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._running[trial.trial_id] = (trials, trial)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._take(trials, trial, "completed" if trial.last_result.get("whole") else "stopped")

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._take(trials, trial, "failed", trial_error(trial)[0])

    def give_up(self, reason: str) -> None:
        """Nothing more comes: what was running has failed."""
        for trials, trial in list(self._running.values()):
            self._take(trials, trial, "failed", reason)

    def _take(self, trials: list[Any], trial: Any, status: str, reason: str = "") -> None:
        self._running.pop(trial.trial_id, None)
        result = trial.last_result or {}
        sample = Sample(
            number=trials.index(trial) + 1,
            settings=_settings(trial.config, self._search),
            status=status,
            steps=result.get("step", 0),
            score=result.get("score"),
            seconds=result.get("time_total_s", 0.0),
            reason=reason,
        )
        self.samples = sorted([*self.samples, sample], key=lambda sample: sample.number)
        self._keep(self.samples)
        line = sample_line(sample, self._search.steps)
        self._print_line(f"[{len(self.samples)}/{self._search.samples}] {line}")


def sample_line(sample: Sample, steps: int) -> str:
    """One line for people on how a sample ended, of a search with so many gradient steps."""
    ending = f"failed: {sample.reason}" if sample.score is None else f"score {sample.score:.1f}"
    if sample.score is not None and sample.status != "completed":
        ending += f", {sample.status} after {sample.steps} of {steps} steps"
        ending += f": {sample.reason}" if sample.reason else ""
    return f"sample {sample.number}: {ending} ({sample.seconds / 60:.1f} min)"


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
    agent_cls = agent_class(run.source or run.agent)
    set_threads(needs_of(agent_cls))
    loaded = open_shared(data)
    assert loaded is not None
    task = task.scored_by(loaded.metadata.get("reference_scores"))
    settings = {**run.settings, **_settings(config, search)}
    scores: list[float] = []  # The last one of each training.
    with EnvironmentPool(task) as pool:
        for _ in range(search.trainings):
            agent = agent_cls(task_info(task), settings, search.device)
            _train_and_report(agent, loaded.dataset, pool, search, scores)


def _train_and_report(
    agent: Agent, dataset: Dataset, pool: EnvironmentPool, search: Search, scores: list[float]
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
                "step": step and before * run.steps + step,
                "whole": last and step in (0, run.steps),
            }
        )

    rounds = Rounds(agent, run.steps, score)
    agent.fit(dataset, steps=run.steps, seed=run.seed + before, progress=rounds)
    rounds.finish()
