"""MAGE as an agent of the benchmark.

Paper: Lin et al., "MAGE: Multi-scale Autoregressive Generation for Offline Reinforcement
Learning", ICLR 2026, arXiv 2602.23770. Its authors name the code xmu-rl-3dv/MAGE on GitHub, which
was not available to compare with; the networks are built from the paper's description.

Past the end of an episode a window holds padding, which no loss counts. A goal that observations
hold never moves: plans leave it out, networks see it. *Ours* too: L_CE weighs scales alike, however
few their tokens, and the adapter changes only where a plan begins.

Other deviations from the paper, of which `mage.paper` has none, each switched by a setting of
`MAGEConfig`:
- The inverse dynamics sees s_0 beside the latent, as in Decision Diffuser, because codes cannot
  carry a state exactly (`inverse_observation`).
- L_inv is the mean over the recorded plan and the sampled one (`inverse_on_recorded`); with the
  sampled one alone the inverse dynamics learns to mistrust the plan. After stage 2 it goes on alone
  in many cheap steps, at a rate of its own and with parts of the plan hidden (`shares`,
  `inverse_learning_rate`, `inverse_dropout`): recorded actions hold noise, which a recorded plan
  gives away. With noise on s_0 (`inverse_noise`) it also knows what to do a little beside what was
  recorded.
- What counts as a high return depends on the state. A small network learns, before all else, the
  mean and an upper expectile of the returns from each; the transformer sees beside R_0 where it
  lies between them, and the return asked for lies there too, never above the largest of all
  (`return_asked`, `condition_on_advantage`, `expectile`, `advantage_asked`). What was asked before
  and not yet received goes on being asked for in part, so that an agent does not put off for ever
  what it plans to do soon (`persistence`). The paper's rule is `return_asked="target"`: the task's
  undiscounted return, less what has been received.
- Of a few windows drawn at random, stage 2 learns from the one with the best return for its state
  (`best_of`): acting never asks for what the others do.
- Of some windows the transformer sees no return, so that it can also plan without one. When acting,
  what it says then is left behind by `guidance`, as in VAR, so that plans follow what is asked for
  more closely (`condition_dropout`).
- A window holds its observations but for the first relative to it, so that a code means the same
  wherever the agent is, each step in deviations of its own (`relative`).
- Returns are discounted where the task says so, and logarithmic where rewards are sparse and far
  (`discount`, `log_returns`). They can be continued by the return model after a few recorded steps,
  so that a way is put together from pieces of many recordings (`bootstrap_steps`).
- Networks can see places as Fourier features, too (`place_features`). A plan can be kept
  (`replan_every`), chosen by value (`candidates`), or lead back to a recorded way (`start_noise`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from benchmark.agent_base import AgentBase
from benchmark.interface import (
    NO_SETTINGS,
    Dataset,
    FloatArray,
    Metrics,
    PlanExchange,
    Progress,
    Settings,
    TaskInfo,
    build_config,
)
from benchmark.step_function import StepFunction
from benchmark.trainer import Trainer, isolated_random_numbers
from mage.config import MAGEConfig
from mage.model.planner import Condition, Planner
from mage.plan_exchange import exchanged, random_latents
from mage.returns.asked_agent import AskedAgent
from mage.returns.place_features import place_columns
from mage.returns.return_request import ReturnRequest
from mage.sampling import PlanSampler
from mage.stages import StagedTraining
from mage.step_module import mage_step
from mage.task_settings import TASK_SETTINGS
from mage.variants import VARIANTS
from mage.windows import Windows

_WEIGHTS = "planner.safetensors"

_SMALL = {
    "pairs": 16,
    "scales": (1, 2, 4),
    "codes": 16,
    "code_size": 4,
    "autoencoder_width": 16,
    "width": 16,
    "layers": 1,
    "heads": 2,
    "inverse_width": 16,
    "batch_size": 16,
}

_QUICK: dict[str, object] = {
    "codes": 128,
    "code_size": 16,
    "autoencoder_width": 64,
    "width": 96,
    "layers": 2,
    "heads": 4,
    "inverse_width": 256,
    "batch_size": 128,
    "learning_rate": 1e-3,
    "inverse_learning_rate": 3e-3,
}


class MAGEAgent(AskedAgent, AgentBase):
    """Plans from the present state top-down, as a rule at every step, and takes the next action."""

    makes_plans = True
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "smoke": {**_SMALL, "steps": 20},
        "quick": _QUICK,
        "paper": {"steps": 400_000, "bf16": True},
    }
    task_settings = TASK_SETTINGS
    variants: ClassVar[dict[str, dict[str, object]]] = VARIANTS
    search_space: ClassVar[dict[str, tuple[Any, ...]]] = {
        "learning_rate": ("loguniform", 1e-4, 3e-3),
        "advantage_asked": ("uniform", 0.0, 2.0),
        "persistence": ("uniform", 0.0, 1.0),
        "guidance": ("uniform", 0.0, 3.0),
        "temperature": ("uniform", 0.0, 1.0),
        "best_of": ("choice", (1, 4, 8, 16)),
        "stride": ("choice", (1, 2, 4, 8, 12, 16, 24)),
    }

    def __init__(
        self, task: TaskInfo, settings: Settings = NO_SETTINGS, device: str = "cpu"
    ) -> None:
        super().__init__(task)
        self.config = build_config(MAGEConfig, settings)
        self._device = torch.device(device)
        self._trainer = Trainer(device)
        self._low = torch.tensor(task.action_low, device=self._device)
        self._high = torch.tensor(task.action_high, device=self._device)
        self._discount = self.config.discount_on(task.discount)
        self._request = ReturnRequest(self.config, self._discount, task.target_return, self._device)
        self._sampler: PlanSampler | None = None
        self._exchange: PlanExchange | None = None
        self._reset(1)

    @cached_property
    def _planner(self) -> Planner:
        """Untrained networks, made when they are first asked for: settings are often only tried."""
        with isolated_random_numbers(0, str(self._device)), torch.inference_mode(False):
            return self._new_planner()

    def _new_planner(self) -> Planner:
        sizes = self._task.observation_size, self._task.action_size
        hindsight = self._task.hindsight
        goal_columns = hindsight.goal_columns if hindsight else self._task.goal_columns
        planner = Planner(self.config, *sizes, goal_columns, place_columns(self._task))
        return planner.to(self._device)

    @property
    def plan_steps(self) -> tuple[int, ...]:
        """See `benchmark.interface.PlanSketcher`."""
        return self.config.offsets

    @property
    def parameter_count(self) -> int:
        """Number of learned weights."""
        return sum(parameter.numel() for parameter in self._planner.parameters())

    def _fit(self, dataset: Dataset, *, steps: int, seed: int, progress: Progress) -> None:
        """Trains both stages."""
        dataset = self.config.episodes(dataset, self._task.max_steps)

        def start() -> StagedTraining:
            self._planner = planner = self._new_planner()
            windows = Windows(dataset, self.config, self._discount, self._device)
            windows.actions_NA = self._scale(windows.actions_NA)
            windows.normalise(planner)
            return StagedTraining(planner, windows, steps)

        def report(step: int, metrics: Metrics) -> None:
            self._sampler = None  # The weights are not what they were.
            progress(step, metrics)

        self._trainer.fit(start, steps=steps, seed=seed, progress=report)

    def training_state(self) -> dict[str, Any]:
        """See `benchmark.interface.Resumable`."""
        return self._trainer.training_state()

    def resume(self, state: Mapping[str, Any]) -> None:
        """See `benchmark.interface.Resumable`."""
        self._trainer.resume(state)

    def _scale(self, actions: Tensor) -> Tensor:
        """Actions from their bounds to [-1, 1]."""
        return 2 * (actions - self._low) / (self._high - self._low) - 1

    def _reset(self, n_envs: int) -> None:
        """Forgets the rewards received and the plan; each batch of episodes draws alike."""
        self._steps = 0
        self._sketched: FloatArray | None = None
        self._request.reset(n_envs)
        self._generator = torch.Generator(self._device).manual_seed(0)

    def __getstate__(self) -> dict[str, Any]:
        """All but the sampler: what it has compiled cannot be copied, and is soon made anew."""
        return {**vars(self), "_sampler": None}

    def _plan_sampler(self) -> PlanSampler:
        """One with the weights as they are now."""
        if self._sampler is None:
            self._sampler = PlanSampler(self._planner, self.config.acting_weights)
        return self._sampler

    @torch.inference_mode()
    def _act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """Makes a plan for every environment, or keeps it, and returns its next action (n, A)."""
        # What to bring from here, the plan for it scale by scale, and what it has to do now.
        condition = self._condition(observations, last_rewards)
        if self._steps % self.config.replan_every == 0:
            plan_nLC = self._plan_sampler().generate(condition, self._generator)
            self._plan_nLC = exchanged(plan_nLC, self._exchange)
        self._steps += 1
        scaled_nA = self._planner.inverse_dynamics(self._plan_nLC, condition).clamp(-1, 1)
        actions_nA = self._low + (scaled_nA + 1) / 2 * (self._high - self._low)
        actions: FloatArray = actions_nA.cpu().numpy()
        return actions

    def exchange_plans(self, exchange: PlanExchange | None) -> None:
        """See `benchmark.interface.PlanFollower`; plans are latents (n, L, C)."""
        self._exchange = exchange

    @torch.inference_mode()
    def random_plans(self, n_envs: int, seed: int) -> FloatArray:
        """See `benchmark.interface.PlanFollower`; all tokens are drawn at random."""
        latent_nLC = random_latents(self._planner.autoencoder.quantizer, n_envs, seed)
        plans: FloatArray = latent_nLC.cpu().numpy()
        return plans

    @torch.inference_mode()
    def sketch(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        """The observations (K, n, P, O) that the plan to follow holds after each of its K scales.

        One that is kept (`replan_every`) is as it was when it was made, if it was sketched then.
        Leaves the agent as it was otherwise, so that `act` follows this very plan. Arguments as for
        `act`.
        """
        if self._sketched is None or self._steps % self.config.replan_every == 0:
            self._sketched = self._sketch(observations, last_rewards)
        return self._sketched

    def _sketch(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
        return_to_go_n1, random = self._request.return_to_go_n1, self._generator.get_state()
        planner, condition = self._planner, self._condition(observations, last_rewards)
        latents = self._plan_sampler().sketches(condition, self._generator)
        windows = [planner.decode(latent_nLC, condition.return_B1) for latent_nLC in latents]
        plans = [planner.from_window(window, condition.observation_BS) for window in windows]
        sketches: FloatArray = torch.stack(plans).cpu().numpy()
        sketches[:, :, 0] = observations  # They are known, and decoded far less well.
        self._request.return_to_go_n1 = return_to_go_n1
        self._generator.set_state(random)
        return sketches

    def _condition(self, observations: FloatArray, last_rewards: FloatArray) -> Condition:
        """The normalised observations, and what to ask for from there."""
        observation_nS = self._planner.observation_normaliser(
            torch.as_tensor(observations, device=self._device)
        )
        rewards_n1 = torch.as_tensor(last_rewards, device=self._device)[:, None]
        asked = self._request.ask(self._planner, observation_nS, rewards_n1)
        return Condition.asking(observation_nS, asked.return_n1, asked.advantage_n1)

    def step_function(self) -> StepFunction:
        """See `benchmark.step_function.Exportable`."""
        does = {"replan_every": "keeps a plan from step to step", "candidates": "chooses a plan"}
        for name, what in does.items():
            if (count := getattr(self.config, name)) > 1:
                raise ValueError(
                    f"with {name}={count} it {what}, as the file does not; train it with {name}=1"
                )
        return mage_step(self._planner, self._request, self._low, self._high)

    def save(self, folder: Path) -> None:
        """Writes the weights and normalisers."""
        save_file(self._planner.state_dict(), folder / _WEIGHTS)

    def load(self, folder: Path) -> None:
        """Reads what `save` wrote.

        Raises:
            ValueError: if these are no weights of this version with these settings.
        """
        weights = load_file(folder / _WEIGHTS, device=str(self._device))
        try:
            self._planner.load_state_dict(weights)
        except RuntimeError as error:
            raise ValueError(
                f"{folder / _WEIGHTS} does not hold the weights of this version of MAGE with these "
                "settings; train the agent again, or use the version that trained it"
            ) from error
        self._sampler = None
