"""A corridor that is walked up and down, for agents that learn to reach goals."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from baselines.goal_conditioned.base import GoalBatch
from benchmark.interface import FloatArray, HindsightGoals, TaskInfo
from tests.baselines.config_checks import check_limits as check_limits
from tests.baselines.synthetic_tasks import no_progress, task_for, walks

HINDSIGHT = HindsightGoals((1,), (0,), radius=0.05)
STEP = 0.1  # What is walked at each step, upwards or downwards.
SMALL: dict[str, Any] = {"hidden_sizes": (32, 32), "batch_size": 128, "learning_rate": 3e-3}


def corridor_task(**changes: Any) -> TaskInfo:
    """Observed are the place and the goal; an action is a step, between two that were recorded."""
    bound = np.full(1, STEP, np.float32)
    values = {"hindsight": HINDSIGHT, "action_low": -bound, "action_high": bound, **changes}
    return task_for(walks(), **values)


def trained(agent_class: type[Any], steps: int, **settings: Any) -> Any:
    """On walks of twelve steps, each one way only."""
    agent = agent_class(corridor_task(), {**SMALL, **settings}, "cpu")
    return agent.fit(walks(60), steps=steps, seed=0, progress=no_progress)


def acted(agent: Any, goals: list[float]) -> FloatArray:
    """What is done in the middle of the corridor for these goals."""
    agent.reset(len(goals))
    seen = np.array([[0.0, goal] for goal in goals], np.float32)
    actions: FloatArray = agent.act(seen, np.zeros(len(goals), np.float32))[:, 0]
    return actions


def both_ways(**goals: torch.Tensor) -> GoalBatch:
    """From 0 a step up by the action 1 and a step down by -1; these goals, or else 0.3."""
    up = at(0.3, 0.3)
    named = {"actor_goal_BG": up, "value_goal_BG": up, "reached_B": torch.zeros(2), **goals}
    return GoalBatch(at(0, 0), at(STEP, -STEP), at(1, -1), **named)


def nearness(state_BS: torch.Tensor, goal_BG: torch.Tensor) -> torch.Tensor:
    """(2, B) the same value from two networks: minus the distance."""
    return -(state_BS - goal_BG).abs()[:, 0].expand(2, -1)


def at(*places: float) -> torch.Tensor:
    """(n, 1) states or goals."""
    return torch.tensor(places)[:, None]
