"""Agents that are asked for; `tests/benchmark/cli/test_options.py` has the texts of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.agents.registry import agent_class
from benchmark.agents.selection import choose_agent, select_agents
from benchmark.errors import UserError


def test_names_and_classes_in_one_list(agent_file: Path) -> None:
    asked = ["mage.k1", agent_class("bc"), f"{agent_file}:Pusher", "mage.k1"]
    assert [agent.name for agent in select_agents(asked, print)] == ["mage.k1", "bc", "pusher"]
    assert select_agents("mage.k1, bc", print) == select_agents(asked[:2], print)
    assert choose_agent("bc") == choose_agent(agent_class("bc"))


def test_two_of_one_name_and_none_at_all_are_refused() -> None:
    with pytest.raises(UserError, match="two agents in .* are called 'bc'"):
        select_agents(["bc", agent_class("bc"), "bc"], print)
    with pytest.raises(UserError, match="names no agent"):
        select_agents([], print)
