"""The synthetic task has what real data has at its edges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmark.running.synthetic_task import (
    ACTING_STEPS,
    STEPS,
    learnable_dataset,
    play,
    saved_files,
    synthetic_dataset,
    synthetic_task,
)
from tests.benchmark.running.checked_agents import Good, subject_of


def test_the_data_belongs_to_the_task() -> None:
    task = synthetic_task()
    for dataset in (synthetic_dataset(), learnable_dataset()):
        dataset.check_fits(task)
        assert (dataset.actions >= task.action_low).all()
        assert (dataset.actions <= task.action_high).all()
        assert (dataset.observations[:, 3] == 7).all()
        assert dataset.terminals.sum() == 3 and dataset.timeouts.sum() == 1


def test_what_can_be_learned_can_be_told_from_what_is_observed() -> None:
    dataset = learnable_dataset()
    np.testing.assert_array_equal(dataset.actions[:, 0] > 0, dataset.observations[:, 0] > 0)
    np.testing.assert_array_equal(dataset.rewards > 0, dataset.observations[:, 2] > 0.5)


def test_a_subject_makes_its_agent_anew(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(Good, monkeypatch)
    agent: Any = subject.fitted()
    assert agent is not subject.agent() and agent.step == STEPS
    assert subject.settings() == {}
    assert play(agent, subject.task, n_envs=2).shape == (ACTING_STEPS, 2, 2)
    assert list(saved_files(agent, tmp_path / "saved")) == ["weights.npy"]


def test_files_are_found_in_folders_too(tmp_path: Any) -> None:
    class Deep:
        def save(self, folder: Any) -> None:
            (folder / "actor").mkdir()
            (folder / "actor" / "weights").write_bytes(b"1")

    assert saved_files(Deep(), tmp_path / "saved") == {"actor/weights": b"1"}  # type: ignore[arg-type]
