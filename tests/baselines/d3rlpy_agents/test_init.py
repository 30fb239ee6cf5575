"""What importing the agents leaves as it was."""

from __future__ import annotations

import importlib
import sys

import pytest
import torch

import baselines.d3rlpy_agents as agents


def test_the_precision_of_others_stays_where_the_library_sees_a_gpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    before = torch.get_float32_matmul_precision()
    with monkeypatch.context() as patch:
        patch.delitem(sys.modules, "d3rlpy")  # Imported anew, without what lies below it.
        patch.setattr(torch._dynamo.config, "compiled_autograd", False)
        try:
            importlib.import_module("d3rlpy")
            assert torch.get_float32_matmul_precision() == "high", "the library lowers it"
            torch.set_float32_matmul_precision(before)
            del sys.modules["d3rlpy"]
            importlib.reload(agents)
            assert torch.get_float32_matmul_precision() == before
            assert not torch._dynamo.config.compiled_autograd
        finally:
            torch.set_float32_matmul_precision(before)
