"""Where files that are made of a trained agent go."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.cli.trained_run import output_file
from benchmark.errors import UserError


def test_a_file_of_this_very_folder_goes_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seed-0" / "weights").mkdir(parents=True)
    for place, run in (("seed-0", "."), ("seed-0/weights", "..")):
        monkeypatch.chdir(tmp_path / place)
        assert output_file(run, None, "RUN.onnx") == tmp_path / "seed-0.onnx"


def test_a_file_goes_where_the_user_says_or_to_the_run() -> None:
    assert output_file("out/seed-0/", None, "RUN.onnx") == Path("out/seed-0.onnx")
    assert output_file("out/seed-0", None, "RUN/plan.png") == Path("out/seed-0/plan.png")
    assert output_file("s3://b/seed-0", Path("a.onnx"), "RUN.onnx") == Path("a.onnx")
    with pytest.raises(UserError, match="s3://b/x is a URL: say .* such as --out policy.onnx"):
        output_file("s3://b/x", None, "RUN.onnx")
    with pytest.raises(UserError, match="such as --out plan.png"):
        output_file("s3://b/x", None, "RUN/plan.png")
