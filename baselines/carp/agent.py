"""CARP: a chunk of actions, predicted as a whole and refined from coarse to fine.

Paper: Gong, Ding, Lyu, Huang, Sun, Zhao, Fan, Wang, "CARP: Visuomotor Policy Learning via
Coarse-to-Fine Autoregressive Prediction", arXiv 2412.06782, 2024. Reference code:
https://github.com/ZhefeiGong/carp.
Implementation: own, in plain PyTorch; defaults are the authors' for a single task and states. It
clones what was recorded: neither rewards nor a goal tell it which actions are better.

Deviations:
- The tokens of all action columns at one position are one input of the transformer, and are
  predicted side by side; the authors give each token an input of its own. A hand with 30 columns
  would need 300. The width is still the authors' 64, through which all columns have to go.
- The observation is added to every input; the authors' enters at the first scale, and scales and
  shifts the norms. It is one step, as for the other agents that clone; the authors show two.
- A column that hardly changes is mapped to [-1, 1] as the others are; the authors leave one alone
  whose range is below 0.05 in the kitchen.
- The autoencoder has plain convolutions without blocks and norms, and 8 channels per column, where
  the authors have 2 to 8. Codes are stretched to a chunk's length by lines instead of cubic curves.
- Attention is plain and drops no paths; the authors normalise its queries and keys, and drop more
  paths the deeper they are.
- Both networks are trained in one run, a tenth of it for the tokeniser, as in the authors' 400
  and 4,000 epochs. One cosine is for both, so that the tokeniser's rate hardly falls; the
  authors' falls to zero after a warm-up, with a tenth of our decay. The authors act with averaged
  weights of the transformer.
- Past the end of an episode its last step is repeated, as in the authors' data.
- `quick` has a smaller codebook, a wider and shallower transformer, smaller batches and ten times
  the learning rates, and twice the share for the tokeniser.

Where it falls short: at `quick` it scores 73 on the expert's pen and 91 on the door, where cloning
scores 126 and 103; why has not been looked for.

Checked against the authors' code by reading.

Shapes: n environments, B batch, H steps of a chunk, A action size, O observation size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from baselines.carp.coarse_to_fine import CoarseToFine
from baselines.carp.config import CARPConfig
from baselines.carp.tokenizer import ActionTokenizer
from baselines.shared.network_agent import NetworkAgent
from baselines.shared.window_sampler import RangeNormaliser, WindowSampler
from benchmark.interface import Dataset, FloatArray


class CARP(NetworkAgent):
    """Predicts the next actions from the observation, and executes the first of them."""

    config_class = CARPConfig
    statistics_class = RangeNormaliser
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "steps": 20,
            "scales": (1, 2),
            "replan_every": 2,
            "n_codes": 8,
            "channels": 2,
            "tokeniser_share": 0.5,
            "width": 16,
            "n_layers": 1,
            "n_heads": 2,
            "batch_size": 8,
        },
        "quick": {
            "n_codes": 64,
            "tokeniser_share": 0.2,
            "tokeniser_rate": 3e-3,
            "width": 128,
            "n_layers": 2,
            "n_heads": 4,
            "batch_size": 64,
            "learning_rate": 1e-3,
        },
        # The authors' 4,000 epochs over some 25,000 recorded steps.
        "paper": {"steps": 400_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 3e-4, 3e-3),
        "tokeniser_rate": ("loguniform", 1e-3, 1e-2),
        "tokeniser_share": ("uniform", 0.1, 0.4),
        "n_codes": ("choice", (32, 64, 128)),
        "scales": ("choice", ((1, 2), (1, 2, 3, 4))),
        "replan_every": ("choice", (1, 2, 4, 8)),
    }

    def _measure(self, dataset: Dataset) -> RangeNormaliser:
        return RangeNormaliser.of(dataset, self._device)

    def _build(self) -> nn.ModuleDict:
        n_columns = self._task.action_size
        transformer = CoarseToFine(self._task.observation_size, n_columns, self.config)
        # These names are keys of saved weights.
        return nn.ModuleDict(
            {"tokeniser": ActionTokenizer(n_columns, self.config), "transformer": transformer}
        )

    def _optimiser(self) -> torch.optim.Optimizer:
        rates = {
            "tokeniser": self.config.tokeniser_rate,
            "transformer": self.config.learning_rate,
        }
        groups = [
            {"params": self._networks[name].parameters(), "lr": rate}
            for name, rate in rates.items()
        ]
        # Weights without a gradient stay as they are: only one network moves at a time.
        return torch.optim.AdamW(groups, betas=(0.9, 0.95), weight_decay=self.config.weight_decay)

    def _batches(self, dataset: Dataset) -> Callable[[np.random.Generator], torch.Tensor]:
        # What a window is worth is of no use here.
        windows = WindowSampler(
            dataset, self._statistics, self.config.horizon, values=dataset.rewards
        )
        return lambda rng: windows.sample(rng, self.config.batch_size)[0]

    def _losses(self, batch: torch.Tensor, done: float) -> dict[str, torch.Tensor]:
        tokenizer, transformer = self._networks["tokeniser"], self._networks["transformer"]
        actions_BHA = batch[:, :, : self._task.action_size]
        if done < self.config.tokeniser_share:
            losses: dict[str, torch.Tensor] = tokenizer.losses(actions_BHA)
            return losses
        observations_BO = batch[:, 0, self._task.action_size :]
        tokens = tokenizer.encode(actions_BHA)
        return {"cross_entropy": transformer.loss(observations_BO, tokens, tokenizer)}

    def _reset(self, n_envs: int) -> None:
        """See `benchmark.interface.Agent`."""
        self._chunk_left: list[torch.Tensor] = []  # (n, A) actions that are still to be executed.

    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        if not self._chunk_left:
            chunk = self._predict(torch.as_tensor(observations, device=self._device))
            self._chunk_left = list(chunk[:, : self.config.replan_every].unbind(1))
        return self._inside_bounds(self._chunk_left.pop(0))

    @torch.no_grad()
    def _predict(self, observations: torch.Tensor) -> torch.Tensor:
        """(n, H, A) actions from observations (n, O) on."""
        ranges, n_columns = self._statistics, self._task.action_size
        tokenizer = self._networks["tokeniser"]
        low, high = ranges.low, ranges.high
        observed = RangeNormaliser(low[n_columns:], high[n_columns:]).normalise(observations)
        total = self._networks["transformer"].predict(observed, tokenizer)
        return RangeNormaliser(low[:n_columns], high[:n_columns]).restore(tokenizer.decode(total))
