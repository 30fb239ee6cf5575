"""Filtered cloning does what turned out best, without being asked for any return."""

from __future__ import annotations

import pytest

from baselines.return_conditioned.base import NETWORK_SETTINGS, PerceptronConfig
from baselines.return_conditioned.filtered_cloning import FilteredCloning
from mage.returns.return_settings import LABEL_SETTINGS
from tests.baselines.config_checks import check_presets
from tests.baselines.synthetic_tasks import no_progress, task_for, two_armed_bandit


@pytest.mark.parametrize(
    ("best_of", "expected"),
    # A third of the actions is 0.5, and brings 1; the others are -0.5. Of n rows the best brings
    # nothing with a chance of (2/3)^n: the mean action is 0.5 - (2/3)^n.
    [(1, -1 / 6), (2, 0.5 - 4 / 9), (16, 0.5)],
)
def test_the_more_rows_it_may_choose_from_the_better_are_those_it_clones(
    best_of: int, expected: float
) -> None:
    dataset = two_armed_bandit()
    settings = {"width": 32, "batch_size": 128, "return_share": 0.2, "best_of": best_of}
    agent = FilteredCloning(task_for(dataset), settings, "cpu")
    agent.fit(dataset, steps=200, seed=0, progress=no_progress)
    agent.reset(len(dataset))
    assert agent.act(dataset.observations, dataset.rewards).mean() == pytest.approx(
        expected, abs=0.12
    )


def test_presets_and_what_a_search_tries() -> None:
    check_presets(FilteredCloning)
    assert FilteredCloning.task_settings == (*LABEL_SETTINGS, *NETWORK_SETTINGS)


def test_it_is_asked_for_no_return() -> None:
    assert FilteredCloning.config_class is PerceptronConfig
    with pytest.raises(ValueError, match="unknown setting 'advantage_asked' for PerceptronConfig"):
        FilteredCloning(task_for(two_armed_bandit()), {"advantage_asked": 1.0}, "cpu")
