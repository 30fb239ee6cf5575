"""Plays an episode with an agent that sketches its plans, and keeps them."""

from __future__ import annotations

import contextlib

import numpy as np

from benchmark.errors import UserError
from benchmark.evaluation.playable_actions import playable_actions
from benchmark.interface import PlanSketcher
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment


def record_plan_trace(agent: PlanSketcher, task: Task, seed: int) -> PlanTrace:
    """Plays an episode, and keeps the plan of every step.

    Args:
        agent: trained.
        task: that it was trained for.
        seed: of the episode.

    Raises:
        UserError: if the agent's plans hold no observations.
    """
    config = agent.config
    if "observation" not in config.sequence:
        raise UserError(
            f"the plans of this agent hold {', '.join(config.sequence)}; a picture needs the "
            "observation among them"
        )
    if getattr(config, "inverse_from", None) == "condition":
        raise UserError("this agent makes no plans: its actions follow from what it is asked for")
    with contextlib.closing(make_environment(task)) as env:
        agent.reset(1)
        observation, _ = env.reset(seed=seed)
        path, plans, rewards, over = [observation], [], [0.0], False
        while not over:
            last = np.array(rewards[-1:], np.float32)
            plans.append(agent.sketch(observation[None], last)[:, 0])
            wanted = agent.act(observation[None], last)
            (action,), _ = playable_actions(wanted, env.action_space, np.ones(1, np.bool_))
            observation, reward, ended, cut, _ = env.step(action)
            over = bool(ended or cut)
            path.append(observation)
            rewards.append(float(reward))
    return PlanTrace(
        config.scales,
        np.array(agent.plan_steps),
        np.array(plans, np.float32),
        np.array(path, np.float32),
        np.array(rewards[1:], np.float32),
        getattr(config, "replan_every", 1),
    )
