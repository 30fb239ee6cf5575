"""OGBench's robot arm at play: an oracle does one random sub-task after the other.

It moves cubes, presses buttons, and opens and closes drawer and window, along plans with noise that
is smooth in time.

Source: OGBench (Park et al., ICLR 2025), `generate_manipspace.py`. No deviation but the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

from benchmark.data.recipes.ogbench_recipe import (
    OGBenchRecipe,
    numpy_seeded,
    recording_environment,
    sizes_of,
)
from benchmark.data.recipes.recipe import Recording

PLAN_NOISE = 0.1  # Of the range of actions.
NOISE_SMOOTHING = 0.5  # Standard deviation of the filter, in steps.

_SMALL = 20  # Parts of the published size.
_CUBE = slice(14, 17)  # Columns of qpos with the first cube's position, in m.

# Per environment: size of an observation, and the task that is its default.
_ARMS = {
    "cube-single": (28, 2),
    "cube-double": (37, 2),
    "scene": (40, 2),
    "puzzle-3x3": (55, 4),
    "puzzle-4x4": (83, 4),
}


class ArmOraclePlayer:
    """Has the arm of one environment do sub-tasks.

    Args:
        env_id: gymnasium's id of the environment.
        steps: of an episode.
    """

    def __init__(self, env_id: str, steps: int) -> None:
        self.env: gym.Env[Any, Any] = recording_environment(env_id, mode="data_collection")
        self._arm: Any = self.env
        self._env_id, self._steps = env_id, steps
        self._oracles = _oracles(self.env, env_id)

    def play(self, rng: np.random.Generator) -> Recording:
        """Plays one episode; see `Player`."""
        while True:
            recording = self._play_once(rng)
            if "scene" not in self._env_id or cube_stays_visible(recording.infos["qpos"]):
                return recording

    def _play_once(self, rng: np.random.Generator) -> Recording:
        observations: list[NDArray[np.float64]] = []
        actions, rewards = [], np.zeros(self._steps, np.float32)
        kept: dict[str, list[Any]] = {}
        with numpy_seeded(rng):
            observation, info = self.env.reset(seed=int(rng.integers(2**31)))
            stacking = self._stacking(rng)
            oracle = self._start(observation, info)
            for step in range(self._steps):
                observations.append(observation)
                action = np.clip(oracle.select_action(observation, info), -1.0, 1.0)
                actions.append(action)
                observation, *_, info = self.env.step(action)
                for name in ("qpos", "button_states"):
                    if f"prev_{name}" in info:
                        kept.setdefault(name, []).append(info[f"prev_{name}"])
                if oracle.done:
                    rewards[step] = info["success"]
                    oracle = self._start(*self._arm.set_new_target(p_stack=stacking))
            observations.append(observation)
            for name, values in kept.items():
                values.append(info[name])
        types: dict[str, Any] = {"qpos": np.float32, "button_states": np.int64}
        infos = {name: np.array(values, types[name]) for name, values in kept.items()}
        return Recording(
            np.array(observations, np.float32), np.array(actions, np.float32), rewards, infos
        )

    def _start(self, observation: NDArray[np.float64], info: dict[str, Any]) -> Any:
        """The oracle of the sub-task that is to be done, with a plan for it."""
        oracle = self._oracles[info["privileged/target_task"]]
        oracle.reset(observation, info)
        return oracle

    def _stacking(self, rng: np.random.Generator) -> float:
        """Probability, in this episode, that a cube is put onto another one."""
        if "single" in self._env_id:
            return 0.0
        return float(rng.uniform(0.0, 0.25)) if "double" in self._env_id else 0.5


def _oracles(env: gym.Env[Any, Any], env_id: str) -> dict[str, Any]:
    """The oracle of each kind of sub-task."""
    # The package is optional.
    from ogbench.manipspace.oracles.plan import button_plan, cube_plan, drawer_plan, window_plan

    noise = {"env": env, "noise": PLAN_NOISE, "noise_smoothing": NOISE_SMOOTHING}
    return {
        "cube": cube_plan.CubePlanOracle(**noise),
        "button": button_plan.ButtonPlanOracle(**noise, gripper_always_closed="puzzle" in env_id),
        "drawer": drawer_plan.DrawerPlanOracle(**noise),
        "window": window_plan.WindowPlanOracle(**noise),
    }


def cube_stays_visible(qpos: NDArray[np.floating]) -> bool:
    """Whether a scene's cube is never out of sight but in the drawer; else it is recorded anew.

    Args:
        qpos: (T + 1, Q) positions of all joints.
    """
    _, y, z = qpos[:, _CUBE].T
    in_drawer = (z >= 0.06) & (z <= 0.08)
    return not ((y >= 0.29) | ((y <= -0.3) & ~in_drawer)).any()


@dataclass(frozen=True)
class OGBenchArmRecipe(OGBenchRecipe):
    """A dataset of the arm, with qpos and the buttons' states at each observation."""

    packages = (*OGBenchRecipe.packages, "dm-control")

    def player(self) -> ArmOraclePlayer:
        """Makes the environment and its player."""
        return ArmOraclePlayer(self.env_id, self.steps)

    def observation_space(self) -> gym.spaces.Box:
        """The arm and the objects."""
        size, _ = _ARMS[self.name.removesuffix("-play")]
        return gym.spaces.Box(-np.inf, np.inf, (size,), np.float32)

    @property
    def algorithm(self) -> str:
        """What plays, in a few words."""
        return "OGBench's plan oracles, one random sub-task after the other, with noise"

    @property
    def description(self) -> str:
        """What the data is, in a few sentences."""
        return (
            f"{self.provenance} Noise of the plans {PLAN_NOISE}, smoothed over {NOISE_SMOOTHING} "
            "steps. The positions of all joints (qpos), and where there are buttons their states, "
            "are in the infos."
        )


OGBENCH_ARM = tuple(
    OGBenchArmRecipe(
        dataset_id, f"ogbench-{name}-play-task{default}", episodes, name=f"{name}-play", steps=steps
    )
    for name, (_, default) in _ARMS.items()
    for dataset_id, (episodes, steps) in sizes_of(f"{name}-play", _SMALL).items()
)
