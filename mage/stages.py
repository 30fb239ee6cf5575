"""The training stages, one after the other.

First a small network learns which returns to expect (`mage.returns.return_model`). Stage 1 learns
the multi-scale trajectory autoencoder, which is frozen from then on. Stage 2 learns transformer,
adapter and inverse dynamics end to end, with L_CE + L_inv + L_cond (`mage.losses`). Last, the
inverse dynamics goes on alone in many cheap steps, on recorded plans and on those that the
transformer samples, which it will have to follow: its precision is what an action needs most.

A training that has ended goes on with more steps as it began: each stage in its turn, with its
share of those that are added, its optimiser, and the rates that it has there in a training of all.

Names end in their shape: B windows, S observation size, A action size, T tokens, V codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor, nn

from benchmark.interface import Metrics
from mage.codebook_usage import FADING, CodebookUse
from mage.losses import Losses, inverse_loss, stage_two_losses
from mage.model.planner import Planner
from mage.returns.learning_rate import along_a_cosine, set_rate
from mage.token_dataset import (
    Batch,
    TokenDataset,
    recorded_tokens,
    sampled_tokens,
    unread_tokens,
)
from mage.windows import Windows

# What is minimised, and what is reported: numbers that are worked out only if asked for.
Step = tuple[Tensor, Metrics]

# Batches a code may go unused before it is moved to where the data is.
_PATIENCE = 100
# Windows to learn from are put into tokens once, so many for each gradient step; to do so for all
# of a large dataset can take longer than the training.
_WINDOWS_PER_STEP = 32
# To sample a plan takes longer.
_SAMPLED_PER_STEP = 8
# Small networks learn from so many batches at a time; it costs little.
_BATCHES_OF_SMALL = 4


@dataclass(frozen=True)
class _Stage:
    """What is trained, on which losses, at which rate.

    Attributes:
        steps: the gradient steps of the whole training that are its own.
        trained: all other weights rest.
        losses: begins an endless stream of them, each on a new batch.
        peak_rate: the learning rate that it starts at.
        rate_left: from the share of the stage that is done to the share of the peak that is left.
    """

    steps: range
    trained: nn.Module
    losses: Callable[[], Iterator[Step]]
    peak_rate: float
    rate_left: Callable[[float], float]


class StagedTraining:
    """All stages, one after the other: a `benchmark.trainer.Learner`.

    Args:
        planner: trained in place.
        windows: all windows of the dataset, normalised, with actions scaled to [-1, 1].
        steps: gradient steps of all stages together.
    """

    def __init__(self, planner: Planner, windows: Windows, steps: int) -> None:
        self.planner = planner
        self._windows = windows
        self._use = CodebookUse(planner.config.scales, planner.config.codes, windows.device)
        self._stages = _stages(planner, windows, steps, self._use)
        self._taken = [0] * len(self._stages)  # Gradient steps of each stage.
        # Without a return model windows have no advantages, and nobody needs any.
        self._has_advantages = not self._stages[0].steps
        self._stage: int | None = None
        self._optimiser: Any = None
        self._optimisers: dict[str, Any] = {}  # As they were when their stages ended.

    @property
    def step(self) -> int:
        """Gradient steps taken."""
        return sum(self._taken)

    def train_step(self) -> Metrics:
        """Takes the next gradient step, the first of a stage where one before it has ended."""
        due = (number for number, stage in enumerate(self._stages) if self._is_due(number, stage))
        if (number := next(due)) != self._stage:
            self._begin(number)
        stage, taken = self._stages[number], self._taken[number]
        set_rate(self._optimiser, stage.peak_rate * stage.rate_left(taken / len(stage.steps)))
        loss, metrics = next(self._losses)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimiser.step()
        self._taken[number] += 1
        if self.step == self._stages[-1].steps.stop:
            # Nothing of what comes after training needs the data, which may be large.
            del self._stages, self._losses, self._windows
        return metrics

    def _is_due(self, number: int, stage: _Stage) -> bool:
        return self._taken[number] < len(stage.steps)

    def state(self) -> dict[str, Any]:
        """What `load_state` needs, as of the last step."""
        return {
            "taken": self._taken,
            "planner": self.planner.state_dict(),
            "unused_codes": self.planner.autoencoder.quantizer.unused_V,
            "used_codes": self._use.counts_KV,
            "optimisers": self._optimisers | self._present_optimiser(),
        }

    def _present_optimiser(self) -> dict[str, Any]:
        if self._stage is None:
            return {}
        return {str(self._stage): {"optimiser": self._optimiser.state_dict()}}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` returned, of which it takes over the tensors."""
        if "taken" in state:
            self._taken, self._optimisers = list(state["taken"]), dict(state["optimisers"])
        else:  # A checkpoint of before, of a training that was interrupted.
            self._taken = [
                min(max(0, state["step"] - stage.steps.start), len(stage.steps))
                for stage in self._stages
            ]
            number = max(number for number, taken in enumerate(self._taken) if taken)
            self._optimisers = {str(number): state}
        self.planner.load_state_dict(state["planner"])
        self.planner.autoencoder.quantizer.unused_V.copy_(state["unused_codes"])
        if "used_codes" in state:  # Which no checkpoint of before holds.
            self._use.counts_KV.copy_(state["used_codes"])

    def _begin(self, number: int) -> None:
        """Freezes all that a stage does not train, and goes on with its optimiser if it has one."""
        stage = self._stages[number]
        if number > 0 and not self._has_advantages:
            self._windows.label(self.planner)  # The return model is trained by now.
            self._has_advantages = True
        self._optimisers |= self._present_optimiser()
        self.planner.requires_grad_(False)
        self._parameters = list(stage.trained.requires_grad_(True).parameters())
        self._optimiser = torch.optim.AdamW(
            self._parameters,
            lr=stage.peak_rate,
            weight_decay=self.planner.config.weight_decay,
            fused=True,
        )
        if before := self._optimisers.get(str(number)):
            self._optimiser.load_state_dict(before["optimiser"])
        self._stage, self._losses = number, stage.losses()


def _stages(planner: Planner, windows: Windows, steps: int, use: CodebookUse) -> list[_Stage]:
    config, data = planner.config, (planner, windows)
    returns, first, second, inverse = _ranges(config.shares, steps)
    cosine = config.learning_rate, along_a_cosine
    late = config.inverse_learning_rate, _late
    return [
        _Stage(returns, planner.returns, lambda: learn_returns(planner, windows), *cosine),
        _Stage(first, planner.autoencoder, lambda: stage_one(planner, windows, use), *cosine),
        _Stage(second, planner.stage_two_modules(), lambda: stage_two(*data, len(second)), *cosine),
        _Stage(inverse, planner.inverse, lambda: learn_inverse(*data, len(inverse)), *late),
    ]


def _ranges(shares: tuple[float, ...], steps: int) -> list[range]:
    """The gradient steps of each stage, in their order; stage 2 gets what the shares leave.

    Each has at least one, unless it has no share or all steps are taken before.
    """
    returns, first, inverse = (max(1, round(share * steps)) if share else 0 for share in shares)
    second = max(1, steps - returns - first - inverse) if sum(shares) < 1 else 0
    if not second:  # What rounding leaves.
        inverse = max(0, steps - returns - first)
    ends = [min(end, steps) for end in accumulate((returns, first, second, inverse), initial=0)]
    return [range(*stage) for stage in pairwise(ends)]


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
        loss = windows.recorded_returns.loss(planner, rows_B)
        yield loss, _read_later({"loss": loss})


def stage_one(planner: Planner, windows: Windows, use: CodebookUse) -> Iterator[Step]:
    """Endlessly yields the autoencoder's loss on new batches, whose codes it counts."""
    autoencoder, config = planner.autoencoder, planner.config
    while True:
        rows_B = _draw(len(windows), config.batch_size, windows.device)
        real_BP = windows.real(rows_B)
        result = autoencoder(windows.cut(rows_B, windows.start_noise(len(rows_B))), real_BP)
        tokens_BT, real_BL = result.quantised.tokens_BT, autoencoder.real_patches(real_BP)
        autoencoder.quantizer.revive(result.latent_BLC.detach(), tokens_BT, real_BL, _PATIENCE)
        use.add(tokens_BT, autoencoder.real_tokens(real_BL), FADING)
        losses = {"loss": result.loss, "reconstruction": result.reconstruction}
        yield result.loss, _read_later(losses) | use.metrics()


def learn_inverse(planner: Planner, windows: Windows, steps: int) -> Iterator[Step]:
    """Endlessly yields L_inv on new batches of recorded and of sampled plans.

    Args:
        planner: with a trained autoencoder and transformer.
        windows: with their advantages.
        steps: to expect.
    """
    config, data = planner.config, (planner, windows)
    plans, reads_plans = (recorded_tokens, sampled_tokens), config.inverse_from != "condition"
    if not reads_plans:
        plans = unread_tokens, unread_tokens
    of_recorded, of_sampled = (tokens_of(planner, windows) for tokens_of in plans)
    # How actions move the agent is learned from all windows, what to do from the best ones.
    recorded = TokenDataset(
        *(*data, of_recorded), count=_WINDOWS_PER_STEP * steps, labelled=not reads_plans
    )
    sampled = TokenDataset(
        *data,
        of_sampled,
        count=_SAMPLED_PER_STEP * steps,
        candidates=config.best_of,
        once=config.temperature == 0,
    )
    datasets = (recorded, sampled)
    form = _BATCHES_OF_SMALL * config.batch_size // len(datasets), config.replan_every
    while True:
        losses = [_inverse_loss_on(planner, tokens, tokens.draw(*form)) for tokens in datasets]
        loss = torch.stack(losses).mean()
        use = recorded.use.metrics() if reads_plans else {}
        yield loss, _read_later({"loss": loss, "inverse": loss}) | use


def _inverse_loss_on(planner: Planner, tokens: TokenDataset, batch: Batch) -> Tensor:
    latent_BLC = tokens.quantizer.latent(tokens.quantizer.codes_of(batch.tokens_BT))
    return inverse_loss(planner, latent_BLC, batch, regularised=True)


def stage_two(planner: Planner, windows: Windows, steps: int) -> Iterator[Step]:
    """Endlessly yields the loss of stage 2 on new batches; arguments as of `learn_inverse`."""
    config = planner.config
    tokens = TokenDataset(
        *(planner, windows, recorded_tokens(planner, windows)),
        count=_WINDOWS_PER_STEP * steps,
        candidates=config.best_of,
        noisy=True,
    )
    while True:
        batch = tokens.draw(config.batch_size)
        losses = stage_two_losses(planner, tokens.quantizer, batch)
        # Without stage 1 there is no codebook to speak of.
        use = tokens.use.metrics() if config.shares[1] else {}
        yield losses["loss"], _read_later(losses) | use


def _read_later(losses: Losses) -> dict[str, Callable[[], float]]:
    """Numbers that are fetched from the device only if somebody asks."""
    return {name: value.detach().item for name, value in losses.items()}


def _draw(count: int, size: int, device: torch.device) -> Tensor:
    return torch.randint(count, (size,), device=device)
