"""How an agent acts and is saved: each fault is seen by the check that is for it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.running import acting_checks as checks
from benchmark.running.acting_checks import CheckFailedError
from tests.benchmark.running.checked_agents import Good, subject_of


class Wild(Good):
    def act(self, observations: Any, last_rewards: Any) -> Any:
        return 3 * np.ones((len(observations), 2), np.float32)


class Lost(Good):
    def act(self, observations: Any, last_rewards: Any) -> Any:
        return np.full((len(observations), 2), np.nan, np.float32)


class Precise(Good):
    def act(self, observations: Any, last_rewards: Any) -> Any:
        return super().act(observations, last_rewards).astype(float)


class Single(Good):
    def act(self, observations: Any, last_rewards: Any) -> Any:
        return super().act(observations, last_rewards)[:1]


class Restless(Good):
    noise = np.random.default_rng(0)

    def reset(self, n_envs: int) -> None:
        pass


class Rounded(Good):
    def save(self, folder: Path) -> None:
        np.save(folder / "weights.npy", np.round(self.weights, 1))


class Pickled(Good):
    def save(self, folder: Path) -> None:
        super().save(folder)
        (folder / "agent.pkl").touch()


class Chatty(Good):
    def begin(self, seed: int) -> None:
        super().begin(seed)
        Path("log.txt").touch()


class Absent(Good):
    def save(self, folder: Path) -> None: ...

    def load(self, folder: Path) -> None: ...


class Seeding(Good):
    def begin(self, seed: int) -> None:
        super().begin(seed)
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)


class Doubled(Good):
    def load(self, folder: Path) -> None:
        super().load(folder)
        torch.set_default_dtype(torch.float64)


class Dependent(Good):
    def begin(self, seed: int) -> None:
        super().begin(seed)
        state = torch.get_rng_state()
        self.weights += torch.rand(self.weights.shape).numpy()
        torch.set_rng_state(state)


FAULTS = [
    (checks.acts_inside_the_bounds, Wild, r"action \[\[3.0, 3.0\]\], bounds \[-1. +-0.5\] to \[1"),
    (checks.acts_inside_the_bounds, Lost, r"action \[\[nan, nan\]\], bounds"),
    (checks.acts_inside_the_bounds, Precise, "actions are float64, not float32"),
    (checks.acts_inside_the_bounds, Single, r"actions are \(1, 2\), not \(7, 2\)"),
    (checks.forgets_with_reset, Restless, "its actions differ in a second episode"),
    (checks.comes_back_from_its_folder, Rounded, "its actions differ after `save` and `load`"),
    (checks.saves_no_code, Pickled, "it saved agent.pkl"),
    (checks.writes_only_into_its_folder, Chatty, "it wrote log.txt beside it"),
    (checks.writes_only_into_its_folder, Absent, "it saved nothing"),
    (checks.leaves_global_state_alone, Seeding, "the global random numbers of random, numpy"),
    (checks.leaves_global_state_alone, Doubled, "torch's defaults became .*float64"),
    (
        checks.needs_no_global_random_numbers,
        Dependent,
        "its actions differ with other global random",
    ),
]


@pytest.mark.parametrize(
    ("check", "agent", "seen"), FAULTS, ids=[agent.__name__ for _, agent, _ in FAULTS]
)
def test_a_fault_is_seen(
    check: Any, agent: Any, seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, folder = torch.get_default_dtype(), Path.cwd()
    try:
        with pytest.raises(CheckFailedError, match=seen):
            check.look(subject_of(agent, monkeypatch), tmp_path)
    finally:
        torch.set_default_dtype(before)
    assert Path.cwd() == folder
