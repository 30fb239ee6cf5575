"""The contract between the benchmark and an agent.

Agents, ours and others, import this module, and `trainer` and `agent_base` if they like; it imports
only numpy. Shapes: N recorded steps, n environments, O observation and A action size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from benchmark.agent_settings import NO_SETTINGS as NO_SETTINGS
from benchmark.agent_settings import Settings as Settings
from benchmark.agent_settings import TaskSettings as TaskSettings
from benchmark.agent_settings import build_config as build_config
from benchmark.following import PlanExchange as PlanExchange
from benchmark.following import PlanFollower as PlanFollower
from benchmark.following import ReturnConditioned as ReturnConditioned
from benchmark.hindsight import HindsightGoals as HindsightGoals
from benchmark.resumable import Resumable as Resumable

FloatArray = NDArray[np.float32]

# Losses by name; a number, or a function that gives it.
Metrics = Mapping[str, float | Callable[[], float]]


class Progress(Protocol):
    """Called by `Agent.fit` after a gradient step; cheap to call after every one."""

    def __call__(self, step: int, metrics: Metrics) -> None:
        """Takes the number of gradient steps done and the current losses by name.

        A loss may be given as a function, which is called only when the loss is written: reading
        a number from an accelerator stalls it.
        """


# Number of dimensions and type of each array of `Dataset`.
_FORMS: dict[str, tuple[int, type[np.generic]]] = {
    "observations": (2, np.float32),
    "actions": (2, np.float32),
    "rewards": (1, np.float32),
    "terminals": (1, np.bool_),
    "timeouts": (1, np.bool_),
}


@dataclass(frozen=True)
class Dataset:
    """Recorded steps in the order they happened, episode after episode, as read-only arrays.

    One row is one step: the observation, the action taken on it, the reward that followed::

        row            0    1    2    3    4 |  5    6    7 |  8 ...
        observations  s0   s1   s2   s3   s4 | s0   s1   s2 | s0
        actions       a0   a1   a2   a3   a4 | a0   a1   a2 | a0
        rewards       r0   r1   r2   r3   r4 | r0   r1   r2 | r0
        terminals      0    0    0    0    1 |  0    0    0 |  0     the task ended: no future
        timeouts       0    0    0    0    0 |  0    0    1 |  0     recording ended: future unknown
        ends           5                        8                    one past each last row

    The observation after an episode's last action is not kept: nothing follows a terminal, and
    every agent leaves out the transition after a timeout.

    Attributes:
        observations: (N, O) float32.
        actions: (N, A) float32, inside the task's action bounds.
        rewards: (N,) float32.
        terminals: (N,) bool.
        timeouts: (N,) bool; the last row of every episode is a terminal or a timeout.

    Raises:
        ValueError: for arrays of other types or shapes, or an episode without an end.
    """

    observations: FloatArray
    actions: FloatArray
    rewards: FloatArray
    terminals: NDArray[np.bool_]
    timeouts: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for field in fields(self):
            array, expected = getattr(self, field.name), _FORMS[field.name]
            dtype = getattr(array, "dtype", None)  # Of arrays of other libraries it is another.
            kind = dtype.type if isinstance(dtype, np.dtype) else type(array)
            form = getattr(array, "ndim", 0), kind
            if form != expected:
                name, wanted = field.name, expected[1].__name__
                way_out = f": np.asarray({name}, np.{wanted})" if kind != expected[1] else ""
                raise ValueError(
                    f"the {name} of a dataset have {form[0]} dimensions of type {kind.__name__}; "
                    f"expected {expected[0]} of {wanted}{way_out}"
                )
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) != 1 or not len(self):
            raise ValueError(f"the arrays of a dataset need one length above 0, got {lengths}")
        if not (self.terminals[-1] or self.timeouts[-1]):
            raise ValueError("the last row of a dataset must end an episode")
        for field in fields(self):
            getattr(self, field.name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.observations)

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """(episodes,) one past the last row of each episode."""
        return np.flatnonzero(self.terminals | self.timeouts) + 1

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """(episodes,) the first row of each episode."""
        return np.concatenate([[0], self.ends[:-1]])

    @cached_property
    def last_rows(self) -> NDArray[np.int64]:
        """(N,) for each row, the last row of its episode."""
        return np.repeat(self.ends - 1, self.ends - self.starts)

    def episode_returns(self) -> NDArray[np.float64]:
        """(episodes,) the undiscounted sum of each episode's rewards."""
        return np.add.reduceat(self.rewards.astype(np.float64), self.starts)

    def returns_to_go(self, discount: float) -> FloatArray:
        """(N,) the discounted sum of the rewards from each row to the end of its episode.

        Args:
            discount: factor per step, in [0, 1].
        """
        returns = self.rewards.astype(np.float64)
        # Walks back from the ends of all episodes at once: as many steps as the longest has rows.
        rows = np.arange(len(self))
        remaining = self.last_rows - rows
        order = np.argsort(remaining, kind="stable")
        first = np.searchsorted(remaining[order], np.arange(1, remaining.max() + 2))
        for begin, end in pairwise(first):
            now = order[begin:end]
            returns[now] += discount * returns[now + 1]
        return returns.astype(np.float32)

    def check_fits(self, task: TaskInfo) -> None:
        """Makes sure that a dataset belongs to a task.

        Raises:
            ValueError: if observations or actions have another size than the task's.
        """
        sizes = {
            "observations": (self.observations.shape[1], task.observation_size),
            "actions": (self.actions.shape[1], task.action_size),
        }
        for name, (size, expected) in sizes.items():
            if size != expected:
                raise ValueError(
                    f"the dataset's {name} have size {size}, those of {task.name} have "
                    f"{expected}; train on a dataset of the task itself"
                )

    def window_rows(
        self, first_rows: NDArray[np.int64], offsets: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Rows of windows that start at given rows and stay inside one episode.

        Args:
            first_rows: (B,) where each window starts.
            offsets: (T,) steps from the start, ascending from 0.

        Returns:
            (B, T) rows; past the end of an episode its last row is repeated.
        """
        rows = first_rows[:, None] + offsets[None, :]
        inside: NDArray[np.int64] = np.minimum(rows, self.last_rows[first_rows][:, None])
        return inside


@dataclass(frozen=True)
class TaskInfo:
    """The facts about a task that every agent is given.

    Attributes:
        name: such as `maze2d-umaze`.
        observation_size: O.
        action_low: (A,) smallest action.
        action_high: (A,) largest action.
        max_steps: steps of one evaluation episode.
        discount: factor per step of the return that a planner conditions on.
        return_scale: what an undiscounted return is divided by before a network sees it.
        target_return: undiscounted return that agents which are conditioned on one are asked for.
        position_columns: in mazes, columns of the observation with the agent's position.
        goal_columns: columns with the position of the goal; empty where the goal is hidden.
        hindsight: how goals can be put into recorded observations, where goals are shown.
    """

    name: str
    observation_size: int
    action_low: FloatArray
    action_high: FloatArray
    max_steps: int
    discount: float = 0.99
    return_scale: float = 1.0
    target_return: float = 1.0
    position_columns: tuple[int, ...] = ()
    goal_columns: tuple[int, ...] = ()
    hindsight: HindsightGoals | None = None

    @property
    def action_size(self) -> int:
        """A."""
        return len(self.action_low)


class Agent(Protocol):
    """What a registered class must offer; it need not inherit from this.

    A class may also have these attributes:

    - `presets`: a dict from `smoke`, `quick`, `standard` and `paper` to the settings of that
      preset; `steps` is the number of gradient steps. Those of `quick` stand in for `standard`.
    - `task_settings`: a sequence of `TaskSettings`, which take precedence over `presets`. Later
      rows take precedence over earlier ones, and rows of one preset over rows of all. A subclass
      does not inherit them.
    - `variants`: a dict from names to settings that differ; the command knows such an agent as
      `agent.variant`.
    - `search_space`: a dict from settings to what `benchmark.tune` tries: `("uniform", low, high)`,
      `("loguniform", low, high)`, `("int", low, high)` with both ends, `("choice", (a, b, c))`.
    - `makes_plans`: True if the agent acts by a plan of future steps.
    - `inpaints_goal`: True if it fixes the goal of a maze into its plans.
    - `takes_gradient_steps`: False if `fit` takes none and never calls `progress`; its runs are
      recorded with 0 steps. The run of any other agent that does not report every step has failed.
    - `trains_longer`: False if a training that has ended cannot go on with more steps.
    """

    def __init__(self, task: TaskInfo, settings: Settings, device: str) -> None:
        """Raises ValueError for a setting that is unknown or out of range.

        For a task that it cannot learn, it raises `benchmark.errors.UnsuitableTaskError`.
        """

    def fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> object:
        """Learns from `dataset` with exactly `steps` gradient steps, and reports each once.

        `reset` and `act` may be called from within `progress` and must not change the outcome.
        `progress` may raise to end training early; the agent then acts with what it has learned.
        """

    def reset(self, n_envs: int) -> None:
        """Prepares for `n_envs` episodes that start together; nothing of earlier ones remains."""

    def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """Chooses one action for each environment.

        Args:
            observations: (n, O).
            last_rewards: (n,) reward of the last step, 0 at the first.

        Returns:
            (n, A) actions inside the task's bounds. Actions slightly outside are clipped, and the
            report gives their share; an action farther outside than half the distance between the
            bounds ends the run.
        """
        ...

    def save(self, folder: Path) -> None:
        """Writes everything that acting needs to an existing, empty folder."""

    def load(self, folder: Path) -> None:
        """Reads what `save` wrote, for the same task and settings."""


@runtime_checkable
class PlanSketcher(Agent, Protocol):
    """An optional part of an agent: its plans can be drawn (`mage.show`)."""

    @property
    def config(self) -> Any:
        """Its `sequence` and `scales` say what plans hold, `replan_every` how long one is kept."""

    @property
    def plan_steps(self) -> tuple[int, ...]:
        """The P steps that a plan looks at, in environment steps from now, from 0 up."""

    def sketch(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """(K, n, P, O) observations of the plan that `act` follows, after each of K scales."""
