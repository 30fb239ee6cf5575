"""Decision Transformer.

Paper: Chen, Lu, Rajeswaran, Lee, Grover, Laskin, Abbeel, Srinivas, Mordatch, "Decision
Transformer: Reinforcement Learning via Sequence Modeling", NeurIPS 2021.
Implementation: d3rlpy 2.8 (Seno and Imai, JMLR 2022); network, loss and update are d3rlpy's.
Defaults: those of the paper for locomotion (context of 20 steps, dropout 0.1), as in d3rlpy's
reproduction (https://github.com/takuseno/d3rlpy, `reproductions/offline`). The task has the return
asked for and the scale of returns. In mazes and on hands: `TASK_SETTINGS`.

Deviations:
- Episodes longer than an evaluation are cut into pieces as long as one, so that returns to go and
  step numbers mean the same in training and in evaluation.
- A piece of data ends at a step that is drawn uniformly, as in d3rlpy; the authors' begins at one.
- Observations are standardised as for the other agents, and actions are brought from the task's
  bounds to [-1, 1] and back.
- Embeddings of step numbers begin with deviation 1, as the authors' do; d3rlpy's begin with 0.02,
  which is small beside those of the state.
- All environments act in one forward pass; d3rlpy's wrapper knows one. A test compares the two.
- `quick` has a narrower network, smaller batches and a larger learning rate.
Where it falls short: at `quick` it reached 1 % of the ant's goals, where all returns to go are 1.

`dt.state` is a yardstick for MAGE: it first trains the return model of `mage.returns`, and asks at
every step for a high return that is reachable from there, with the discount and scale of MAGE. It
learns from all rows, and sees no advantages.

Shapes: n environments, L steps of context, O observation size, A action size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory
from d3rlpy.optimizers import AdamWFactory
from safetensors.torch import load_file, save_file
from torch import nn

from baselines.d3rlpy_agents.base import D3rlpyAgent
from baselines.d3rlpy_agents.batches import ContextSampler
from baselines.d3rlpy_agents.context_module import ContextModule, TargetModule, pushed
from baselines.d3rlpy_agents.state_returns import StateReturns
from baselines.d3rlpy_agents.warmup import PicklableWarmup
from baselines.shared.config_checks import check_heads, check_ranges
from benchmark.interface import NO_SETTINGS, Dataset, FloatArray, Settings, TaskInfo, TaskSettings
from benchmark.step_function import StepFunction
from benchmark.trainer import Learner, isolated_random_numbers
from mage.returns.episode_cuts import cut_episodes

_RETURNS_FILE = "returns.safetensors"
_CHOICES = ("target", "best", "state")


@dataclass(frozen=True)
class DecisionTransformerConfig:
    """Settings of Decision Transformer.

    Attributes:
        batch_size: pieces of episodes per gradient step.
        context_size: steps that the network looks at, L.
        width: of the embeddings.
        n_layers: transformer blocks.
        n_heads: attention heads per block.
        dropout: probability, on attention, residual branches and embeddings.
        learning_rate: of AdamW.
        weight_decay: of AdamW.
        warmup_steps: gradient steps over which the learning rate rises to its value.
        clip_norm: largest norm of the gradient.
        return_asked: `target`, the task's return less what has been received, as in the paper;
            `best`, likewise the best that was recorded in a piece as long as an evaluation; or
            `state`, a high one that is reachable from where the agent is.
    """

    batch_size: int = 64
    context_size: int = 20
    width: int = 128
    n_layers: int = 3
    n_heads: int = 1
    dropout: float = 0.1
    learning_rate: float = 1e-4
    weight_decay: float = 1e-4
    warmup_steps: int = 10_000
    clip_norm: float = 0.25
    return_asked: str = "target"

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(1, inf), context_size=(1, inf), width=(1, inf))
        check_ranges(self, n_layers=(1, inf), n_heads=(1, self.width), dropout=(0, 1))
        check_heads(self)
        check_ranges(self, learning_rate=(0, 1), weight_decay=(0, inf))
        check_ranges(self, warmup_steps=(1, inf), clip_norm=(0, inf))
        if self.return_asked not in _CHOICES:
            raise ValueError(
                f"setting return_asked={self.return_asked!r} of {type(self).__name__} is unknown; "
                f"valid: {' or '.join(_CHOICES)}"
            )


# One return for all mazes, or all hands, is more than some of the data holds.
_AS_RECORDED = {"return_asked": "best"}
# The state of a maze tells all; with a longer context it scores like cloning.
_MAZES = {"context_size": 1, "batch_size": 256, **_AS_RECORDED}
_MAZES_SOURCE = "tuning seeds, docs/tuning/point-mazes.md"
TASK_SETTINGS = (
    TaskSettings("adroit", _AS_RECORDED, "this project: no more than was recorded"),
    *(TaskSettings(name, _MAZES, _MAZES_SOURCE) for name in ("maze2d", "multi2d")),
)


class DecisionTransformer(D3rlpyAgent):
    """Continues the sequence of returns to go, observations and actions with an action."""

    config_class = DecisionTransformerConfig
    asking_levels: Sequence[float] = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
    asking_unit = "share of the target return"
    requested_discount = 1.0
    task_settings = TASK_SETTINGS
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            **{"steps": 20, "context_size": 4, "width": 16, "n_layers": 1, "batch_size": 8},
            **{"learning_rate": 1e-3, "warmup_steps": 5},
        },
        "quick": {"batch_size": 32, "width": 64, "learning_rate": 1e-3, "warmup_steps": 500},
        "paper": {"steps": 100_000},
    }
    variants: ClassVar[dict[str, dict[str, Any]]] = {"state": {"return_asked": "state"}}
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "context_size": ("choice", (1, 5, 10, 20)),
        "return_asked": ("choice", _CHOICES),
        "width": ("choice", (64, 96, 128)),
        "n_layers": ("int", 1, 4),
        "dropout": ("uniform", 0.0, 0.3),
    }

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        """See `benchmark.interface.Agent`."""
        super().__init__(task, settings, device)
        self._level, self._target = 1.0, task.target_return
        self._state_returns: StateReturns | None = None
        if self.config.return_asked == "state":
            self._state_returns = asked = StateReturns(task, device)
            self.asking_levels, self.asking_unit = asked.asking_levels, asked.asking_unit
            self.requested_discount = asked.requested_discount
        self._reset(0)

    @property
    def _policy(self) -> nn.Module:
        policy: nn.Module = self._algorithm.impl.modules.transformer
        return policy

    @property
    def parameter_count(self) -> int:
        """Number of trained weights, those of the return model too."""
        weights = self._state_returns.labeller.parameters() if self._state_returns else ()
        return super().parameter_count + sum(weight.numel() for weight in weights)

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> Learner:
        returns = self._state_returns
        if returns is None:
            return super()._start_training(dataset, steps, seed)
        returns.build()
        own_steps = returns.own_steps(steps)
        learner = super()._start_training(dataset, steps - own_steps, seed)
        return returns.before(learner, own_steps)

    def _algorithm_config(self, steps: int) -> algos.DecisionTransformerConfig:
        return algos.DecisionTransformerConfig(
            batch_size=self.config.batch_size,
            context_size=self.config.context_size,
            max_timestep=self._task.max_steps,
            learning_rate=self.config.learning_rate,
            encoder_factory=VectorEncoderFactory([self.config.width], exclude_last_activation=True),
            optim_factory=AdamWFactory(
                weight_decay=self.config.weight_decay,
                clip_grad_norm=self.config.clip_norm,
                lr_scheduler_factory=PicklableWarmup(self.config.warmup_steps),
            ),
            num_heads=self.config.n_heads,
            num_layers=self.config.n_layers,
            attn_dropout=self.config.dropout,
            resid_dropout=self.config.dropout,
            embed_dropout=self.config.dropout,
        )

    def _build(self, *arguments: Any) -> None:
        super()._build(*arguments)
        step_numbers: Any = self._policy._position_encoding
        step_numbers._embed.reset_parameters()

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        pieces = cut_episodes(dataset, self._task.max_steps)
        if self._state_returns:  # Discounted, so that what comes after the cut counts little.
            returns_to_go = self._state_returns.normalised(dataset)
        else:
            returns_to_go = pieces.returns_to_go(1.0) / np.float32(self._task.return_scale)
            if self.config.return_asked == "best":
                self._target = float(pieces.episode_returns().max())
        size, length = self.config.batch_size, self.config.context_size
        return ContextSampler(pieces, returns_to_go, length, size).sample

    def _reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""

        def zeros(size: int) -> torch.Tensor:
            # Steps before the first are padding: zeros, as in training, and masked out.
            return torch.zeros(n_envs, self.config.context_size, size, device=self._device)

        self._observations = zeros(self._task.observation_size)
        self._actions = zeros(self._task.action_size)
        self._returns_to_go = zeros(1)
        self._steps = 0
        asked = self._level * self._target
        self._return_to_go = torch.full((n_envs,), asked, dtype=torch.float64)
        if self._state_returns:
            self._state_returns.reset(n_envs)

    def ask_for(self, level: float | None) -> None:
        """See `benchmark.interface.ReturnConditioned`.

        A level is a share of what is asked for at first, or the advantage of a return in the state.
        """
        if self._state_returns:
            self._state_returns.ask_for(level)
        self._level = 1.0 if level is None else level

    def requested_returns(self) -> FloatArray:
        """See `benchmark.interface.ReturnConditioned`."""
        if self._state_returns:
            return self._state_returns.requested_returns()
        return self._return_to_go.numpy().astype(np.float32)

    @torch.no_grad()
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        self._steps += 1
        seen = torch.as_tensor(observations, device=self._device)
        asked = self._ask(observations, last_rewards).to(self._returns_to_go)
        self._observations = pushed(self._observations, seen)
        self._returns_to_go = pushed(self._returns_to_go, asked)
        self._actions = pushed(self._actions, torch.zeros_like(self._actions[:, 0]))
        # (n, L, A), of which the last step is to be acted on; d3rlpy's actions lie in [-1, 1].
        modules = self._algorithm.impl.modules
        modules.set_eval()
        actions = modules.transformer(
            self._algorithm.observation_scaler.transform(self._observations),
            self._actions,
            self._returns_to_go,
            *self._timesteps_and_padding(len(observations)),
        )[:, -1]
        self._actions[:, -1] = actions
        return self._inside_bounds(
            self._algorithm.action_scaler.reverse_transform(actions).cpu().numpy()
        )

    def _ask(self, observations: FloatArray, last_rewards: FloatArray) -> torch.Tensor:
        """(n, 1) returns to go from here, as the network sees them."""
        if self._state_returns:
            return self._state_returns.ask(observations, last_rewards)
        self._return_to_go -= torch.as_tensor(last_rewards)
        return (self._return_to_go / self._task.return_scale)[:, None]

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        super().save(folder)
        if self._state_returns:
            save_file(self._state_returns.labeller.state_dict(), folder / _RETURNS_FILE)
        elif self.config.return_asked == "best":
            save_file({"best": torch.from_numpy(np.array([self._target]))}, folder / _RETURNS_FILE)

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        super().load(folder)
        if self._state_returns:
            with isolated_random_numbers(0, self._device):
                self._state_returns.build()
            self._state_returns.load(load_file(folder / _RETURNS_FILE, device=self._device))
        elif self.config.return_asked == "best":
            self._target = float(load_file(folder / _RETURNS_FILE)["best"])

    def step_function(self) -> StepFunction:
        """See `benchmark.step_function.Exportable`."""
        target, scale = self._level * self._target, self._task.return_scale
        returns, size = self._state_returns, self.config.context_size
        asked = returns.module() if returns else TargetModule(target, scale)
        return ContextModule(self._algorithm, self._task, size, asked).step_function()

    def _timesteps_and_padding(self, n_envs: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, L) numbers of the steps in the context, from 1; (n, L) 1 where there is none."""
        first = self._steps - self.config.context_size + 1
        timesteps = torch.arange(first, self._steps + 1, device=self._device).expand(n_envs, -1)
        return timesteps.clamp(0, self._task.max_steps), (timesteps < 1).float()
