"""The training stages, one after the other.

First a small network learns which returns are usual and good (see `mage.return_model`). Stage 1
learns the multi-scale trajectory autoencoder, which is frozen from then on. Stage 2 learns
transformer, adapter and inverse dynamics end to end, with L_CE + L_inv + L_cond (MAGE, training
objective).
Last, the inverse dynamics goes on alone in many cheap steps, on recorded plans and on those that
the transformer makes, which it will have to follow: its precision is what an action needs most.
Names end in their shape: B windows, S observation size, A action size, T tokens, V codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import cos, pi
from typing import Any

import torch
from torch import Tensor, nn

from benchmark.interface import Progress
from mage.codebook_usage import FADING, CodebookUse
from mage.losses import Losses, inverse_loss, stage_two_losses
from mage.model.planner import Planner
from mage.token_dataset import Batch, Plans, made, recorded
from mage.windows import Windows

# What is minimised, and what is told of a step: numbers that are worked out only if asked for.
Step = tuple[Tensor, Mapping[str, Callable[[], float]]]

# Batches a code may go unused before it is moved to where the data is.
_PATIENCE = 100
# Windows to learn from are put into tokens once, so many for each gradient step; to do so for all
# of a large dataset can take longer than the training.
_WINDOWS_PER_STEP = 32
# To make a plan takes longer.
_MADE_PER_STEP = 8
# Small networks learn from so many batches at a time; it costs little.
_BATCHES_OF_SMALL = 4


@dataclass(frozen=True)
class _Rate:
    """A learning rate.

    Attributes:
        peak: that it starts at.
        left: from the share of the stage that is done to the share of the peak that is left.
    """

    peak: float
    left: Callable[[float], float]


class StagedTraining:
    """All stages, one after the other; it can be left at any step and gone on with later.

    Attributes:
        planner: trained in place.
    """

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self._step = 0  # Gradient steps done, of all stages together.
        self._optimiser: Any = None
        self._schedule: Any = None
        self._resumed: Mapping[str, Any] = {}

    def run(self, windows: Windows, actions_NA: Tensor, steps: int, progress: Progress) -> None:
        """Takes the gradient steps that are left.

        Args:
            windows: all windows of the dataset, normalised.
            actions_NA: recorded actions, scaled to [-1, 1].
            steps: gradient steps of all stages together.
            progress: is told after each.
        """
        planner, config = self.planner, self.planner.config
        returns, first, second, inverse = _stages(config.shares, steps)
        rate = _Rate(config.learning_rate, _along_a_cosine)
        self._optimise(planner.returns, returns, learn_returns(planner, windows), rate, progress)
        windows.judge(planner)
        self._optimise(planner.autoencoder, first, stage_one(planner, windows), rate, progress)
        data = (planner, windows, actions_NA)
        losses = stage_two(*data, len(second))
        self._optimise(planner.stage_two_modules(), second, losses, rate, progress)
        rate = _Rate(config.inverse_learning_rate, _late)
        self._optimise(planner.inverse, inverse, learn_inverse(*data, len(inverse)), rate, progress)

    def state(self) -> dict[str, Any]:
        """What `resume` needs, as of the step that was reported last; random numbers apart."""
        return {
            "step": self._step,
            "planner": self.planner.state_dict(),
            "unused_codes": self.planner.autoencoder.quantizer.unused_V,
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Lets `run` go on from what `state` returned, of which it takes over the tensors."""
        self._step, self._resumed = state["step"], state
        self.planner.load_state_dict(state["planner"])
        self.planner.autoencoder.quantizer.unused_V.copy_(state["unused_codes"])

    def _optimise(
        self,
        trained: nn.Module,
        stage: range,
        steps: Iterator[Step],
        rate: _Rate,
        progress: Progress,
    ) -> None:
        """Takes the gradient steps that are left of a stage, reports each, and freezes the rest."""
        if self._step >= stage.stop:
            return
        self.planner.requires_grad_(False)
        parameters = list(trained.requires_grad_(True).parameters())
        self._optimiser = optimiser = torch.optim.AdamW(
            parameters, lr=rate.peak, weight_decay=self.planner.config.weight_decay, fused=True
        )
        self._schedule = schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: rate.left(step / len(stage))
        )
        if self._step > stage.start:  # It was interrupted within this stage.
            optimiser.load_state_dict(self._resumed["optimiser"])
            schedule.load_state_dict(self._resumed["schedule"])
        for step in range(self._step, stage.stop):
            loss, metrics = next(steps)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            schedule.step()
            self._step = step + 1
            progress(self._step, metrics)


def _stages(shares: tuple[float, ...], steps: int) -> list[range]:
    """The gradient steps of each stage, at least one; stage 2 gets what the shares leave."""
    returns, first, inverse = (max(1, round(share * steps)) for share in shares)
    second = max(1, steps - returns - first - inverse)
    ends = [min(end, steps) for end in accumulate((returns, first, second, inverse), initial=0)]
    return [range(*stage) for stage in pairwise(ends)]


def _along_a_cosine(done: float) -> float:
    return 0.5 * (1 + cos(pi * done))


def _late(done: float) -> float:
    """Held for three quarters of the stage: a network that is slowed down early acts less well.

    It does not show in the loss.
    """
    return min(1.0, 4 * (1 - done))


def learn_returns(planner: Planner, windows: Windows) -> Iterator[Step]:
    """Endlessly yields the return model's loss on new batches."""
    size = _BATCHES_OF_SMALL * planner.config.batch_size
    while True:
        rows_B = _draw(len(windows), size, windows.device)
        loss = planner.returns.loss(windows.observations_NS[rows_B], windows.returns_N1[rows_B])
        yield loss, _read_later({"loss": loss})


def stage_one(planner: Planner, windows: Windows) -> Iterator[Step]:
    """Endlessly yields the autoencoder's loss on new batches."""
    autoencoder, config = planner.autoencoder, planner.config
    use = CodebookUse(config.scales, config.codes, windows.device)
    while True:
        rows_B = _draw(len(windows), config.batch_size, windows.device)
        result = autoencoder(windows.cut(rows_B))
        tokens_BT = result.quantised.tokens_BT
        autoencoder.quantizer.revive(result.latent_BLC.detach(), tokens_BT, _PATIENCE)
        use.add(tokens_BT, FADING)
        losses = {"loss": result.loss, "reconstruction": result.reconstruction}
        yield result.loss, _read_later(losses) | use.metrics()


def learn_inverse(
    planner: Planner, windows: Windows, actions_NA: Tensor, steps: int
) -> Iterator[Step]:
    """Endlessly yields L_inv on new batches of recorded and of made plans; `steps` to expect."""
    config, data = planner.config, (planner, windows, actions_NA)
    # How actions move the agent is learned from all windows, what to do from the good ones.
    all_plans = Plans(*data, recorded(planner, windows), count=_WINDOWS_PER_STEP * steps)
    count = _MADE_PER_STEP * steps
    own_plans = Plans(*data, made(planner, windows), count=count, candidates=config.best_of)
    plans = (all_plans, own_plans)
    size = _BATCHES_OF_SMALL * config.batch_size // len(plans)
    while True:
        loss = torch.stack([_loss_on(planner, each, each.draw(size)) for each in plans]).mean()
        yield loss, _read_later({"loss": loss, "inverse": loss}) | all_plans.use.metrics()


def _loss_on(planner: Planner, plans: Plans, batch: Batch) -> Tensor:
    latent_BLC = plans.quantizer.latent(plans.quantizer.codes_of(batch.tokens_BT))
    return inverse_loss(planner, latent_BLC, batch, dropout=True)


def stage_two(planner: Planner, windows: Windows, actions_NA: Tensor, steps: int) -> Iterator[Step]:
    """Endlessly yields the loss of stage 2 on new batches; `steps` is what to expect."""
    config = planner.config
    count = _WINDOWS_PER_STEP * steps
    tokens_of = recorded(planner, windows)
    plans = Plans(planner, windows, actions_NA, tokens_of, count=count, candidates=config.best_of)
    while True:
        batch = plans.draw(config.batch_size)
        losses = stage_two_losses(planner, plans.quantizer, batch)
        yield losses["loss"], _read_later(losses) | plans.use.metrics()


def _read_later(losses: Losses) -> dict[str, Callable[[], float]]:
    """Numbers that are fetched from the device only if somebody asks."""
    return {name: value.detach().item for name, value in losses.items()}


def _draw(count: int, size: int, device: torch.device) -> Tensor:
    return torch.randint(count, (size,), device=device)
