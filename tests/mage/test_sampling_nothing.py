"""Where no action is read from a plan, none is made."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.sampling import PlanSampler
from tests.mage.conftest import random_condition


def test_no_plan_is_made_where_no_action_is_read_from_one(
    config: MAGEConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"inverse_from": "condition", "shares": (0.3, 0.0, 0.7), "temperature": 1.0}
    plans = PlanSampler(Planner(replace(config, **settings), 4, 2))
    monkeypatch.setattr(PlanSampler, "_scales", None)
    assert plans.noise_shape is None
    for plan_of in (plans.generate, plans.plan):
        latent = plan_of(random_condition(3), None)
        assert torch.equal(latent, torch.zeros(3, 4, 6))
