"""Trajectory Transformer: plans are the best of many sequences that a GPT takes for likely.

Paper: Janner, Li, Levine, "Offline Reinforcement Learning as One Big Sequence Modeling Problem",
NeurIPS 2021. Reference code: https://github.com/jannerm/trajectory-transformer.
Implementation: own, in plain PyTorch; defaults are the authors' for offline reinforcement learning.

Deviations:
- The network is trained on sequences as long as past and plan together. The authors train on 10
  steps, and while they plan they cut what is longer to its last 5. Nothing that was read has to be
  read again, so keys and values are kept, and a plan takes one call per token.
- A token stands for the mean of its bin's data and a column with few distinct values has a bin for
  each; the authors take the middle of the bin.
- Rewards are the recorded ones; the authors set that of a terminal to -100. After a terminal, and
  only there, the network learns that the episode is over.
- The discount is the task's; in point mazes actions are drawn from all tokens (`top_p`).
- The learning rate has no warm-up, and falls along one half of a cosine; the authors' rises for an
  epoch, and then follows a cosine whose half ends at the 20th of 50. All weights decay.
- In AntMaze, where the paper's scores are those with values of Q-learning, returns are the recorded
  ones, and the settings those of the ant's locomotion: the authors' code has none for mazes.
- A goal that is shown is part of every step; the authors put it once before the sequence.
- `quick` has a narrower network, smaller batches, three times the learning rate, few beams and
  short plans that start from the present observation alone, of which two steps are executed; the
  authors make a plan at every step. On hands, ants and in the kitchen, where a step takes 40 to
  70 tokens, a plan is one step: the action with the best reward and value. On OGBench plans stay
  as long as in point mazes, for which the budget has no more than 36 to 629 gradient steps.

Where it falls short: at `quick` with 3,000 steps it scores 89 on the expert's door, but 13 on
the pen, whose next action it has not learned yet. In mazes with a hidden goal it scores 83, 47 and
-2, where cloning the best tenth of the data scores 77, 76 and 47. A plan is much shorter than the
way to the goal, and the value of what follows is that of the recorded walks, which mostly lead
elsewhere: it hardly tells one action from another. A wider search makes it worse (with plans of 15
steps in the medium maze 4 beams scored 54, 16 beams 9), perhaps because the point moves by about a
bin in a step. Plans of 15 steps at the same cost, learned from fewer sequences a gradient step,
score 7 to 11 in the medium maze and -1 in the large one. The authors, too, put the values of
Q-learning in the place of recorded ones where rewards are sparse and far; but IQL scores nothing
here in the larger mazes.

Checked against the authors' code by reading; the search against sequences known to be best.

Shapes: n environments, B batch, T steps of a sequence, D = O + A + 2 tokens per step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from baselines.shared.episodes import transition_rows
from baselines.shared.network_agent import NetworkAgent
from baselines.trajectory_transformer.beam_search import BeamSearch
from baselines.trajectory_transformer.config import TrajectoryTransformerConfig
from baselines.trajectory_transformer.discretizer import Discretizer
from baselines.trajectory_transformer.gpt import TrajectoryGPT
from benchmark.interface import NO_SETTINGS, Dataset, FloatArray, Settings, TaskInfo, TaskSettings

_MANY_TOKENS = ("adroit", "antmaze", "kitchen")  # Where a step takes 40 to 70 of them.
_MAZES = "tuning seeds, docs/tuning/point-mazes.md"
TASK_SETTINGS = (
    # Recorded actions of mazes are noisy, and those that 0.4 leaves too much alike.
    *(TaskSettings(benchmark, {"top_p": 1.0}, _MAZES) for benchmark in ("maze2d", "multi2d")),
    *(
        TaskSettings(
            benchmark,
            {"horizon": 1, "replan_every": 1, "batch_size": 32},
            "this project: a plan of one step fits the budget",
            "quick",
        )
        for benchmark in _MANY_TOKENS
    ),
    # Steps take up to 25 tokens, so plans are shorter than in mazes.
    TaskSettings("locomotion", {"horizon": 2}, "this project: it fits the budget", "quick"),
    *(
        TaskSettings(benchmark, {"horizon": 5}, "the authors', for the ant", "paper")
        for benchmark in _MANY_TOKENS
    ),
)


class TrajectoryTransformer(NetworkAgent):
    """Continues the past with the sequence of steps that promises most, and executes its actions.

    Every number of a step is a token: observation, action, reward, and the value of what follows.
    """

    makes_plans = True
    config_class = TrajectoryTransformerConfig
    task_settings = TASK_SETTINGS
    statistics_class = Discretizer
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "steps": 20,
            "n_bins": 10,
            "context": 1,
            "horizon": 3,
            "beam_width": 3,
            "replan_every": 2,
            "width": 16,
            "n_layers": 1,
            "n_heads": 2,
            "batch_size": 8,
        },
        "quick": {
            "context": 0,
            "horizon": 5,
            "beam_width": 4,
            "replan_every": 2,
            "width": 64,
            "n_layers": 2,
            "n_heads": 2,
            "batch_size": 64,
            "learning_rate": 2e-3,
        },
        "paper": {
            "steps": 195_000
        },  # 50 million sequences, as the authors' 50 epochs of a million.
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 3e-4, 3e-3),
        "width": ("choice", (32, 64, 96)),
        "n_layers": ("int", 1, 4),
        "context": ("int", 0, 2),
        "top_p": ("uniform", 0.2, 1.0),
        "expansions": ("int", 2, 4),
    }

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        config = self.config
        self._search = BeamSearch(
            task, config.horizon, config.beam_width, config.expansions, config.top_p
        )

    def _measure(self, dataset: Dataset) -> Discretizer:
        columns = (column for array in self._arrays(dataset) for column in array.T)
        return Discretizer.of(columns, self.config.n_bins, self._device)

    def _arrays(self, dataset: Dataset) -> tuple[FloatArray, ...]:
        """Columns of observations, actions, rewards and values, each (N, ·)."""
        values = _next_values(dataset, self._task.discount)
        rewards = dataset.rewards[:, None]
        return dataset.observations, dataset.actions, rewards, values[:, None]

    def _build(self) -> TrajectoryGPT:
        n_columns = self._task.observation_size + self._task.action_size + 2
        return TrajectoryGPT(n_columns, self.config)

    def _optimiser(self) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            self._networks.parameters(),
            self.config.learning_rate,
            betas=(0.9, 0.95),
            weight_decay=self.config.weight_decay,
        )

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        arrays, rows = self._arrays(dataset), transition_rows(dataset)
        offsets = np.arange(self.config.length)

        def sample(rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
            first = rng.choice(rows, self.config.batch_size)
            window = dataset.window_rows(first, offsets)
            values = np.concatenate([array[window] for array in arrays], axis=2)
            return self._sequences(values, _after_end(dataset, first, offsets))

        return sample

    def _sequences(
        self, values: FloatArray, after: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, T, D) tokens and (B, T) whether a step is known, from `values` (B, T, D)."""
        over, unknown = (torch.as_tensor(mask, device=self._device) for mask in after)
        steps = torch.as_tensor(values, device=self._device)
        tokens = self._statistics.tokens(steps.flatten(0, 1)).view(steps.shape)
        return tokens.masked_fill(over[:, :, None], self.config.n_bins), ~unknown

    def _losses(
        self, batch: tuple[torch.Tensor, torch.Tensor], done: float
    ) -> dict[str, torch.Tensor]:
        self._networks.train()
        tokens_BTD, known_BT = batch
        logits, _ = self._networks(tokens_BTD.flatten(1)[:, :-1])
        errors = F.cross_entropy(logits.mT, tokens_BTD.flatten(1)[:, 1:], reduction="none")
        weights = known_BT.float()[:, :, None].repeat(1, 1, tokens_BTD.shape[2])
        begin = self._task.observation_size
        weights[:, :, begin : begin + self._task.action_size] *= self.config.action_weight
        return {"cross_entropy": (weights.flatten(1)[:, 1:] * errors).mean()}

    def _reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._past: list[torch.Tensor] = []  # (n, D) tokens of each step in the context.
        self._last_step: Any = None
        self._plan_left: list[torch.Tensor] = []  # (n, A) actions that are still to be executed.
        self._noise = torch.Generator(self._device).manual_seed(0)

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        self._remember(last_rewards)
        if not self._plan_left:
            self._plan_left = list(self._planned_actions(observations).unbind(1))
        actions = self._inside_bounds(self._plan_left.pop(0))
        self._last_step = observations, actions
        return actions

    def _remember(self, rewards: FloatArray) -> None:
        """Takes the last step into the context, now that its rewards (n,) are known."""
        if self._last_step is None or not self.config.context:
            return
        # Nothing looks at the value of a past step, so any will do.
        step = np.column_stack([*self._last_step, rewards, np.zeros_like(rewards)])
        values = torch.as_tensor(step, dtype=torch.float32, device=self._device)
        self._past = [*self._past, self._statistics.tokens(values)][-self.config.context :]

    def _planned_actions(self, observations: FloatArray) -> torch.Tensor:
        """(n, up to replan_every, A) the first actions of new plans from observations (n, O) on."""
        self._networks.eval()
        discretizer = self._statistics
        now = discretizer.tokens(torch.as_tensor(observations, device=self._device))
        prefix = torch.cat([*self._past, now], dim=1)
        plans = self._search.plan(self._networks, prefix, discretizer.centres, self._noise)
        begin = self._task.observation_size
        plans = plans[:, : self.config.replan_every]
        # Where a plan says that the episode is over by then, and it is not, another is made.
        ended = plans[:, :, begin : begin + self._task.action_size] >= discretizer.centres.shape[1]
        going_on = int((~ended.any(2).any(0)).cumprod(0).sum())
        plans = plans[:, : max(1, going_on)]
        values = discretizer.values(plans.flatten(0, 1)).view(plans.shape)
        actions: torch.Tensor = values[:, :, begin : begin + self._task.action_size]
        return actions


def _next_values(dataset: Dataset, discount: float) -> FloatArray:
    """(N,) the discounted return from the step after each row, 0 at the end of an episode."""
    values = np.append(dataset.returns_to_go(discount)[1:], np.float32(0))
    values[dataset.ends - 1] = 0
    return values


def _after_end(
    dataset: Dataset, first: NDArray[np.int64], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(B, T) which steps lie past a terminal, and which past a timeout, where all is unknown."""
    last = dataset.last_rows[first][:, None]
    past = first[:, None] + offsets > last
    terminal = dataset.terminals[last]
    return past & terminal, past & ~terminal
