"""What is measured: the real command with MAGE on the u-shaped maze, and the same without it."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.agents.registry import AgentChoice, agent_class
from benchmark.agents.settings import resolve_settings
from benchmark.data import load, prepare
from benchmark.errors import UserError
from benchmark.evaluation.episode_seeds import evaluation_seeds
from benchmark.evaluation.rollout import EnvironmentPool, evaluate
from benchmark.records.files import read_records
from benchmark.records.record import Record
from benchmark.tasks import TASKS
from benchmark.tasks.environments import task_info

RUN_TASK = "maze2d-umaze"
EPISODES = 50

# MAGE as it is, in a file of its own so that it can note when it takes its first gradient step.
_AGENT = """
import time
from pathlib import Path

from mage.agent import MAGEAgent


class Noting(MAGEAgent):
    task_settings = MAGEAgent.task_settings  # A subclass does not inherit them.

    def fit(self, dataset, *, steps, seed, progress):
        first = Path(__file__).with_name("first-step")

        def note(step, metrics):
            if not first.exists():
                first.write_text(str(time.time()))
            progress(step, metrics)

        super().fit(dataset, steps=steps, seed=seed, progress=note)
"""


@dataclass(frozen=True)
class Finished:
    """A command that has ended.

    Attributes:
        seconds: from its start to its end.
        first_step: seconds from its start to the first gradient step of any run.
        records: of its runs.
    """

    seconds: float
    first_step: float
    records: list[Record]


def command(folder: Path, steps: int, seeds: int, workers: int, *more: str) -> Finished:
    """Runs the real command to its end.

    Args:
        folder: for its output and the agent.
        steps: gradient steps of a run.
        seeds: runs.
        workers: runs at a time.
        more: further options.

    Raises:
        UserError: if it fails; its last output is in the message.
    """
    begin = time.time()
    with start(folder, steps, seeds, workers, *more) as process:
        output, _ = process.communicate()
    if process.returncode:
        raise UserError(
            f"nothing to measure: the command ended with {process.returncode}: {output[-2000:]}"
        )
    first = float((folder / "first-step").read_text(encoding="utf-8"))
    return Finished(time.time() - begin, first - begin, list(read_records(folder / "out")))


@contextmanager
def start(
    folder: Path, steps: int, seeds: int, workers: int, *more: str
) -> Iterator[subprocess.Popen[str]]:
    """Starts the real command; see `command`."""
    folder.mkdir(parents=True, exist_ok=True)
    agent = folder / "noting_mage.py"
    agent.write_text(_AGENT, encoding="utf-8")
    (folder / "first-step").unlink(missing_ok=True)
    options = {"--tasks": RUN_TASK, "--agents": f"{agent}:Noting", "--seeds": str(seeds)}
    options |= {"--steps": str(steps), "--episodes": str(EPISODES), "--workers": str(workers)}
    options |= {"--preset": "quick", "--data": "local", "--device": "cpu"}
    options["--out"] = str(folder / "out")
    arguments = [part for option in options.items() for part in option]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmark.run", *arguments, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process


def prepare_data(report: Callable[[str], None]) -> None:
    """Gets the data of the runs, where this machine has never had it.

    Args:
        report: gets, in one line each, what takes time.
    """
    task = TASKS[RUN_TASK]
    prepare(task, task_info(task), "local", report)


def bare_run(steps: int) -> float:
    """Seconds that the agent alone takes for training and evaluation, in this process."""
    import torch  # Takes memory, of which the other checks know nothing.

    torch.set_num_threads(1)
    task = TASKS[RUN_TASK]
    info = task_info(task)
    dataset = load(task, info, "local").dataset
    settings = resolve_settings(AgentChoice("mage"), task, "quick")
    agent = agent_class("mage")(info, settings.values, "cpu")
    begin = time.perf_counter()
    agent.fit(dataset, steps=steps, seed=0, progress=lambda step, metrics: None)
    with EnvironmentPool(task) as pool:
        evaluate(agent, pool, evaluation_seeds(EPISODES, training_seed=0))
    return time.perf_counter() - begin


def in_new_process(function: Any, *arguments: Any) -> Any:
    """Calls a function of this package where nothing was imported or trained before."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)
