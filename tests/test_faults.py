"""What can go wrong in a run, a process or a machine, done for real to the real command."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmark.records.files import read_records
from benchmark.records.record import Record
from tests.commands import processes_marked, run, run_here, started, wait_for
from tests.ray_clusters import cluster_of_one_core, patiently

OPTIONS = ("--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local", "--out", "out")


def records(folder: Path) -> dict[str, Record]:
    return {record.run.agent: record for record in read_records(folder / "out")}


def agents(agent_file: Path, *names: str) -> tuple[str, str]:
    return "--agents", ",".join(f"{agent_file}:{name}" for name in names)


@dataclass(frozen=True)
class Faulty:
    """What is left of two commands whose agents fail each in another way.

    Attributes:
        folder: of both.
        records: by agent.
        output: of both.
        codes: exit codes, that of the one which Ctrl-C stopped first.
        summaries: of the reports of both.
    """

    folder: Path
    records: dict[str, Record]
    output: str
    codes: tuple[int | None, int]
    summaries: tuple[str, str]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory, _small_umaze: Path) -> Faulty:
    from tests.agent_file import AGENT_FILE

    folder = tmp_path_factory.mktemp("faulty")
    file = Path("my_agents.py")
    (folder / file).write_text(AGENT_FILE, encoding="utf-8")
    more = {"MINARI_DATASETS_PATH": str(_small_umaze)}
    # To start Ray takes seconds: the same command is stopped once its other agents have ended.
    spoiling, summary = ("Broken", "Dying", "Pusher"), folder / "out/report/summary.md"
    with started(*OPTIONS, *agents(file, *spoiling, "Endless"), cwd=folder, **more) as command:
        command.wait_for(lambda: len(records(folder)) == len(spoiling), "end of the others")
        command.wait_for((folder / file).with_suffix(".pid").exists, "training of the endless one")
        command.process.send_signal(signal.SIGINT)
        output, stopped = command.output(), summary.read_text()
        command.no_orphans()
    assert set(records(folder)) == {"broken", "dying", "pusher"}
    # These do no harm to their process; one for each of them would take seconds to start.
    harmless = agents(file, "BadAct", "NaN", "Silent", "Wild", "Still", "Hungry", "FullDisk")
    done = run_here(*OPTIONS, *harmless, "--resume", cwd=folder, **more)
    codes = command.process.returncode, done.exit_code
    summaries = stopped, summary.read_text()
    return Faulty(folder, records(folder), output + done.stdout, codes, summaries)


FAULTS = {
    "broken": ("failed", "RuntimeError: diverged on purpose"),
    "badact": ("failed", "ValueError: no idea what to do"),
    "nan": ("diverged", "loss was nan at gradient step 3"),
    "hungry": ("failed", "Unable to allocate 16.0 GiB"),
    "fulldisk": ("failed", "OSError: [Errno 28] No space left on device"),
    "dying": ("failed", "its process died"),
    "silent": ("failed", "agent reported none of 12 gradient steps; its fit has to call progress"),
    "wild": ("failed", "act returned 5 for action 0, far outside its bounds of -1 to 1"),
}


@pytest.mark.parametrize("agent", FAULTS)
def test_a_fault_is_a_record_with_its_reason(faulty: Faulty, agent: str) -> None:
    status, reason = FAULTS[agent]
    assert faulty.records[agent].status == status
    assert reason in str(faulty.records[agent].reason)
    assert f"{status}: maze2d-umaze/{agent}/seed-0: " in faulty.output


def test_tracebacks_are_on_disk(faulty: Faulty) -> None:
    for agent in ("broken", "badact", "hungry", "fulldisk", "dying"):
        assert faulty.records[agent].traceback


def test_what_is_declared_or_put_right_is_no_fault(faulty: Faulty) -> None:
    still = faulty.records["still"]
    assert (still.status, still.steps, still.curve) == ("completed", 0, [])
    assert still.clipped_actions == 1.0 and faulty.records["pusher"].clipped_actions == 0
    assert "pusher" in faulty.output and "still" in faulty.output


def test_faults_cost_the_others_nothing_and_are_in_the_report(faulty: Faulty) -> None:
    assert faulty.records["pusher"].status == "completed"
    assert faulty.codes == (130, 1), "stopped, and failed"
    assert "Traceback" not in faulty.output
    assert all("diverged on purpose" in summary for summary in faulty.summaries)
    assert "no idea what to do" in faulty.summaries[1]


def test_ray_is_silent_and_leaves_nothing(faulty: Faulty) -> None:
    assert "ray::" not in faulty.output and "WARNING" not in faulty.output
    found = {path.name for path in (faulty.folder / "out").iterdir()}
    assert found == {"ray.log", "report", "runs", "tensorboard"}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, _small_umaze: Path) -> bytes:
    """The weights of the agent `Slow` after a run that nobody disturbed."""
    from tests.agent_file import AGENT_FILE

    folder = tmp_path_factory.mktemp("uninterrupted")
    (folder / "my_agents.py").write_text(AGENT_FILE, encoding="utf-8")
    more = {"MINARI_DATASETS_PATH": str(_small_umaze)}
    done = run(*OPTIONS, *agents(Path("my_agents.py"), "Slow"), cwd=folder, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return weights(folder)


def weights(folder: Path, seed: int = 0) -> bytes:
    return (folder / f"out/runs/maze2d-umaze/slow/seed-{seed}/weights/target.npy").read_bytes()


def checkpoint(folder: Path, seed: int = 0, agent: str = "slow") -> Path:
    return folder / f"out/runs/maze2d-umaze/{agent}/seed-{seed}.checkpoint/state.json"


def resumes_to(expected: bytes, agent_file: Path) -> None:
    """Resumes the run of `Slow`, and compares it with one that nobody disturbed."""
    folder = agent_file.parent
    again = run(*OPTIONS, *agents(agent_file, "Slow"), "--resume", cwd=folder)
    assert again.returncode == 0, again.stdout + again.stderr
    found = records(folder)["slow"]
    assert found.status == "completed"
    assert len(found.resumed_at) == 1 and 0 < found.resumed_at[0] < 100
    assert found.steps == 100
    assert [point["step"] for point in found.curve] == list(range(2, 101, 2))
    assert weights(folder) == expected
    assert checkpoint(folder).exists(), "it could go on with more steps"


@pytest.mark.slow
def test_a_killed_trial_goes_on_from_its_checkpoint(
    agent_file: Path, small_umaze: Path, uninterrupted: bytes
) -> None:
    folder = agent_file.parent
    with started(*OPTIONS, *agents(agent_file, "Slow", "Pusher"), cwd=folder) as command:
        command.wait_for(checkpoint(folder).exists, "checkpoint")
        os.kill(int(agent_file.with_suffix(".pid").read_text()), signal.SIGKILL)
        output = command.output()
        command.no_orphans()
    assert command.process.returncode == 1
    assert records(folder)["pusher"].status == "completed"
    assert records(folder)["slow"].reason.startswith("its process died")
    assert "failed: maze2d-umaze/slow/seed-0: its process died" in output
    resumes_to(uninterrupted, agent_file)


@pytest.mark.slow
def test_a_killed_driver_loses_nothing_but_time(
    agent_file: Path, small_umaze: Path, uninterrupted: bytes
) -> None:
    folder = agent_file.parent
    with started(*OPTIONS, *agents(agent_file, "Slow"), cwd=folder) as command:
        command.wait_for(checkpoint(folder).exists, "checkpoint")
        command.process.kill()
    assert records(folder) == {}
    wait_for(lambda: not any("ray::Impl" in p for p in processes_marked(command.mark)), "end")
    resumes_to(uninterrupted, agent_file)


def test_ctrl_c_once_saves_where_runs_are(faulty: Faulty) -> None:
    assert "stopping: running trials save where they are" in faulty.output
    stopped = "stopped before all runs were done: the same command with --resume goes on"
    assert stopped in faulty.output
    assert "endless" not in faulty.records
    assert checkpoint(faulty.folder, agent="endless").exists()


@pytest.mark.slow
def test_ctrl_c_twice_ends_at_once(agent_file: Path, small_umaze: Path) -> None:
    folder = agent_file.parent
    with started(*OPTIONS, *agents(agent_file, "Endless"), cwd=folder) as command:
        command.wait_for(checkpoint(folder, agent="endless").exists, "checkpoint")
        command.process.send_signal(signal.SIGINT)
        command.process.send_signal(signal.SIGINT)
        command.output()
        command.no_orphans()
    assert command.process.returncode == 130
    assert records(folder) == {}


@pytest.mark.slow
def test_a_lost_machine_costs_only_its_runs(
    agent_file: Path, small_umaze: Path, uninterrupted: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = agent_file.parent
    with cluster_of_one_core(monkeypatch) as cluster:
        second = patiently(lambda: cluster.add_node(num_cpus=1))
        options = (*OPTIONS, *agents(agent_file, "Slow"), "--seeds", "2", "--address")
        with started(*options, cluster.address, cwd=folder) as command:
            both = [checkpoint(folder, seed) for seed in (0, 1)]
            command.wait_for(lambda: all(each.exists() for each in both), "checkpoints")
            cluster.remove_node(second, allow_graceful=False)
            output = command.output()
        assert command.process.returncode == 1, output
        statuses = sorted(record.status for record in read_records(folder / "out"))
        assert statuses == ["completed", "failed"]
        again = run(*options, cluster.address, "--resume", cwd=folder)
        assert again.returncode == 0, again.stdout + again.stderr
    found = sorted(read_records(folder / "out"), key=lambda record: len(record.resumed_at))
    assert [record.status for record in found] == ["completed"] * 2
    assert [len(record.resumed_at) for record in found] == [0, 1]
    assert weights(folder, 0) == weights(folder, 1) == uninterrupted


def test_two_commands_never_share_a_folder(agent_file: Path, small_umaze: Path) -> None:
    folder, options = (
        agent_file.parent,
        (*OPTIONS, *agents(agent_file, "Endless"), "--workers", "0"),
    )
    with started(*options, cwd=folder) as command:
        command.wait_for(checkpoint(folder, agent="endless").exists, "checkpoint")
        second = run_here(*options, "--resume", cwd=folder)
        assert second.exit_code == 2
        assert "output folder out is in use by another run of the benchmark" in second.stderr
        command.process.kill()


@pytest.mark.slow
def test_time_that_is_spent_ends_a_run_as_it_is_and_more_time_goes_on(
    agent_file: Path, small_umaze: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = agent_file.parent
    monkeypatch.chdir(folder)
    options, limit = (*OPTIONS, *agents(agent_file, "Slow")), ("--max-minutes", "0.05")
    done = run_here(*options, *limit)
    assert done.exit_code == 0, done.output
    capped = records(folder)["slow"]
    assert capped.status == "capped" and capped.score is not None
    assert capped.steps is not None and 0 < capped.steps < 60
    assert "stopped after 0.05 minutes at gradient step" in str(capped.reason)
    assert "(1 capped)" in done.stdout
    assert "done: 1, to do: 0" in run_here(*options, *limit, "--resume", "--dry-run").stdout
    more = run_here(*options, "--resume")
    assert more.exit_code == 0, more.output
    found = records(folder)["slow"]
    assert (found.status, found.steps, found.resumed_at) == ("completed", 100, [capped.steps])
    assert found.seconds["fit"] > capped.seconds["fit"]
    assert [point["step"] for point in found.curve] == list(range(2, 101, 2))
    rng, target = np.random.default_rng(0), np.zeros(2)
    for _ in range(100):
        target = 0.9 * target + rng.standard_normal(2)
    learned = np.load(folder / "out/runs/maze2d-umaze/slow/seed-0/weights/target.npy")
    assert learned.tolist() == target.tolist(), "as if nobody had disturbed it"
    assert checkpoint(folder).exists(), "it could go on with more steps"
