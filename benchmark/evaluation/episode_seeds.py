"""Environment seeds: which episodes count for what.

::

    500,000 ...                tuning: learning curves and the search for settings
    600,000 ...                what an agent follows: `python -m benchmark.calibration`
    1,000,000 + 10,000 s ...   the reported scores of training seed s

Recipes of datasets draw theirs from all numbers; `tests/test_clean_seeds.py` makes sure that none
of them lies in these blocks.

Every agent of a training seed plays the same episodes, so that differences between agents are
paired. Other training seeds play others, so that a mean over seeds is one over more episodes too.
"""

from __future__ import annotations

MOST_EPISODES = 10_000
_TUNING, _FOLLOWING, _EVALUATION = 500_000, 600_000, 1_000_000


def evaluation_seeds(episodes: int, training_seed: int) -> list[int]:
    """Environment seeds of the reported scores of a run, the same for every agent.

    Args:
        episodes: of one evaluation.
        training_seed: of the run.

    Raises:
        ValueError: if one training seed's episodes would reach into those of the next.
    """
    if episodes > MOST_EPISODES:
        raise ValueError(f"{episodes} episodes; valid: at most {MOST_EPISODES}")
    first = _EVALUATION + MOST_EPISODES * training_seed
    return list(range(first, first + episodes))


def tuning_seeds(episodes: int) -> list[int]:
    """Environment seeds for everything that may influence a choice."""
    return list(range(_TUNING, _TUNING + episodes))


def following_seeds(episodes: int) -> list[int]:
    """Environment seeds on which it is measured whether agents follow what they are asked.

    No score that is reported comes from them, and no choice of settings.
    """
    return list(range(_FOLLOWING, _FOLLOWING + episodes))
