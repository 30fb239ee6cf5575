"""How far the actions of a policy file are from its agent's, step by step of episodes.

A plan is made of choices between tokens. Where two are as likely as each other, the last digit of
a sum decides, and two libraries add up in different orders: the agent's own action jumps there. So
a larger difference is traced back: if the agent takes both actions on observations that differ by a
part in a million from this one, the file is right, and the jump is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmark.deployment.observed_episodes import ObservedEpisodes
from benchmark.deployment.policy_file import RunPolicy
from benchmark.interface import Agent, FloatArray
from benchmark.step_function import StepFunction

TOLERANCE = 1e-4
"""Largest difference that is allowed, in the units of the task's actions."""

_ALONE = 20  # Steps that are checked again with one environment.
_TRIES, _NEAR = 256, 1e-6  # Observations around one, and how near they are.


@dataclass(frozen=True)
class Comparison:
    """The outcome of a check.

    Attributes:
        observations: on which the file was compared with the agent.
        largest: difference between their actions, where the agent's does not jump.
        jumps: observations at which it does, and the file is on the other side.
    """

    observations: int
    largest: float
    jumps: int

    @property
    def passed(self) -> bool:
        """Whether the file does what the agent does."""
        return self.largest <= TOLERANCE  # False where it is no number.


def compare(
    agent: Agent, step: StepFunction, policy: RunPolicy, episodes: ObservedEpisodes
) -> Comparison:
    """Lets agent and file act side by side, each with its own state; then one environment alone.

    Args:
        agent: trained.
        step: of the agent.
        policy: the file.
        episodes: what both observe.
    """
    alone = ObservedEpisodes(
        episodes.observations[:_ALONE, :1], episodes.rewards[:_ALONE, :1], episodes.source
    )
    parts = [_compare(agent, step, policy, part) for part in (episodes, alone)]
    largest = float(np.max([part.largest for part in parts]))
    return Comparison(parts[0].observations, largest, sum(part.jumps for part in parts))


def _compare(
    agent: Agent, step: StepFunction, policy: RunPolicy, episodes: ObservedEpisodes
) -> Comparison:
    _, n_envs, _ = episodes.observations.shape
    generator, state = torch.Generator().manual_seed(0), step.initial_state(n_envs)
    differences, jumps = [], 0
    agent.reset(n_envs)
    for observations, rewards in zip(episodes.observations, episodes.rewards, strict=True):
        inputs: list[NDArray[Any]] = [observations]
        if step.reads_reward:
            inputs.append(rewards)
        if step.random_shape is not None:
            # As the agent draws them.
            inputs.append(torch.rand((n_envs, *step.random_shape), generator=generator).numpy())
        inputs += state
        actions, *state = policy(inputs)
        agents_actions = agent.act(observations, rewards)
        difference = np.abs(actions - agents_actions).max(1)
        for index in np.flatnonzero(difference > TOLERANCE):
            both = actions[index], agents_actions[index]
            if _jumps(step, [array[index] for array in inputs], both):
                difference[index] = 0
                jumps += 1
        differences.append(difference)
    # A maximum that is no number is passed on.
    return Comparison(episodes.rewards.size, float(np.max(differences)), jumps)


def _jumps(
    step: StepFunction, inputs: list[NDArray[Any]], both: tuple[FloatArray, FloatArray]
) -> bool:
    """Whether an agent takes one action on some observations around one, and another on others.

    Args:
        step: the agent's own function.
        inputs: of one environment.
        both: the actions (A,).
    """
    observations, *others = (np.repeat(array[None], _TRIES, 0) for array in inputs)
    nearness = np.random.default_rng(0).standard_normal(observations.shape).astype(np.float32)
    observations = observations * (1 + _NEAR * nearness)
    with torch.no_grad():
        outputs = step.module(*map(torch.from_numpy, [observations, *others]))
    actions = (outputs[0] if isinstance(outputs, tuple) else outputs).numpy()
    return all((np.abs(actions - action).max(1) <= TOLERANCE).any() for action in both)
