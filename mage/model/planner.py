"""The whole of MAGE as one module: return model, autoencoder, transformer, adapter, inverse.

Stage 1 teaches the autoencoder what plans look like, and freezes it. The transformer then says
which plan suits a condition, the adapter holds its beginning to that condition, and the inverse
dynamics turns it into an action.

Names end in their shape: B windows, S observation size, A action size, L latent positions,
C code size, P steps a window looks at, D numbers per step, X numbers of a condition.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mage.config import MAGEConfig
from mage.model.autoencoder import TrajectoryAutoencoder
from mage.model.transformer import NextScaleTransformer
from mage.returns.labels import ReturnLabeller
from mage.returns.normalisers import Normaliser
from mage.returns.return_model import perceptron


class Condition(NamedTuple):
    """What a plan has to start from and to bring, all of it normalised.

    Attributes:
        observation_BS: s_0.
        return_B1: R_0.
        advantage_B1: of R_0 in s_0 (see `mage.returns.return_model`).
    """

    observation_BS: Tensor
    return_B1: Tensor
    advantage_B1: Tensor


class Planner(ReturnLabeller):
    """Everything that is learned, the return model too; `mage.sampling` makes plans of it.

    Attributes:
        observed: the columns of a plan that hold observations.
        inverse: the network of the inverse dynamics.
    """

    def __init__(self, config: MAGEConfig, observation_size: int, action_size: int) -> None:
        super().__init__(config, observation_size, config.inverse_width)
        sizes = {"return": 1, "observation": observation_size, "action": action_size}
        step_size = sum(sizes[part] for part in config.sequence)
        before = sizes["return"] if "return" in config.sequence else 0
        self.observed = slice(before, before + observation_size)
        self.config = config
        self.difference_normaliser = Normaliser(observation_size)
        self.autoencoder = TrajectoryAutoencoder(config, step_size)
        self.transformer = NextScaleTransformer(config, observation_size)
        plan_size = {"latent": config.scales[-1] * config.code_size, "decoded": 2 * step_size}
        seen = observation_size if config.inverse_observation else 0
        self.inverse = perceptron(
            plan_size[config.inverse_from] + seen, config.inverse_width, action_size
        )
        self._adapter = nn.Linear(config.code_size + 1, config.code_size)
        nn.init.zeros_(self._adapter.weight)
        nn.init.zeros_(self._adapter.bias)

    def stage_two_modules(self) -> nn.ModuleList:
        """What stage 2 trains: everything but the autoencoder and the return model."""
        return nn.ModuleList([self.transformer, self.inverse, self._adapter])

    def embed(self, condition: Condition) -> Tensor:
        """The condition as the transformer's tokens take it (B, W)."""
        advantage_B1 = condition.advantage_B1
        if not self.config.condition_on_advantage:
            advantage_B1 = torch.zeros_like(advantage_B1)
        embedded_BW: Tensor = self.transformer.embed_condition(
            torch.cat([condition.observation_BS, condition.return_B1, advantage_B1], 1)
        )
        return embedded_BW

    def inverse_dynamics(
        self, latent_BLC: Tensor, condition: Condition, *, dropout: bool = False
    ) -> Tensor:
        """The first action (B, A), scaled to [-1, 1], of the plan that a latent holds.

        Args:
            latent_BLC: the plan.
            condition: that it was made for.
            dropout: whether numbers of the plan, and hidden units, are left out at random.
        """
        if self.config.inverse_from == "decoded":
            inputs = self.decode(latent_BLC, condition.return_B1)[:, :2].flatten(1)
        else:
            inputs = latent_BLC.flatten(1)
        inputs = F.dropout(inputs, self.config.inverse_dropout, dropout)
        if self.config.inverse_observation:
            inputs = torch.cat([inputs, condition.observation_BS], 1)
        for layer in self.inverse:
            inputs = layer(inputs)
            if isinstance(layer, nn.ReLU):
                inputs = F.dropout(inputs, self.config.inverse_unit_dropout, dropout)
        return inputs

    def decode(self, latent_BLC: Tensor, return_B1: Tensor) -> Tensor:
        """The plan D'(Z, R_0) in full: windows (B, P, D) as the autoencoder sees them."""
        if self.config.adapter:
            # Where the plan begins; L_cond says nothing of the rest, and would bend it.
            first_BC = latent_BLC[:, 0] + self._adapter(torch.cat([latent_BLC[:, 0], return_B1], 1))
            latent_BLC = torch.cat([first_BC[:, None], latent_BLC[:, 1:]], 1)
        return self.autoencoder.decode(latent_BLC)

    def to_window(self, observation_BPS: Tensor, first_BS: Tensor) -> Tensor:
        """Normalised observations of a window as it holds them: from the first on, if relative."""
        if not self.config.relative:
            return observation_BPS
        difference_BPS: Tensor = self.difference_normaliser(observation_BPS - first_BS[:, None])
        return difference_BPS

    def from_window(self, plan_BPD: Tensor, first_BS: Tensor) -> Tensor:
        """The observations (B, P, S) that a window holds, in the units of the task."""
        observation_BPS = plan_BPD[..., self.observed]
        if self.config.relative:
            difference_BPS = self.difference_normaliser.inverse(observation_BPS)
            observation_BPS = difference_BPS + first_BS[:, None]
        return self.observation_normaliser.inverse(observation_BPS)
