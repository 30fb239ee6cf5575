"""ADT: Autotuned Decision Transformer, with values for prompts (V-ADT).

Paper: Ma, Xiao, Liang, Hao, "Rethinking Decision Transformer via Hierarchical Reinforcement
Learning", ICML 2024, arXiv 2311.00267. Implementation: this project's own, with the transformer
blocks of d3rlpy 2.8 (Seno and Imai, JMLR 2022). The reference is
https://github.com/mamengyiyi/Autotuned-Decision-Transformer, `algorithms/V-ADT.py`, whose defaults
these are.

Values are learned first, as by IQL. The transformer then learns recorded actions, weighted by their
advantage, each prompted with the value Q(s, a) of what it was. When acting, the prompt is V(s):
what a good action from here is worth, in place of the return that Decision Transformer is asked
for. So what it is asked for is put together from pieces of many episodes.

Deviations:
- The paper has a second agent, whose prompts are goals that a high level of HIQL chooses (G-ADT).
  This is the first: it needs no goals.
- Values are perceptrons with GELU and layer norm, as of the other agents with networks of this
  project; the authors' have ReLU and no norm. No policy is trained beside them.
- Prompts are divided by the task's scale of returns, as those of Decision Transformer are.
- Episodes longer than an evaluation are cut into pieces as long as one, and pieces are drawn
  uniformly over steps, as for Decision Transformer; the authors draw them ahead of a random step.
- Those of `baselines/shared/transition_agent.py`; observations are standardised, as in the paper.
- `quick` has a narrower transformer, smaller batches and a larger learning rate.

Where it falls short: one training of 22,300 steps, 3,700 of them of the transformer, reached the
goal of the ant in 0 of 50 episodes, where cloning at `quick` reaches it in 78 %. Why has not been
looked for; Decision Transformer has 1 % there. The authors give values a million steps and the
transformer 200,000.

Names end in their shape: B pieces or transitions, L steps of a piece, n environments,
S observation size, A action size.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.d3rlpy_agents.autotuned_config import AutotunedConfig
from baselines.d3rlpy_agents.batches import ContextSampler
from baselines.d3rlpy_agents.context_module import pushed
from baselines.d3rlpy_agents.prompted_transformer import PromptedTransformer
from baselines.shared.far_goals import FAR_GOALS
from baselines.shared.gelu_networks import ValueEnsemble, polyak_update, target_copy
from baselines.shared.in_turn import InTurn
from baselines.shared.network_agent import NetworkLearner
from baselines.shared.transition_agent import (
    TransitionAgent,
    TransitionBatch,
    implicit_value_losses,
)
from benchmark.interface import Dataset, FloatArray, TaskInfo, TaskSettings
from benchmark.trainer import Learner
from mage.returns.episode_cuts import cut_episodes
from mage.returns.normalisers import Normaliser

_ANT = {"expectile": 0.9, "beta": 10.0, "reward_shift": -1.0}
_MAZES = {"expectile": 0.9, "beta": 10.0, "reward_scale": 0.1}
TASK_SETTINGS = (
    TaskSettings("antmaze", _ANT, "the authors' configs/iql/antmaze and V-ADT.py"),
    TaskSettings("ogbench-maze", _ANT, "as antmaze, whose rewards are alike"),
    *FAR_GOALS,
    *(TaskSettings(name, {"beta": 0.5}, "as IQL there") for name in ("adroit", "kitchen")),
    *(TaskSettings(name, _MAZES, "as IQL there") for name in ("maze2d", "multi2d")),
)


class Values(nn.Module):
    """A value of states, and two of actions with a slow copy.

    Args:
        config: of the agent.
        observation_size: S.
        action_size: A.
    """

    def __init__(self, config: AutotunedConfig, observation_size: int, action_size: int) -> None:
        super().__init__()
        self.value = ValueEnsemble(observation_size, config.hidden_sizes, members=1)
        self.critic = ValueEnsemble(observation_size + action_size, config.hidden_sizes)
        self.slow_critic = target_copy(self.critic)


class AutotunedNetworks(nn.Module):
    """All that is learned.

    Args:
        config: of the agent.
        task: that it is for.
    """

    def __init__(self, config: AutotunedConfig, task: TaskInfo) -> None:
        super().__init__()
        sizes = task.observation_size, task.action_size
        self.normaliser = Normaliser(task.observation_size)
        self.values = Values(config, *sizes)
        self.policy = PromptedTransformer(config, *sizes, task.max_steps)


class AutotunedTransformer(TransitionAgent):
    """Asks at every step for what a good action is worth there, and does what is worth it."""

    config_class = AutotunedConfig
    task_settings = TASK_SETTINGS
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            **{"steps": 20, "hidden_sizes": (32, 32), "batch_size": 32, "context_size": 4},
            **{"width": 16, "n_layers": 1, "piece_batch": 8, "piece_rate": 1e-3},
            **{"warmup_steps": 5},
        },
        "quick": {"piece_batch": 32, "width": 64, "piece_rate": 1e-3, "warmup_steps": 500},
        "paper": {"steps": 1_200_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "piece_rate": ("loguniform", 1e-4, 3e-3),
        "context_size": ("choice", (1, 5, 10, 20)),
        "expectile": ("uniform", 0.6, 0.95),
        "beta": ("loguniform", 0.5, 20.0),
        "reward_shift": ("choice", (0.0, -1.0)),
    }

    def _observed(self, observations: FloatArray) -> Tensor:
        seen: Tensor = self._networks.normaliser(super()._observed(observations))
        return seen

    def _build(self) -> AutotunedNetworks:
        return AutotunedNetworks(self.config, self._task)

    def _start_training(self, dataset: Dataset, steps: int, seed: int) -> Learner:
        config, networks = self.config, self._build().to(self._device)
        networks.normaliser.fit(super()._observed(dataset.observations))
        self._networks, draw = networks, self._batches(dataset)
        value_steps = min(round(config.value_share * steps), steps - 1)
        values = NetworkLearner(
            networks.values,
            self._optimiser(),
            lambda rng, done: self._losses(draw(rng), done),
            steps=max(1, value_steps),
            seed=seed,
            last_rate=1.0,
            after_step=self._follow,
        )
        pieces = cut_episodes(dataset, self._task.max_steps)
        # What a piece brought is of no use here: it is prompted with values.
        sampler = ContextSampler(pieces, pieces.rewards, config.context_size, config.piece_batch)
        policy = NetworkLearner(
            networks.policy,
            torch.optim.AdamW(
                networks.policy.parameters(), config.piece_rate, weight_decay=config.weight_decay
            ),
            lambda rng, done: self._policy_loss(sampler.sample(rng)),
            steps=steps - value_steps,
            seed=seed,
            clip_norm=config.clip_norm,
            last_rate=1.0,
            warmup_steps=config.warmup_steps,
        )
        return InTurn(values, value_steps, policy)

    def _optimiser(self) -> torch.optim.Optimizer:
        """Of the values."""
        values = self._networks.values
        weights = [*values.value.parameters(), *values.critic.parameters()]
        return torch.optim.Adam(weights, self.config.learning_rate, fused=True)

    def _follow(self) -> None:
        values = self._networks.values
        polyak_update(values.slow_critic, values.critic, self.config.tau)

    def _losses(self, batch: TransitionBatch, done: float) -> dict[str, Tensor]:
        """Of the values."""
        expectile, gamma = self.config.expectile, self.config.gamma
        return implicit_value_losses(self._networks.values, batch, expectile=expectile, gamma=gamma)

    def _policy_loss(self, pieces: Any) -> dict[str, Tensor]:
        config, networks = self.config, self._networks
        state_BLS, action_BLA = self._observed(pieces.observations), self._scaled(pieces.actions)
        time_BL = self._put(pieces.timesteps).long()
        with torch.no_grad():
            worth_BL = networks.values.critic(state_BLS, action_BLA).amin(0)
            advantage_BL = worth_BL - networks.values.value(state_BLS)[0]
            weight_BL = (config.beta * advantage_BL).exp().clamp(max=config.max_weight)
        networks.policy.train()
        predicted_BLA = networks.policy(
            worth_BL / self._task.return_scale, state_BLS, action_BLA, time_BL
        )
        error_BL = (predicted_BLA - action_BLA).square().mean(-1)
        return {"action_loss": (weight_BL * (time_BL > 0) * error_BL).mean()}

    def _reset(self, n_envs: int) -> None:
        """Forgets the steps of the context."""
        sizes = (1, self._task.observation_size, self._task.action_size)
        length = self.config.context_size
        # Steps before the first are padding, which is not looked at.
        self._prompt_nL1, self._state_nLS, self._action_nLA = (
            torch.zeros(n_envs, length, size, device=self._device) for size in sizes
        )
        self._steps = 0

    @torch.no_grad()
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """See `benchmark.interface.Agent`."""
        networks, state_nS = self._networks, self._observed(observations)
        self._steps += 1
        prompt_n1 = networks.values.value(state_nS)[0][:, None] / self._task.return_scale
        self._prompt_nL1 = pushed(self._prompt_nL1, prompt_n1)
        self._state_nLS = pushed(self._state_nLS, state_nS)
        # The action of this step is yet to be chosen; its own token sees it, and no other.
        self._action_nLA = pushed(self._action_nLA, torch.zeros_like(self._action_nLA[:, 0]))
        networks.policy.eval()
        actions_nA = networks.policy(
            self._prompt_nL1[..., 0], self._state_nLS, self._action_nLA, self._times(len(state_nS))
        )[:, -1]
        self._action_nLA[:, -1] = actions_nA
        return self._unscaled(actions_nA)

    def _times(self, n_envs: int) -> Tensor:
        """(n, L) numbers of the steps in the context, from 1; 0 where there is none."""
        first = self._steps - self.config.context_size + 1
        times = torch.arange(first, self._steps + 1, device=self._device)
        return times.clamp(0, self._task.max_steps).expand(n_envs, -1)
