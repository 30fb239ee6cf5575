"""How learning rates fall: known answers."""

from __future__ import annotations

import pytest
import torch

from mage.returns.learning_rate import along_a_cosine, set_rate


def test_half_is_left_in_the_middle_and_nothing_at_the_end() -> None:
    left = [along_a_cosine(done) for done in (0, 0.25, 0.5, 1)]
    assert left == pytest.approx([1, 0.5 * (1 + 0.5**0.5), 0.5, 0])


def test_all_weights_get_the_rate() -> None:
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in (1.0, 2.0)]
    optimiser = torch.optim.SGD(groups)
    set_rate(optimiser, 0.25)
    assert [group["lr"] for group in optimiser.param_groups] == [0.25, 0.25]
