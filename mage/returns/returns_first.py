"""Trains the return model first, and then whatever learns from its labels.

Names end in their shape: B rows of a batch, N recorded steps, S observation size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from benchmark.interface import Metrics
from benchmark.trainer import Learner
from mage.returns.labels import ReturnLabeller
from mage.returns.learning_rate import along_a_cosine, set_rate
from mage.returns.recorded_returns import RecordedReturns

# As MAGE trains its return model at `quick`.
_BATCH_SIZE = 512
_LEARNING_RATE = 1e-3
_WEIGHT_DECAY = 1e-4


class ReturnsFirst:
    """Two learners in turn: that of the return model, and one that is given: a `Learner`.

    The rate of the first falls to nothing along a cosine, as of MAGE's return model.

    Args:
        labeller: whose return model is trained in place; its normalisers are fitted.
        recorded: what it learns.
        steps: gradient steps of the return model; with none it stays as it is.
        learner: what goes on afterwards.
        use_labels: called with all returns (N, 1) and their advantages (N, 1) before `learner`'s
            next step, once the return model is trained.
    """

    def __init__(
        self,
        labeller: ReturnLabeller,
        recorded: RecordedReturns,
        *,
        steps: int,
        learner: Learner,
        use_labels: Callable[[Tensor, Tensor], None] | None = None,
    ) -> None:
        self._labeller, self._recorded = labeller, recorded
        self._steps, self._steps_taken = steps, 0
        self._learner, self._use_labels = learner, use_labels
        self._optimiser = torch.optim.AdamW(
            labeller.returns.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY
        )

    @property
    def step(self) -> int:
        """Gradient steps taken by both."""
        return self._steps_taken + self._learner.step

    def train_step(self) -> Metrics:
        """Takes a step of the return model, as long as it is its turn, or one of the other."""
        if self._steps_taken < self._steps:
            return self._returns_step()
        if self._use_labels:  # Once, and again after an interruption, with the same result.
            self._use_labels(*self._recorded.labels(self._labeller))
            self._use_labels = None
        return self._learner.train_step()

    def _returns_step(self) -> Metrics:
        device = self._labeller.returns.largest.device
        rows_B = torch.randint(len(self._recorded), (_BATCH_SIZE,), device=device)
        loss = self._recorded.loss(self._labeller, rows_B)
        self._optimiser.zero_grad()
        loss.backward()
        set_rate(self._optimiser, _LEARNING_RATE * along_a_cosine(self._steps_taken / self._steps))
        self._optimiser.step()
        self._steps_taken += 1
        return {"return_loss": loss.detach().item}

    def state(self) -> dict[str, Any]:
        """See `benchmark.trainer.Learner`."""
        return {
            "return_steps": self._steps_taken,
            "returns": self._labeller.returns.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "learner": self._learner.state(),
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.trainer.Learner`."""
        self._steps_taken = state["return_steps"]
        self._labeller.returns.load_state_dict(state["returns"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._learner.load_state(state["learner"])


def steps_of_returns(share: float, steps: int) -> int:
    """A share of a training's gradient steps, at least one, that leaves one for what follows."""
    return min(max(1, round(share * steps)), steps - 1)
