"""Use and perplexity of the codebook: known answers."""

from __future__ import annotations

import pytest
import torch

from mage.codebook import FADING, CodebookUse


def test_every_scale_is_counted_for_itself() -> None:
    use = CodebookUse((1, 2), 4, torch.device("cpu"))
    use.add(torch.tensor([[0, 1, 2], [0, 2, 1]], dtype=torch.int16))
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


def test_a_code_that_is_no_longer_drawn_falls_out_of_use() -> None:
    use = CodebookUse((1,), 2, torch.device("cpu"))
    use.add(torch.tensor([[0]]), FADING)
    for _ in range(50):
        use.add(torch.tensor([[1]]), FADING)
    assert use.metrics()["codebook_use"]() == 1.0
    for _ in range(60):
        use.add(torch.tensor([[1]]), FADING)
    assert use.metrics()["codebook_use"]() == 0.5
