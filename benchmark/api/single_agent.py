"""One agent, trained and evaluated in this process as a run of a comparison would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral
from typing import Any

from benchmark import data as datasets
from benchmark.agent_base import no_progress
from benchmark.agents.class_choice import choose_class
from benchmark.agents.construction import make_agent
from benchmark.agents.registry import AgentChoice, agent_class, find_agent
from benchmark.agents.settings import find_preset, resolve_settings
from benchmark.agents.settings_file import SettingsFile
from benchmark.api.task_parts import TaskLike, data_source, one_task
from benchmark.data.stored import read_metadata, reference_scores
from benchmark.errors import UserError, shown
from benchmark.evaluation.episode_seeds import MOST_EPISODES, evaluation_seeds
from benchmark.evaluation.rollout import ActingAgent, EnvironmentPool, Evaluation
from benchmark.evaluation.rollout import evaluate as play
from benchmark.interface import Agent, Progress
from benchmark.records.devices import resolve_device
from benchmark.running.compute import needs_of, set_threads
from benchmark.tasks import environments


def train(
    task: TaskLike,
    agent: str | type[Any] = "mage",
    *,
    steps: int | None = None,
    seed: int = 0,
    preset: str = "quick",
    settings: Mapping[str, Any] | None = None,
    data: str = "auto",
    dataset: str | None = None,
    device: str = "auto",
    progress: Progress = no_progress,
    log: Callable[[str], None] = print,
) -> Agent:
    """Trains one agent in this process, with a debugger if you like, and returns it.

    With the same options it is the agent of a run of `compare`; torch gets as many threads as a
    run has. Nothing is written but the data that has to be collected or downloaded.

    Args:
        task: name or row of the table.
        agent: name, `path/to/file.py:ClassName`, or a class, of which an instance is returned.
        steps: gradient steps, in place of the preset's.
        seed: training seed.
        preset: `smoke`, `quick`, `standard` or `paper`, which sizes the agent.
        settings: of the agent, on top of the preset's and the task's.
        data: see `load_dataset`.
        dataset: see `load_dataset`.
        device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`.
        progress: called with the step and the losses after every gradient step; it may raise to
            end training early.
        log: gets, in one line each, what takes time before training.

    Raises:
        UserError: for an unknown task, agent, preset, device or setting.
        DatasetError: if the data cannot be had, or is damaged.
    """
    row = one_task(task)
    if steps is not None and steps < 1:
        raise UserError(
            f"steps={steps} is too few; valid: 1 or more; leave it out for the preset's"
        )
    choice = _choice(agent)
    user = SettingsFile(agents={choice.name: dict(settings or {})}, origin="settings=")
    resolved = resolve_settings(choice, row, preset, user=user)
    source, device = data_source(row, data, dataset), resolve_device(device)
    if find_preset(preset).small_data:
        source = datasets.small_source(row, source)
    set_threads(needs_of(agent_class(choice.source or choice.name)))
    info = environments.task_info(row)
    trained = make_agent(choice, info, resolved, device)
    arrays = datasets.prepare(row, info, source, log).dataset
    trained.fit(arrays, steps=steps or resolved.steps, seed=seed, progress=progress)
    return trained


def evaluate(
    agent: ActingAgent,
    task: TaskLike,
    episodes: int = 10,
    *,
    seed: int = 0,
    data: str = "auto",
    dataset: str | None = None,
) -> Evaluation:
    """Plays episodes with a trained agent: those of the reported scores of a training seed.

    Afterwards the agent is at the start of an episode.

    Args:
        agent: trained.
        task: name or row of the table.
        episodes: how many, at most 10,000.
        seed: training seed whose episodes are played.
        data: the agent's, see `load_dataset`: where it has reference scores of its own, these
            make the scale.
        dataset: see `load_dataset`.

    Returns:
        Seeds, returns, normalised scores, successes and lengths of the episodes, and `mean_score`.

    Raises:
        UserError: for an unknown task, or a number of episodes or a seed that is none.
        ValueError: for actions that cannot be played.
    """
    row = one_task(task)
    if not _is_number(episodes) or not 1 <= episodes <= MOST_EPISODES:
        raise UserError(f"episodes={shown(episodes)}; valid: 1 to {MOST_EPISODES}")
    if not _is_number(seed) or seed < 0:
        raise UserError(f"seed={shown(seed)}; valid: 0 or more, as training seeds are")
    stored = datasets.stored_id(row, data_source(row, data, dataset))
    if stored is not None:
        row = row.scored_by(reference_scores(read_metadata(stored)))
    with EnvironmentPool(row) as pool:
        evaluation = play(agent, pool, evaluation_seeds(episodes, seed))
    agent.reset(1)
    return evaluation


def _is_number(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def preset_settings(
    agent: str | type[Any], task: TaskLike, preset: str = "quick"
) -> dict[str, Any]:
    """The settings of an agent on a task, with which its class is made for a preset.

    What they leave out are the defaults of the class: those of its paper.

    Args:
        agent: name, `path/to/file.py:ClassName`, or a class.
        task: name or row of the table.
        preset: `smoke`, `quick`, `standard` or `paper`.

    Raises:
        UserError: for an unknown agent, task or preset.
    """
    return resolve_settings(_choice(agent), one_task(task), preset).values


def _choice(agent: str | type[Any]) -> AgentChoice:
    """An agent that is used in this process alone: a class is this very class."""
    return find_agent(agent) if isinstance(agent, str) else choose_class(agent, as_it_is=True)
