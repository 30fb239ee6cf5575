"""What a record says of an agent."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.agents.agent_facts import goal_knowledge, resolved_config, shortcoming
from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import agent_class
from benchmark.interface import TaskInfo
from tests.benchmark.running.trial_world import Config

SETTINGS = {"width": 8, "scales": (1, 2)}


def test_all_settings_are_known_where_there_is_a_config() -> None:
    agent: Any = SimpleNamespace(config=Config(width=8))
    values = {"width": 8, "depth": 2, "scales": [], "place": "here"}
    assert resolved_config(agent, SETTINGS) == values
    for config in (None, Config, {"width": 3}):
        agent.config = config
        assert resolved_config(agent, SETTINGS) == {"width": 8, "scales": [1, 2]}


def test_numbers_of_numpy_in_a_config_stay_numbers() -> None:
    @dataclass
    class Own:
        rate: Any
        sizes: Any
        wave: Any

    agent: Any = SimpleNamespace(
        config=Own(np.float32(0.5), (np.int64(3), np.bool_(True)), np.complex64(1j))
    )
    assert resolved_config(agent, {}) == {"rate": 0.5, "sizes": [3, True], "wave": "1j"}


@pytest.mark.parametrize(
    ("position", "goal", "inpaints", "known"),
    [
        ((), (), True, "none"),
        ((0, 1), (), False, "hidden"),
        ((0, 1), (), True, "in-painted"),
        ((0, 1), (4, 5), False, "shown"),
        ((0, 1), (4, 5), True, "in-painted"),
    ],
)
def test_what_is_known_of_the_goal(
    position: tuple[int, ...], goal: tuple[int, ...], inpaints: bool, known: str
) -> None:
    bounds = np.ones(2, np.float32)
    info = TaskInfo("t", 6, -bounds, bounds, 10, position_columns=position, goal_columns=goal)
    agent: Any = type("Agent", (), {"inpaints_goal": True} if inpaints else {})
    assert goal_knowledge(info, agent) == known


def test_where_an_agent_falls_short_stands_in_the_head_of_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = {name: shortcoming(agent_class(name)) for name in BUILTIN}
    assert short["td3bc"].startswith("Where it falls short: at `quick` it scores 40")
    assert short["td3bc"].endswith("published for 5,000 of them.")
    assert short["iql"].endswith("are published after a million gradient steps.")
    assert short["awac"].endswith("got nowhere with it.")
    assert short["tt"].endswith("scores nothing here in the larger mazes.")
    assert short["bc10"].startswith("Where it falls short: of the 100 episodes")
    assert short["bc"] == "", "which is in the same file"
    assert not any("Checked against" in text for text in short.values())
    monkeypatch.setattr(f"{__name__}.__doc__", None)
    assert shortcoming(type("Mine", (), {"__module__": __name__})) == ""
