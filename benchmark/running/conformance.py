"""Whether an agent does what every agent owes the benchmark, duty by duty.

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
from benchmark.running.duties import ACTING_DUTIES, CheckFailedError, Duty, NotOwedError
from benchmark.running.made_up import Subject
from benchmark.running.training_duties import TRAINING_DUTIES

DUTIES = (*TRAINING_DUTIES, *ACTING_DUTIES)
KEPT, FAILED, NOT_OWED = "ok", "failed", "not owed"


@dataclass(frozen=True)
class Answer:
    """Whether an agent keeps to a duty.

    Attributes:
        duty: which one.
        status: `KEPT`, `FAILED` or `NOT_OWED`.
        seen: what was seen, in one line; empty where it keeps to it.
    """

    duty: Duty
    status: str
    seen: str = ""


def check_agent(choice: AgentChoice) -> Iterator[Answer]:
    """Looks at all duties, one after the other, on one thread; one that fails ends none.

    Args:
        choice: the agent, as the user asked for it.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for duty in DUTIES:
            yield _answer(duty, choice)
    finally:
        torch.set_num_threads(threads)


def _answer(duty: Duty, choice: AgentChoice) -> Answer:
    with tempfile.TemporaryDirectory() as folder:
        try:
            duty.look(Subject(choice), Path(folder))
        except NotOwedError as reason:
            return Answer(duty, NOT_OWED, str(reason))
        except CheckFailedError as error:
            return Answer(duty, FAILED, str(error))
        except (Exception, SystemExit) as error:  # Other people's class may raise anything.
            return Answer(duty, FAILED, f"it raised {with_type(error)}{_place(error, choice)}")
    return Answer(duty, KEPT)


def _place(error: BaseException, choice: AgentChoice) -> str:
    """Where in the agent's own file an error arose; empty if it has none."""
    file = "" if choice.source is None else choice.source.rpartition(":")[0]
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return f" ({Path(file).name}, line {lines[-1]})" if lines else ""
