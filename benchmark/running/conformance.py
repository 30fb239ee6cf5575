"""Whether an agent keeps the contract with the benchmark, check by check.

`python -m benchmark.check_agent` asks this of one agent, `tests/test_agents.py` of all that are
registered.
"""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmark.agents.registry import AgentChoice
from benchmark.errors import DatasetError, UserError, with_type
from benchmark.running.acting_checks import (
    ACTING_CHECKS,
    AgentCheck,
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
    """Whether an agent, or a task, passes a check.

    Attributes:
        check: which one.
        status: `PASSED`, `FAILED` or `SKIPPED`.
        seen: what was seen, in one line; empty where it passes.
    """

    check: ConformanceCheck[Any]
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


def _answer(check: AgentCheck, choice: AgentChoice) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        file = "" if choice.source is None else choice.source.rpartition(":")[0]
        return answer_of(check, lambda: check.look(Subject(choice), Path(folder)), file)


def answer_of(check: ConformanceCheck[Any], look: Callable[[], None], file: str) -> Answer:
    """What a check comes to.

    Args:
        check: which one.
        look: looks.
        file: the user's, in which the place of an error is told; empty for none.
    """
    try:
        look()
    except NotApplicableError as reason:
        return Answer(check, SKIPPED, str(reason))
    except (CheckFailedError, UserError, DatasetError) as error:
        return Answer(check, FAILED, str(error))
    except (Exception, SystemExit) as error:  # Other people's class may raise anything.
        return Answer(check, FAILED, f"it raised {with_type(error)}{_place(error, file)}")
    return Answer(check, PASSED)


def _place(error: BaseException, file: str) -> str:
    """Where in the user's own file an error arose; empty if it has none."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return f" ({Path(file).name}, line {lines[-1]})" if lines else ""
