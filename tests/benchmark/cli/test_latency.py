"""The table of the time of single actions, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmark.cli import latency
from benchmark.cli.latency import LATENCY_COLUMNS, app, latency_row
from benchmark.evaluation.action_timing import Timing


def test_percentiles_of_known_times() -> None:
    # 0, 1, 2 up to 200 ms, in a mixed order: half are up to 100, 95 % up to 190, 99 % up to 198.
    times = [float(number * 7 % 201) for number in range(201)]
    row = latency_row(Timing("mage", "quick", 64, "cuda", 123, times))
    assert row[:5] == ("mage", "quick", "cuda", 64, 123)
    assert row[5:] == (100, 100, 190, 198, 201, "no")
    # A few slow calls move the mean, not the median.
    few = dict(
        zip(
            LATENCY_COLUMNS,
            latency_row(Timing("a", "b", 1, "cpu", None, [1.0, 2.0, 3.0, 94.0])),
            strict=True,
        )
    )
    assert (few["mean"], few["median"], few["calls"], few["weights"]) == (25, 2.5, 4, None)


@pytest.mark.parametrize(
    ("slowest", "met"),
    # Of 101 calls, the 99th percentile is the second slowest.
    [([50.0, 50.0], "yes"), ([50.0, 900.0], "yes"), ([50.1, 50.1], "no"), ([60.0, 900.0], "no")],
)
def test_a_control_loop_is_met_at_the_99th_percentile(slowest: list[float], met: str) -> None:
    timing = Timing("mage", "quick", 1, "cpu", 100, [10.0] * 99 + slowest)
    assert latency_row(timing)[-1] == met
    assert LATENCY_COLUMNS[-1] == "20 Hz at p99"


def test_the_table_is_printed_and_written(tmp_path: Path) -> None:
    options = ["--agents", "bc", "--preset", "smoke", "--batches", "1", "--devices", "cpu"]
    out = tmp_path / "new folder" / "latency.csv"
    result = CliRunner().invoke(app, [*options, "--seconds", "0.1", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "20 Hz at p99" in result.output
    header, row = out.read_text().splitlines()
    assert header.startswith("agent,preset,device,batch,weights,mean,median")
    assert row.startswith("bc,smoke,cpu,1,")
    found = dict(zip(header.split(","), row.split(","), strict=True))
    assert int(found["calls"]) >= 10 and 0 < float(found["median"]) <= float(found["p95"])
    assert found["20 Hz at p99"] in ("yes", "no")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--agents", "magee"], "unknown agent 'magee'"),
        (["--preset", "huge"], "unknown preset 'huge'"),
        (["--preset", ","], "--preset ',' names no preset; valid: smoke, quick, standard, paper"),
        (["--batches", "0"], "--batches '0'; valid: numbers from 1 to 999999"),
        (["--batches", "1,x"], "--batches '1,x'; valid: numbers from 1 to 999999"),
        (["--batches", ","], "--batches ','; valid: numbers from 1 to 999999"),
        (["--batches", "\u00b2"], "--batches '\u00b2'; valid: numbers from 1 to 999999"),
        (["--batches", "1000000"], "--batches '1000000'; valid: numbers from 1 to 999999"),
        (["--seconds", "inf"], "should be less than or equal to 3600"),
        (["--devices", "gpu"], "unknown device 'gpu'"),
        (["--devices", "cuda:77"], "device 'cuda:77' is not on this machine"),
        (["--devices", ","], "--devices ',' names no device; valid: a comma list"),
        (["--out", "."], "--out . is a folder; valid: the name of a file"),
        (["--out", "{file}/times.csv"], "cannot be written (Not a directory"),
    ],
)
def test_usage_errors_come_before_anything_is_timed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: list[str], message: str
) -> None:
    def time_agents(*what: object) -> None:
        raise AssertionError("timed")

    monkeypatch.setattr("benchmark.evaluation.action_timing.time_agents", time_agents)
    file = tmp_path / "file"
    file.touch()
    result = CliRunner().invoke(app, [option.format(file=file) for option in options])
    assert result.exit_code == 2, result.output
    assert message in result.output + result.stderr


@pytest.mark.parametrize(
    ("devices", "there", "timed"),
    [
        ([], "cpu", ["cpu"]),
        ([], "cuda", ["cpu", "cuda"]),
        (["--devices", "auto"], "cpu", ["cpu"]),
        (["--devices", "auto,cpu"], "cuda", ["cuda", "cpu"]),
    ],
)
def test_auto_is_the_best_device_there_is(
    monkeypatch: pytest.MonkeyPatch, devices: list[str], there: str, timed: list[str]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(latency, "resolve_device", lambda name: there if name == "auto" else name)
    monkeypatch.setattr(latency, "machine", lambda device: {"processor": device})
    monkeypatch.setattr(
        "benchmark.evaluation.action_timing.time_agents", lambda *what: asked.append(what) or []
    )
    result = CliRunner().invoke(app, ["--agents", "bc", *devices])
    assert result.exit_code == 0, result.output
    assert asked[0][3] == timed
    assert result.output.startswith(f"{timed[-1]}, no GPU")
