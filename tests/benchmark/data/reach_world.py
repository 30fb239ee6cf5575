"""A small environment with nested dicts for observations, and datasets of it."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import gymnasium as gym
import minari
import numpy as np
from minari.data_collector import EpisodeBuffer

ENTRY_POINT = f"{__name__}:Reach"
SPEC = gym.envs.registration.EnvSpec("Reach-v0", entry_point=ENTRY_POINT, max_episode_steps=8)


class Reach(gym.Env[dict[str, Any], np.ndarray]):
    """A point is to be moved to a goal; the return is never positive."""

    def __init__(self, reach: float = 1.0) -> None:
        position = gym.spaces.Box(-2, 2, (2,), np.float32)
        arm = gym.spaces.Dict({"position": position, "speed": gym.spaces.Box(-2, 2, (1,))})
        goal = gym.spaces.Box(-1, 1, (2,), np.float32)
        self.observation_space = gym.spaces.Dict({"goal": goal, "arm": arm})
        self.action_space = gym.spaces.Box(-reach, reach, (2,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        super().reset(seed=seed)
        self._goal, self._position = self.np_random.uniform(-1, 1, (2, 2)).astype(np.float32)
        return self._observation(0.0), {}

    def step(self, action: np.ndarray) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        self._position = np.clip(self._position + 0.3 * action, -2, 2).astype(np.float32)
        distance = float(np.linalg.norm(self._position - self._goal))
        return self._observation(float(np.linalg.norm(action))), -distance, False, False, {}

    def _observation(self, speed: float) -> dict[str, Any]:
        arm = {"position": self._position, "speed": np.array([speed], np.float32)}
        return {"goal": self._goal, "arm": arm}


def episode(index: int, steps: int = 8) -> EpisodeBuffer:
    """One episode of somebody who goes towards the goal."""
    env = gym.make(SPEC)
    observation, _ = env.reset(seed=index)
    observations, actions, rewards = [observation], [], []
    for _ in range(steps):
        way = observation["goal"] - observation["arm"]["position"]
        actions.append(np.clip(2 * way, -1, 1).astype(np.float32))
        observation, reward, *_ = env.step(actions[-1])
        observations.append(observation)
        rewards.append(reward)
    arms = [one["arm"] for one in observations]
    arm = {name: np.stack([one[name] for one in arms]) for name in ("position", "speed")}
    return EpisodeBuffer(
        id=index,
        observations={"arm": arm, "goal": np.stack([one["goal"] for one in observations])},
        actions=np.stack(actions),
        rewards=np.array(rewards),
        terminations=np.zeros(steps, bool),
        truncations=np.arange(1, steps + 1) == steps,
    )


def write_reach(
    dataset_id: str, *, env: Any = SPEC, data_format: str = "hdf5", **metadata: Any
) -> Path:
    """Writes a dataset of three episodes into Minari's folder; None for `env` names none."""
    spaces = Reach()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = minari.create_dataset_from_buffers(
            dataset_id,
            [episode(0), episode(1), episode(2, steps=5)],
            env=env,
            observation_space=spaces.observation_space,
            action_space=spaces.action_space,
            data_format=data_format,
        )
    folder = Path(str(dataset.storage.data_path)).parent
    file = folder / "data" / "metadata.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **metadata}))
    return folder
