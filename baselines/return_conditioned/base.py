"""Supervised learning of recorded actions on rows that a return model finds good.

Training: the return model first (`mage.returns`), which says how good each recorded return is for
its state; then a perceptron learns the actions of rows that are the best of a few drawn at random.

Names end in their shape: B rows of a batch, N recorded steps, n environments or candidates,
S observation size, A action size, X numbers of a condition.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import safetensors.torch
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.shared.config_checks import check_ranges
from baselines.shared.network_agent import NetworkLearner
from baselines.shared.trained_agent import TrainedAgent
from benchmark.interface import Dataset, FloatArray, TaskInfo, TaskSettings
from benchmark.trainer import isolated_random_numbers
from mage.returns.config import LabelConfig
from mage.returns.labels import ReturnLabeller, best_of_columns
from mage.returns.place_features import place_columns
from mage.returns.recorded_returns import RecordedReturns, continuation
from mage.returns.return_model import perceptron
from mage.returns.returns_first import ReturnsFirst, steps_of_returns

# Few demonstrations, which a network soon overfits.
NETWORK_SETTINGS = (
    TaskSettings(
        "kitchen",
        {"width": 1024, "dropout": 0.1, "learning_rate": 1e-4},
        "RvS authors' kitchen_rvs_g.cfg; the rate: tuning seeds, docs/tuning/kitchen.md",
    ),
)
"""What the network is on which task."""

_FILE = "policy.safetensors"
_CLIP_NORM = 1.0


@dataclass(frozen=True)
class PerceptronConfig(LabelConfig):
    """Settings of the network and its training, beside those of `LabelConfig`.

    Attributes:
        width: units in each of the two hidden layers, of the return model too.
        batch_size: rows per gradient step.
        learning_rate: of Adam, which falls to a tenth along half a cosine.
        dropout: share of the policy's hidden units that are left out of each gradient step.
        return_share: of the gradient steps, for the return model.
    """

    width: int = 256
    batch_size: int = 256
    learning_rate: float = 1e-3
    dropout: float = 0.0
    return_share: float = 0.03

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, width=(1, inf), batch_size=(1, inf), learning_rate=(0, 1))
        check_ranges(self, dropout=(0, 1), return_share=(0, 1))


class PolicyNetworks(ReturnLabeller):
    """All that is learned.

    Args:
        config: of both networks.
        observation_size: S.
        condition_size: X, numbers that the policy sees beside the observation.
        action_size: A.
        places: columns of an observation that say where the agent and its goal are.
    """

    def __init__(
        self,
        config: PerceptronConfig,
        observation_size: int,
        condition_size: int,
        action_size: int,
        places: Sequence[int] = (),
    ) -> None:
        super().__init__(config, observation_size, config.width, places)
        seen = observation_size + condition_size
        self.policy = perceptron(seen, config.width, action_size, places=self.places)


class PerceptronStep(nn.Module):
    """The agents' acting as one function, for `benchmark.step_function`.

    Args:
        networks: trained; they are copied.
        task: whose bounds its actions keep.
        condition: gives what the policy sees beside normalised observations (n, X), and the next
            state, from the networks, those observations and the inputs that remain.
    """

    def __init__(self, networks: PolicyNetworks, task: TaskInfo, condition: nn.Module) -> None:
        super().__init__()
        self._networks = deepcopy(networks).cpu().eval().requires_grad_(False)
        self._low, self._high = torch.tensor(task.action_low), torch.tensor(task.action_high)
        self._condition = condition

    def forward(self, observation_nS: Tensor, *remembered: Tensor) -> tuple[Tensor, ...]:
        """Actions (n, A) inside the bounds, and the next state."""
        observation_nS = self._networks.observation_normaliser(observation_nS)
        condition_nX, state = self._condition(self._networks, observation_nS, *remembered)
        inputs = torch.cat([observation_nS, condition_nX], 1)
        scaled_nA = self._networks.policy(inputs).clamp(-1, 1)
        actions_nA = self._low + (scaled_nA + 1) / 2 * (self._high - self._low)
        return actions_nA.clamp(self._low, self._high), *state


class RowSampler:
    """Draws batches of the rows that are learned from.

    Args:
        observations_NS: of all recorded steps, normalised.
        actions_NA: scaled to [-1, 1].
        best_of: rows drawn for each one that is learned from, which is the best of them.
        among_R: the rows to draw from; None for all.
    """

    def __init__(
        self,
        observations_NS: Tensor,
        actions_NA: Tensor,
        best_of: int,
        among_R: Tensor | None = None,
    ) -> None:
        self._observations_NS, self._actions_NA = observations_NS, actions_NA
        self._best_of, self._among_R = best_of, among_R

    def label(self, returns_N1: Tensor, advantages_N1: Tensor) -> None:
        """Takes over the return of each row, and how good it is for its state."""
        self._returns_N1, self._advantages_N1 = returns_N1, advantages_N1

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Observations (B, S), returns (B, 1), their advantages (B, 1) and actions (B, A)."""
        rows = len(self._advantages_N1 if self._among_R is None else self._among_R)
        drawn = rng.integers(rows, size=(self._best_of, size))
        drawn_nB = torch.as_tensor(drawn, device=self._advantages_N1.device)
        drawn_nB = drawn_nB if self._among_R is None else self._among_R[drawn_nB]
        rows_B = best_of_columns(self._advantages_N1, drawn_nB)
        labels = self._returns_N1, self._advantages_N1
        parts = (self._observations_NS, *labels, self._actions_NA)
        observation_BS, return_B1, advantage_B1, action_BA = (part[rows_B] for part in parts)
        return observation_BS, return_B1, advantage_B1, action_BA


class PerceptronAgent(TrainedAgent):
    """A perceptron on chosen rows, behind `benchmark.interface.Agent`.

    A subclass says what the policy sees beside the observation.

    Attributes:
        config: the resolved settings.
        condition_size: X.
    """

    condition_size: ClassVar[int]
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 20, "width": 32, "batch_size": 32, "return_share": 0.2},
        "paper": {"steps": 500_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "width": ("choice", (128, 256, 512, 1024)),
        "dropout": ("choice", (0.0, 0.1)),
        "best_of": ("choice", (1, 4, 8, 16)),
    }

    _networks: Any = None

    @abstractmethod
    def _training_condition(self, return_B1: Tensor, advantage_B1: Tensor) -> Tensor:
        """What the policy sees (B, X) beside the observations of rows."""

    @abstractmethod
    def _acting_condition(self, observation_nS: Tensor, rewards_n1: Tensor) -> Tensor:
        """What it sees (n, X) beside normalised observations, after these rewards."""

    @property
    def parameter_count(self) -> int:
        """Number of trained weights."""
        return sum(weight.numel() for weight in self._networks.parameters())

    def _build(self) -> PolicyNetworks:
        sizes = self._task.observation_size, self.condition_size, self._task.action_size
        places = place_columns(self._task)
        return PolicyNetworks(self.config, *sizes, places).to(self._device)

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> ReturnsFirst:
        networks = self._networks = self._build()
        dataset = self.config.episodes(dataset, self._task.max_steps)
        discount = self.config.discount_on(self._task.discount)
        returns_N1 = self._put(dataset.returns_to_go(discount))[:, None]
        normalised = networks.normalise(self._put(dataset.observations), returns_N1)
        later = continuation(dataset, discount, self.config.bootstrap_steps, returns_N1.device)
        low, high = self._put(self._task.action_low), self._put(self._task.action_high)
        actions_NA = 2 * (self._put(dataset.actions) - low) / (high - low) - 1
        recorded = RecordedReturns(*normalised, later)
        labelled_R = recorded.labelled_rows
        rows = RowSampler(normalised[0], actions_NA, self.config.best_of, labelled_R)
        first = steps_of_returns(self.config.return_share, steps)
        policy = NetworkLearner(
            networks.policy,
            torch.optim.Adam(networks.policy.parameters(), self.config.learning_rate),
            lambda rng, done: self._losses(*rows.draw(rng, self.config.batch_size)),
            steps=steps - first,
            seed=seed,
            clip_norm=_CLIP_NORM,
        )
        return ReturnsFirst(networks, recorded, steps=first, learner=policy, use_labels=rows.label)

    def _losses(
        self, observation_BS: Tensor, return_B1: Tensor, advantage_B1: Tensor, action_BA: Tensor
    ) -> dict[str, Tensor]:
        condition_BX = self._training_condition(return_B1, advantage_B1)
        hidden_BW = torch.cat([observation_BS, condition_BX], 1)
        *hidden_layers, last = self._networks.policy
        for layer in hidden_layers:
            hidden_BW = layer(hidden_BW)
            if isinstance(layer, torch.nn.ReLU):
                hidden_BW = F.dropout(hidden_BW, self.config.dropout)
        return {"action_loss": F.mse_loss(last(hidden_BW), action_BA)}

    def _reset(self, n_envs: int) -> None:
        """Forgets nothing: the action depends on the observation alone."""

    @torch.no_grad()
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        networks = self._networks
        observation_nS = networks.observation_normaliser(self._put(observations))
        condition_nX = self._acting_condition(observation_nS, self._put(last_rewards)[:, None])
        scaled_nA = networks.policy(torch.cat([observation_nS, condition_nX], 1)).clamp(-1, 1)
        low, high = self._task.action_low, self._task.action_high
        actions: FloatArray = low + (scaled_nA.cpu().numpy() + 1) / 2 * (high - low)
        return actions.clip(low, high)  # What rounding adds.

    def save(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        safetensors.torch.save_file(self._networks.state_dict(), folder / _FILE)

    def load(self, folder: Path) -> None:
        """See `benchmark.interface.Agent`."""
        with isolated_random_numbers(0, self._device):
            self._networks = self._build()
        saved = safetensors.torch.load_file(folder / _FILE, device=self._device)
        self._networks.load_state_dict(saved)

    def _put(self, array: FloatArray) -> Tensor:
        # Copied, since torch refuses to share read-only arrays without a warning.
        return torch.tensor(array, device=self._device)
