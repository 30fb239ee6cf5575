"""Hierarchical Diffuser: one diffusion draws sub-goals, another one the steps between them.

Paper: Chen, Deng, Kawaguchi, Gulcehre, Ahn, "Simple Hierarchical Planning with Diffusion",
ICLR 2024. Reference code: https://github.com/changchencc/Simple-Hierarchical-Planning-with-Diffusion.
Implementation: each level is our Diffuser, with its networks and noise schedule. Defaults are those
of the authors' `config/locomotion_ll.py`, their lower level, for both levels.

The upper level plans every K-th state and, as in HD-DA, all actions between them. As in Diffuser it
is held to the goal in mazes, hidden or not, and guided by a value model where there is none. The
lower level is held to two sub-goals. Only segments that are executed are drawn.

Deviations:
- Those of our Diffuser (`baselines.diffusion.diffuser`).
- The lower level is not guided; in locomotion the authors guide it too, by a value model of its
  own.
- Both levels learn from the same windows in the same gradient steps; the authors train them apart.
- The authors' upper level in locomotion has 9 sub-goals where ours has 8, which the U-Net needs,
  one more level of channels (1, 2, 4, 8), and a weight of 1 on its first actions.
- In mazes both levels have as many noise levels as the authors' upper one; their lower one has 128.
- A segment is as long as the U-Net needs, K + 1 steps or a few more, with the sub-goal held at step
  K; the authors fit the U-Net's kernels to the length.
- In point mazes plans are 120, 240 and 360 steps long, as the U-Net needs; the authors' are 120,
  255 and 390.
- `quick` has narrower networks, smaller batches and a higher learning rate, draws one plan per
  state with one guiding move per denoising step, and executes the whole first segment (in point
  mazes all of the plan).

Where it falls short: at `quick` with 2,000 steps it scores 87 and 35 on the expert's door and
pen, where cloning scores 103 and 126. In Maze2D it has 127, 136 and 97, the authors 128, 136 and
156 on D4RL's data: in the large maze some plans lead through walls.

Checked against: no published score, for want of the published data; the tests know the answers of
each part.
"""

from __future__ import annotations

from typing import Any, ClassVar

from baselines.diffusion import maze_settings
from baselines.diffusion.diffuser import QUICK, Diffuser
from baselines.diffusion.hierarchical_diffusion import HierarchicalConfig, HierarchicalDiffusion


class HierarchicalDiffuser(Diffuser):
    """Plans sub-goals, then the steps to the first of them, and executes these."""

    config_class = HierarchicalConfig
    task_settings = maze_settings.HIERARCHICAL_DIFFUSER
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {**Diffuser.presets["smoke"], "horizon": 4},
        "quick": {**QUICK, "subgoal_every": 15, "replan_every": 15},
        "paper": {"steps": 1_000_000},
    }
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 1e-3),
        "horizon": ("choice", (4, 8, 16, 24)),
        "subgoal_every": ("choice", (15, 20, 30)),
        "diffusion_steps": ("int", 10, 30),
        "guide_scale": ("choice", (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)),
        "dense_actions": ("choice", (True, False)),
    }

    def _new_diffusion(self) -> HierarchicalDiffusion:
        return HierarchicalDiffusion(self._task, self.config, self._device)
