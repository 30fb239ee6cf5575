"""Inverse dynamics by diffusion: which action leads from a state to one some steps later.

Where several actions would do, a regression gives their mean, which may do nothing; an action drawn
by denoising is one of them.

Shapes: B pairs of states, A action size, O observation size; all numbers are normalised.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler
from diffusers.models.embeddings import get_timestep_embedding
from torch import Generator, Tensor, nn

_LEVEL_WIDTH = 64  # Numbers that tell a network the level of the noise.


class ActionDenoiser(nn.Module):
    """A perceptron that says which noise is in an action, given what it is to lead to."""

    def __init__(self, actions: int, observations: int, hidden_size: int) -> None:
        """Makes new weights.

        Args:
            actions: A.
            observations: O.
            hidden_size: width of the three hidden layers.
        """
        super().__init__()
        self.level = nn.Sequential(
            nn.Linear(_LEVEL_WIDTH, 2 * _LEVEL_WIDTH),
            nn.Mish(),
            nn.Linear(2 * _LEVEL_WIDTH, _LEVEL_WIDTH),
        )
        known = actions + _LEVEL_WIDTH + 2 * observations
        self.layers = nn.Sequential(
            *(nn.Linear(known, hidden_size), nn.Mish()),
            *(nn.Linear(hidden_size, hidden_size), nn.Mish()),
            *(nn.Linear(hidden_size, hidden_size), nn.Mish()),
            nn.Linear(hidden_size, actions),
        )

    def forward(self, actions: Tensor, levels: Tensor, states: Tensor) -> Tensor:
        """(B, A) noise in actions (B, A) at levels (B,), given both states (B, 2 O)."""
        level = self.level(get_timestep_embedding(levels, _LEVEL_WIDTH))
        noise: Tensor = self.layers(torch.cat([actions, level, states], dim=1))
        return noise


class InverseDiffusion:
    """The loss of an `ActionDenoiser`, and actions drawn with one; the weights are kept outside."""

    def __init__(
        self, noise_levels: int, temperature: float, position_columns: tuple[int, ...], device: str
    ) -> None:
        """Makes the noise schedule.

        Args:
            noise_levels: that are learned, and denoising steps per action.
            temperature: factor on the noise that denoising starts from.
            position_columns: of the observation: of a place only the way there is told, since an
                action does the same everywhere.
            device: name of a torch device.
        """
        self._levels, self._temperature = noise_levels, temperature
        self._columns = list(position_columns)
        self._device = device
        self._schedule = DDPMScheduler(
            num_train_timesteps=noise_levels, beta_schedule="squaredcos_cap_v2"
        )

    def loss(self, network: nn.Module, pairs: Tensor, actions: Tensor, noise: Generator) -> Tensor:
        """Mean squared error of the noise in recorded actions (B, A) between states (B, 2, O)."""
        levels = torch.randint(self._levels, (len(actions),), generator=noise, device=self._device)
        noises = torch.randn(actions.shape, generator=noise, device=self._device)
        noisy = self._schedule.add_noise(actions, noises, levels)
        return F.mse_loss(network(noisy, levels, self._condition(pairs)), noises)

    @torch.no_grad()
    def sample(self, network: nn.Module, pairs: Tensor, size: int, noise: Generator) -> Tensor:
        """(B, `size`) actions that lead from the first to the second of states (B, 2, O)."""
        condition = self._condition(pairs)
        shape = (len(pairs), size)
        actions = self._temperature * torch.randn(shape, generator=noise, device=self._device)
        for level in self._schedule.timesteps.tolist():
            levels = torch.full((len(pairs),), level, device=self._device)
            predicted = network(actions, levels, condition)
            actions = self._schedule.step(predicted, level, actions, generator=noise).prev_sample
        return actions

    def _condition(self, pairs: Tensor) -> Tensor:
        """(B, 2 O) states (B, 2, O) side by side, places relative to the first."""
        pairs = pairs.clone()
        pairs[:, :, self._columns] -= pairs[:, :1, self._columns].clone()
        return pairs.flatten(1)
