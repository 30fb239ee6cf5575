"""Diffusion Veteran: many plans of states are drawn, and the one that is valued most is followed.

Paper: Lu, Han, Shen, Li, "What Makes a Good Diffusion Planner for Decision Making?", ICLR 2025,
arXiv 2503.00535. Reference code: https://github.com/Josh00-Lu/DiffusionVeteran.
Implementation: the noise schedules and the waves of positions and levels are those of `diffusers`;
defaults are those of the authors' code.

A transformer denoises states far apart, without any condition but the present one. A second
transformer, trained on recorded plans, says what each is worth. Inverse dynamics, themselves a
diffusion, give the action that leads from the present state to the plan's next. Plans know no goal:
in mazes they learn from the ways that reached a reward, and are worth the steps until then.

Deviations:
- Columns are mapped to [-1, 1] by their limits, and so are denoised plans clipped; the authors
  standardise columns. Past the end of an episode its last action is repeated; theirs is zero, and
  in locomotion they do not pad.
- One rate for all networks, which does not fall, of Adam without decay; the authors' falls to zero
  along half a cosine, and is 3e-4 for all but the planner. One average of the weights for all; the
  authors average those of the inverse dynamics faster, and not those of the value model.
- Noise has 1,000 levels; the authors' planner is told it on a continuous scale, by waves of random
  frequencies.
- In mazes a way goes on for one step of a plan where the reward is, and a step there may begin a
  plan as well, which stays: scores count the time at the goal. The authors' ways end with the first
  reward, at the edge of the goal, and their evaluation of Maze2D counts every step after the first
  one there, whatever is done. A way is no longer than an episode of the evaluation.
- In locomotion the value model reads whole plans as elsewhere, and learns recorded returns, in
  which a fall costs nothing beside what it keeps from being earned. The authors add up a value of
  single states there, learned by temporal differences in a run of its own, and where values weigh
  the loss the reward of a fall is -100.
- In the kitchen a sub-task is rewarded once, and rewards end with the episode; the authors add up
  how many are done at each step, and go on with the last number up to step 280. Their value model
  is the one of 200,000 steps of its million, and their embedding of noise levels is 128 numbers
  wide, half as wide as ours.
- A block of the transformers adds what attention gives to what the block was given; in the authors'
  the first norm has no way around it.
- In Multi2D, on the hands and in OGBench, which the authors' code does not have, settings are those
  of Maze2D and of Kitchen: OGBench's plans do not end at a reward.
- `quick` has narrow transformers, smaller batches and a higher rate; the denoiser predicts states,
  which a few gradient steps teach better than noise; of each batch the inverse dynamics learns more
  pairs; 16 plans are drawn in 10 steps, for 8 environment steps. Between two plans the aim is on a
  straight line between two states, as far ahead as when a plan is made.

Acting is slow: at `quick` ten environments take about 45 ms a step in the mean, and nearly 8 times
that in the step that plans. The authors plan in every step, three or nine times as many plans in
twice as many denoising steps.

Checked against: no published score, for want of the published data; the tests know the answers of
each part.

Shapes: N recorded steps, n environments, H states of a plan, A action size, O observation size.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch

from baselines.diffusion.base import DiffusionAgent, DrawnWindows
from baselines.diffusion.rewarded_ways import PlansAndPairs, ways_to_reward
from baselines.diffusion.veteran_diffusion import VeteranConfig, VeteranDiffusion
from baselines.shared.window_sampler import WindowSampler
from benchmark.interface import Dataset, FloatArray, TaskSettings

_AUTHORS = "configs/veteran of the authors' code"
_TO_REWARD = {"to_reward": True, "discount": 1.0}
_POINT_MAZE = {**_TO_REWARD, "stride": 15}
TASK_SETTINGS = (
    TaskSettings("maze2d", _POINT_MAZE, _AUTHORS),
    TaskSettings("multi2d", _POINT_MAZE, "as in Maze2D"),
    TaskSettings("antmaze", {**_TO_REWARD, "horizon": 40, "stride": 25}, _AUTHORS),
    TaskSettings("antmaze", {"depth": 8}, _AUTHORS, "paper"),
    TaskSettings("kitchen", {"candidates": 150}, _AUTHORS, "paper"),
    TaskSettings("locomotion", {"horizon": 4, "stride": 1, "weight_factor": 2.0}, _AUTHORS),
    TaskSettings("locomotion", {"replan_every": 1}, "plans are as short", "quick"),
    TaskSettings("locomotion", {"n_heads": 8}, _AUTHORS, "paper"),
)


class DiffusionVeteran(DiffusionAgent):
    """Draws plans of states, follows the one valued most, and acts by inverse dynamics."""

    config_class = VeteranConfig
    task_settings = TASK_SETTINGS
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {
            "steps": 20,
            "horizon": 8,
            "diffusion_steps": 20,
            "denoising_steps": 4,
            "batch_size": 8,
            "learning_rate": 3e-3,
            "width": 16,
            "n_heads": 2,
            "depth": 1,
            "value_depth": 1,
            "candidates": 2,
            "pairs": 8,
            "hidden_size": 32,
            "ema_decay": 0.9,
            "replan_every": 2,
        },
        "quick": {
            "batch_size": 32,
            "learning_rate": 1e-3,
            "ema_decay": 0.995,
            "width": 64,
            "n_heads": 2,
            "denoising_steps": 10,
            "predict_noise": False,
            "candidates": 16,
            "pairs": 8,
            "hidden_size": 128,
            "replan_every": 8,
        },
        "paper": {"steps": 1_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 1e-3),
        "horizon": ("choice", (8, 16, 32, 40)),
        "stride": ("choice", (1, 4, 15, 25)),
        "candidates": ("choice", (4, 16, 50)),
        "weight_factor": ("uniform", 0.0, 4.0),
        "replan_every": ("choice", (1, 4)),
    }

    def _new_diffusion(self) -> VeteranDiffusion:
        return VeteranDiffusion(self._task, self.config, self._device)

    def _values(self, returns: FloatArray) -> FloatArray:
        """(N,) returns mapped to [-1, 1], all -1 where they are all equal."""
        lowest = returns.min()
        span = returns.max() - lowest or np.float32(1)
        mapped: FloatArray = 2 * (returns - lowest) / span - 1
        return mapped

    def _windows(self, dataset: Dataset) -> DrawnWindows:
        config, task = self.config, self._task
        pairs = WindowSampler(
            dataset, self._normaliser, 2, np.zeros(len(dataset), np.float32), config.stride
        )
        ways = dataset
        if config.to_reward:
            ways = ways_to_reward(dataset, task.max_steps, beyond=config.stride)
        discount = task.discount if config.discount is None else config.discount
        values = self._values(ways.returns_to_go(discount))
        plans = WindowSampler(ways, self._normaliser, config.horizon, values, config.stride)
        return PlansAndPairs(plans, pairs, config.pairs)

    def _plan(self, observations: FloatArray) -> FloatArray:
        """(n, H, O) normalised states from observations (n, O) on, `stride` steps apart."""
        first = self._normalised(torch.as_tensor(observations, device=self._device))
        plans = self._diffusion.sample(self._networks, first, self._noise)
        states: FloatArray = plans.cpu().numpy()
        return states

    def random_plans(self, n_envs: int, seed: int) -> FloatArray:
        """See `benchmark.interface.PlanFollower`; every number lies in its recorded range."""
        size = (n_envs, self.config.horizon, self._task.observation_size)
        return np.random.default_rng(seed).uniform(-1, 1, size).astype(np.float32)

    def _actions(self, observations: FloatArray, step: int) -> FloatArray:
        """Leads to where the plan is `stride` steps later, on a straight line between its states.

        Where a plan is made at every step, as the authors do, that is its second state.
        """
        now = self._normalised(torch.as_tensor(observations, device=self._device))
        before, part = divmod(step + self.config.stride, self.config.stride)
        aim = self._planned[:, before]
        if part:
            aim = aim + (self._planned[:, before + 1] - aim) * (part / self.config.stride)
        later = torch.as_tensor(aim, device=self._device, dtype=now.dtype)
        actions = self._diffusion.actions(self._networks, now, later, self._noise)
        steps = torch.cat([actions, torch.zeros_like(now)], dim=1)
        restored = self._normaliser.restore(steps)[:, : self._task.action_size]
        done: FloatArray = restored.cpu().numpy()
        return done
