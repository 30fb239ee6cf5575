"""Every setting does something, and does it where it should: in training or only in acting."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch

from benchmark.interface import Dataset, FloatArray, TaskInfo
from mage.agent import MAGEAgent
from mage.config import MAGEConfig
from tests.mage.conftest import TINY

# One step of each stage, so that the schedules of rates play no part.
BASE = {**TINY, "shares": (0.25, 0.25, 0.25)}
STEPS = 4
IN_TRAINING: dict[str, object] = {
    "sequence": ("observation",),
    "pairs": 4,
    "stride": 3,
    "discount": 0.5,
    "log_returns": True,
    "relative": False,
    "start_noise": 0.5,
    "condition_width": 17,
    "condition_layers": 2,
    "scales": (1, 4),
    "codes": 17,
    "code_size": 5,
    "autoencoder_width": 17,
    "commitment": 0.5,
    "width": 18,
    "layers": 1,
    "heads": 4,
    "return_at_finer_scales": False,
    "condition_dropout": 0.9,
    "condition_on_advantage": False,
    "inverse_width": 17,
    "inverse_from": "condition",
    "inverse_dropout": 0.1,
    "inverse_noise": 0.5,
    "inverse_observation": False,
    "adapter": False,
    "adapter_return": False,
    "inverse_weight": 0.1,
    "inverse_on_recorded": False,
    "condition_weight": 0.1,
    "gumbel": False,
    "gumbel_temperature": 0.1,
    "shares": (0.25, 0.5, 0.1),
    "expectile": 0.6,
    "best_of": 1,
    "bootstrap_steps": 1,
    "place_features": 3,
    "batch_size": 17,
    "learning_rate": 2e-2,
    "inverse_learning_rate": 2e-2,
    "weight_decay": 0.1,
    "bf16": True,
    "replan_every": 2,
    "return_asked": "target",  # Whose returns are not discounted.
}
IN_ACTING: dict[str, object] = {
    "advantage_asked": -3.0,
    "persistence": 1.0,
    "temperature": 3.0,
    "guidance": 40.0,
}
# Tested in `test_plan_choice`: plans have to differ.
ELSEWHERE = {"candidates"}
# But on the time that acting takes.
WITHOUT_EFFECT = {"cache": False, "playback": "plain", "acting_weights": "fp32"}

Outcome = tuple[dict[str, torch.Tensor], FloatArray | None]


def _outcome(task: TaskInfo, dataset: Dataset, settings: dict[str, object], act: bool) -> Outcome:
    """The weights after training, and two actions of four environments."""
    agent = MAGEAgent(task, settings, "cpu")
    agent.fit(dataset, steps=STEPS, seed=0, progress=lambda step, losses: None)
    if not act:
        return agent._planner.state_dict(), None
    agent.reset(4)
    agent._planner.returns.largest.fill_(torch.inf)
    seen = np.array(dataset.observations[:4])
    rewards = np.zeros(4, np.float32), np.full(4, -50, np.float32)
    return agent._planner.state_dict(), np.stack([agent.act(seen, each) for each in rewards])


@pytest.fixture(scope="module")
def base() -> dict[str, Outcome]:
    """Filled by the first test that asks."""
    return {}


def _same_weights(one: Outcome, other: Outcome) -> bool:
    return one[0].keys() == other[0].keys() and all(
        torch.equal(value, other[0][name]) for name, value in one[0].items()
    )


@pytest.fixture
def plain(base: dict[str, Outcome], tiny_task: TaskInfo, tiny_dataset: Dataset) -> Outcome:
    if not base:
        base["plain"] = _outcome(tiny_task, tiny_dataset, BASE, act=True)
    return base["plain"]


@pytest.mark.parametrize("name", IN_TRAINING)
def test_it_changes_what_is_learned(
    name: str,
    plain: Outcome,
    tiny_task: TaskInfo,
    tiny_dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    settings = {**BASE, name: IN_TRAINING[name]}
    assert not _same_weights(_outcome(tiny_task, tiny_dataset, settings, act=False), plain)


@pytest.mark.parametrize("name", [*IN_ACTING, *WITHOUT_EFFECT])
def test_it_changes_only_how_the_agent_acts(
    name: str, plain: Outcome, tiny_task: TaskInfo, tiny_dataset: Dataset
) -> None:
    settings = {**BASE, name: (IN_ACTING | WITHOUT_EFFECT)[name]}
    changed = _outcome(tiny_task, tiny_dataset, settings, act=True)
    assert changed[1] is not None and plain[1] is not None
    assert np.allclose(changed[1], plain[1], atol=1e-5) == (name in WITHOUT_EFFECT)
    # The last stage learns from plans that are drawn as in acting.
    if name not in ("temperature", "guidance"):
        assert _same_weights(changed, plain)


def test_these_are_all_settings() -> None:
    assert {field.name for field in fields(MAGEConfig)} == {
        *IN_TRAINING, *IN_ACTING, *WITHOUT_EFFECT, *ELSEWHERE,
    }  # fmt: skip
