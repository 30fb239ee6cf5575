"""Where files that are made of a trained agent go."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.cli.trained_run import output_file
from benchmark.errors import UserError


def test_a_file_goes_where_the_user_says_or_to_the_run() -> None:
    assert output_file("out/seed-0/", None, "RUN.onnx") == Path("out/seed-0.onnx")
    assert output_file("out/seed-0", None, "RUN/plan.png") == Path("out/seed-0/plan.png")
    assert output_file("s3://b/seed-0", Path("a.onnx"), "RUN.onnx") == Path("a.onnx")
    with pytest.raises(UserError, match="s3://b/x is a URL: say .* such as --out policy.onnx"):
        output_file("s3://b/x", None, "RUN.onnx")
    with pytest.raises(UserError, match="such as --out plan.png"):
        output_file("s3://b/x", None, "RUN/plan.png")
