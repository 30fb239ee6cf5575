"""What cannot be filmed is refused before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.video import app
from benchmark.evaluation import recording


def test_without_the_package_nothing_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (tmp_path / "agent.json").write_text('{"task": "maze2d-umaze"}')
    result = CliRunner().invoke(app, [str(tmp_path)])
    assert result.exit_code == 2
    assert "pip install 'moviepy>=2.2,<3'" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--out", "a.gif"], "--out a.gif is no video; valid: a name that ends in .mp4"),
        (["none", "--device", "tpu"], "unknown device 'tpu'"),
        (["none"], "no agent can be loaded from none: there is no agent.json in it; expected the"),
        (["."], "from .: it is not the folder of one trained agent; valid: runs/t/a/seed-0; name"),
    ],
)
def test_what_cannot_be_filmed_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("runs/t/a/seed-0").mkdir(parents=True)
    Path("runs/t/a/seed-0/agent.json").touch()
    monkeypatch.setattr(recording, "check_recorder", lambda: None)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
