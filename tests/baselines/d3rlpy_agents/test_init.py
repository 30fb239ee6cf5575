"""What importing the agents leaves as it was."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import torch
torch.cuda.is_available = lambda: True  # As where d3rlpy sees a GPU.
before = torch.get_float32_matmul_precision()
import baselines.d3rlpy_agents.iql
assert torch.get_float32_matmul_precision() == before == "highest"
assert not torch._dynamo.config.compiled_autograd
"""


@pytest.mark.parametrize("program", [PROGRAM])
def test_the_precision_of_others_stays(program: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
