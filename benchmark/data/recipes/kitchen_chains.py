"""Kitchen as D4RL meant it: a robot arm does chains of sub-tasks, of which four are wanted.

`complete`: every episode does the four wanted sub-tasks in order. `partial`: one episode in five
does; all others do another four of the seven. `mixed`: no episode does the four wanted ones, so
that parts of several have to be put together.

Source: D4RL (Fu et al. 2020), section 5, and its description of the three datasets. Deviations:
a scripted arm (`kitchen_arm`, `kitchen_skills`) instead of a human one; sub-tasks are always done
in the order in which they are listed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.data.recipes.kitchen_arm import Arm, Style
from benchmark.data.recipes.kitchen_skills import SKILLS, perform
from benchmark.data.recipes.recipe import Recipe, Recording
from benchmark.tasks import TASKS, Task
from benchmark.tasks.environments import make_environment

ACTION_NOISE = 0.10  # Standard deviation; actions lie in [-1, 1].
JITTER = 0.012  # m.
SPEEDS = (0.8, 1.1)
LINGER = (3, 12)  # Steps after the last sub-task.


class KitchenPlayer:
    """Has the arm of one environment do chains of sub-tasks."""

    def __init__(self, task: Task, wanted_share: float, max_steps: int) -> None:
        # Rewards as in the published data: at every step, the sub-tasks that are done then.
        recorded = {
            **task.env_kwargs,
            "remove_task_when_completed": False,
            "terminate_on_tasks_completed": False,
        }
        env = make_environment(replace(task, env_kwargs=recorded, max_steps=max_steps))
        self.env: gym.Env[Any, Any] = env.unwrapped
        self._max_steps = max_steps
        self._wanted_share = wanted_share
        self._wanted = tuple(task.env_kwargs["tasks_to_complete"])
        # Four sub-tasks an episode, as in the published data.
        self._others = [c for c in combinations(SKILLS, 4) if set(c) != set(self._wanted)]

    def play(self, rng: np.random.Generator) -> Recording:
        """Plays one episode; see `Player`."""
        return self.play_tasks(self._choose(rng), rng)

    def _choose(self, rng: np.random.Generator) -> Sequence[str]:
        if rng.random() < self._wanted_share:
            return self._wanted
        return self._others[rng.integers(len(self._others))]

    def play_tasks(self, tasks: Sequence[str], rng: np.random.Generator) -> Recording:
        """Records one episode of the given sub-tasks."""
        seen = [self.env.reset(seed=int(rng.integers(2**31)))[0]["observation"]]
        actions: list[NDArray[np.float32]] = []
        rewards: list[float] = []

        def step(action: NDArray[np.float32]) -> bool:
            observation, reward, *_ = self.env.step(action)
            seen.append(observation["observation"])
            actions.append(action)
            rewards.append(float(reward))
            return len(actions) >= self._max_steps

        style = Style(ACTION_NOISE, JITTER, float(rng.uniform(*SPEEDS)))
        perform(Arm(self.env, step, style, rng), tasks, linger=int(rng.integers(*LINGER)))
        return Recording(
            {"observation": np.array(seen, np.float32)},
            np.array(actions),
            np.array(rewards, np.float32),
        )


@dataclass(frozen=True)
class KitchenRecipe(Recipe):
    """A Kitchen dataset.

    Attributes:
        wanted_share: of the episodes that do the task's four sub-tasks, in order.
        max_steps: after so many an episode ends, whatever is done.
    """

    wanted_share: float = 0.0
    max_steps: int = 450

    def player(self) -> KitchenPlayer:
        """Makes the environment and its player."""
        return KitchenPlayer(TASKS[self.task], self.wanted_share, self.max_steps)

    def observation_space(self) -> gym.spaces.Dict:
        """Of the environment's dict only what agents see; the rest of it is constant or a copy."""
        return gym.spaces.Dict({"observation": gym.spaces.Box(-np.inf, np.inf, (59,), np.float32)})

    @property
    def algorithm(self) -> str:
        """What plays, in a few words."""
        return "scripted way-points, damped-least-squares inverse kinematics"

    @property
    def description(self) -> str:
        """What the data is, in a few sentences."""
        return (
            f"{self._chains()} The reward at every step is the number of the wanted sub-tasks that "
            f"are done then. Of the observation only `observation` is kept. Action noise "
            f"{ACTION_NOISE}, jitter of the way-points {JITTER} m."
        )

    def _chains(self) -> str:
        wanted = ", ".join(TASKS[self.task].env_kwargs["tasks_to_complete"])
        if self.wanted_share == 1:
            return f"Every episode does the wanted sub-tasks in order: {wanted}."
        others = "another four of the seven"
        if self.wanted_share == 0:
            return f"No episode does all wanted sub-tasks ({wanted}); every one does {others}."
        return (
            f"About {self.wanted_share:.0%} of the episodes do the wanted sub-tasks in order "
            f"({wanted}), the others {others}."
        )


KITCHENS = (
    KitchenRecipe("mage/kitchen/complete-v0", "kitchen-complete", 40, 0, 1.0, 280),
    KitchenRecipe("mage/kitchen/partial-v0", "kitchen-partial", 300, 0, 0.2),
    KitchenRecipe("mage/kitchen/mixed-v0", "kitchen-mixed", 300),
)
