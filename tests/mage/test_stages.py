"""The stages: what each learns from, moves, and at which rates; losses: test_losses.py."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn

from mage.codebook_usage import CodebookUse
from mage.model.planner import Planner
from mage.returns.labels import best_rows
from mage.sampling import PlanSampler
from mage.stages import (
    StagedTraining,
    _draw,
    _ranges,
    _Stage,
    learn_inverse,
    learn_returns,
    stage_one,
    stage_two,
)
from mage.token_dataset import recorded_tokens, sampled_tokens
from mage.windows import Windows
from tests.mage.conftest import take_steps


@pytest.mark.parametrize(
    ("shares", "steps", "ends"),
    [
        ((0.3, 0.2, 0.1), 200, [60, 100, 180, 200]),  # In this order: returns, 1, 2, inverse.
        ((0.15, 0.1, 0.5), 16_000, [2400, 4000, 8000, 16_000]),
        ((0.3, 0.2, 0.1), 7, [2, 3, 6, 7]),  # 2.1, 1.4 and 0.7 steps.
        ((0.01, 0.01, 0.01), 4, [1, 2, 3, 4]),  # At least one of each,
        ((0.3, 0.2, 0.1), 3, [1, 2, 3, 3]),  # as far as there are any.
        ((0.3, 0.2, 0.1), 1, [1, 1, 1, 1]),
        ((0.0, 0.25, 0.0), 20, [0, 5, 20, 20]),  # What has no share has no step,
        ((0.0, 0.2, 0.0), 1, [0, 1, 1, 1]),
        ((0.15, 0.0, 0.85), 20, [3, 3, 3, 20]),  # nor stage 2 where nothing is left.
        ((0.25, 0.0, 0.75), 10, [2, 2, 2, 10]),
        ((0.15, 0.0, 0.85), 30, [4, 4, 4, 30]),  # 4.5 and 25.5 steps.
    ],
)
def test_each_stage_takes_its_share(shares: tuple[float, ...], steps: int, ends: list[int]) -> None:
    assert _ranges(shares, steps) == [range(*stage) for stage in pairwise([0, *ends])]


def _run(
    planner: Planner, windows: Windows, steps: int, progress: Callable[..., None]
) -> StagedTraining:
    training = StagedTraining(planner, windows, steps)
    take_steps(training, steps, progress)
    return training


def test_a_gradient_step_by_hand(planner: Planner, windows: Windows) -> None:
    """AdamW with decayed weights, a clipped gradient and a rate that falls."""
    planner.config = replace(planner.config, weight_decay=0.5)
    module, seen = nn.Module(), []
    module.weights = nn.Parameter(torch.tensor([1.0, -2.0]))

    def steps() -> Iterator[Any]:
        for slope in ([30.0, 40.0], [0.3, -0.1]):
            yield (module.weights * torch.tensor(slope)).sum(), {"slope": slope}

    def progress(step: int, metrics: Mapping[str, Any]) -> None:
        seen.append((step, module.weights.tolist(), metrics["slope"]))

    training = StagedTraining(planner, windows, 2)
    training._stages = [_Stage(range(2), module, steps, 0.1, lambda done: 1 - done)]
    take_steps(training, 2, progress)
    # 30 and 40 are clipped to a length of 1: 0.6 and 0.8, of which Adam keeps 0.06 and 0.08, and
    # of the squares 0.00036 and 0.00064.
    # Its first step is the rate, 0.1, after the weights lost 0.1 * 0.5 of themselves.
    assert seen[0] == (1, pytest.approx([0.95 - 0.1, -1.9 - 0.1]), [30.0, 40.0])
    # 0.3 and -0.1 stay: (0.9 * 0.06 + 0.03) / 0.19 = 0.442105 over the root of
    # (0.999 * 0.00036 + 0.00009) / 0.001999 = 0.224932 is 0.932179; likewise 0.572535. Half of the
    # rate is left.
    expected = [0.85 * 0.975 - 0.05 * 0.932179, -2.0 * 0.975 - 0.05 * 0.572535]
    assert seen[1] == (2, pytest.approx(expected, rel=1e-5), [0.3, -0.1])
    assert not any(weight.requires_grad for weight in planner.parameters())


def test_rates_fall_along_a_cosine_and_that_of_the_inverse_dynamics_late(
    planner: Planner, windows: Windows
) -> None:
    planner.config = replace(
        planner.config, shares=(0.2, 0.2, 0.4), learning_rate=0.02, inverse_learning_rate=0.5
    )
    training, rates = StagedTraining(planner, windows, 20), []
    take_steps(training, 20, lambda *_: rates.append(training._optimiser.param_groups[0]["lr"]))
    # In three stages of four steps: half of the peak times 1 + cos(0, 45, 90 and 135 degrees).
    assert rates[:12] == pytest.approx([0.02, 0.0170711, 0.01, 0.0029289] * 3, abs=1e-7)
    assert rates[12:] == pytest.approx([0.5] * 7 + [0.25])  # Held for six of eight, then down.


def test_each_stage_moves_all_of_its_own_weights_and_no_others(
    planner: Planner, windows: Windows
) -> None:
    kept = [{name: value.clone() for name, value in planner.named_parameters()}]

    def keep(step: int, losses: Mapping[str, Any]) -> None:
        if step in (6, 10, 18, 20):
            kept.append({name: value.clone() for name, value in planner.named_parameters()})

    _run(planner, windows, 20, keep)
    moved = [
        {name for name in before if not torch.equal(before[name], after[name])}
        for before, after in pairwise(kept)
    ]
    expected = (("returns.",), ("autoencoder.",), ("transformer.", "inverse.", "_adapter."))
    for names, own in zip(moved, (*expected, ("inverse.",)), strict=True):
        assert names == {name for name in kept[0] if name.startswith(own)}
    # All stages after the first know the advantages.
    advantages = planner.returns.advantage(windows.observations_NS, windows.returns_N1)
    assert torch.equal(windows.advantages_N1, advantages) and windows.advantages_N1.any()


def test_stage_two_sees_recorded_plans_and_the_last_stage_sampled_ones_too(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, torch.Tensor, torch.Tensor]] = []

    def watched(kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def of(*given: Any) -> Callable[..., torch.Tensor]:
            inner = real(*given)

            def tokens_of(rows: torch.Tensor, noise: object) -> torch.Tensor:
                asked.append((kind, rows, inner(rows, noise)))
                return asked[-1][2]

            return tokens_of

        return of

    for kind, real in (("recorded", recorded_tokens), ("sampled", sampled_tokens)):
        monkeypatch.setattr(f"mage.stages.{kind}_tokens", watched(kind, real))
    drawn: list[torch.Tensor] = []
    draw = lambda *given: drawn.append(best_rows(*given)) or drawn[-1]  # noqa: E731
    monkeypatch.setattr("mage.token_dataset.best_rows", draw)
    _run(planner, windows, 20, lambda *_: None)
    assert [len(rows) for rows in drawn] == [32 * 8, 32 * 2, 8 * 2], "for each step of its stage"
    assert [kind for kind, _, _ in asked] == ["recorded", "recorded", "sampled"]
    # With the autoencoder of stage 1 and the transformer of stage 2, which change no more.
    for all_rows, (kind, rows, tokens) in zip(drawn, asked, strict=True):
        assert torch.equal(rows, all_rows.unique()), "each once"
        by_now = (
            planner.autoencoder.tokenize(windows.cut(rows), windows.real(rows))
            if kind == "recorded"
            else PlanSampler(planner).tokens(windows.condition(rows), None)
        )
        assert torch.equal(tokens, by_now)


def _plans_of_one_token(monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """Recorded plans hold code 1 alone, sampled ones code 2; returns the rows asked for."""
    rows_of: dict[str, torch.Tensor] = {}
    for kind, token in (("recorded", 1), ("sampled", 2)):

        def tokens_of(rows: Any, _: object, kind: str = kind, token: int = token) -> torch.Tensor:
            rows_of[kind] = rows
            return torch.full((len(rows), 7), token)

        monkeypatch.setattr(f"mage.stages.{kind}_tokens", lambda *_, tokens_of=tokens_of: tokens_of)
    return rows_of


def test_stage_two_prefers_the_best_windows_and_the_last_stage_those_of_sampled_plans(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner.config = replace(planner.config, best_of=8)
    windows.advantages_N1 = (torch.arange(120.0) % 2)[:, None]
    rows_of = _plans_of_one_token(monkeypatch)
    for losses, shares in (
        (stage_two, {"recorded": 1.0}),  # But for one in 2 ** 8.
        (learn_inverse, {"recorded": 0.5, "sampled": 1.0}),
    ):
        next(losses(planner, windows, 20))
        for kind, share in shares.items():
            found = windows.advantages_N1[rows_of[kind]].mean().item()
            assert found == pytest.approx(share, abs=0.08)


def test_the_last_loss_is_the_mean_over_recorded_and_sampled_plans(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plans_of_one_token(monkeypatch)
    batches: list[tuple[torch.Tensor, bool]] = []

    def inverse(latent: torch.Tensor, condition: Any, *, regularised: bool) -> torch.Tensor:
        batches.append((latent, regularised))
        return torch.full((len(latent), 2), 3.0 if len(batches) == 1 else 1.0)

    monkeypatch.setattr(planner, "inverse_dynamics", inverse)
    windows.actions_NA = torch.zeros(120, 2)
    loss, metrics = next(learn_inverse(planner, windows, 2))
    assert loss.item() == metrics["loss"]() == metrics["inverse"]() == (9 + 1) / 2
    codebook = planner.autoencoder.quantizer
    for (latent, regularised), token in zip(batches, (1, 2), strict=True):
        tokens = torch.full((1, 7), token)
        added = [codebook.up(codebook.codebook(part), k) for k, part in
                 enumerate(tokens.split((1, 2, 4), 1))]  # fmt: skip
        # Four batches of 16, half of each kind.
        torch.testing.assert_close(latent, sum(added).expand(32, 4, 6))
        assert regularised
    assert metrics["codebook_perplexity"]() == pytest.approx(1), "that of recorded plans"


def _draw_these(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Rows are drawn in their order, and how many of how many is kept."""
    drawn: list[tuple[int, int]] = []

    def draw(count: int, size: int, device: torch.device) -> torch.Tensor:
        drawn.append((count, size))
        return torch.arange(size) + size * (len(drawn) - 1)

    monkeypatch.setattr("mage.stages._draw", draw)
    return drawn


def test_the_return_model_learns_from_observations_and_returns(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _draw(3, 200, torch.device("cpu")).bincount().tolist() == pytest.approx([67] * 3, abs=25)
    drawn = _draw_these(monkeypatch)
    loss, metrics = next(learn_returns(planner, windows))
    assert drawn == [(120, 4 * 16)]
    expected = planner.returns.loss(windows.observations_NS[:64], windows.returns_N1[:64])
    assert loss.item() == metrics["loss"]() == expected.item()


def test_stage_one_learns_from_windows_and_moves_unused_codes(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, quantizer = _draw_these(monkeypatch), planner.autoencoder.quantizer
    moved: list[Any] = []
    monkeypatch.setattr(quantizer, "revive", lambda *given: moved.append(given))
    use = CodebookUse((1, 2, 4), 16, torch.device("cpu"))
    steps = stage_one(planner, windows, use)
    (loss, metrics), _ = next(steps), next(steps)
    assert drawn == [(120, 16)] * 2
    rows = torch.arange(16)
    expected = planner.autoencoder(windows.cut(rows), windows.real(rows))
    assert loss.item() == metrics["loss"]() == expected.loss.item()
    assert metrics["reconstruction"]() == expected.reconstruction.item() != loss.item()
    latent, tokens, real, patience = moved[0]
    assert torch.equal(real, windows.real(rows).view(16, 4, 2).mean(2))
    assert torch.equal(latent, expected.latent_BLC) and not latent.requires_grad
    assert torch.equal(tokens, expected.quantised.tokens_BT) and patience == 100
    counted = CodebookUse((1, 2, 4), 16, torch.device("cpu"))
    for (_, tokens, real, _), times in zip(moved, (49, 50), strict=True):  # The older counts 0.98.
        real = planner.autoencoder.real_tokens(real)
        counted.add(tokens.repeat(times, 1), real.repeat(times, 1))
    name = "codebook_perplexity_3"
    assert metrics[name]() == pytest.approx(counted.metrics()[name]())


def test_no_data_is_kept_after_the_last_step(planner: Planner, windows: Windows) -> None:
    given = copy(windows)
    reference = weakref.ref(given)
    training = _run(planner, given, 20, lambda *_: None)
    del given
    gc.collect()
    assert reference() is None
    assert training.step == 20 and sum(training.state()["taken"]) == 20


def test_fewer_steps_than_stages_are_taken_too(planner: Planner, windows: Windows) -> None:
    seen: list[int] = []
    for count in (1, 3):
        _run(planner, windows, count, lambda at, _: seen.append(at))
    assert seen == [1, 1, 2, 3]


def test_training_takes_exactly_the_steps_and_learns(planner: Planner, windows: Windows) -> None:
    seen: list[Mapping[str, Any]] = []
    _run(planner, windows, 120, lambda _, losses: seen.append(losses))
    assert len(seen) == 120
    parts = seen[:36], seen[36:60], seen[60:108], seen[108:]
    named = ("loss", "reconstruction", "cross_entropy", "inverse")
    for name, losses in zip(named, parts, strict=True):
        values = [each[name]() for each in losses]
        assert sum(values[-4:]) < sum(values[:4])
    assert parts[2][-1]["condition"]() < parts[2][0]["condition"]()
    assert all("codebook_use_3" in losses for losses in seen[36:])
    # The adapter pulls the first pair onto the condition.
    rows = torch.arange(64)
    condition, target = windows.condition(rows), windows.cut(rows)[:, 0]
    latent = PlanSampler(planner).generate(condition, None)
    adapted = planner.decode(latent, condition.return_B1)[:, 0]
    plain = planner.autoencoder.decode(latent)[:, 0]
    assert (adapted - target).square().mean() < (plain - target).square().mean()
