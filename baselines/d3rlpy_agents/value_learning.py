"""What the agents that learn values share: their common settings and the rewards they see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from baselines.d3rlpy_agents.base import D3rlpyAgent
from baselines.d3rlpy_agents.batches import TransitionSampler
from baselines.shared.config_checks import check_ranges
from benchmark.interface import Dataset, FloatArray


@dataclass(frozen=True)
class ValueConfig:
    """Settings of every agent that learns values.

    Attributes:
        batch_size: transitions per gradient step.
        hidden_sizes: width of each hidden layer, in all networks.
        gamma: discount factor per step.
        tau: share of a network that its slow copy takes over per gradient step.
        reward_scale: factor on every reward.
        reward_shift: added to every reward after scaling.
        return_range: distance that the returns of the best and the worst recorded episode are
            brought to, before scaling; None leaves rewards as they were recorded.
        compile_graph: whether a gradient step on CUDA is compiled and played back as a CUDA graph,
            as d3rlpy offers; elsewhere it changes nothing.
    """

    batch_size: int = 256
    hidden_sizes: tuple[int, ...] = (256, 256)
    gamma: float = 0.99
    tau: float = 0.005
    reward_scale: float = 1.0
    reward_shift: float = 0.0
    return_range: float | None = None
    compile_graph: bool = False

    def __post_init__(self) -> None:
        check_ranges(self, batch_size=(1, inf), hidden_sizes=(1, inf), gamma=(0, 1), tau=(0, 1))
        check_ranges(self, reward_scale=(-inf, inf), reward_shift=(-inf, inf))
        if self.return_range is not None:
            check_ranges(self, return_range=(0, inf))


class ValueLearner(D3rlpyAgent):
    """An agent that learns values from single transitions; its config is a `ValueConfig`."""

    @property
    def _compiles_graph(self) -> bool:
        compiles: bool = self.config.compile_graph
        return compiles

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], Any]:
        rewards = learned_rewards(dataset, self.config)
        return TransitionSampler(dataset, rewards, self.config.batch_size).sample


def learned_rewards(dataset: Dataset, config: ValueConfig) -> FloatArray:
    """(N,) rewards as the agent learns from them.

    Raises:
        ValueError: if a range of returns is asked for and all episodes have the same return.
    """
    scale = config.reward_scale
    if config.return_range is not None:
        returns = dataset.episode_returns()
        if returns.max() == returns.min():
            raise ValueError(
                f"return_range={config.return_range:g} needs episodes of different returns, but "
                f"all have {returns[0]:g}; set it to None"
            )
        scale *= config.return_range / float(returns.max() - returns.min())
    return dataset.rewards * np.float32(scale) + np.float32(config.reward_shift)
