"""What a recipe is: what it collects, and who plays the episodes."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, ClassVar, Protocol

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray

ObservationSpace = gym.spaces.Box | gym.spaces.Dict


@dataclass(frozen=True)
class Recording:
    """One recorded episode of T steps.

    Attributes:
        observations: (T + 1, O), or a dict of such arrays by name.
        actions: (T, A).
        rewards: (T,).
        infos: arrays (T + 1, ...) by name, of what relabelling needs and no agent sees.
    """

    observations: NDArray[np.floating] | Mapping[str, NDArray[np.floating]]
    actions: NDArray[np.floating]
    rewards: NDArray[np.floating]
    infos: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Player(Protocol):
    """An environment and the script that plays in it; each process has one of its own.

    Attributes:
        env: the environment as it was registered, without wrappers; gives the dataset its spec.
    """

    env: gym.Env[Any, Any]

    def play(self, rng: np.random.Generator) -> Recording:
        """Plays one episode, which depends on nothing but the state of `rng`."""
        ...


@dataclass(frozen=True)
class Recipe(ABC):
    """What is collected under one dataset id.

    Attributes:
        id: of the Minari dataset.
        task: name of the task in whose environment it is recorded.
        episodes: how many.
        version: to be raised with every change of what is recorded.
        packages: what decides, besides the code, which numbers a simulation gives.
        publisher: whose data this is not.
    """

    packages: ClassVar[tuple[str, ...]] = ("gymnasium-robotics", "mujoco", "numpy")
    publisher: ClassVar[str] = "D4RL"

    id: str
    task: str
    episodes: int
    version: int = 0

    @abstractmethod
    def player(self) -> Player:
        """Makes the environment and its player."""

    @abstractmethod
    def observation_space(self) -> ObservationSpace:
        """Space of the recorded observations, float32."""

    @property
    @abstractmethod
    def algorithm(self) -> str:
        """What plays, in a few words."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What the data is, in a few sentences."""

    def fingerprint(self, seed: int) -> str:
        """Tells episodes apart that may not be mixed: other settings, seed or simulator."""
        versions = [f"{name} {version(name)}" for name in self.packages]
        return hashlib.sha256(repr((self, seed, versions)).encode()).hexdigest()[:12]
