"""Presets, which say how much a run may cost, and the settings of an agent on a task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.agents.builtin import TIMED_VARIANTS
from benchmark.agents.declared import (
    declared_rows,
    declared_settings,
    plain_settings,
    rows_of_task,
)
from benchmark.agents.registry import AgentChoice, agent_class, split_variant, variant_settings
from benchmark.agents.settings_file import SET_OPTION, SettingsFile
from benchmark.agents.training_costs import budgeted_steps
from benchmark.errors import UserError, shown, unknown_name
from benchmark.interface import TaskSettings
from benchmark.tasks import Task


@dataclass(frozen=True)
class Preset:
    """One size of experiment.

    Attributes:
        purpose: what its numbers may be used for, for people.
        episodes: evaluation episodes per run.
        tuning_episodes: episodes per score of the learning curve, on seeds of their own.
        curve_scores: scores along the learning curve, equally spaced, the last at the end.
        steps: gradient steps of an agent that names none.
        small_data: whether the smaller dataset will do, for tasks that have one.
        like: preset whose settings agents have where they name none of this one. Of steps that they
            name there they take as many times more as this preset has more.
    """

    purpose: str
    episodes: int
    tuning_episodes: int
    curve_scores: int
    steps: int
    small_data: bool = True
    like: str | None = None


PRESETS = {
    "smoke": Preset(
        purpose="shows that everything runs; its scores mean nothing",
        episodes=2,
        tuning_episodes=1,
        curve_scores=2,
        steps=20,
    ),
    # Training takes every agent that is built in as long as every other, on every task: their steps
    # are those of the calibration (`benchmark.agents.training_costs`), and no others.
    "quick": Preset(
        purpose="a comparison on a laptop at a small budget; not to be set beside published scores",
        episodes=50,
        # Few: they cost time that is not spent on training.
        tuning_episodes=5,
        curve_scores=4,
        steps=10_000,
    ),
    # The networks of `quick`, and the same rule: an hour for everyone.
    "standard": Preset(
        purpose="where agents get to in an hour each; not to be set beside published scores",
        episodes=50,
        tuning_episodes=10,
        curve_scores=8,
        steps=120_000,
        small_data=False,
        like="quick",
    ),
    "paper": Preset(
        purpose="the published sizes, to be set beside published scores; needs a GPU",
        episodes=100,
        tuning_episodes=10,
        curve_scores=5,
        steps=500_000,
        small_data=False,
    ),
}
CURVE_LOSSES = 50


def find_preset(name: str) -> Preset:
    """The preset of a name.

    Raises:
        UserError: if there is none.
    """
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return PRESETS[name]


@dataclass(frozen=True)
class AgentSettings:
    """What an agent is made and trained with on a task.

    Attributes:
        steps: gradient steps.
        values: what the agent's `__init__` is given; what it leaves out are the class's defaults.
        sources: setting -> who said it last; `steps` among them.
    """

    steps: int
    values: dict[str, Any]
    sources: dict[str, str]


def resolve_settings(
    agent: AgentChoice,
    task: Task,
    preset: str,
    *,
    user: SettingsFile | None = None,
    changes: Mapping[str, Any] | None = None,
) -> AgentSettings:
    """The settings of an agent on a task: the one place that decides which value applies.

    Later sources take precedence: the defaults of the agent's config, its preset, the steps that
    the calibration gives it at `quick` and `standard`, its rows for the task, the user's file,
    `--set`, the variant, the user's file and `--set` where they name the variant, and `changes`. A
    variant has the steps of its agent, but for those that are timed themselves (`TIMED_VARIANTS`).

    Args:
        agent: as the user asked for it.
        task: to be learned.
        preset: name of the preset.
        user: what the user has set, in a file or on the command line.
        changes: what a command wants otherwise.

    Raises:
        UserError: if the agent cannot be imported, for a preset or a variant that is unknown,
            for what its class declares in another form or for tasks that there are none of, for a
            value that no record can hold, or for steps below 1.
    """
    settings: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, values in _layers(agent, task, preset, user or SettingsFile(), changes or {}):
        settings |= plain_settings(values, f"settings of {agent.name} from {source}")
        sources |= dict.fromkeys(values, source)
    steps = settings.pop("steps")
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
        raise UserError(
            f"steps {shown(steps)} of {agent.name} in preset {preset!r}; valid: an integer of 1 or "
            f"more; correct them where they come from: {sources['steps']}"
        )
    return AgentSettings(steps, settings, sources)


def _layers(
    agent: AgentChoice, task: Task, preset: str, user: SettingsFile, changes: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The sources of an agent's settings on a task, by rising precedence."""
    chosen_class = agent_class(agent.source or agent.name)
    base, variant = (agent.name, "") if agent.source else split_variant(agent.name)
    yield f"preset {preset}", {"steps": find_preset(preset).steps}
    declared = declared_settings(chosen_class, "presets", PRESETS)
    for name in _preset_and_like(preset):
        yield f"preset {name} of {base}", _as_many_times(declared.get(name, {}), name, preset)
    names = [] if agent.source else dict.fromkeys((agent.name, base))
    steps = next(filter(None, (budgeted_steps(name, task, preset) for name in names)), None)
    if steps is not None:
        yield f"calibration of {preset}", {"steps": steps}
    for row in task_rows(chosen_class, task, preset):
        yield row.source, _as_many_times(row.values, row.preset or preset, preset)
    if agent.name not in TIMED_VARIANTS:
        yield user.origin, user.steps_at(base, task.name, preset)
    yield user.origin, user.for_agent(base, task.name)
    yield SET_OPTION, user.command.get(base, {})
    if variant:
        yield f"variant {variant}", variant_settings(agent.name)
        yield user.origin, user.steps_at(agent.name, task.name, preset)
        yield user.origin, user.for_agent(agent.name, task.name)
        yield SET_OPTION, user.command.get(agent.name, {})
    yield "command", changes


def task_rows(agent: type[Any], task: Task, preset: str) -> list[TaskSettings]:
    """What a class sets differently on a task, by rising precedence."""
    rows = declared_rows(agent, PRESETS)
    return rows_of_task(rows, task.name, task.benchmark, *_preset_and_like(preset))


def _preset_and_like(preset: str) -> list[str]:
    """The preset whose settings stand in where this one has none, and then this one."""
    like = find_preset(preset).like
    return [*([like] if like else []), preset]


def _as_many_times(settings: Any, declared_at: str, preset: str) -> Any:
    """Settings of one preset at another: steps in the ratio of the presets' own."""
    if declared_at == preset or not isinstance(settings, Mapping) or "steps" not in settings:
        return settings
    steps, ratio = settings["steps"], PRESETS[preset].steps // PRESETS[declared_at].steps
    # What is no number of steps is refused where all sources of them are.
    return {**settings, "steps": steps * ratio if type(steps) is int else steps}
