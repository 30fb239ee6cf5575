"""The whole of MAGE as one module: return model, autoencoder, transformer, adapter, inverse.

Stage 1 teaches the autoencoder what plans look like, and freezes it. The transformer then says
which plan suits a condition, the adapter holds its beginning to that condition, and the inverse
dynamics turns it into an action.

Names end in their shape: B windows, S observation size, A action size, L latent positions,
C code size, P steps a window looks at, X numbers of an observation that plans hold, D numbers per
step, W width of the transformer, T tokens.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mage.config import MAGEConfig
from mage.difference_normaliser import DifferenceNormaliser
from mage.model.autoencoder import TrajectoryAutoencoder
from mage.model.transformer import NextScaleTransformer
from mage.returns.labels import ReturnLabeller
from mage.returns.place_features import PlaceFeatures
from mage.returns.return_model import perceptron


class Condition(NamedTuple):
    """What a plan has to start from and to bring, all of it normalised.

    Attributes:
        observation_BS: s_0.
        return_B1: R_0.
        advantage_B1: of R_0 in s_0 (see `mage.returns.return_model`).
        known_B1: 1 where R_0 and its advantage are asked for, 0 where any return will do.
    """

    observation_BS: Tensor
    return_B1: Tensor
    advantage_B1: Tensor
    known_B1: Tensor

    @classmethod
    def asking(cls, observation_BS: Tensor, return_B1: Tensor, advantage_B1: Tensor) -> Condition:
        """One that asks for its return."""
        return cls(observation_BS, return_B1, advantage_B1, torch.ones_like(return_B1))

    def asking_nothing(self) -> Condition:
        """The same start, from which any return will do."""
        return self._replace(known_B1=torch.zeros_like(self.known_B1))


class Planner(ReturnLabeller):
    """Everything that is learned, the return model too; `mage.sampling` makes plans of it.

    Args:
        config: the settings.
        observation_size: S.
        action_size: A.
        goal_columns: columns of an observation that hold a goal. It never moves, so plans leave it
            out: codes are few, and what they say of it they cannot say of the way.
        places: columns of an observation that say where the agent and its goal are.

    Attributes:
        planned: the columns of an observation that plans hold.
        observed: the columns of a plan that hold observations.
        inverse: the network of the inverse dynamics; of no layers where plans hold the action.
    """

    def __init__(
        self,
        config: MAGEConfig,
        observation_size: int,
        action_size: int,
        goal_columns: Collection[int] = (),
        places: Sequence[int] = (),
    ) -> None:
        super().__init__(config, observation_size, config.inverse_width, places)
        self.planned = [column for column in range(observation_size) if column not in goal_columns]
        sizes = {"return": 1, "observation": len(self.planned), "action": action_size}
        step_size = sum(sizes[part] for part in config.sequence)
        before = sizes["return"] if "return" in config.sequence else 0
        self.observed = slice(before, before + len(self.planned))
        self.config = config
        self._action_size = action_size
        self.difference_normaliser = DifferenceNormaliser(config.pairs, len(self.planned))
        self.autoencoder = TrajectoryAutoencoder(config, step_size)
        self.transformer = NextScaleTransformer(config, observation_size, self.places)
        read = 2 if config.inverse_from == "condition" else config.scales[-1] * config.code_size
        seen = observation_size if config.inverse_observation else 0
        columns = [read + column for column in places]  # What it reads of a plan comes first.
        seen_places = (
            PlaceFeatures(columns, config.place_features) if self.places and seen else None
        )
        self.inverse = (
            nn.Sequential()
            if config.inverse_from == "action"
            else perceptron(read + seen, config.inverse_width, action_size, places=seen_places)
        )
        self._adapter = nn.Linear(config.code_size + 1, config.code_size)
        nn.init.zeros_(self._adapter.weight)
        nn.init.zeros_(self._adapter.bias)

    def stage_two_modules(self) -> nn.ModuleList:
        """What stage 2 trains: everything but the autoencoder and the return model."""
        return nn.ModuleList([self.transformer, self.inverse, self._adapter])

    def embed(self, condition: Condition) -> Tensor:
        """The condition as the transformer's tokens take it (B, T, W), scale after scale."""
        first, *finer = self.config.scales
        embedded_B1W = self._embed(condition)
        finer_B1W = embedded_B1W
        if not self.config.return_at_finer_scales:
            finer_B1W = self._embed(condition.asking_nothing())
        return torch.cat(
            [embedded_B1W.expand(-1, first, -1), finer_B1W.expand(-1, sum(finer), -1)], 1
        )

    def _embed(self, condition: Condition) -> Tensor:
        # Where no return is asked for, the transformer sees zeros, and a flag that they mean so.
        asked_B3 = torch.cat([self._asked(condition), torch.ones_like(condition.known_B1)], 1)
        seen_BX = torch.cat([condition.observation_BS, asked_B3 * condition.known_B1], 1)
        embedded_BW: Tensor = self.transformer.embed_condition(seen_BX)
        return embedded_BW[:, None]

    def _asked(self, condition: Condition) -> Tensor:
        """R_0 and its advantage (B, 2), which is 0 where networks do not see it."""
        advantage_B1 = condition.advantage_B1
        if not self.config.condition_on_advantage:
            advantage_B1 = torch.zeros_like(advantage_B1)
        return torch.cat([condition.return_B1, advantage_B1], 1)

    def inverse_dynamics(
        self, latent_BLC: Tensor, condition: Condition, *, regularised: bool = False
    ) -> Tensor:
        """The first action (B, A), scaled to [-1, 1], of the plan that a latent holds.

        Args:
            latent_BLC: the plan.
            condition: that it was made for.
            regularised: whether numbers of the plan are left out at random, and s_0 has noise. Of
                what is asked for nothing is left out.
        """
        if self.config.inverse_from == "action":  # The last part of a step.
            return self.decode(latent_BLC, condition.return_B1)[:, 0, -self._action_size :]
        if self.config.inverse_from == "condition":
            inputs = self._asked(condition)
        else:
            inputs = F.dropout(latent_BLC.flatten(1), self.config.inverse_dropout, regularised)
        if self.config.inverse_observation:
            observation_BS = condition.observation_BS
            if regularised and self.config.inverse_noise:
                noise_BS = torch.randn_like(observation_BS)
                observation_BS = observation_BS + self.config.inverse_noise * noise_BS
            inputs = torch.cat([inputs, observation_BS], 1)
        actions_BA: Tensor = self.inverse(inputs)
        return actions_BA

    def decode(self, latent_BLC: Tensor, return_B1: Tensor) -> Tensor:
        """The plan D'(Z, R_0) in full: windows (B, P, D) as `Windows.cut` gives them."""
        if self.config.adapter:
            # Where the plan begins; L_cond says nothing of the rest, and would bend it.
            first_BC, told_B1 = latent_BLC[:, 0], return_B1 * self.config.adapter_return
            first_BC = first_BC + self._adapter(torch.cat([first_BC, told_B1], 1))
            latent_BLC = torch.cat([first_BC[:, None], latent_BLC[:, 1:]], 1)
        return self.autoencoder.decode(latent_BLC)

    def from_window(self, plan_BPD: Tensor, first_BS: Tensor) -> Tensor:
        """The observations (B, P, S) that a window holds, in the units of the task."""
        return self.observation_normaliser.inverse(self.planned_observations(plan_BPD, first_BS))

    def planned_observations(self, plan_BPD: Tensor, first_BS: Tensor) -> Tensor:
        """The normalised observations (B, P, S) that a window holds.

        Args:
            plan_BPD: windows, as `decode` gives them.
            first_BS: the normalised observations that they start from.
        """
        planned_BPX = plan_BPD[..., self.observed]
        if self.config.relative:
            first_BX = first_BS[:, self.planned]
            planned_BPX = self.difference_normaliser.inverse(planned_BPX, first_BX)
        observation_BPS = first_BS[:, None].repeat(1, planned_BPX.shape[1], 1)
        observation_BPS[..., self.planned] = planned_BPX
        return observation_BPS
