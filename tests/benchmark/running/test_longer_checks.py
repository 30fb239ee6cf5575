"""The check of more steps, on agents of which some do what it is about wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmark.running.acting_checks import CheckFailedError, NotApplicableError
from benchmark.running.longer_checks import LONGER_CHECKS
from tests.benchmark.running.checked_agents import Good, subject_of

(CHECK,) = LONGER_CHECKS


class Remembers(Good):
    """Takes the number of steps from what it is resumed from."""

    def fit(self, dataset: Any, *, steps: int, seed: int, progress: Any) -> None:
        self.steps = steps if self.resumed is None else self.resumed["steps"]
        super().fit(dataset, steps=self.steps, seed=seed, progress=progress)

    def training_state(self) -> dict[str, Any]:
        return super().training_state() | {"steps": self.steps}


class Anew(Good):
    def take_over(self, state: Any) -> None: ...


class Idle(Good):
    def take_step(self, dataset: Any) -> None:
        self.step, self.loss = self.step + 1, 0.0


class Fixed(Good):
    trains_longer = False


def test_a_good_agent_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    CHECK.look(subject_of(Good, monkeypatch), tmp_path)


@pytest.mark.parametrize(
    ("agent", "error", "seen"),
    [
        (Remembers, CheckFailedError, r"after 5 steps, with 11, it reported \[\]"),
        (Anew, CheckFailedError, r"after 5 steps, with 11, it reported \[1, 2, 3"),
        (Idle, CheckFailedError, "what it saves is what it had saved before"),
        (Fixed, NotApplicableError, "its class says trains_longer = False"),
    ],
)
def test_what_an_agent_does_otherwise_is_seen(
    agent: Any, error: Any, seen: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(error, match=seen):
        CHECK.look(subject_of(agent, monkeypatch), tmp_path)
