"""What a task is: a row of the table, or one that a user registers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmark.interface import HindsightGoals, TaskInfo
from benchmark.tasks.mazes import GridCell

if TYPE_CHECKING:
    from gymnasium.envs.registration import EnvSpec


@dataclass(frozen=True)
class RecordedSpaces:
    """The spaces of an environment as a dataset of it has them.

    Attributes:
        observation_size: numbers of an observation, its parts put together.
        action_low: smallest action.
        action_high: largest action.
    """

    observation_size: int
    action_low: tuple[float, ...]
    action_high: tuple[float, ...]


@dataclass(frozen=True)
class Task:
    """What is to be learned, from which data, and how it is scored.

    Attributes:
        name: such as `adroit-door-expert`.
        benchmark: the table of the paper it belongs to.
        dataset: id of the published Minari dataset.
        env_id: gymnasium id of the evaluation environment, `module:Id` if a module registers it on
            import; a class or function that makes it; or its specification, as a dataset has it.
            None where none is known: agents can be trained then, but not evaluated.
        env_kwargs: its arguments.
        max_steps: steps of one evaluation episode.
        min_score: return that scores 0 (in the table, D4RL's reference for a random policy); None
            where there are no reference returns, so that scores are the returns themselves.
        max_score: return that scores 100 (in the table, D4RL's reference for an expert), or None.
        published_as: name under which papers report it, where they use the same data.
        recipe: id of the dataset that can be collected on this machine instead, if any.
        small_recipe: id of a smaller one by the same procedure, for presets whose scores are not to
            be set beside published ones; None where these take the same data as others.
        relabel: how recorded episodes become the agents' arrays: a name in `data.relabel`, or a
            function of a task, an `Episode` and a random generator that gives any number of those.
        observation_parts: parts of a dict observation and the size of each, in the order in which
            they are concatenated, such as `{"arm/position": 3, "goal": 2}`, where `arm` is a dict
            itself; empty for all parts in the order of their names, and for an array.
        goal_cell: (row, column) of the one goal that is hidden from the agents, if there is one.
        tells_success: whether the environment reports at a step that the episode is solved; None
            where that shows when it is played.
        success: how it does: a key of its `info`, or a function of (observation, reward,
            terminated, info) after a step, with the observation as the environment gives it; None
            for the key `success`, which then has to be there after every step.
        success_return: return from which an episode counts as solved, whatever the environment
            reports; None if success does not depend on the return.
        score_is_success: whether an episode scores 100 if it is solved and 0 if not, whatever its
            return is; there are no reference returns then.
        discount: factor per step of the return a planner conditions on.
        return_scale: what an undiscounted return is divided by before a network sees it.
        target_return: undiscounted return that agents which are conditioned on one are asked for.
        position_columns: in mazes, columns of the observation with the agent's position.
        goal_columns: columns with the position of the goal.
        hindsight: how goals can be put into recorded observations, if the observation has one.
        camera: settings of MuJoCo's camera for videos, where they are not the environment's own;
            mazes are seen from above.
        spaces: what agents are told of observations and actions, where that is as recorded; None
            where the environment is asked.
        source: absolute path of the file that registers it, for a task of a user's file, or
            `minari:` and the id of the dataset that it was derived from.
        source_hash: SHA-256 of that file with those that it imports from beside it, or of what was
            derived from the dataset.
    """

    name: str
    benchmark: str
    dataset: str
    env_id: str | Callable[..., Any] | EnvSpec | None
    max_steps: int
    min_score: float | None = None
    max_score: float | None = None
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    published_as: str | None = None
    recipe: str | None = None
    small_recipe: str | None = None
    relabel: str | Callable[..., Iterable[Any]] = "plain"
    observation_parts: Mapping[str, int] = field(default_factory=dict)
    goal_cell: GridCell | None = None
    tells_success: bool | None = True
    success: str | Callable[..., bool] | None = None
    success_return: float | None = None
    score_is_success: bool = False
    discount: float = 0.99
    return_scale: float = 1.0
    target_return: float = 1.0
    position_columns: tuple[int, ...] = ()
    goal_columns: tuple[int, ...] = ()
    hindsight: HindsightGoals | None = None
    camera: Mapping[str, float] = field(default_factory=dict)
    spaces: RecordedSpaces | None = None
    source: str | None = None
    source_hash: str | None = None

    def scored_by(self, own: Sequence[float] | None) -> Task:
        """The task with a dataset's own reference scores, which come first.

        They do only where the recorded rewards are the evaluation's: relabelling that gives
        other rewards makes them mean something else.

        Args:
            own: returns that score 0 and 100, or None.
        """
        if own is None or self.relabel != "plain":
            return self
        return replace(self, min_score=own[0], max_score=own[1])

    @property
    def asked_as(self) -> str:
        """What `--tasks` takes for it, from any folder."""
        return asked_as(self.name, self.source)

    @property
    def defines_success(self) -> bool:
        """Whether an episode can be solved, or is only better or worse than another."""
        return self.tells_success is not False or self.success_return is not None

    @property
    def published_id(self) -> str | None:
        """The id of the published dataset that it has, if it is no user's."""
        return self.dataset if self.source is None else None

    @property
    def recipes(self) -> tuple[str, ...]:
        """The ids of the datasets that can be collected for it."""
        return tuple(one for one in (self.recipe, self.small_recipe) if one is not None)

    @property
    def references(self) -> tuple[float, float] | None:
        """The returns that score 0 and 100, if there are any."""
        if self.min_score is None or self.max_score is None:
            return None
        return self.min_score, self.max_score

    def score_of(self, returns: float) -> float:
        """D4RL's score: 0 for a random policy, 100 for its expert; without these, the return."""
        if self.references is None:
            return returns
        low, high = self.references
        return 100.0 * (returns - low) / (high - low)

    def info(self, spaces: RecordedSpaces) -> TaskInfo:
        """What agents are told of the task, whose environment has these spaces."""
        return TaskInfo(
            name=self.name,
            observation_size=spaces.observation_size,
            action_low=np.array(spaces.action_low, np.float32),
            action_high=np.array(spaces.action_high, np.float32),
            max_steps=self.max_steps,
            discount=self.discount,
            return_scale=self.return_scale,
            target_return=self.target_return,
            position_columns=self.position_columns,
            goal_columns=self.goal_columns,
            hindsight=self.hindsight,
        )


def asked_as(name: str, source: str | None) -> str:
    """What `--tasks` takes for a task of this name and `Task.source`."""
    return f"{source}:{name}" if source and source.endswith(".py") else source or name


def flatten(observation: Any, keys: Iterable[str] = (), leading: int = 0) -> NDArray[Any]:
    """Puts the parts of a dict observation, which may be nested, into one vector.

    Args:
        observation: an array, or a dict of arrays and of such dicts.
        keys: which parts, in which order, by their names of `named_parts`; empty for all of them.
        leading: axes that come before those of an observation: 0 for a single one, 1 for the
            observations of an episode.

    Returns:
        (..., size) with the leading axes as they were.
    """
    if not isinstance(observation, Mapping):
        return _as_vectors(observation, leading)
    parts = named_parts(observation)
    chosen = [_as_vectors(parts[key], leading) for key in tuple(keys) or parts]
    return np.concatenate(chosen, axis=-1)


def named_parts(observation: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The arrays of a dict observation, or the spaces of its space, by name.

    A part of a dict inside the dict is called `outer/inner`. The order is that of the keys at each
    level, as `gymnasium.spaces.Dict` has them, in whatever order an environment gives them.
    """
    parts: dict[str, Any] = {}
    for key in sorted(observation, key=str):
        value = getattr(observation[key], "spaces", observation[key])
        if isinstance(value, Mapping):
            parts |= named_parts(value, f"{prefix}{key}/")
        else:
            parts[f"{prefix}{key}"] = observation[key]
    return parts


def _as_vectors(values: Any, leading: int) -> NDArray[Any]:
    array = np.asarray(values)
    return array.reshape(*array.shape[:leading], math.prod(array.shape[leading:]))
