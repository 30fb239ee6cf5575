"""One agent in this process; `test_comparing.py` compares it with a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark import DatasetError, UserError, evaluate, preset_settings, train
from benchmark.agents import registry
from benchmark.api import single_agent
from benchmark.tasks import TASKS
from tests.benchmark.running.checked_agents import Good


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


def test_what_is_trained_is_an_instance_of_the_class_itself(small_umaze: Path) -> None:
    agent = train("maze2d-umaze", Good, steps=2, preset="smoke", data="local", device="cpu")
    assert type(agent) is Good


def test_scores_are_on_the_scale_of_the_dataset(
    small_umaze: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = train("maze2d-umaze", "mean", preset="smoke", data="local", device="cpu")
    monkeypatch.setattr(single_agent, "reference_scores", lambda metadata: (0.0, 50.0))
    row = replace(TASKS["maze2d-umaze"], relabel="plain")
    monkeypatch.setitem(TASKS, "maze2d-umaze", row)
    evaluation = evaluate(agent, "maze2d-umaze", 1, data="local")
    assert evaluation.scores == [2 * evaluation.returns[0]]


def test_the_settings_of_a_preset_make_an_agent() -> None:
    settings = preset_settings("mage", "maze2d-umaze", "smoke")
    assert settings["width"] == 16 and "steps" not in settings
    assert preset_settings("mage", "maze2d-umaze")["width"] == 96


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "maze2d-*"}, "names 3 tasks"),
        ({"agent": "bcc"}, "unknown agent 'bcc'"),
        ({"steps": 0}, "steps=0 is too few"),
        ({"preset": "slow"}, "unknown preset 'slow'"),
        ({"data": "here"}, "unknown value of data 'here'"),
        ({"device": "tpu"}, "unknown device 'tpu'"),
        ({"settings": {"x": 1}}, "unknown setting 'x'.* from settings=; correct it there"),
    ],
)
def test_what_cannot_be_trained_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        train(**{"task": "maze2d-umaze", "agent": "bc", "device": "cpu", **options})


@pytest.mark.parametrize("episodes", [0, 10_001, 1.5, True])
def test_a_number_of_episodes_that_is_none_is_refused(episodes: Any) -> None:
    with pytest.raises(UserError, match=rf"episodes={episodes}; valid: 1 to 10000"):
        evaluate(None, "maze2d-umaze", episodes)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [-1, 0.5, False])
def test_a_seed_that_is_none_is_refused(seed: Any) -> None:
    with pytest.raises(UserError, match=rf"seed={seed}; valid: 0 or more"):
        evaluate(None, "maze2d-umaze", np.int64(2), seed=seed)  # type: ignore[arg-type]


def test_data_that_cannot_be_had_is_told() -> None:
    with pytest.raises(DatasetError, match="no local recipe"):
        train("adroit-door-expert", "bc", preset="smoke", data="local", device="cpu")
