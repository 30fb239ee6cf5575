"""Diffuser: plans are drawn from a diffusion model of windows of recorded steps.

Paper: Janner, Du, Tenenbaum, Levine, "Planning with Diffusion for Flexible Behavior Synthesis",
ICML 2022. Reference code: https://github.com/jannerm/diffuser.
Implementation: networks and noise schedule are those of `diffusers`, put together as in its
value-guided planner for Hopper; defaults are the authors' for locomotion.

In mazes the plan's last position is held to the goal. The authors tell the goal even where the
observation does not show it, and so do the settings of our Maze2D (`goal`); tables say so. Where
there is none, the gradient of a value model moves the plan towards a higher return.

Deviations:
- One gradient step moves both networks, on the same noisy windows; the authors train the value
  model in a run of its own, for a fifth of the steps.
- Returns are standardised, so `guide_scale` does not depend on the task's rewards; the authors
  tune it per task on raw returns.
- Every task's columns are mapped to [-1, 1] by their limits, and so are denoised plans clipped;
  the authors do this in mazes, and standardise columns for locomotion.
- In mazes a controller follows the planned positions, as the authors' does, but without the
  planned velocities, with the gain of D4RL's own controller. The goal fixes the last position
  alone, not a velocity of zero.
- Past the end of an episode its last step is repeated; the authors pad with zeros in locomotion,
  and in mazes a window ends with its episode.
- The value model's discount is the task's, and a fall costs nothing beside what it keeps from being
  earned; the authors discount by 0.99 or 0.997, and take off 100.
- Weights are averaged from the first gradient step on; the authors start after 2,000.
- `batch_size` 64 stands for the authors' 32 accumulated twice.
- `quick` has narrower networks, smaller batches and a higher learning rate, draws one plan per
  state with one guiding move per denoising step, and executes half of it before the next. In point
  mazes it follows one plan per episode, as the authors do; the plan's 32 steps lie so far apart
  that it is as long as theirs.
- The ant and OGBench's mazes, which the authors do not have, are farther than a plan is long: there
  plans are guided by a value model, and not held to the goal (`to_goal`).

Where it falls short: at `quick` with 1,800 steps (3,200 in point mazes) it scores 76 and 39
on the expert's door and pen, where cloning scores 103 and 126. In Maze2D it has 127, 103 and 64, in
Multi2D 114, 98 and 92; the authors have 114, 122, 123 and 129, 127, 132 on D4RL's data. In the
larger mazes some plans lead through walls. Guided by a value model in place of the goal it had 104,
61 and 20 in Maze2D. On the ant it reaches the goal in none of 50 episodes, where cloning reaches it
in 78 %: neither held to the goal, nor guided (one training of 5,680 steps).

Shapes: n environments, H steps of a plan, D = A + O columns, the action before the observation.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from baselines.diffusion import maze_settings
from baselines.diffusion.plan_diffusion import DiffuserConfig, KnownEnds, PlanDiffusion, PlanShape
from baselines.diffusion.plan_executor import PlanExecutor
from benchmark.interface import FloatArray, TaskSettings

TASK_SETTINGS = (
    # The hands leave what was recorded when guided, or when a plan is followed for long.
    TaskSettings(
        "adroit", {"guide_scale": 0.0, "replan_every": 4}, "tuning seeds, docs/tuning/adroit.md"
    ),
    *maze_settings.DIFFUSER,
)

# What `quick` changes for every agent whose plans a value model may guide.
QUICK: dict[str, Any] = {
    "channels": (32, 64, 128),
    "batch_size": 32,
    "learning_rate": 1e-3,
    "ema_every": 1,
    "guide_steps": 1,
    "candidates": 1,
}


class Diffuser(PlanExecutor):
    """Plans by denoising actions and observations, and executes the first actions of each plan."""

    config_class = DiffuserConfig
    task_settings = TASK_SETTINGS
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "steps": 20,
            "horizon": 8,
            "channels": (32, 64),
            "diffusion_steps": 3,
            "batch_size": 8,
            "candidates": 2,
            "replan_every": 4,
        },
        "quick": {**QUICK, "replan_every": 16},
        "paper": {"steps": 1_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 1e-3),
        "horizon": ("choice", (16, 32, 64)),
        "diffusion_steps": ("int", 10, 30),
        "guide_scale": ("choice", (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)),
    }

    @property
    def inpaints_goal(self) -> bool:
        """Whether plans are held to a goal."""
        holds: bool = self.config.holds_goal(self._task)
        return holds

    def _new_diffusion(self) -> Any:
        shape = PlanShape.of_task(self._task, self.config, self._task.action_size)
        return PlanDiffusion(shape, self.config, self._device)

    def _plan(self, observations: FloatArray) -> FloatArray:
        """(n, H, D) plans from observations (n, O) on, to the goal where it is known."""
        first = torch.as_tensor(observations, device=self._device)
        last = first.clone()
        if self.inpaints_goal:
            hidden = torch.tensor(self.config.goal, device=self._device)
            goals = hidden if self.config.goal else first[:, list(self._task.goal_columns)]
            last[:, list(self._task.position_columns)] = goals
        ends = KnownEnds(self._normalised(first), self._normalised(last))
        plans = self._diffusion.sample(self._networks, ends, self._noise)
        restored: FloatArray = self._normaliser.restore(plans).cpu().numpy()
        return restored
