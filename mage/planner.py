"""The whole of MAGE as one module: autoencoder, transformer, decoder adapter, inverse dynamics.

Names end in their shape: B windows, S observation size, A action size, L latent positions,
C code size, V codes, T tokens, P steps a window looks at, D numbers per step.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mage.autoencoder import TrajectoryAutoencoder
from mage.config import MAGEConfig
from mage.transformer import NextScaleTransformer
from mage.windows import Normaliser


def perceptron(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Two hidden layers."""
    return nn.Sequential(
        nn.Linear(inputs, width),
        nn.SiLU(),
        nn.Linear(width, width),
        nn.SiLU(),
        nn.Linear(width, outputs),
    )


class Planner(nn.Module):
    """Everything that is learned; `mage.acting` makes plans of it."""

    largest_return: Tensor

    def __init__(self, config: MAGEConfig, observation_size: int, action_size: int) -> None:
        super().__init__()
        sizes = {"return": 1, "observation": observation_size, "action": action_size}
        step_size = sum(sizes[part] for part in config.sequence)
        before = sizes["return"] if "return" in config.sequence else 0
        # The columns of a plan that hold observations.
        self.observed = slice(before, before + observation_size)
        self.config = config
        self.observation_normaliser = Normaliser(observation_size)
        self.return_normaliser = Normaliser(1)
        self.autoencoder = TrajectoryAutoencoder(config, step_size)
        self.transformer = NextScaleTransformer(config, observation_size)
        plan_size = {"latent": config.scales[-1] * config.code_size, "decoded": 2 * step_size}
        seen = observation_size if config.inverse_observation else 0
        self._inverse = perceptron(
            plan_size[config.inverse_from] + seen, config.inverse_width, action_size
        )
        self._adapter = nn.Linear(config.code_size + 1, config.code_size)
        nn.init.zeros_(self._adapter.weight)
        nn.init.zeros_(self._adapter.bias)
        self._good_return = perceptron(observation_size, config.inverse_width, 1)
        self.register_buffer("largest_return", torch.full((), torch.inf))

    def stage_two_parameters(self) -> list[nn.Parameter]:
        """What stage 2 trains: everything but the autoencoder."""
        return [p for name, p in self.named_parameters() if not name.startswith("autoencoder.")]

    def inverse_dynamics(self, latent_BLC: Tensor, condition_BS: Tensor) -> Tensor:
        """The first action (B, A), scaled to [-1, 1], of the plan that a latent holds.

        Args:
            latent_BLC: the plan.
            condition_BS: (B, S + 1) normalised observation and return-to-go it is made for.
        """
        observation_BS, return_B1 = condition_BS[:, :-1], condition_BS[:, -1:]
        if self.config.inverse_from == "decoded":
            inputs = self.decode(latent_BLC, return_B1)[:, :2].flatten(1)
        else:
            inputs = latent_BLC.flatten(1)
        if self.config.inverse_observation:
            inputs = torch.cat([inputs, observation_BS], 1)
        action_BA: Tensor = self._inverse(inputs)
        return action_BA

    def decode(self, latent_BLC: Tensor, return_B1: Tensor) -> Tensor:
        """The plan D'(Z, R_0) in full: normalised windows (B, P, D)."""
        if self.config.adapter:
            length = latent_BLC.shape[1]
            adapted = torch.cat([latent_BLC, return_B1[:, None].expand(-1, length, -1)], 2)
            latent_BLC = latent_BLC + self._adapter(adapted)
        return self.autoencoder.decode(latent_BLC)

    def good_return(self, observation_BS: Tensor) -> Tensor:
        """The return (B, 1) that is good but reachable from a state, normalised like the state."""
        return_B1: Tensor = self._good_return(observation_BS)
        return return_B1
