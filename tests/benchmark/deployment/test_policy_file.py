"""Files of all forms give what their function gives, for any number of environments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from benchmark.deployment.policy_file import (
    SUFFIXES,
    check_form,
    open_policy,
    read_metadata,
    write_policy,
)
from benchmark.errors import UserError
from tests.benchmark.deployment.steps import Counter


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.filterwarnings("ignore")
def test_a_file_does_what_its_function_does(form: str, tmp_path: Path) -> None:
    if form == "onnx":
        pytest.importorskip("onnx", reason="needs the extra [export]")
        pytest.importorskip("onnxruntime", reason="needs the extra [export]")
    step, path = Counter().step_function(), tmp_path / f"policy{SUFFIXES[form]}"
    write_policy(step, path, form, 4, '{"task": "tiny"}')
    policy, rng = open_policy(path, form), np.random.default_rng(0)
    for n_envs in (1, 3, 7):
        inputs: list[Any] = [
            rng.standard_normal((n_envs, 4)).astype(np.float32),
            rng.random(n_envs).astype(np.float32),
            rng.random((n_envs, 2, 3)).astype(np.float32),
            *step.initial_state(n_envs),
        ]
        expected = step.module(*map(torch.from_numpy, inputs))
        outputs = policy(inputs)
        assert [output.shape for output in outputs] == [(n_envs, 2), (n_envs, 1), (n_envs,)]
        for output, value in zip(outputs, expected, strict=True):
            np.testing.assert_allclose(output, value.numpy(), atol=1e-6)
    assert read_metadata(path, form) == {"task": "tiny"}


def test_what_cannot_be_written_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="unknown form 'keras'; valid: --to onnx, torchscript, to"):
        check_form("keras")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs onnx and onnxruntime.*pip install .*\[export\]"):
        check_form("onnx")
    check_form("torchscript")
