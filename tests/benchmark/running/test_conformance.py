"""All checks of one agent: the answers, and that an agent that raises ends none of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch

from benchmark.agents import registry
from benchmark.agents.registry import AgentChoice, find_agent
from benchmark.running.acting_checks import comes_back_from_its_folder
from benchmark.running.conformance import CHECKS, FAILED, PASSED, SKIPPED, check_agent
from tests.benchmark.running.checked_agents import Good


def test_a_good_agent_passes_all_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {"good": Good})
    answers = list(check_agent(AgentChoice("good")))
    assert [(answer.status, answer.seen) for answer in answers] == [(PASSED, "")] * len(CHECKS)
    assert [answer.check for answer in answers] == list(CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)


def test_what_an_agent_raises_is_an_answer_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "odd.py"
    file.write_text(
        "from tests.benchmark.running.checked_agents import Good\n\n\n"
        "class Odd(Good):\n"
        "    def save(self, folder):\n"
        "        1 / 0\n"
    )
    threads = torch.get_num_threads()
    answers = {answer.check: answer for answer in check_agent(find_agent(str(file)))}
    assert torch.get_num_threads() == threads
    answer = answers[comes_back_from_its_folder]
    assert answer.status == FAILED
    assert answer.seen == "it raised ZeroDivisionError: division by zero (odd.py, line 6)"
    count = Counter(answer.status for answer in answers.values())
    assert count[PASSED] == 12 and count[FAILED] == 7


def test_what_is_skipped_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    seen = {answer.seen for answer in check_agent(AgentChoice("mean")) if answer.status == SKIPPED}
    assert "it takes no gradient steps" in seen
