"""Plans to learn from: what batches hold, and which windows they prefer."""

from __future__ import annotations

import pytest
import torch

from mage.acting import PlanMaker
from mage.planner import Planner
from mage.plans import Plans, made, recorded
from mage.windows import Windows


def _plans(planner: Planner, windows: Windows, count: int, candidates: int = 1) -> Plans:
    tokens_of = recorded(planner, windows)
    return Plans(
        planner, windows, windows.actions_NA, tokens_of, count=count, candidates=candidates
    )


def test_tokens_conditions_and_actions_are_of_the_same_windows(
    planner: Planner, windows: Windows
) -> None:
    batch = _plans(planner, windows, 100).draw(32)
    for tokens, observation, action in zip(
        batch.tokens_BT, batch.condition.observation_BS, batch.actions_BA, strict=True
    ):
        row = (windows.observations_NS == observation).all(1).nonzero()[:1, 0]
        assert torch.equal(tokens, planner.autoencoder.tokenise(windows.cut(row))[0])
        assert torch.equal(action, windows.actions_NA[row][0])


@pytest.mark.parametrize("candidates", [1, 4])
def test_the_best_windows_have_large_advantages(
    planner: Planner, windows: Windows, candidates: int
) -> None:
    windows.advantages_N1 = torch.rand(len(windows), 1)
    torch.manual_seed(0)
    batch = _plans(planner, windows, 4000, candidates).draw(2000)
    # The best of n uniform numbers is n / (n + 1) on average.
    mean = batch.condition.advantage_B1.mean().item()
    assert mean == pytest.approx(candidates / (candidates + 1), abs=0.06)


def test_no_more_windows_are_worked_out_than_asked_for(planner: Planner, windows: Windows) -> None:
    plans = _plans(planner, windows, 5)
    assert len(plans.draw(500).condition.observation_BS.unique(dim=0)) <= 5
    assert plans.use.counts_KV.sum() == 5 * sum(planner.config.scales)


def test_the_seed_alone_chooses_them(planner: Planner, windows: Windows) -> None:
    torch.manual_seed(3)
    first = _plans(planner, windows, 5).use.counts_KV
    torch.rand(10)
    assert torch.equal(_plans(planner, windows, 5).use.counts_KV, first)


def test_made_plans_are_those_that_acting_makes(planner: Planner, windows: Windows) -> None:
    torch.manual_seed(3)
    rows, maker = torch.arange(20), PlanMaker(planner)
    tokens = made(planner, windows)(rows)
    generator = torch.Generator().manual_seed(3)
    assert torch.equal(tokens, maker.tokens(windows.condition(rows), generator))
    generator = torch.Generator().manual_seed(3)
    latent = maker.generate(windows.condition(rows), generator)
    plans = Plans(planner, windows, windows.actions_NA, made(planner, windows), count=5)
    torch.testing.assert_close(plans.quantizer.latent(plans.quantizer.codes_of(tokens)), latent)
