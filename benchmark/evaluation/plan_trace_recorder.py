"""Plays an episode with an agent that sketches its plans, and keeps one of them."""

from __future__ import annotations

import numpy as np

from benchmark.errors import UserError
from benchmark.evaluation.playable_actions import playable_actions
from benchmark.interface import PlanSketcher
from benchmark.records.plan_trace import PlanTrace
from benchmark.tasks import Task
from benchmark.tasks.environments import make_environment


def record_plan_trace(agent: PlanSketcher, task: Task, seed: int, after: int = 0) -> PlanTrace:
    """Plays an episode, and keeps the plan made at one of its steps.

    Args:
        agent: trained.
        task: that it was trained for.
        seed: of the episode.
        after: steps before the plan is made.

    Raises:
        UserError: if the episode ends before, or if the agent's plans hold no observations.
    """
    config = agent.config
    if "observation" not in config.sequence:
        raise UserError(
            f"the plans of this agent hold {', '.join(config.sequence)}; a picture needs the "
            "observation among them"
        )
    env = make_environment(task)
    agent.reset(1)
    observation, _ = env.reset(seed=seed)
    path, plan, reward, over = [observation], None, 0.0, False
    while not over:
        rewards = np.array([reward], np.float32)
        if plan is None and len(path) > after:
            path, plan = [observation], agent.sketch(observation[None], rewards)[:, 0]
        wanted = agent.act(observation[None], rewards)
        (action,), _ = playable_actions(wanted, env.action_space, np.ones(1, np.bool_))
        observation, received, ended, cut, _ = env.step(action)
        reward, over = float(received), bool(ended or cut)
        path.append(observation)
    env.close()
    if plan is None:
        raise UserError(f"the episode of seed {seed} ended before step {after}; plan earlier")
    return PlanTrace(config.scales, np.array(agent.plan_steps), plan, np.array(path))
