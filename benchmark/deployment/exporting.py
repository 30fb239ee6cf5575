"""From the folder of a trained agent to one file that acts as it does, and was seen to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import agent_class
from benchmark.agents.saved import load_agent, trained_name, trained_seed, trained_task
from benchmark.data import load
from benchmark.deployment.observed_episodes import (
    ObservedEpisodes,
    played_episodes,
    recorded_episodes,
)
from benchmark.deployment.policy_check import TOLERANCE, Comparison, compare
from benchmark.deployment.policy_file import open_policy, write_policy
from benchmark.deployment.policy_metadata import input_forms, policy_metadata
from benchmark.errors import DatasetError, UserError, with_type
from benchmark.interface import Agent
from benchmark.records.record import Record
from benchmark.step_function import Exportable, StepFunction
from benchmark.tasks import Task
from benchmark.tasks.environments import task_info

OBSERVATIONS = 1_000
"""On so many a file is checked, at least."""


@dataclass(frozen=True)
class ExportedPolicy:
    """A file, and what its check has shown.

    Attributes:
        path: of the file: where it was asked for, or, if it failed, beside that.
        inputs: names and shapes of what it takes, for people.
        comparison: with the agent.
        source: what both observed.
    """

    path: Path
    inputs: str
    comparison: Comparison
    source: str

    def summary(self) -> list[str]:
        """Lines for people: what the file takes, and how near it is to its agent."""
        result = self.comparison
        lines = [
            f"{self.path}: from {self.inputs}; n is the number of environments",
            f"compared with the agent on {result.observations:,} observations of {self.source}: "
            f"largest difference {result.largest:.1e}, {TOLERANCE:g} is allowed",
        ]
        if result.jumps:
            lines.append(
                f"at {result.jumps:,} of them the agent's own action jumps within rounding, and "
                "the file took the other of its two actions"
            )
        return lines


def export_agent(run: Path, out: Path, form: str, count: int = OBSERVATIONS) -> ExportedPolicy:
    """Writes a trained agent's acting to a file, and compares the file with the agent.

    The file has another name until it has passed, so that what lies at `out` always has.

    Args:
        run: folder of the trained agent.
        out: where the file is to be.
        form: one of `benchmark.deployment.policy_file.SUFFIXES`.
        count: observations to check on.

    Raises:
        UserError: if there is no agent, or one that cannot be exported.
    """
    task, name, agent = trained_task(run), trained_name(run), load_agent(run)
    if not isinstance(agent, Exportable):
        raise UserError(
            f"the agent {name} in {run} cannot be exported: it has no step_function; those that "
            f"can: {', '.join(exportable_names())}, and agents of your own that have one "
            "(docs/deployment.md)"
        )
    info = task_info(task)
    unchecked = out.with_name(f"{out.stem}.unchecked{out.suffix}")
    try:
        step = _step_function(agent, name, run)
        metadata = policy_metadata(step, info, name, trained_seed(run))
        write_policy(step, unchecked, form, info.observation_size, metadata)
        episodes = _episodes(agent, task, run, count)
        comparison = compare(agent, step, open_policy(unchecked, form), episodes)
    except (UserError, OSError):
        raise
    except Exception as error:  # Of somebody's step function, and what libraries make of it.
        raise UserError(
            f"the agent {name} in {run} cannot be exported to {form} ({with_type(error)}); see "
            "Your own agent in docs/deployment.md, or try another --to"
        ) from error
    path = unchecked.replace(out) if comparison.passed else unchecked
    inputs = ", ".join(
        f"{name} ({', '.join(map(str, form['shape']))})"
        for name, form in input_forms(step, info).items()
    )
    return ExportedPolicy(path, inputs, comparison, episodes.source)


def _step_function(agent: Exportable, name: str, run: Path) -> StepFunction:
    """The agent's own; it raises ValueError where its settings make no one function."""
    try:
        return agent.step_function()
    except ValueError as error:
        raise UserError(f"the agent {name} in {run} cannot be exported: {error}") from error


def _episodes(agent: Agent, task: Task, run: Path, count: int) -> ObservedEpisodes:
    """From the data that the agent learned from, if that is here, or else from its environment."""
    try:
        record = run.resolve().with_suffix(".json")
        known = Record.from_json(record.read_text(encoding="utf-8"))
        data = str(known.dataset.get("id") or known.run.data)
    except (OSError, ValueError, TypeError, UserError):  # The folder was passed on alone.
        data = "auto"
    try:
        loaded = load(task, task_info(task), data)
    except DatasetError:
        return played_episodes(agent, task, count)
    return recorded_episodes(loaded.dataset, count, str(loaded.metadata["id"]))


def exportable_names() -> list[str]:
    """The built-in agents that can be exported."""
    return [name for name in BUILTIN if issubclass(agent_class(name), Exportable)]
