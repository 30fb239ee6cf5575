"""Disks that are full or protected, mounted for real, under the real command.

The folders are mounted for the command alone, which needs the right to do so.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import HANG, environment

_MAY_MOUNT = ["unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]

AGENTS = """
from my_agents import Pusher


class Filling(Pusher):
    def save(self, folder):
        with (folder / "weights").open("wb") as file:
            while True:
                file.write(bytes(2**20))
"""


@pytest.fixture(scope="module", autouse=True)
def _may_mount() -> None:
    try:
        allowed = subprocess.run(_MAY_MOUNT, capture_output=True).returncode == 0
    except OSError:
        allowed = False
    if not allowed:
        pytest.skip("this process may not mount anything")


def run_mounted(
    mounts: str, *options: str, cwd: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    """The command beside mounts of its own; what then lies in `small` comes after its output."""
    command = shlex.join([sys.executable, "-m", "benchmark.run", *options])
    script = f"{mounts}\n{command}\ncode=$?\nfind small\nexit $code"
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=HANG,
    )


OPTIONS = ("--tasks", "maze2d-umaze", "--preset", "smoke", "--data", "local")


@pytest.mark.parametrize(
    ("options", "more", "told"),
    [
        (
            ("--out", "small/out"),
            {},
            "output folder small/out has 8 MiB left on its disk, 92 MiB fewer than the 100 MiB",
        ),
        (("--temp", "small"), {}, "temporary folder {cwd}/small has 8 MiB left on its disk, 192 "),
        ((), {"TMPDIR": "{cwd}/small"}, "temporary folder {cwd}/small has 8 MiB left on its disk"),
    ],
)
@pytest.mark.slow
def test_a_disk_without_room_is_refused_before_work(
    tmp_path: Path, options: tuple[str, ...], more: dict[str, str], told: str
) -> None:
    (tmp_path / "small").mkdir()
    given = {name: value.format(cwd=tmp_path) for name, value in more.items()}
    done = run_mounted(
        "mount -t tmpfs -o size=8m tmpfs small",
        *(*OPTIONS, "--agents", "random", *options),
        cwd=tmp_path,
        **given,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith(f"error: {told.format(cwd=tmp_path)}")
    assert done.stdout == "small\n", "nothing was written there"
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


@pytest.mark.slow
def test_a_disk_that_fills_up_costs_one_run_and_a_protected_one_is_not_needed(
    agent_file: Path, small_umaze: Path
) -> None:
    folder = agent_file.parent
    (folder / "small").mkdir()
    (folder / "filling.py").write_text(AGENTS, encoding="utf-8")
    done = run_mounted(
        "mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp && cd $PWD\n"
        "mount -t tmpfs -o size=110m tmpfs small && mkdir small/temp\n"
        "mount -t tmpfs -o size=600m tmpfs small/temp",
        *(*OPTIONS, "--agents", "filling.py:Filling,my_agents.py:Pusher"),
        # One at a time: else the other meets the full disk too, before it is emptied.
        *("--out", "small/out", "--temp", "small/temp", "--workers", "1"),
        cwd=folder,
        PYTHONPATH=f"{environment()['PYTHONPATH']}:{folder}",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    run = "maze2d-umaze/filling/seed-0"
    assert f"failed: {run}: OSError: [Errno 28] No space left on device; free some" in done.stdout
    assert "Ray's files go to /var/tmp: below " in done.stdout, "its sockets need a short name"
    assert "small/out: 1" in done.stdout and "MiB left" in done.stdout
    left = done.stdout.splitlines()
    assert f"small/out/runs/{run}.json" in left
    assert "small/out/runs/maze2d-umaze/pusher/seed-0/agent.json" in left
    assert "small/out/report/summary.md" in left
    assert f"small/out/runs/{run}" not in left and not any(".partial" in line for line in left)
    assert not [line for line in left if line.startswith("small/temp/")], "all of it is removed"
