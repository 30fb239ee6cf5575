"""Whether an agent keeps the contract with the benchmark, check by check.

`python -m benchmark.check_agent` asks this of one agent, `tests/test_agents.py` of all that are
registered.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmark.agents.registry import AgentChoice
from benchmark.errors import with_type
from benchmark.running.acting_checks import (
    ACTING_CHECKS,
    CheckFailedError,
    ConformanceCheck,
    NotApplicableError,
)
from benchmark.running.longer_checks import LONGER_CHECKS
from benchmark.running.synthetic_task import Subject
from benchmark.running.training_checks import TRAINING_CHECKS

CHECKS = (*TRAINING_CHECKS, *LONGER_CHECKS, *ACTING_CHECKS)
PASSED, FAILED, SKIPPED = "ok", "failed", "skipped"


@dataclass(frozen=True)
class Answer:
    """Whether an agent passes a check.

    Attributes:
        check: which one.
        status: `PASSED`, `FAILED` or `SKIPPED`.
        seen: what was seen, in one line; empty where it passes.
    """

    check: ConformanceCheck
    status: str
    seen: str = ""


def check_agent(choice: AgentChoice) -> Iterator[Answer]:
    """Looks at all checks, one after the other, on one thread; one that fails ends none.

    Args:
        choice: the agent, as the user asked for it.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for check in CHECKS:
            yield _answer(check, choice)
    finally:
        torch.set_num_threads(threads)


def _answer(check: ConformanceCheck, choice: AgentChoice) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        try:
            check.look(Subject(choice), Path(folder))
        except NotApplicableError as reason:
            return Answer(check, SKIPPED, str(reason))
        except CheckFailedError as error:
            return Answer(check, FAILED, str(error))
        except (Exception, SystemExit) as error:  # Other people's class may raise anything.
            return Answer(check, FAILED, f"it raised {with_type(error)}{_place(error, choice)}")
    return Answer(check, PASSED)


def _place(error: BaseException, choice: AgentChoice) -> str:
    """Where in the agent's own file an error arose; empty if it has none."""
    file = "" if choice.source is None else choice.source.rpartition(":")[0]
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return f" ({Path(file).name}, line {lines[-1]})" if lines else ""
