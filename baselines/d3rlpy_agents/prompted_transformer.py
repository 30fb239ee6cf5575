"""The network of ADT: a transformer over prompted states and actions.

A step is two tokens: the state with its prompt, which says what to bring about from there, and the
action. An action is read off the token of its state, which sees no later token::

    (p_1, s_1)  a_1  (p_2, s_2)  a_2  ...  (p_L, s_L)  a_L
        |                |                     |
       a_1              a_2                   a_L

Names end in their shape: B pieces, L steps, T = 2 L tokens, W width, S observation size, A action
size.
"""

from __future__ import annotations

import torch
from d3rlpy.models.torch.transformers import GPT2
from torch import Tensor, nn

from baselines.d3rlpy_agents.autotuned_config import AutotunedConfig


class PromptedTransformer(nn.Module):
    """From prompts, states and earlier actions to actions between -1 and 1.

    Args:
        config: settings of the agent.
        observation_size: S.
        action_size: A.
        max_steps: of an episode; steps are numbered from 1, and 0 is padding.
    """

    def __init__(
        self, config: AutotunedConfig, observation_size: int, action_size: int, max_steps: int
    ) -> None:
        super().__init__()
        width = config.width
        self.embed_time = nn.Embedding(max_steps + 1, width)
        self.embed_state = nn.Linear(1 + observation_size, width)
        self.embed_action = nn.Linear(action_size, width)
        self.norm = nn.LayerNorm(width)
        self.body = GPT2(
            layer_width=width,
            pre_activation_ff_hidden_size=4 * width,
            post_activation_ff_hidden_size=4 * width,
            num_heads=config.n_heads,
            context_size=2 * config.context_size,
            num_layers=config.n_layers,
            attn_dropout=config.dropout,
            resid_dropout=config.dropout,
            embed_dropout=config.dropout,
            activation=nn.GELU(),
        )
        self.head = nn.Linear(width, action_size)
        self.apply(_init_weights)

    def forward(
        self, prompt_BL: Tensor, state_BLS: Tensor, action_BLA: Tensor, time_BL: Tensor
    ) -> Tensor:
        """The action (B, L, A) of each step; the action of a step itself does not count.

        Args:
            prompt_BL: what is to be brought about from each state.
            state_BLS: normalised observations.
            action_BLA: between -1 and 1.
            time_BL: numbers of steps; 0 where there is none.
        """
        at_BLW = self.embed_time(time_BL)
        prompted_BLS = torch.cat([prompt_BL[..., None], state_BLS], -1)
        tokens = self.embed_state(prompted_BLS) + at_BLW, self.embed_action(action_BLA) + at_BLW
        token_BTW = torch.stack(tokens, 2).flatten(1, 2)
        is_padding_BT = (time_BL == 0).float().repeat_interleave(2, 1)
        read_BTW = self.body(self.norm(token_BTW), is_padding_BT)
        action: Tensor = self.head(read_BTW[:, ::2]).tanh()
        return action


def _init_weights(module: nn.Module) -> None:
    """As the authors' code and GPT have them."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
