"""What is searched for: the settings that an agent declares, and the values they have now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

from benchmark.agents.training_costs import has_equal_seconds
from benchmark.errors import UserError
from benchmark.records.record import RunSpec

SearchSpace = Mapping[str, Sequence[Any]]

_FORMS = (
    '("uniform", low, high), ("loguniform", low, high) with low above 0, ("int", low, high) with '
    'both ends included, ("choice", (value, value, ...))'
)


PRESENT = -1
"""In place of the number of a choice: the value there is now, which need not be among them."""


@dataclass(frozen=True)
class Search:
    """What is to be searched.

    Attributes:
        run: task, agent, seed, gradient steps and the settings that stay as they are.
        space: setting -> its declaration; see `benchmark.interface.Agent`.
        present: setting -> its value now, for each one in the space.
        samples: how many to try, the present settings among them.
        episodes: tuning episodes per score.
        device: name of a torch device.
        trainings: of each sample, with seeds from that of `run` on; its score is their mean.
        steps_option: gradient steps of each training that `--steps` asks for, of all agents.
        steps_said: those that the user's settings ask for, of this agent.
    """

    run: RunSpec
    space: SearchSpace
    present: dict[str, Any]
    samples: int
    episodes: int
    device: str
    trainings: int = 1
    steps_option: int | None = None
    steps_said: int | None = None

    @property
    def steps(self) -> int:
        """Gradient steps with the present settings, of all trainings of a sample together."""
        return self.run.steps * self.trainings

    @property
    def has_equal_seconds(self) -> bool:
        """Whether all samples train for as long as the present settings (`sample_steps`)."""
        is_asked = self.steps_option is not None or self.steps_said is not None
        return has_equal_seconds(self.run.preset) and not is_asked

    @property
    def training_text(self) -> str:
        """How long samples train, for people and to tell searches apart."""
        as_long = "as long as with the present settings"
        return as_long if self.has_equal_seconds else f"{self.run.steps} steps"

    def budget_of(self, sample: Sample) -> int:
        """All gradient steps of a sample, of all its trainings."""
        return self.steps if sample.budget is None else sample.budget


@dataclass(frozen=True)
class Sample:
    """One choice of settings, and what came of it.

    Attributes:
        number: in the order of being drawn; 1 are the present settings.
        settings: setting -> value.
        status: `completed`, `stopped` (by ASHA) or `failed`.
        steps: gradient steps at the last score, of all trainings together.
        score: the last one on the tuning episodes, the mean over the trainings that had begun; None
            if there was none.
        seconds: wall time up to the last score.
        reason: one line on why it failed.
        budget: all its gradient steps, of all its trainings; None if they were not told.
    """

    number: int
    settings: dict[str, Any]
    status: str
    steps: int
    score: float | None
    seconds: float
    reason: str = ""
    budget: int | None = None


def drawn_settings(config: Mapping[str, Any], search: Search) -> dict[str, Any]:
    """What Ray has drawn, as the agent takes it.

    Args:
        config: setting -> what was drawn; of a choice the number of a value, or `PRESENT`.
        search: whose space it was drawn from.
    """
    settings = dict(config)
    for name, (form, *rest) in search.space.items():
        if form == "choice":
            number = config[name]
            settings[name] = search.present[name] if number == PRESENT else rest[0][number]
    return settings


def search_space(name: str, agent: type[Any]) -> SearchSpace:
    """The settings that an agent's class wants searched; see `benchmark.interface.Agent`.

    Args:
        name: of the agent.
        agent: its class.

    Raises:
        UserError: if there are none, or one is declared in a form that is not known.
    """
    space = getattr(agent, "search_space", None)
    if not isinstance(space, Mapping) or not space:
        raise UserError(
            f"agent {name!r} declares no settings to search; give its class an attribute such as "
            'search_space = {"learning_rate": ("loguniform", 1e-4, 3e-3)}; valid forms: ' + _FORMS
        )
    for setting, declared in space.items():
        if not _is_valid(declared):
            raise UserError(
                f"search_space of agent {name!r}: setting {setting!r} is declared as "
                f"{declared!r}; valid forms: {_FORMS}"
            )
    return dict(space)


def _is_valid(declared: Any) -> bool:
    match declared:
        case ("choice", list() | tuple() as values):
            return len(values) > 0
        case ("int", int(low), int(high)):
            return low < high
        case ("uniform", int() | float() as low, int() | float() as high):
            return low < high
        case ("loguniform", int() | float() as low, int() | float() as high):
            return 0 < low < high
    return False


def current_values(
    agent: str, config: Any, settings: Mapping[str, Any], space: Mapping[str, Any]
) -> dict[str, Any]:
    """The value that each setting of a search space has without the search.

    Args:
        agent: its name.
        config: its resolved settings, a dataclass; None where it keeps none.
        settings: what the agent was given, which counts where it keeps no config.
        space: the settings asked for.

    Raises:
        UserError: for a setting of which nothing is known, or that has no number to start from.
    """
    values = vars(config) if is_dataclass(config) else settings
    for name, (form, *_) in space.items():
        if name not in values:
            raise UserError(
                f"search_space of agent {agent!r} names {name!r}, which has no present value; "
                f"known: {', '.join(sorted(values)) or 'none'}; an agent tells its settings in "
                "`presets` or in a dataclass `config`"
            )
        if form != "choice" and not isinstance(values[name], (int, float)):
            raise UserError(
                f"search_space of agent {agent!r}: {name!r} is {values[name]!r} now, which is no "
                f'number; declare it as ("choice", (value, ...))'
            )
    return {name: values[name] for name in space}
