"""Plans to learn from: what batches hold, and which windows they prefer."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from benchmark.interface import Dataset
from mage.config import MAGEConfig
from mage.model.planner import Planner
from mage.sampling import PlanSampler
from mage.token_dataset import TokenDataset, recorded_tokens, sampled_tokens
from mage.windows import Windows
from tests.mage.conftest import TINY


def _plans(planner: Planner, windows: Windows, count: int, **candidates: int) -> TokenDataset:
    tokens_of = recorded_tokens(planner, windows)
    return TokenDataset(planner, windows, tokens_of, count=count, **candidates)


def test_tokens_conditions_and_actions_are_of_the_same_windows(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mage.token_dataset._CHUNK", 30)  # Worked out in four parts.
    windows.advantages_N1 = torch.rand(len(windows), 1)
    batch = _plans(planner, windows, 100).draw(32)
    for place, observation in enumerate(batch.condition.observation_BS):
        row = (windows.observations_NS == observation).all(1).nonzero()[:1, 0]
        real = windows.real(row)
        tokens = planner.autoencoder.tokenize(windows.cut(row), real)[0]
        assert torch.equal(batch.real_BL[place], real.view(4, 2).mean(1)), "two steps a position"
        assert torch.equal(batch.tokens_BT[place], tokens)
        assert torch.equal(batch.actions_BA[place], windows.actions_NA[row][0])
        assert torch.equal(batch.condition.return_B1[place], windows.returns_N1[row][0])
        assert torch.equal(batch.condition.advantage_B1[place], windows.advantages_N1[row][0])
    assert batch.tokens_BT.dtype == torch.long
    assert batch.condition.known_B1.all() and len(batch.real_BL.unique()) == 3


def test_windows_without_labels_are_not_learned_from(planner: Planner, windows: Windows) -> None:
    windows.actions_NA[:, 0] = torch.arange(120.0)
    windows.recorded_returns.labelled_rows = torch.tensor([5, 50])  # A cached property.
    batch = _plans(planner, windows, 100, candidates=3).draw(50)
    assert set(batch.actions_BA[:, 0].tolist()) == {5.0, 50.0}
    tokens_of = recorded_tokens(planner, windows)
    every = TokenDataset(planner, windows, tokens_of, count=500, labelled=False).draw(500)
    assert len(every.actions_BA[:, 0].unique()) > 60, "how actions move the agent needs no label"


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [
        # A third of the windows is bad, fair and good. Of n drawn the best is bad if all are, and
        # at most fair in 2^n of 3^n cases.
        ({}, [1 / 3, 1 / 3, 1 / 3]),
        ({"candidates": 1}, [1 / 3, 1 / 3, 1 / 3]),
        ({"candidates": 2}, [1 / 9, 3 / 9, 5 / 9]),
        ({"candidates": 3}, [1 / 27, 7 / 27, 19 / 27]),
    ],
)
def test_the_best_of_some_windows_is_the_one_with_the_largest_advantage(
    planner: Planner, windows: Windows, candidates: dict[str, int], expected: list[float]
) -> None:
    windows.advantages_N1 = torch.arange(120.0)[:, None] % 3 - 1
    torch.manual_seed(0)
    batch = _plans(planner, windows, 4000, **candidates).draw(4000)
    found = torch.bincount(batch.condition.advantage_B1.flatten().long() + 1, minlength=3) / 4000
    assert found.tolist() == pytest.approx(expected, abs=0.035)


def test_a_plan_that_is_kept_is_read_from_the_states_in_which_it_is_kept(
    planner: Planner, windows: Windows
) -> None:
    rows = torch.arange(120)
    windows.observations_NS[:, 0] = windows.actions_NA[:, 0] = rows.float()
    # A window's tokens say where it starts.
    tokens_of = lambda rows_B, _noise: rows_B[:, None].expand(-1, sum(planner.config.scales))  # noqa: E731
    planner.config = replace(planner.config, codes=120)
    plans = TokenDataset(planner, windows, tokens_of, count=120)
    batch = plans.draw(4000, kept_for=3)
    begun, read = batch.tokens_BT[:, 0], batch.condition.observation_BS[:, 0].long()
    assert torch.equal(batch.actions_BA[:, 0].long(), read)
    shares = torch.bincount(read - begun, minlength=3) / 4000
    assert len(shares) == 3 and shares.tolist() == pytest.approx([1 / 3] * 3, abs=0.06)
    at_once = plans.draw(4000)
    assert torch.equal(at_once.tokens_BT[:, 0], at_once.condition.observation_BS[:, 0].long())


def test_a_plan_that_starts_beside_its_window_is_that_of_the_place_it_starts_from(
    tiny_dataset: Dataset,
) -> None:
    config = MAGEConfig(**TINY, start_noise=0.5)
    torch.manual_seed(0)
    planner = Planner(config, 4, 2)
    windows = Windows(tiny_dataset, config, 0.9, torch.device("cpu"))
    windows.normalise(planner)
    batch = _plans(planner, windows, 50, noisy=True).draw(40)
    starts = batch.condition.observation_BS
    for place, start in enumerate(starts):
        # Its return says which window it is of.
        (rows,) = (windows.returns_N1[:, 0] == batch.condition.return_B1[place]).nonzero(
            as_tuple=True
        )
        moved = start - windows.observations_NS[rows]
        tokens = planner.autoencoder.tokenize(windows.cut(rows, moved), windows.real(rows))
        assert (tokens == batch.tokens_BT[place]).all(1).any()
    assert not any((windows.observations_NS == start).all(1).any() for start in starts)
    quiet = _plans(planner, windows, 50).draw(40).condition.observation_BS
    assert all((windows.observations_NS == start).all(1).any() for start in quiet)


def test_all_windows_are_drawn_alike(planner: Planner, windows: Windows) -> None:
    windows.actions_NA[:, 0] = torch.arange(120.0)
    torch.manual_seed(0)
    drawn = _plans(planner, windows, 3000).draw(6000).actions_BA[:, 0].long()
    counts = torch.bincount(drawn, minlength=120)
    assert counts.min() >= 15 and counts.max() <= 110  # 50 on average.
    few = _plans(planner, windows, 3)
    drawn = few.draw(900).actions_BA[:, 0].long()
    assert (torch.bincount(drawn, minlength=120) > 200).sum() == 3, "all three, equally often"


def test_no_more_windows_are_worked_out_than_asked_for(planner: Planner, windows: Windows) -> None:
    plans = _plans(planner, windows, 5)
    assert len(plans.draw(500).condition.observation_BS.unique(dim=0)) <= 5
    assert plans.use.counts_KV[0].sum() == 5


@pytest.mark.parametrize("once", [True, False])
def test_a_window_that_is_drawn_often_is_worked_out_once(
    planner: Planner, windows: Windows, once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = torch.tensor([7, 3, 7, 7, 3])
    monkeypatch.setattr("mage.token_dataset.best_rows", lambda *_: rows)
    asked: list[int] = []

    def tokens_of(rows_B: torch.Tensor, _: object) -> torch.Tensor:
        asked.extend(rows_B.tolist())
        return rows_B[:, None].expand(-1, 7)

    windows.actions_NA[:, 0] = torch.arange(120.0)
    data = planner, windows
    plans = TokenDataset(*data, tokens_of, count=5, once=once)
    assert asked == ([3, 7] if once else rows.tolist())
    assert plans.use.counts_KV[0, [3, 7]].tolist() == [2, 3], "as often as it is drawn"
    torch.manual_seed(0)
    batch = plans.draw(1000)
    assert torch.equal(batch.tokens_BT[:, 0], batch.actions_BA[:, 0].long())
    assert (batch.tokens_BT[:, 0] == 7).float().mean() == pytest.approx(0.6, abs=0.05)


def test_the_use_of_the_codebook_is_that_of_all_tokens(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mage.token_dataset.best_rows", lambda *_: torch.arange(10))
    plans = TokenDataset(
        *(planner, windows),
        lambda rows, _: torch.tensor([[1, 2, 3, 4, 4, 5, 5]]).expand(len(rows), 7),
        count=10,
    )
    expected = torch.zeros(3, 16)
    expected[0, 1] = expected[1, 2] = expected[1, 3] = 10
    expected[2, 4] = expected[2, 5] = 20
    assert torch.equal(plans.use.counts_KV, expected)
    assert torch.equal(plans.draw(1).tokens_BT, torch.tensor([[1, 2, 3, 4, 4, 5, 5]]))


def test_of_padding_no_token_counts(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Four, three and one steps are left of the episode, of which a window looks at every second.
    rows = torch.tensor([26, 27, 29])
    monkeypatch.setattr("mage.token_dataset.best_rows", lambda *_: rows)
    monkeypatch.setattr("mage.token_dataset._CHUNK", 2)
    counts = _plans(planner, windows, 3).use.counts_KV.sum(1)
    assert counts.tolist() == [3, 3, 3], "one token of each scale, of two looks"


def test_tokens_of_a_large_codebook_are_kept(planner: Planner, windows: Windows) -> None:
    planner.config = replace(planner.config, codes=512)
    tokens = torch.tensor([[0, 127, 128, 255, 256, 300, 511]])
    given = planner, windows
    plans = TokenDataset(*given, lambda rows, _: tokens.expand(len(rows), 7), count=3)
    assert torch.equal(plans.draw(2).tokens_BT, tokens.expand(2, 7))


def test_the_seed_alone_chooses_them(planner: Planner, windows: Windows) -> None:
    torch.manual_seed(3)
    first = _plans(planner, windows, 5).use.counts_KV
    torch.rand(10)
    assert torch.equal(_plans(planner, windows, 5).use.counts_KV, first)
    torch.manual_seed(4)
    assert not torch.equal(_plans(planner, windows, 5).use.counts_KV, first)


def test_sampled_plans_are_those_that_acting_makes(planner: Planner, windows: Windows) -> None:
    planner.config = replace(planner.config, temperature=1.0)
    torch.manual_seed(3)
    rows, sampler = torch.arange(20, 40), PlanSampler(planner)
    tokens = sampled_tokens(planner, windows)(rows, None)
    generator = torch.Generator().manual_seed(3)
    assert torch.equal(tokens, sampler.tokens(windows.condition(rows), generator))
    generator = torch.Generator().manual_seed(3)
    latent = sampler.generate(windows.condition(rows), generator)
    plans = TokenDataset(planner, windows, sampled_tokens(planner, windows), count=5)
    torch.testing.assert_close(plans.quantizer.latent(plans.quantizer.codes_of(tokens)), latent)
    assert not torch.equal(tokens, recorded_tokens(planner, windows)(rows, None))
