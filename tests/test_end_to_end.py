"""The real command at a toy budget: agents of each kind, a killed driver, every usage error."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from benchmark.cli.run import app
from benchmark.records.files import RunFiles, read_records
from benchmark.records.record import Record
from benchmark.records.store import Store
from benchmark.reporting.build import build_report
from benchmark.running.compute import Compute
from benchmark.running.serial_runner import run_all
from tests.commands import COMMAND, environment, processes_marked, run, run_here, wait_for

AGENTS = ("mage", "iql")


@dataclass(frozen=True)
class Interrupted:
    """What was left of a command on Ray whose driver was killed, and of the one that resumed it.

    Attributes:
        out: the output folder.
        mark: what processes of the killed command have in their environment.
        ray_folder: the temporary folder that the killed command could not remove.
        finished: bytes and time of change of the records there were when the driver died.
        again: the resuming command, without Ray; with it `test_faults.py` resumes.
    """

    out: Path
    mark: str
    ray_folder: Path
    finished: dict[Path, tuple[bytes, int]]
    again: Result


def snapshot(out: Path) -> dict[Path, tuple[bytes, int]]:
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.glob("runs/*/*/*.json")
    }


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory, _small_umaze: Path) -> Interrupted:
    folder = tmp_path_factory.mktemp("end-to-end")
    out, mark = folder / "out", f"mark-{uuid.uuid4().hex}"
    options = ["--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local", "--out", "out"]
    options += ["--agents", ",".join(AGENTS), "--workers", "1"]
    more = {"MINARI_DATASETS_PATH": str(_small_umaze), "MAGE_TEST_MARK": mark}
    with subprocess.Popen(
        [*COMMAND, *options], cwd=folder, env=environment(**more), stdout=subprocess.PIPE
    ) as driver:
        wait_for(lambda: len(snapshot(out)) >= 1, "first record", driver)
        ray_folder = re.search(r"/tmp/mage-ray-\w+", " ".join(processes_marked(mark)))
        driver.kill()
    assert ray_folder and driver.returncode == -signal.SIGKILL, (
        "the driver ended before it could be killed"
    )
    # Ray calls a process that runs a trial so; its helpers outlive their driver by a minute.
    wait_for(
        lambda: not any("ray::Impl" in line for line in processes_marked(mark)), "end of trials"
    )
    finished = snapshot(out)
    del more["MAGE_TEST_MARK"]
    again = run_here(*options, "--resume", cwd=folder, **more)
    return Interrupted(out, mark, Path(ray_folder[0]), finished, again)


def test_a_killed_driver_left_whole_records(interrupted: Interrupted) -> None:
    assert 1 <= len(interrupted.finished) < len(AGENTS)
    for content, _ in interrupted.finished.values():
        assert Record.from_json(content.decode()).status == "completed"


def test_resuming_trains_only_what_was_missing(interrupted: Interrupted) -> None:
    assert interrupted.again.exit_code == 0, interrupted.again.output
    after = snapshot(interrupted.out)
    assert {path: after[path] for path in interrupted.finished} == interrupted.finished
    count = len(interrupted.finished)
    assert f"{len(AGENTS)} runs, {count} done before" in interrupted.again.stdout
    missing = len(AGENTS) - count
    assert f"[{missing}/{missing}] maze2d-umaze " in interrupted.again.stdout


def test_every_agent_ends_with_a_full_record(interrupted: Interrupted) -> None:
    records = {record.run.agent: record for record in read_records(interrupted.out)}
    assert set(records) == set(AGENTS)
    for record in records.values():
        assert record.status == "completed"
        assert len(record.scores) == 2 and record.latency_ms and record.config and record.parameters
        assert record.dataset["kind"] == "collected here"
        assert record.goal == "hidden"
        assert record.curve[-1]["step"] == record.run.steps and "score" in record.curve[-1]


# All that a record holds but these has to be the same on Ray and in one process.
MEASURED = {"latency_ms", "seconds", "started", "peak_memory_mb"}


def test_a_run_without_ray_has_the_same_record_and_the_same_weights(
    interrupted: Interrupted, small_umaze: Path, tmp_path: Path
) -> None:
    (path,) = interrupted.finished
    theirs = Record.from_json(path.read_text())
    assert theirs.run.agent == "mage"
    run_all([theirs.run], Store(str(tmp_path)), tmp_path / "shared", Compute("cpu", workers=0))
    (ours,) = read_records(tmp_path)
    same = [
        {name: value for name, value in asdict(record).items() if name not in MEASURED}
        for record in (ours, theirs)
    ]
    assert same[0] == same[1]
    folders = [RunFiles(out, ours.run.name).agent for out in (tmp_path, interrupted.out)]
    weights = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.safetensors")}
        for folder in folders
    ]
    assert weights[0] == weights[1] != {}


def test_the_report_is_rebuilt_from_records_alone(interrupted: Interrupted, undrawn: None) -> None:
    summary = interrupted.out / "report" / "summary.md"
    before = summary.read_text()
    assert "maze2d-umaze" in before and "MAGE" in interrupted.again.stdout
    shutil.rmtree(summary.parent)
    build_report(interrupted.out)
    assert summary.read_text() == before


@pytest.mark.slow
def test_results_may_lie_elsewhere(agent_file: Path, small_umaze: Path, tmp_path: Path) -> None:
    far = tmp_path / "far"
    options = ["--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local"]
    options += ["--agents", f"{agent_file}:Pusher", "--out", f"file://{far}"]
    done = run(*options, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"records: file://{far}/runs" in done.stdout
    (record,) = read_records(far)
    assert record.status == "completed"
    assert {path.name for path in far.iterdir()} == {"ray.log", "report", "runs", "tensorboard"}
    assert (far / "runs/maze2d-umaze/pusher/seed-0/weights/target.npy").exists()
    again = run(*options, "--resume", cwd=tmp_path)
    assert again.returncode == 0 and "1 run, 1 done before" in again.stdout
    refused = run(*options, cwd=tmp_path)
    assert refused.returncode == 2 and "add --resume" in refused.stderr


UMAZE = ("--tasks", "maze2d-umaze")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "no tasks asked for; name a suite"),
        (("--suite", "maze3d"), "unknown suite 'maze3d'; valid: ablation, adroit"),
        (("--tasks", "maze2d-umaz"), "unknown task 'maze2d-umaz'; did you mean 'maze2d-umaze'?"),
        ((*UMAZE, "--agents", "magee"), "unknown agent 'magee'; did you mean 'mage'?"),
        ((*UMAZE, "--agents", "gone.py:Agent"), "no Python file"),
        (
            (*UMAZE, "--preset", "huge"),
            "unknown preset 'huge'; valid: paper, quick, smoke, standard",
        ),
        ((*UMAZE, "--device", "gpu"), "unknown device 'gpu'; valid: auto, cpu"),
        (
            (*UMAZE, "--device", "cuda:77"),
            "device 'cuda:77' is not on this machine, which has: cpu",
        ),
        ((*UMAZE, "--seeds", "-1"), "negative seed -1 in --seeds '-1'; valid: seeds of 0 or more"),
        ((*UMAZE, "--seeds", "many"), "--seeds 'many' is no number of seeds; valid: "),
        ((*UMAZE, "--workers", "-1"), "--workers -1 is too few; valid: 0 to 1024"),
        ((*UMAZE, "--episodes", "0"), "--episodes 0 is too few; valid: 1 or more"),
        ((*UMAZE, "--max-minutes", "0"), "--max-minutes 0 is no time; valid: a number above 0"),
        ((*UMAZE, "--config", "gone.json"), "gone.json"),
        ((*UMAZE, "--out", "nowhere://x"), "nowhere://x cannot be reached"),
        ((*UMAZE, "--data", "web"), "unknown value of --data 'web'; valid: auto, local, minari"),
        ((*UMAZE, "--out", "/proc/below"), "output folder /proc/below cannot be written"),
        ((*UMAZE, "--workers", "two"), "Invalid value for '--workers'"),
        ((*UMAZE, "--sees", "1"), "No such option: --sees"),
    ],
)
def test_a_usage_error_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, list(options))
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_usage_error_ends_the_command_with_exit_code_2(tmp_path: Path) -> None:
    done = run("--tasks", "maze2d-umaz", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: unknown task 'maze2d-umaz'; did you mean 'maze2d-umaze'? ")
    assert list(tmp_path.iterdir()) == []


def test_a_corrupt_dataset_is_a_usage_error(
    agent_file: Path, own_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = own_umaze / "data/main_data.hdf5"
    file.write_bytes(file.read_bytes()[:5000])
    options = ["--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local", "--out", "out"]
    done = run_here(*options, "--agents", f"{agent_file.name}:Pusher")
    assert done.exit_code == 2
    assert "dataset mage/maze2d/umaze-v0, for maze2d-umaze, is damaged" in done.stderr
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists() and file.stat().st_size == 5000


def test_a_killed_driver_left_no_process(interrupted: Interrupted) -> None:
    wait_for(lambda: not processes_marked(interrupted.mark), "end of Ray's processes")
    shutil.rmtree(interrupted.ray_folder)
