"""Taking a plan away and following another: what is measured of how far actions follow from plans.

Nothing here is used in training or in ordinary acting. Names end in their shape: n environments,
L latent positions, C code size, l tokens of one scale, T of all.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from benchmark.interface import PlanExchange
from mage.model.quantizer import FrozenQuantizer, MultiScaleQuantizer


def exchanged(latent_nLC: Tensor, exchange: PlanExchange | None) -> Tensor:
    """The plans to follow: those that were made, or what an exchange returns for them."""
    if exchange is None:
        return latent_nLC
    return torch.tensor(np.array(exchange(latent_nLC.cpu().numpy()))).to(latent_nLC)


def random_latents(quantizer: MultiScaleQuantizer, n_envs: int, seed: int) -> Tensor:
    """Plans (n, L, C) whose tokens, at all scales, are codes drawn at random, all alike likely.

    Args:
        quantizer: whose codebook they come from.
        n_envs: n.
        seed: of the draw.
    """
    generator = torch.Generator().manual_seed(seed)
    size = (n_envs, sum(quantizer.scales))
    tokens_nT = torch.randint(quantizer.codebook.num_embeddings, size, generator=generator)
    frozen = FrozenQuantizer(quantizer)
    return frozen.latent(frozen.codes_of(tokens_nT.to(frozen.codebook.device)))
