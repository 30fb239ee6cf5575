"""From recorded episodes to a Minari dataset, with a hash of its content."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import gymnasium as gym
import minari
import numpy as np
from minari.data_collector import EpisodeBuffer

from benchmark.data.checks import CONTENT_HASH, HASHED_INFOS, ContentHash
from benchmark.data.recipes.recipe import Recipe, Recording
from benchmark.records.files import write_atomically
from benchmark.tasks.published_sets import COLLECTOR

_PART, _INFO = "observations/", "infos/"


def write_part(path: Path, recording: Recording) -> None:
    """Writes one episode so that it is there whole or not at all."""
    arrays = {"actions": recording.actions, "rewards": recording.rewards}
    if isinstance(recording.observations, Mapping):
        arrays |= {_PART + name: part for name, part in recording.observations.items()}
    else:
        arrays["observations"] = recording.observations
    arrays |= {_INFO + name: values for name, values in recording.infos.items()}
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    write_atomically(path, content.getvalue())


def read_part(path: Path) -> Recording:
    """Reads what `write_part` wrote."""
    with np.load(path) as arrays:
        parts, infos = (
            {
                name.removeprefix(kind): arrays[name]
                for name in arrays.files
                if name.startswith(kind)
            }
            for kind in (_PART, _INFO)
        )
        observations = parts or arrays["observations"]
        return Recording(observations, arrays["actions"], arrays["rewards"], infos)


def write_dataset(recipe: Recipe, seed: int, parts: Sequence[Path]) -> None:
    """Writes recorded episodes as a dataset into Minari's folder.

    Args:
        recipe: that they were recorded by.
        seed: the recipe's.
        parts: files of the episodes; no more than one is in memory at a time.
    """
    infos = list(read_part(parts[0]).infos)
    content = ContentHash(infos)
    env = recipe.player().env
    with warnings.catch_warnings():
        # Minari asks for an e-mail address; OGBench makes a space at every look.
        warnings.simplefilter("ignore", UserWarning)
        actions = env.action_space
        assert isinstance(actions, gym.spaces.Box)
        dataset = minari.create_dataset_from_buffers(
            recipe.id,
            _buffers(parts, content),
            env=env,  # Given its spec, Minari would make another, and leave its files behind.
            observation_space=recipe.observation_space(),
            action_space=gym.spaces.Box(actions.low, actions.high, actions.shape, np.float32),
            author=COLLECTOR,
            algorithm_name=recipe.algorithm,
            description=(
                f"Collected on this machine by MAGE-bench with a scripted controller, seed {seed}; "
                f"not {recipe.publisher}'s data. {recipe.description}"
            ),
            requirements=[f"{name}=={version(name)}" for name in recipe.packages],
        )
    about: dict[str, object] = {CONTENT_HASH: content.hexdigest()}
    dataset.storage.update_metadata(about | ({HASHED_INFOS: infos} if infos else {}))
    env.close()


def _buffers(parts: Sequence[Path], content: ContentHash) -> Iterator[EpisodeBuffer]:
    for index, path in enumerate(parts):
        recording = read_part(path)
        steps = len(recording.actions)
        buffer = EpisodeBuffer(
            id=index,
            observations=recording.observations,
            actions=recording.actions,
            rewards=recording.rewards,
            terminations=np.zeros(steps, bool),
            truncations=np.arange(1, steps + 1) == steps,
            infos=dict(recording.infos) or None,
        )
        content.add(buffer)
        yield buffer
