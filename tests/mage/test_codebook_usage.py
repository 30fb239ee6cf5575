"""Use and perplexity of the codebook: known answers."""

from __future__ import annotations

import pytest
import torch

from mage.codebook_usage import FADING, CodebookUse
from mage.model.planner import Planner
from mage.stages import stage_one
from mage.windows import Windows


def _add(use: CodebookUse, tokens: torch.Tensor, *fading: float) -> None:
    """Counts tokens of windows without padding."""
    use.add(tokens, torch.ones(tokens.shape), *fading)


def test_every_scale_is_counted_for_itself() -> None:
    use = CodebookUse((1, 2), 4, torch.device("cpu"))
    _add(use, torch.tensor([[0, 1, 2], [0, 2, 1]], dtype=torch.int16))
    metrics = {name: value() for name, value in use.metrics().items()}
    assert metrics == pytest.approx(
        {
            "codebook_use": 0.75,
            "codebook_use_1": 0.25,
            "codebook_use_2": 0.5,
            "codebook_perplexity": 3.0,
            "codebook_perplexity_1": 1.0,
            "codebook_perplexity_2": 2.0,
        }
    )


def test_counts_add_up_and_fade_only_if_asked() -> None:
    use = CodebookUse((1, 2), 3, torch.device("cpu"))
    _add(use, torch.tensor([[2, 0, 0]]))
    _add(use, torch.tensor([[2, 0, 1]]))
    assert use.counts_KV.tolist() == [[0, 0, 2], [3, 1, 0]]
    # Of three quarters and a quarter: 4 / 3 to the 3/4, times 4 to the 1/4.
    perplexity = use.metrics()["codebook_perplexity_2"]()
    assert perplexity == pytest.approx((4 / 3) ** 0.75 * 4**0.25)
    _add(use, torch.tensor([[0, 1, 2]]), 0.5)
    assert use.counts_KV.tolist() == [[1, 0, 1], [1.5, 1.5, 1]]


def test_a_code_in_use_at_several_scales_counts_for_all_of_them() -> None:
    use = CodebookUse((1, 1), 2, torch.device("cpu"))
    _add(use, torch.tensor([[0, 0]]))
    _add(use, torch.tensor([[1, 1]]), 0.1)  # 0.1 is left of code 0 at each scale, 0.2 of both.
    metrics = use.metrics()
    assert metrics["codebook_use_1"]() == metrics["codebook_use_2"]() == 0.5
    assert metrics["codebook_use"]() == 1.0


def test_metrics_are_those_of_the_moment_they_are_asked_for() -> None:
    use = CodebookUse((1,), 2, torch.device("cpu"))
    told = use.metrics()
    _add(use, torch.tensor([[0], [1]]))
    assert told["codebook_use"]() == 1.0 and told["codebook_perplexity_1"]() == 2.0


def test_a_code_that_was_not_drawn_for_a_hundred_batches_falls_out_of_use() -> None:
    use = CodebookUse((1,), 2, torch.device("cpu"))
    _add(use, torch.tensor([[0]]), FADING)
    for _ in range(100):
        _add(use, torch.tensor([[1]]), FADING)
    assert use.metrics()["codebook_use"]() == 1.0  # 0.98 to the 100 is 0.1326.
    _add(use, torch.tensor([[1]]), FADING)
    assert use.metrics()["codebook_use"]() == 0.5


def test_padding_does_not_count() -> None:
    use = CodebookUse((1, 2), 3, torch.device("cpu"))
    use.add(torch.tensor([[2, 0, 1], [2, 0, 1]]), torch.tensor([[0.75, 1, 0.5], [0.5, 1, 0]]))
    assert use.counts_KV.tolist() == [[0, 0, 2], [2, 1, 0]]
    use.add(torch.tensor([[1, 2, 2]]), torch.tensor([[0.5, 1.0, 0.0]]), 0.5)
    assert use.counts_KV.tolist() == [[0, 1, 1], [1, 0.5, 1]]


def test_stage_one_counts_no_padding(
    planner: Planner, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = torch.tensor([29, 59, 89, 0])  # The last rows of three episodes, and a whole window.
    monkeypatch.setattr("mage.stages._draw", lambda *_: rows)
    use = CodebookUse((1, 2, 4), 16, torch.device("cpu"))
    next(stage_one(planner, windows, use))
    # Of a window of one step only the first token of each scale says something.
    assert use.counts_KV.sum(1).tolist() == [4, 3 + 2, 3 + 4]
