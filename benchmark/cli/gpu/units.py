"""All that is looked at on a GPU, one thing after the other, so that one that fails costs no other.

It needs neither a network nor Ray, only a checkout for its tests.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmark.agents.builtin import LEARNING_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.cli.gpu.trainings import interrupted, side_by_side
from benchmark.errors import UserError, with_type
from benchmark.evaluation.device_costs import Figures, figures_of, workload

AGENTS, VARIANTS = "agents", "ways to compute"
SIDE_BY_SIDE, INTERRUPTED, TESTS = "side by side", "interrupted", "tests"

_CHECKOUT = Path(__file__).resolve().parents[3]
_TESTS_SECONDS = 240
# What may make an agent faster; it is kept only where it does.
_WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "MAGE as it is": ("mage", {}),
    "MAGE without bf16": ("mage", {"bf16": False}),
    "MAGE played back plain": ("mage", {"playback": "plain"}),
}
_GPU_WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "MAGE compiled": ("mage", {"playback": "compiled"}),
    "MAGE as a CUDA graph": ("mage", {"playback": "graph"}),
    "IQL with a compiled graph": ("iql", {"compile_graph": True}),
}


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes:
        preset: whose settings the agents have.
        agents: names.
        seconds: about how long each training takes that is timed.
        batches: environments that act at once.
        counts: trainings side by side.
        interrupted_seconds: of the training that is interrupted.
    """

    preset: str
    agents: tuple[str, ...]
    seconds: float
    batches: tuple[int, ...]
    counts: tuple[int, ...]
    interrupted_seconds: float


FULL = Extent("paper", LEARNING_AGENTS, 2.0, (1, 64, 1024), (1, 2, 4, 8), 30.0)
TINY = Extent("smoke", ("mage", "bc"), 0.02, (1, 3), (1, 2), 0.05)


@dataclass(frozen=True)
class Figure:
    """One number, or why there is none.

    Attributes:
        section: what it belongs to.
        subject: the agent, or the way, that it is of.
        quantity: what it is; empty where nothing was measured.
        value: None where nothing was measured.
        problem: why.
    """

    section: str
    subject: str
    quantity: str = ""
    value: float | None = None
    problem: str = ""

    def line(self) -> str:
        """For people."""
        if self.value is None:
            return f"{self.section}: {self.subject}: {self.problem}"
        return f"{self.section}: {self.subject}: {self.quantity} {self.value:,.4g}"


Unit = tuple[str, str, Callable[[], Figures]]
"""A section, a subject, and what measures it."""


def units(extent: Extent, device: str) -> Iterator[Unit]:
    """All there is to measure, what matters most first.

    Args:
        extent: how much.
        device: name of a torch device.
    """
    preset, mage = extent.preset, AgentChoice("mage")
    is_gpu = device.startswith("cuda")
    if is_gpu:
        yield TESTS, "marked gpu", run_gpu_tests
    for name in extent.agents:
        yield AGENTS, name, partial(_timed, extent, AgentChoice(name), device, {})
    yield (
        INTERRUPTED,
        "mage",
        lambda: interrupted(workload(mage, preset, device), extent.interrupted_seconds),
    )
    for name in extent.agents[:2]:
        yield (
            *(SIDE_BY_SIDE, name),
            partial(side_by_side, AgentChoice(name), preset, device, extent.seconds, extent.counts),
        )
    for way, (name, changes) in ({**_WAYS, **_GPU_WAYS} if is_gpu else _WAYS).items():
        yield VARIANTS, way, partial(_timed, extent, AgentChoice(name), device, changes)


def _timed(extent: Extent, choice: AgentChoice, device: str, changes: dict[str, Any]) -> Figures:
    load = workload(choice, extent.preset, device, **changes)
    return figures_of(load, extent.seconds, extent.batches)


def measured(all_units: Iterator[Unit], minutes: float) -> Iterator[Figure]:
    """Measures one after the other; an error is a figure without a number.

    Args:
        all_units: from `units`.
        minutes: when they are over, what has not begun says so.
    """
    torch.set_num_threads(1)
    end = time.monotonic() + 60 * minutes
    for section, subject, measure in all_units:
        if time.monotonic() > end:
            yield Figure(
                section, subject, problem=f"not measured: {minutes:g} minutes were over; --minutes"
            )
            continue
        try:
            for quantity, value in measure():
                yield Figure(section, subject, quantity, value)
        except Exception as error:  # Whatever a device may raise.
            yield Figure(section, subject, problem=with_type(error))


def run_gpu_tests() -> Figures:
    """Runs the tests that need a GPU.

    Yields:
        How many passed.

    Raises:
        UserError: if one fails, if none ran, or where there is no checkout.
    """
    if not (_CHECKOUT / "tests").is_dir():
        raise UserError("the tests are in a checkout only; run this command there")
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *_test_files()],
        cwd=_CHECKOUT,
        capture_output=True,
        text=True,
        timeout=_TESTS_SECONDS,
    )
    last = (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]
    yield "passed", float(_counted(last, "passed"))
    if done.returncode or not _counted(last, "passed"):
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)  # A figure holds one line.
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        raise UserError("; ".join([*failed, last]))


def _test_files() -> Sequence[str]:
    """Those with such tests: to collect all takes half a minute, and needs more packages."""
    files = (_CHECKOUT / "tests").rglob("test_*.py")
    return sorted(str(file) for file in files if "mark.gpu" in file.read_text(encoding="utf-8"))


def _counted(line: str, what: str) -> int:
    words = line.replace("=", " ").replace(",", " ").split()
    return int(words[words.index(what) - 1]) if what in words else 0
