"""Behaviour cloning: regression of the recorded actions, of all episodes or of the best.

Paper: Pomerleau, "ALVINN: An Autonomous Land Vehicle in a Neural Network", NeurIPS 1988, is an
early one; cloning the best tenth is the baseline "%BC" of the Decision Transformer's paper (Chen et
al. 2021).
Implementation: d3rlpy 2.8 (Seno and Imai, JMLR 2022); network, loss and update are d3rlpy's.
Defaults: d3rlpy's.

Deviations, beside those of all agents built on d3rlpy (`baselines/d3rlpy_agents/base.py`):
- Episodes longer than an evaluation are cut into pieces as long as one before the best are taken:
  in the mazes, what is stored as an episode is a long walk past many goals.
- Episodes of a single step are left out where there are longer ones: on OGBench's arm every step
  in which a task stays solved is one.
- Episodes are ranked by undiscounted return, as in the paper; CORL's code discounts.
Checked against: CORL's `any_percent_bc.py` (which episodes are kept).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

import numpy as np
from d3rlpy import algos
from d3rlpy.models import VectorEncoderFactory

from baselines.d3rlpy_agents.base import D3rlpyAgent
from baselines.d3rlpy_agents.batches import TransitionSampler
from baselines.shared.config_checks import check_ranges
from baselines.shared.episodes import best_episodes
from benchmark.interface import Dataset, TaskSettings
from mage.returns.episode_cuts import cut_episodes


@dataclass(frozen=True)
class BCConfig:
    """Settings of behaviour cloning.

    Attributes:
        batch_size: transitions per gradient step.
        learning_rate: of Adam.
        hidden_sizes: width of each hidden layer.
        dropout: probability, after each hidden layer.
    """

    batch_size: int = 256
    learning_rate: float = 1e-3
    hidden_sizes: tuple[int, ...] = (256, 256)
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(1, inf), learning_rate=(0, 1), hidden_sizes=(1, inf))
        check_ranges(self, dropout=(0, 1))


# Few demonstrations, which a network soon overfits. Cloning the best tenth has its defaults.
TASK_SETTINGS = (
    TaskSettings(
        "kitchen-complete", {"learning_rate": 1e-4}, "tuning seeds, docs/tuning/kitchen.md"
    ),
)


class BehaviorCloning(D3rlpyAgent):
    """Imitates the recorded actions: a deterministic policy under a squared error."""

    config_class = BCConfig
    task_settings = TASK_SETTINGS
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"steps": 20, "hidden_sizes": (32, 32)},
        "paper": {"steps": 500_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "batch_size": ("choice", (64, 128, 256, 512)),
        "hidden_sizes": ("choice", ((128, 128), (256, 256), (256, 256, 256))),
        "dropout": ("uniform", 0.0, 0.3),
    }

    def _algorithm_config(self, steps: int) -> algos.BCConfig:
        return algos.BCConfig(
            batch_size=self.config.batch_size,
            learning_rate=self.config.learning_rate,
            encoder_factory=VectorEncoderFactory(
                list(self.config.hidden_sizes), dropout_rate=self.config.dropout or None
            ),
        )

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        return TransitionSampler(dataset, dataset.rewards, self.config.batch_size).sample


@dataclass(frozen=True)
class BestCloningConfig(BCConfig):
    """Settings of cloning the best episodes, beside those of `BCConfig`.

    Attributes:
        share: of the episodes, that are imitated; at least one always is.
    """

    share: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, share=(0, 1))


class BestCloning(BehaviorCloning):
    """Imitates the episodes with the highest returns only.

    Where it falls short: of the 100 episodes that an expert's data has here the best tenth are ten,
    which score 4 on the door and 16 on the pen; 104 and 115 are published for 5,000 episodes.
    """

    config_class = BestCloningConfig

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        pieces = cut_episodes(dataset, self._task.max_steps)
        return super()._batches(best_episodes(pieces, self.config.share))
