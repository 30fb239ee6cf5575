"""What can go wrong between the command, Ray and the machine, done for real to the real command."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.records.capacity import usable_memory
from benchmark.records.files import read_records
from benchmark.records.record import Record
from tests.commands import COMMAND, HANG, environment, processes_marked, run, started, wait_for
from tests.ray_clusters import cluster_of_one_core, patiently

OPTIONS = ("--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local", "--out", "out")
GB = 2**30

HOG = '''

class Hog(Pusher):
    """Takes memory until so little is left, whatever others give back; 12 GiB at most."""

    needs = {{"memory_gb": 0.1}}

    def fit(self, dataset, *, steps, seed, progress):
        import time

        from benchmark.records.capacity import usable_memory

        taken = []
        while len(taken) < 96:
            if usable_memory() > {left}:
                taken.append(np.ones(2**24))
            time.sleep(0.02)
        super().fit(dataset, steps=steps, seed=seed, progress=progress)
'''


def records(folder: Path) -> dict[str, Record]:
    return {record.run.agent: record for record in read_records(folder / "out")}


@pytest.mark.slow
def test_a_run_that_takes_all_memory_costs_the_others_nothing(
    agent_file: Path, small_umaze: Path, tmp_path: Path
) -> None:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if usable_memory() < 8 * GB:
        pytest.skip("needs 8 GiB of free memory")
    left = usable_memory() - 4 * GB  # Ray lets nobody take more.
    with agent_file.open("a", encoding="utf-8") as file:
        file.write(HOG.format(left=left - GB))
    # Here lies other code with our names, as in another checkout; the installed command runs.
    here = tmp_path / "here"
    for name in ("benchmark/__init__.py", "baselines/__init__.py", "mage.py"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("raise ImportError('the wrong one')", encoding="utf-8")
    script = tmp_path / "bin" / "command.py"
    script.parent.mkdir()
    script.write_text("from benchmark.cli.run import app; app()", encoding="utf-8")
    agents = ",".join(f"{agent_file}:{name}" for name in ("Hog", "Pusher"))
    done = subprocess.run(
        ["nice", "-n", "3", sys.executable, str(script), *OPTIONS, "--agents", agents],
        cwd=here,
        env=environment(RAY_memory_usage_threshold=f"{1 - left / total:.3f}"),
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    found = records(here)
    assert found["hog"].status == "failed", done.stdout + done.stderr
    assert found["hog"].reason == "killed: out of memory"
    assert found["pusher"].status == "completed", found["pusher"].reason
    assert found["pusher"].machine["niceness"] == min(os.nice(0) + 3, 19), "the command's"
    assert done.returncode == 1 and "Traceback" not in done.stdout + done.stderr
    assert (here / "out/report/summary.md").exists()


def checkpoint(folder: Path) -> Path:
    return folder / "out/runs/maze2d-umaze/endless/seed-0.checkpoint/state.json"


def pusher_and_endless(agent_file: Path) -> tuple[str, ...]:
    agents = f"{agent_file}:Pusher,{agent_file}:Endless"
    return (*OPTIONS, "--agents", agents, "--workers", "0")


@pytest.mark.slow
def test_sigterm_is_ctrl_c_once_and_a_closed_pipe_ends_nothing(
    agent_file: Path, small_umaze: Path
) -> None:
    folder = agent_file.parent
    with started(*pusher_and_endless(agent_file), cwd=folder) as command:
        assert command.process.stdout is not None
        command.process.stdout.readline()
        command.process.stdout.close()  # As `| head -1` does.
        command.wait_for(lambda: "pusher" in records(folder), "first record")
        command.wait_for(checkpoint(folder).exists, "checkpoint")
        command.process.send_signal(signal.SIGTERM)
        command.process.send_signal(signal.SIGTERM)
        assert command.process.wait(HANG) == 130
        command.no_orphans()
    assert set(records(folder)) == {"pusher"} and checkpoint(folder).exists()
    assert (folder / "out/report/summary.md").exists()


@pytest.mark.slow
def test_a_terminal_that_closes_is_ctrl_c_once(agent_file: Path, small_umaze: Path) -> None:
    folder, mark = agent_file.parent, f"mark-{os.urandom(8).hex()}"
    ours, theirs = os.openpty()
    take = "import fcntl, os, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    take += "signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # `nohup` has it ignored.
    take += "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            take,
            *COMMAND[1:],
            *pusher_and_endless(agent_file),
        ],
        cwd=folder,
        env=environment(MAGE_TEST_MARK=mark),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        os.set_blocking(ours, False)

        def there() -> bool:
            with contextlib.suppress(OSError):
                # Else what is written would wait for a reader; shown if the test fails.
                print(os.read(ours, 2**16).decode(errors="replace"))
            return "pusher" in records(folder) and checkpoint(folder).exists()

        try:
            wait_for(there, "first record and checkpoint", process)
            os.close(ours)  # The kernel sends SIGHUP to all that run in it.
            assert process.wait(HANG) == 130
            wait_for(lambda: not processes_marked(mark), "end of all processes")
        finally:
            process.kill()
    assert set(records(folder)) == {"pusher"} and checkpoint(folder).exists()
    assert (folder / "out/report/summary.md").exists()


@pytest.mark.slow
def test_a_search_that_is_ended_by_sigterm_keeps_its_samples(
    agent_file: Path, small_umaze: Path
) -> None:
    with agent_file.open("a", encoding="utf-8") as file:
        file.write('\nSlow.search_space = {"seconds": ("uniform", 0.05, 0.06)}\n')
    folder = agent_file.parent
    options = ("--agent", f"{agent_file}:Slow", "--task", "maze2d-umaze", "--preset", "smoke")
    more = ("--data", "local", "--samples", "9", "--workers", "1", "--out", "out")
    with started(*options, *more, cwd=folder, module="benchmark.tune") as command:
        command.wait_for((folder / "out/trials.csv").exists, "first sample")
        command.process.send_signal(signal.SIGTERM)
        output = command.output()
        command.no_orphans()
    assert command.process.returncode == 130, output
    assert "stopped; samples that ended are in trials.csv" in output
    assert "Traceback" not in output


@pytest.mark.slow
def test_the_device_is_that_of_the_machine_that_a_run_is_on(
    agent_file: Path, small_umaze: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = agent_file.parent
    options = (*OPTIONS, "--agents", f"{agent_file}:Pusher", "--address")
    with cluster_of_one_core(monkeypatch) as cluster:
        refused = run(*options, cluster.address, "--device", "cuda", cwd=folder)
        assert refused.returncode == 2 and not (folder / "out").exists()
        assert "no machine of the Ray cluster has a GPU that Ray hands out" in refused.stderr
        # A pretended one: torch will not see it.
        patiently(lambda: cluster.add_node(num_cpus=1, num_gpus=1))
        failed = run(*options, cluster.address, "--device", "cuda", cwd=folder)
        assert failed.returncode == 1, failed.stdout + failed.stderr
        reason = str(records(folder)["pusher"].reason)
        assert reason.startswith("on machine ") and "device 'cuda' is not on this mach" in reason
        done = run(*options, cluster.address, "--resume", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert records(folder)["pusher"].machine["device"] == "cpu"


@pytest.mark.slow
def test_a_cluster_that_is_not_there_leaves_no_file(agent_file: Path, small_umaze: Path) -> None:
    options = (*OPTIONS, "--agents", f"{agent_file}:Pusher", "--address", "nohost")
    done = run(*options, cwd=agent_file.parent)
    assert done.returncode == 2 and not (agent_file.parent / "out").exists()
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: no Ray cluster at --address nohost (")
    assert "int()" not in line and done.stdout == ""
