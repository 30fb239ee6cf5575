"""What goal-conditioned agents share: states and goals of observations, losses, and acting.

Deviations of all of them from OGBench's code:
- A goal is what the task shows as one, which may be less than a whole state: in Multi2D a position.
- The last state of a recording leads nowhere and is drawn as a goal alone. The authors' files have
  one more state, which is no goal.
- Observed numbers beyond a million are cut off.

Names end in their shape: B rows of a batch, n environments, S state size, G goal size, A action
size, E networks of an ensemble.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.goal_conditioned.config import GoalConfig
from baselines.goal_conditioned.goal_sampler import GoalSampler, Rows
from baselines.shared.fixed_rate_agent import LARGEST_SEEN, FixedRateAgent
from baselines.shared.gelu_networks import expectile_weight, gelu_perceptron
from benchmark.errors import UnsuitableTaskError
from benchmark.interface import NO_SETTINGS, Dataset, FloatArray, Settings, TaskInfo
from benchmark.step_function import StepFunction

_LARGEST_WEIGHT = 100.0
_SMALL = 0.1  # So that a policy begins near the middle of the bounds.


@dataclass(frozen=True)
class GoalBatch:
    """Transitions with goals of their own.

    Attributes:
        state_BS: where they begin.
        next_BS: where they lead.
        action_BA: scaled to [-1, 1].
        actor_goal_BG: of the policy.
        value_goal_BG: of values; None where none are learned.
        reached_B: 1 where that goal is the state itself, otherwise 0.
        waypoint_BG: for a policy of short ways, the goal; None where there is none.
        next_waypoint_BG: the goal that is the next waypoint on the way to `actor_goal_BG`.
        next_waypoint_BS: the whole state there.
    """

    state_BS: Tensor
    next_BS: Tensor
    action_BA: Tensor
    actor_goal_BG: Tensor
    value_goal_BG: Any = None
    reached_B: Any = None
    waypoint_BG: Any = None
    next_waypoint_BG: Any = None
    next_waypoint_BS: Any = None


def policy_network(config: GoalConfig, input_size: int, output_size: int) -> nn.Sequential:
    """A new perceptron for the mean of a Gaussian with a deviation of 1."""
    sizes = (input_size, *config.hidden_sizes, output_size)
    return gelu_perceptron(sizes, layer_norm=False, last_gain=_SMALL)


class GoalNetworks(nn.Module):
    """All that an agent learns."""

    @abstractmethod
    def act(self, state_nS: Tensor, goal_nG: Tensor) -> Tensor:
        """Actions (n, A), between -1 and 1 but for what a network is off."""


class GoalPolicyNetworks(GoalNetworks):
    """A policy of states and goals; a subclass adds what else is learned.

    Args:
        config: of the agent.
        state_size: S.
        goal_size: G.
        action_size: A.
    """

    def __init__(
        self, config: GoalConfig, state_size: int, goal_size: int, action_size: int
    ) -> None:
        super().__init__()
        self.policy = policy_network(config, state_size + goal_size, action_size)

    def act(self, state_nS: Tensor, goal_nG: Tensor) -> Tensor:
        """See `GoalNetworks`."""
        actions: Tensor = self.policy(torch.cat([state_nS, goal_nG], 1))
        return actions


class GoalAgent(FixedRateAgent):
    """A goal-conditioned agent, behind `benchmark.interface.Agent`.

    A subclass says which networks there are and what they learn.
    """

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`.

        Raises:
            ValueError: for settings that are unknown or out of range.
            UnsuitableTaskError: for a task that does not say how goals are put into observations.
        """
        super().__init__(task, settings, device)
        if task.hindsight is None:
            raise UnsuitableTaskError(
                f"it learns to reach goals, and {task.name} does not say where its observations "
                "show one; choose tasks that do, such as those of --suite multi2d or ogbench-maze, "
                "or leave the agent out"
            )
        self._hindsight = task.hindsight
        shown = set(self._hindsight.goal_columns)
        self._state_columns = [n for n in range(task.observation_size) if n not in shown]

    @property
    def _sizes(self) -> tuple[int, int, int]:
        """S, G and A."""
        goal_size = len(self._hindsight.goal_columns)
        return len(self._state_columns), goal_size, self._task.action_size

    @property
    def _discount(self) -> float:
        discount = self.config.discount
        return self._task.discount if discount is None else float(discount)

    @property
    def _random_goals(self) -> float:
        share = self.config.random_goals
        return self._hindsight.random_goals if share is None else float(share)

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], GoalBatch]:
        sampler = GoalSampler(dataset)

        def draw(rng: np.random.Generator) -> GoalBatch:
            rows = sampler.rows(rng, self.config.batch_size)
            goal_rows = self._goal_rows(sampler, rng, rows)
            reached = goal_rows.get("value_goal_BG") == rows
            return GoalBatch(
                self._states(dataset.observations[rows]),
                self._states(dataset.observations[rows + 1]),
                self._scaled(dataset.actions[rows]),
                reached_B=self._put(np.asarray(reached, np.float32)),
                **{name: self._part(name, dataset, at) for name, at in goal_rows.items()},
            )

        return draw

    def _part(self, name: str, dataset: Dataset, rows: Rows) -> Tensor:
        """What `GoalBatch` has by a name: the goals that rows are, or their whole states."""
        seen = dataset.observations[rows]
        return self._states(seen) if name.endswith("_BS") else self._goals_of(seen)

    @abstractmethod
    def _goal_rows(
        self, sampler: GoalSampler, rng: np.random.Generator, rows: Rows
    ) -> dict[str, Rows]:
        """Rows that goals are drawn from, by their names in `GoalBatch`."""

    def _states(self, observations: FloatArray) -> Tensor:
        """(..., S) of observations (..., O)."""
        return self._observed(observations[..., self._state_columns])

    def _goals_of(self, observations: FloatArray) -> Tensor:
        """(..., G) goals that are the states of observations (..., O)."""
        return self._observed(observations[..., list(self._hindsight.state_columns)])

    def _shown_goals(self, observations: FloatArray) -> Tensor:
        """(..., G) goals that observations (..., O) show."""
        return self._observed(observations[..., list(self._hindsight.goal_columns)])

    def _reset(self, n_envs: int) -> None:
        """Forgets nothing: the action depends on the observation alone."""

    @torch.no_grad()
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        goals = self._shown_goals(observations)
        return self._unscaled(self._networks.act(self._states(observations), goals))

    def step_function(self) -> StepFunction:
        """See `benchmark.step_function.Exportable`."""
        columns = self._state_columns, self._hindsight.goal_columns
        return StepFunction(GoalStep(self._networks, *columns, self._task).eval())


class GoalValueAgent(GoalAgent):
    """A goal-conditioned agent that learns values; its config is a `GoalValueConfig`."""

    def _goal_rows(
        self, sampler: GoalSampler, rng: np.random.Generator, rows: Rows
    ) -> dict[str, Rows]:
        value_rows = sampler.value_goals(
            rng,
            rows,
            current_share=self.config.value_current_goals,
            random_share=self.config.value_random_goals,
            discount=self._discount,
        )
        return {"value_goal_BG": value_rows, **self._policy_rows(sampler, rng, rows)}

    def _policy_rows(
        self, sampler: GoalSampler, rng: np.random.Generator, rows: Rows
    ) -> dict[str, Rows]:
        """Those of them that policies learn from."""
        return {"actor_goal_BG": sampler.actor_goals(rng, rows, self._random_goals)}

    def _backed_up(self, batch: GoalBatch, next_values: Tensor) -> Tensor:
        """Values one step on, as values of now: -1 for the step, and nothing beyond the goal."""
        backed_up: Tensor = (1 - batch.reached_B) * (self._discount * next_values - 1)
        return backed_up


class GoalStep(nn.Module):
    """The agents' acting as one function, for `benchmark.step_function`.

    Args:
        networks: trained; they are copied.
        state_columns: of an observation.
        goal_columns: of an observation.
        task: whose bounds its actions keep.
    """

    def __init__(
        self,
        networks: GoalNetworks,
        state_columns: list[int],
        goal_columns: tuple[int, ...],
        task: TaskInfo,
    ) -> None:
        super().__init__()
        self._networks = deepcopy(networks).cpu().eval().requires_grad_(False)
        self._states, self._goals = torch.tensor(state_columns), torch.tensor(goal_columns)
        self._low, self._high = torch.tensor(task.action_low), torch.tensor(task.action_high)

    def forward(self, observations: Tensor) -> Tensor:
        """Actions (n, A) inside the bounds."""
        seen = observations.clamp(-LARGEST_SEEN, LARGEST_SEEN)
        scaled = self._networks.act(seen[:, self._states], seen[:, self._goals]).clamp(-1, 1)
        actions = self._low + (scaled + 1) / 2 * (self._high - self._low)
        return actions.clamp(self._low, self._high)


def cloning_loss(mean_BA: Tensor, action_BA: Tensor, advantage_B: Tensor | None = None) -> Tensor:
    """Of a Gaussian with a deviation of 1, but for a constant.

    Args:
        mean_BA: of the Gaussian.
        action_BA: what is to become likely.
        advantage_B: the weight is e to its power, 100 at most; None for a weight of 1.
    """
    unlikely_B = (mean_BA - action_BA).square().sum(1) / 2
    if advantage_B is None:
        return unlikely_B.mean()
    return (advantage_B.exp().clamp(max=_LARGEST_WEIGHT) * unlikely_B).mean()


def implicit_value_loss(
    value_EB: Tensor, backed_up_EB: Tensor, slow_value_EB: Tensor, expectile: float
) -> Tensor:
    """Of values without action values: expectiles of what is backed up.

    The weight of an error is by what slow copies say of its sign, the least of them backed up.

    Args:
        value_EB: to be learned.
        backed_up_EB: what each is to be, by slow copies.
        slow_value_EB: what slow copies say of the same states.
        expectile: 0.5 for the mean.
    """
    advantage_B = backed_up_EB.amin(0) - slow_value_EB.mean(0)
    errors_EB = (backed_up_EB - value_EB).square()
    return (expectile_weight(advantage_B, expectile) * errors_EB).mean(1).sum()
