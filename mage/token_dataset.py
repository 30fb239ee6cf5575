"""Plans to learn from, as tokens that are worked out once for all later steps.

*Recorded* plans are windows as the frozen autoencoder puts them. *Sampled* ones are what the
trained transformer makes of how these windows begin, which is what the agent will act on.

Names end in their shape: B windows of a batch, M windows to draw from, U different ones of them, N
recorded steps, A action size, T tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from mage.codebook_usage import CodebookUse
from mage.model.planner import Condition, Planner
from mage.model.quantizer import FrozenQuantizer
from mage.returns.labels import best_rows
from mage.sampling import PlanSampler
from mage.windows import Windows

_CHUNK = 2048  # Windows that are worked on at a time.

TokensOf = Callable[[Tensor, Tensor | None], Tensor]
"""From the rows that windows start at (B,), and noise on where they do, to tokens (B, T)."""


class Batch(NamedTuple):
    """Plans, what they start from, and what was done there.

    Attributes:
        tokens_BT: of the plans.
        condition: of the states from which plans are read, as a rule those that windows begin with.
        actions_BA: taken in these states, scaled to [-1, 1].
        real_BL: the share of each latent position that is no padding.
    """

    tokens_BT: Tensor
    condition: Condition
    actions_BA: Tensor
    real_BL: Tensor


class TokenDataset:
    """Plans for windows of a dataset, to draw batches from.

    Which windows depends on the seed alone, so that interrupted training finds them again.

    Args:
        planner: with a trained autoencoder.
        windows: of the dataset, normalised, with their advantages and actions scaled to [-1, 1].
        tokens_of: puts windows into the tokens of their plans.
        count: M.
        candidates: windows drawn for each one, of which the one whose return has the largest
            advantage is taken.
        once: whether a window has one plan, however often it is among the M; false where plans are
            drawn at random.
        noisy: whether each of the M has noise of its own on where it starts.
        labelled: whether windows count alone of which it is known how good they were.

    Attributes:
        quantizer: that the tokens are of.
        use: of the codebook, padding left out.
    """

    @torch.no_grad()
    def __init__(
        self,
        planner: Planner,
        windows: Windows,
        tokens_of: TokensOf,
        *,
        count: int,
        candidates: int = 1,
        once: bool = True,
        noisy: bool = False,
        labelled: bool = True,
    ) -> None:
        config = planner.config
        among_R = windows.recorded_returns.labelled_rows if labelled else None
        self._rows_M = best_rows(windows.advantages_N1, count, candidates, among_R)
        self._windows = windows
        self.quantizer = FrozenQuantizer(planner.autoencoder.quantizer)
        self._autoencoder = planner.autoencoder
        self.use = CodebookUse(config.scales, config.codes, windows.device)
        rows_U, self._plan_M = self._rows_M, torch.arange(count, device=windows.device)
        self._noise_MX = windows.start_noise(count, _generator(windows)) if noisy else None
        if once and self._noise_MX is None:
            rows_U, self._plan_M = self._rows_M.unique(return_inverse=True)
        chunks = [
            tokens_of(rows_U[plans_B], self._noise_of(plans_B)).to(torch.int16)
            for plans_B in torch.arange(len(rows_U), device=windows.device).split(_CHUNK)
        ]
        self._tokens_UT = torch.cat(chunks)
        for plans_B in self._plan_M.split(_CHUNK):
            real_BL = self._real_patches(rows_U[plans_B])
            tokens_BT = self._tokens_UT[plans_B].long()
            self.use.add(tokens_BT, self._autoencoder.real_tokens(real_BL))

    def draw(self, size: int, kept_for: int = 1) -> Batch:
        """A batch of these windows, drawn uniformly.

        Args:
            size: B.
            kept_for: steps for which a plan is kept: it is read from any of the states in them.
        """
        chosen_B = torch.randint(len(self._rows_M), (size,), device=self._rows_M.device)
        rows_B = self._rows_M[chosen_B]
        tokens_BT = self._tokens_UT[self._plan_M[chosen_B]].long()
        real_BL = self._real_patches(rows_B)
        if kept_for > 1:
            rows_B = self._windows.later(rows_B, kept_for)
        condition = self._windows.condition(rows_B, self._noise_of(chosen_B))
        return Batch(tokens_BT, condition, self._windows.actions_NA[rows_B], real_BL)

    def _noise_of(self, chosen_B: Tensor) -> Tensor | None:
        return None if self._noise_MX is None else self._noise_MX[chosen_B]

    def _real_patches(self, rows_B: Tensor) -> Tensor:
        return self._autoencoder.real_patches(self._windows.real(rows_B))


def unread_tokens(planner: Planner, windows: Windows) -> TokensOf:
    """Stand for plans where the inverse dynamics reads none, as making them takes long."""
    shape = (len(windows), sum(planner.config.scales))
    unread_NT = torch.zeros((), dtype=torch.long, device=windows.device).expand(shape)
    return lambda rows_B, _noise_BX: unread_NT[rows_B]


def recorded_tokens(planner: Planner, windows: Windows) -> TokensOf:
    """Tokens of windows as the frozen autoencoder puts them."""
    tokenize = planner.autoencoder.tokenize
    return lambda rows_B, noise_BX: tokenize(windows.cut(rows_B, noise_BX), windows.real(rows_B))


def sampled_tokens(planner: Planner, windows: Windows) -> TokensOf:
    """Tokens that the trained transformer samples from how windows begin, as it does in acting."""
    sampler = PlanSampler(planner)
    generator = _generator(windows)
    return lambda rows_B, noise_BX: sampler.tokens(windows.condition(rows_B, noise_BX), generator)


def _generator(windows: Windows) -> torch.Generator:
    """One that depends on the seed of the training alone."""
    return torch.Generator(windows.device).manual_seed(torch.initial_seed())
