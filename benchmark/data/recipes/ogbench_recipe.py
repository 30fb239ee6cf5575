"""OGBench's data, collected by its published procedure with the oracles that its package ships.

What differs from the published files: the seeds, since OGBench's scripts seed nothing; here each
episode has one of its own. A row more per episode, whose action leads nowhere, is not recorded: of
1,001 rows the last is the final observation. The recorded reward is 1 at each step that reaches
what the oracle was after; published files have no rewards, and relabelling replaces these.

Source: OGBench (Park et al., ICLR 2025), `generate_locomaze.py`, `generate_manipspace.py` and
`commands.sh` of its repository.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np

from benchmark.data.ogbench_download import check_installed
from benchmark.data.recipes.recipe import Recipe
from benchmark.tasks.published_sets import PUBLISHED_SETS


@dataclass(frozen=True)
class OGBenchRecipe(Recipe):
    """A dataset by the procedure of a published one.

    Attributes:
        name: of the published dataset without its version, such as `pointmaze-medium-navigate`.
        steps: of an episode.
    """

    packages: ClassVar[tuple[str, ...]] = ("ogbench", "mujoco", "numpy")
    publisher: ClassVar[str] = "OGBench"

    name: str = ""
    steps: int = 1_000

    @property
    def env_id(self) -> str:
        """Gymnasium's id of the environment, in which goals are given by who records."""
        return f"{self.name.rpartition('-')[0]}-v0"

    @property
    def provenance(self) -> str:
        """How it came about, and what differs from the published file."""
        published = PUBLISHED_SETS[f"ogbench/{self.name}-v0"]
        share = f"{self.episodes:,} of {published.episodes:,} episodes" * (
            self.episodes != published.episodes
        )
        return (
            f"By the published procedure of OGBench's {self.name}-v0 with the package's oracles"
            f"{', ' * bool(share)}{share}. What differs from the published file: the seeds; the "
            "reward, which is 1 at each step that reached what the oracle was after."
        )

    def fingerprint(self, seed: int) -> str:
        """See `Recipe.fingerprint`.

        Raises:
            DatasetError: if the package is not installed.
        """
        check_installed()
        return super().fingerprint(seed)


def recording_environment(env_id: str, **options: Any) -> Any:
    """An environment of OGBench's that goes on when a goal is reached.

    Args:
        env_id: gymnasium's id.
        options: of the environment.

    Raises:
        DatasetError: if the package is not installed.
    """
    check_installed()
    with warnings.catch_warnings():
        # Of a display that is not there, and of bounds that are exact in float32 too.
        warnings.simplefilter("ignore")
        import ogbench  # noqa: F401  Registers its environments; the package is optional.

        env = gym.make(env_id, terminate_at_goal=False, **options).unwrapped
        env.reset()
    xml_file = getattr(env, "fullpath", None)
    if xml_file is not None:  # Mazes leave their model behind in the temporary folder.
        Path(xml_file).unlink(missing_ok=True)
    return env


@contextlib.contextmanager
def numpy_seeded(rng: np.random.Generator) -> Iterator[None]:
    """Lets NumPy's global generator, which OGBench draws from, depend on `rng` for a while."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(int(rng.integers(2**32)))  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def sizes_of(name: str, parts: int) -> dict[str, tuple[int, int]]:
    """Ids of the datasets that are collected for a published one, with episodes and their steps.

    Args:
        name: of the published dataset without its version.
        parts: the smaller dataset has one in so many of the episodes.
    """
    published = PUBLISHED_SETS[f"ogbench/{name}-v0"]
    steps = published.steps // published.episodes
    return {
        f"mage/ogbench/{name}-v0": (published.episodes, steps),
        f"mage/ogbench-small/{name}-v0": (published.episodes // parts, steps),
    }
