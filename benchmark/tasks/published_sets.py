"""Which data is published, and what other data is instead: told by its sizes and its own words.

Sizes are those of Minari's documentation, one page for each dataset, as deployed in April 2026
(https://minari.farama.org/datasets/D4RL/door/expert-v2/ and so on). Those of OGBench are from the
commands that its authors published (`data_gen_scripts/commands.sh`, January 2026), which record one
row more than an episode has steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.tasks.task import Task


@dataclass(frozen=True)
class Sizes:
    """How much a dataset holds as its file says, before any relabelling.

    Attributes:
        episodes: how many.
        steps: of all episodes together.
    """

    episodes: int
    steps: int


_STITCHED = ("medium-stitch", "large-stitch", "giant-stitch")


def _ogbench(environment: str, episodes: int, steps: int, *names: str) -> dict[str, Sizes]:
    """The sizes of datasets of one of OGBench's environments, with so many steps an episode."""
    return {f"ogbench/{environment}-{name}-v0": Sizes(episodes, episodes * steps) for name in names}


PUBLISHED_SETS: dict[str, Sizes] = {
    "D4RL/pen/human-v2": Sizes(25, 5_000),
    "D4RL/pen/cloned-v2": Sizes(3_736, 500_000),
    "D4RL/pen/expert-v2": Sizes(4_958, 499_206),
    "D4RL/door/human-v2": Sizes(25, 6_729),
    "D4RL/door/cloned-v2": Sizes(4_358, 1_000_000),
    "D4RL/door/expert-v2": Sizes(5_000, 1_000_000),
    "D4RL/hammer/human-v2": Sizes(25, 11_310),
    "D4RL/hammer/cloned-v2": Sizes(3_606, 1_000_000),
    "D4RL/hammer/expert-v2": Sizes(5_000, 1_000_000),
    "D4RL/relocate/human-v2": Sizes(25, 9_942),
    "D4RL/relocate/cloned-v2": Sizes(3_758, 1_000_000),
    "D4RL/relocate/expert-v2": Sizes(5_000, 1_000_000),
    "D4RL/kitchen/complete-v2": Sizes(19, 4_209),
    "D4RL/kitchen/partial-v2": Sizes(621, 156_560),
    "D4RL/kitchen/mixed-v2": Sizes(621, 156_560),
    "D4RL/antmaze/umaze-v1": Sizes(1_430, 1_000_000),
    "D4RL/antmaze/umaze-diverse-v1": Sizes(1_430, 1_000_000),
    "D4RL/antmaze/medium-play-v1": Sizes(1_000, 1_000_000),
    "D4RL/antmaze/medium-diverse-v1": Sizes(1_000, 1_000_000),
    "D4RL/antmaze/large-play-v1": Sizes(1_000, 1_000_000),
    "D4RL/antmaze/large-diverse-v1": Sizes(1_000, 1_000_000),
    "D4RL/pointmaze/umaze-v2": Sizes(13_210, 1_000_000),
    "D4RL/pointmaze/medium-v2": Sizes(4_752, 1_000_000),
    "D4RL/pointmaze/large-v2": Sizes(3_360, 1_000_000),
    "mujoco/halfcheetah/simple-v0": Sizes(1_000, 1_000_000),
    "mujoco/halfcheetah/medium-v0": Sizes(1_000, 1_000_000),
    "mujoco/halfcheetah/expert-v0": Sizes(1_000, 1_000_000),
    "mujoco/hopper/simple-v0": Sizes(1_952, 999_206),
    "mujoco/hopper/medium-v0": Sizes(1_327, 999_404),
    "mujoco/hopper/expert-v0": Sizes(1_086, 999_164),
    "mujoco/walker2d/simple-v0": Sizes(1_017, 999_942),
    "mujoco/walker2d/medium-v0": Sizes(1_044, 999_613),
    "mujoco/walker2d/expert-v0": Sizes(1_000, 999_190),
    **_ogbench("pointmaze", 1_000, 1_000, "medium-navigate", "large-navigate", "teleport-navigate"),
    **_ogbench("pointmaze", 500, 2_000, "giant-navigate"),
    **_ogbench("pointmaze", 5_000, 200, *_STITCHED, "teleport-stitch"),
    **_ogbench("antmaze", 1_000, 1_000, "medium-navigate", "large-navigate"),
    **_ogbench("antmaze", 500, 2_000, "giant-navigate"),
    **_ogbench("antmaze", 5_000, 200, *_STITCHED),
    **_ogbench("humanoidmaze", 1_000, 2_000, "medium-navigate", "large-navigate"),
    **_ogbench("humanoidmaze", 1_000, 4_000, "giant-navigate"),
    **_ogbench("humanoidmaze", 5_000, 400, "medium-stitch", "large-stitch"),
    **_ogbench("humanoidmaze", 10_000, 400, "giant-stitch"),
    **_ogbench("cube", 1_000, 1_000, "single-play", "double-play"),
    **_ogbench("scene", 1_000, 1_000, "play"),
    **_ogbench("puzzle", 1_000, 1_000, "3x3-play", "4x4-play"),
}
"""All datasets of the table of tasks."""

REBUILT = "rebuilt"
"""Namespace of re-creations: `rebuilt/door/expert-v0` is one of `D4RL/door/expert-v2`."""

COLLECTOR = "MAGE-bench"
"""The author that datasets name which were collected by a recipe of this project."""

# Words by which a description says that other people's data was made anew.
_MADE_ANEW = ("re-creation", "re-created", "recreation", "recreated", "rebuilt", "not the d4rl")


def kind_of(task: Task, dataset_id: str, sizes: Sizes, metadata: Mapping[str, Any]) -> str:
    """What a dataset is to a task; the id alone does not decide.

    Args:
        task: that is learned from it.
        dataset_id: under which it lies in Minari's folder.
        sizes: of what its file holds.
        metadata: of which `dataset_id`, `author` and `description` count, where they are texts.

    Returns:
        - `collected here`: it has the id of a recipe of the task, and names this project as its
          author.
        - `altered`: it has the id of a published dataset and other sizes.
        - `re-creation`: it lies in the namespace `rebuilt` or says that it did, or its description
          says that it makes other data anew ("re-creation", "re-created", "rebuilt", "not the D4RL
          original").
        - `published`: it has the id of the task's published dataset and its sizes.
        - `own data`: anything else, such as the data of another task.
    """
    published, description = PUBLISHED_SETS.get(dataset_id), str(metadata.get("description"))
    if dataset_id in task.recipes and metadata.get("author") in (COLLECTOR, [COLLECTOR]):
        return "collected here"
    if published is not None and sizes != published:
        return "altered"
    ids = dataset_id, str(metadata.get("dataset_id"))
    says_so = any(word in description.lower() for word in _MADE_ANEW)
    if says_so or any(name.startswith(f"{REBUILT}/") for name in ids):
        return "re-creation"
    return "published" if published and dataset_id == task.dataset else "own data"


def data_words(dataset: Mapping[str, Any], published_id: str | None) -> str:
    """What data is, in plain words: `re-creation, 100 episodes; published set: 5,000 episodes`.

    Args:
        dataset: `dataset` of a record, of which `kind`, `recorded_episodes` and `recorded_steps`
            count; without `kind` it is called unknown.
        published_id: id of the published dataset of the same task; None for none.
    """
    kind = dataset.get("kind")
    if kind == "published":
        return "published data"
    sizes, published = _recorded(dataset), PUBLISHED_SETS.get(published_id or "")
    # Steps tell apart what has as many episodes.
    with_steps = bool(sizes and published and sizes.episodes == published.episodes)
    words = str(kind or "data of unknown origin")
    if sizes is not None:
        words += f", {_sizes_text(sizes, with_steps)}"
    if published is not None:
        return f"{words}; published set: {_sizes_text(published, with_steps)}"
    if published_id is not None:
        return f"{words}; sizes of the published set are not known"
    return words


def _recorded(dataset: Mapping[str, Any]) -> Sizes | None:
    episodes, steps = dataset.get("recorded_episodes"), dataset.get("recorded_steps")
    return None if episodes is None or steps is None else Sizes(episodes, steps)


def _sizes_text(sizes: Sizes, with_steps: bool) -> str:
    text = f"{sizes.episodes:,} episode{'s' * (sizes.episodes != 1)}"
    return f"{text}, {sizes.steps:,} steps" if with_steps else text
