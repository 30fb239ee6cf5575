"""The losses of stage 2 as the paper states them, on a planner and a batch of three windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from mage.config import MAGEConfig
from mage.losses import stage_two_losses
from mage.model.planner import Planner
from mage.model.quantizer import FrozenQuantizer
from mage.token_dataset import Batch
from tests.mage import plain
from tests.mage.conftest import random_condition

TOKENS = [[1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14], [0, 0, 15, 15, 1, 2, 3]]


def planner_of(config: MAGEConfig, **settings: object) -> Planner:
    """With an adapter that has learned something, and returns that are never hidden."""
    torch.manual_seed(0)
    settings = {"condition_dropout": 0.0, **settings}
    planner = Planner(replace(config, **settings), 4, 2)  # type: ignore[arg-type]
    with torch.no_grad():
        planner._adapter.weight.copy_(torch.randn(6, 7))
    return planner


def batch_of_three() -> Batch:
    torch.manual_seed(5)
    return Batch(torch.tensor(TOKENS), random_condition(3), torch.randn(3, 2), torch.ones(3, 4))


def losses_of(planner: Planner, batch: Batch) -> dict[str, torch.Tensor]:
    return stage_two_losses(planner, FrozenQuantizer(planner.autoencoder.quantizer), batch)


def plain_cross_entropy(planner: Planner, batch: Batch) -> float:
    """L_CE: minus the log-probability of every token; the mean of tokens and windows, by scale.

    Tokens count by the share of the positions they cover that is no padding.
    """
    found = []
    for start, end in ((0, 1), (1, 3), (3, 7)):
        terms, weights = [], []
        for row, tokens in enumerate(batch.tokens_BT.tolist()):
            real = plain.down(plain.array(batch.real_BL[row])[:, None], end - start)
            weights += real[:, 0].tolist()
            observed, *asked, known = (each[row] for each in batch.condition)
            given = plain.array(torch.cat([observed, *(known * each for each in asked), known]))
            logits = plain.logits(planner, given, tokens)
            for place in range(start, end):
                chances = np.exp(logits[place]) / np.exp(logits[place]).sum()
                terms.append(-np.log(chances[tokens[place]]))
        found.append(np.average(terms, weights=weights))
    return float(np.mean(found))


def latents_of(planner: Planner, tokens: list[list[int]]) -> torch.Tensor:
    quantizer = planner.autoencoder.quantizer
    latents = [plain.latent_of(quantizer, each) for each in tokens]
    return torch.tensor(np.array(latents), dtype=torch.float32)


def plain_inverse(planner: Planner, batch: Batch, tokens: list[list[int]]) -> float:
    """L_inv: the square of I(Z) - a_0, the mean over windows and numbers of an action."""
    terms = []
    for row, latent in enumerate(latents_of(planner, tokens)):
        seen = torch.cat([latent.flatten(), batch.condition.observation_BS[row]])
        action = plain.perceptron(planner.inverse, plain.array(seen))
        terms.append((action - plain.array(batch.actions_BA[row])) ** 2)
    return float(np.mean(terms))


def plain_first_pair(planner: Planner, batch: Batch, tokens: list[list[int]]) -> float:
    """L_cond: the square of D'(Z, R_0)_0 - (R_0, s_0), its mean; of R_0 where it is asked for."""
    decoded = plain.array(planner.decode(latents_of(planner, tokens), batch.condition.return_B1))
    terms = []
    for row, first in enumerate(decoded[:, 0]):
        seen = batch.condition.observation_BS[row].tolist()
        wanted = [batch.condition.return_B1[row].item(), *seen]
        asked = np.array([batch.condition.known_B1[row].item(), 1, 1, 1, 1])
        terms.append(asked * (first - np.array(wanted)) ** 2)
    return float(np.mean(terms))
