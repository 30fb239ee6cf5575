"""No episode counts for two things."""

from __future__ import annotations

import pytest

from benchmark.evaluation.episode_seeds import (
    MOST_EPISODES,
    evaluation_seeds,
    following_seeds,
    tuning_seeds,
)


def test_every_training_seed_plays_episodes_of_its_own() -> None:
    assert evaluation_seeds(3, training_seed=0) == [1_000_000, 1_000_001, 1_000_002]
    assert evaluation_seeds(2, training_seed=7) == [1_070_000, 1_070_001]
    blocks = [evaluation_seeds(MOST_EPISODES, seed) for seed in range(12)]
    assert len(set().union(*blocks)) == 12 * MOST_EPISODES


def test_choices_are_made_on_other_episodes() -> None:
    assert tuning_seeds(2) == [500_000, 500_001]
    assert max(tuning_seeds(MOST_EPISODES)) < min(evaluation_seeds(1, training_seed=0))


def test_what_agents_follow_is_measured_on_other_episodes_still() -> None:
    assert following_seeds(2) == [600_000, 600_001]
    assert max(tuning_seeds(MOST_EPISODES)) < min(following_seeds(1))
    assert max(following_seeds(MOST_EPISODES)) < min(evaluation_seeds(1, training_seed=0))


def test_more_episodes_than_a_training_seed_has_are_refused() -> None:
    with pytest.raises(ValueError, match="10001 episodes; valid: at most 10000"):
        evaluation_seeds(MOST_EPISODES + 1, training_seed=0)
