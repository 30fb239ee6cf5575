"""Plans that start beside what was recorded, in both stages that learn plans."""

from __future__ import annotations

import pytest
import torch

from mage.codebook_usage import CodebookUse
from mage.model.planner import Planner
from mage.stages import stage_one, stage_two
from mage.token_dataset import Batch
from mage.windows import Windows


def test_both_stages_learn_plans_that_start_beside_what_was_recorded(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = torch.full((16, 4), 0.5)
    seen: list[torch.Tensor | None] = []
    cut = windows.cut
    monkeypatch.setattr(windows, "start_noise", lambda count, *_: noise[:1].expand(count, -1))
    monkeypatch.setattr(windows, "cut", lambda rows, given=None: seen.append(given) or cut(rows))
    use = CodebookUse(planner.config.scales, planner.config.codes, windows.device)
    next(stage_one(planner, windows, use))
    assert seen[0] is not None and torch.equal(seen[0], noise)
    batches: list[Batch] = []
    monkeypatch.setattr(
        "mage.stages.stage_two_losses",
        lambda planner, quantizer, batch: batches.append(batch) or {"loss": torch.zeros(())},
    )
    next(stage_two(planner, windows, 2))
    (batch,) = batches
    starts = batch.condition.observation_BS - 0.5
    assert all(torch.isclose(windows.observations_NS, start).all(1).any() for start in starts)
