"""GCBC: goal-conditioned behaviour cloning.

Papers: Ghosh et al., "Learning to Reach Goals via Iterated Supervised Learning", ICLR 2021, arXiv
1912.06088; as a baseline of OGBench (Park, Frans, Eysenbach, Levine, ICLR 2025, arXiv 2410.20092).
Implementation: this project's own. The reference is https://github.com/seohongpark/ogbench,
`impls/agents/gcbc.py`, whose defaults these are; `impls/hyperparameters.sh` changes none of them,
and has goals from anywhere for agents that learn values alone.

Deviations: those of all goal-conditioned agents (`baselines/goal_conditioned/base.py`); `quick` has
narrower networks and smaller batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import Tensor

from baselines.goal_conditioned.base import (
    GoalAgent,
    GoalBatch,
    GoalPolicyNetworks,
    cloning_loss,
)
from baselines.goal_conditioned.config import PAPER, QUICK, SMOKE, GoalConfig
from baselines.goal_conditioned.goal_sampler import GoalSampler, Rows


@dataclass(frozen=True)
class GCBCConfig(GoalConfig):
    """Settings of GCBC: those of `GoalConfig`, and no goals from anywhere, whatever the task."""

    random_goals: float | None = 0.0


class GCBC(GoalAgent):
    """Does what was done on the way to a later state, wherever that way led."""

    config_class = GCBCConfig
    presets: ClassVar[dict[str, dict[str, Any]]] = {"smoke": SMOKE, "quick": QUICK, "paper": PAPER}
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "batch_size": ("choice", (256, 512, 1024)),
        "random_goals": ("choice", (0.0, 0.25, 0.5)),
    }

    def _goal_rows(
        self, sampler: GoalSampler, rng: np.random.Generator, rows: Rows
    ) -> dict[str, Rows]:
        return {"actor_goal_BG": sampler.actor_goals(rng, rows, self._random_goals)}

    def _build(self) -> GoalPolicyNetworks:
        return GoalPolicyNetworks(self.config, *self._sizes)

    def _losses(self, batch: GoalBatch, done: float) -> dict[str, Tensor]:
        mean_BA = self._networks.act(batch.state_BS, batch.actor_goal_BG)
        return {"actor_loss": cloning_loss(mean_BA, batch.action_BA)}
