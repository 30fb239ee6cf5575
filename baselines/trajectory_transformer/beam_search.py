"""Beam search of Trajectory Transformer: plans that collect reward, among likely ones.

Janner, Li, Levine, NeurIPS 2021, algorithm 1 with the choices of section 3.2 for offline
reinforcement learning: sequences are ranked by the expected rewards they collect plus the expected
value of where they end, actions are drawn from the likeliest tokens, and everything else is
the likeliest token.

Shapes: n environments, M sequences, P tokens of a prefix, D tokens per step, N bins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from benchmark.interface import TaskInfo

# Takes tokens (M, T) and what it gave back for those before them, None at first; returns logits
# (M, T, at least N) of the token after each, and a list of tensors with M as second dimension.
Network = Callable[[torch.Tensor, Any], tuple[torch.Tensor, list[torch.Tensor]]]


@dataclass(frozen=True)
class BeamSearch:
    """How plans are searched for.

    Attributes:
        task: sizes of observation and action, and the discount.
        horizon: steps of a plan.
        beam_width: sequences that are kept after each step.
        expansions: continuations that are drawn of each of them.
        top_p: share of the probability that actions are drawn from.
    """

    task: TaskInfo
    horizon: int
    beam_width: int
    expansions: int
    top_p: float

    @torch.no_grad()
    def plan(
        self,
        network: Network,
        prefix: torch.Tensor,
        centres: torch.Tensor,
        noise: torch.Generator,
    ) -> torch.Tensor:
        """The best plan found for each environment.

        Args:
            network: predicts the next token.
            prefix: (n, P) tokens of past steps and of the present observation.
            centres: (D, N) what tokens stand for.
            noise: draws actions.

        Returns:
            (n, horizon, D) tokens, of which the first step has the present observation.
        """
        beams = _Beams(network, prefix)
        n_envs, begin = len(prefix), prefix.shape[1] - self.task.observation_size
        beams.keep(torch.arange(n_envs, device=prefix.device).repeat_interleave(self.beam_width))
        collected = torch.zeros(len(beams.tokens), device=prefix.device)
        for step in range(self.horizon):
            if step:
                for _ in range(self.task.observation_size):
                    beams.append(beams.logits.argmax(1, keepdim=True))
            rows = torch.arange(len(beams.tokens), device=prefix.device)
            beams.keep(rows.repeat_interleave(self.expansions))
            # The episode is not over yet, as a later step of a plan may say of itself.
            known = centres.shape[1] + bool(step)
            for _ in range(self.task.action_size):
                beams.append(draw(beams.logits[:, :known], self.top_p, noise))
            reward, value = (beams.append_expected(centres[column]) for column in (-2, -1))
            collected = collected.repeat_interleave(self.expansions)
            collected += self.task.discount**step * reward
            ranked = collected + self.task.discount ** (step + 1) * value
            best = _best(ranked, n_envs, self.beam_width)
            beams.keep(best)
            collected = collected[best]
        best_tokens = beams.tokens[:: self.beam_width, begin:]  # Each environment's best is first.
        plans: torch.Tensor = best_tokens.unflatten(1, (self.horizon, -1))
        return plans


class _Beams:
    """Sequences that grow token by token.

    Attributes:
        tokens: (M, T).
        logits: (M, at least N) of the next token.
    """

    def __init__(self, network: Network, tokens: torch.Tensor) -> None:
        self._network = network
        self.tokens = tokens
        self._read(tokens, None)

    def _read(self, tokens: torch.Tensor, cache: Any) -> None:
        logits, self._cache = self._network(tokens, cache)
        self.logits = logits[:, -1]

    def append(self, tokens: torch.Tensor) -> None:
        """Takes tokens (M, 1)."""
        self.tokens = torch.cat([self.tokens, tokens], dim=1)
        self._read(tokens, self._cache)

    def append_expected(self, centres: torch.Tensor) -> torch.Tensor:
        """Appends the likeliest tokens; (M,) the mean of `centres` (N) over all tokens.

        The token that the episode is over counts as 0.
        """
        mean = self.logits.softmax(1)[:, : len(centres)] @ centres
        self.append(self.logits.argmax(1, keepdim=True))
        return mean

    def keep(self, rows: torch.Tensor) -> None:
        """Goes on with some sequences, each as often as it is named."""
        self.tokens, self.logits = self.tokens[rows], self.logits[rows]
        self._cache = [seen[:, rows] for seen in self._cache]


def draw(logits: torch.Tensor, top_p: float, noise: torch.Generator) -> torch.Tensor:
    """(M, 1) tokens drawn from the likeliest that together have a probability of `top_p`."""
    probabilities, order = logits.softmax(1).sort(dim=1, descending=True)
    likelier = probabilities.cumsum(1) - probabilities
    kept = probabilities.masked_fill(likelier >= top_p, 0.0)
    kept[:, 0] = probabilities[:, 0]  # The likeliest is among them, however it is rounded.
    return order.gather(1, torch.multinomial(kept, 1, generator=noise))


def _best(ranked: torch.Tensor, n_envs: int, width: int) -> torch.Tensor:
    """(n * width,) indices of each environment's best candidates (n * candidates), best first."""
    by_env = ranked.view(n_envs, -1)
    first = torch.arange(n_envs, device=ranked.device)[:, None] * by_env.shape[1]
    return (by_env.topk(width, dim=1).indices + first).flatten()
