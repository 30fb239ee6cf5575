"""What an agent costs: all that is told, on which task, and over which tasks it is added up."""

from __future__ import annotations

from typing import Any

import pytest

from benchmark.agents.registry import AgentChoice
from benchmark.agents.training_costs import AgentCost
from benchmark.errors import UserError
from benchmark.evaluation import device_costs
from benchmark.evaluation.device_costs import figures_of, gradient_steps, workload
from benchmark.tasks import TASKS


def test_who_has_to_be_shown_a_goal_is() -> None:
    assert workload(AgentChoice("bc"), "paper", "cpu").tasks == ("adroit-door-expert",)
    assert workload(AgentChoice("gcbc"), "paper", "cuda").tasks == ("multi2d-umaze",)
    assert workload(AgentChoice("gcbc"), "paper", "cuda").device == "cuda"


def test_changes_are_of_that_workload_alone() -> None:
    assert workload(AgentChoice("mage"), "paper", "cpu").settings.values["bf16"] is True
    changed = workload(AgentChoice("mage"), "paper", "cpu", bf16=False)
    assert changed.settings.values["bf16"] is False


def test_steps_of_tasks_that_show_no_goal_do_not_count_for_who_needs_one() -> None:
    tasks = [TASKS["maze2d-umaze"], TASKS["multi2d-umaze"]]
    one, both = (gradient_steps(AgentChoice("gcbc"), "paper", part) for part in (tasks[1:], tasks))
    assert one == both > 0
    assert gradient_steps(AgentChoice("mage"), "paper", tasks) == 2 * 400_000
    with pytest.raises(UserError, match="agent 'gcbc' learns none of 1 tasks; leave it out"):
        gradient_steps(AgentChoice("gcbc"), "paper", tasks[:1])


def test_the_figures_of_an_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[Any] = []

    class Load:
        device, info = "cuda", None

        def choose_lengths(self, data: Any, seconds: float) -> None:
            log.append(("lengths", seconds))

        def time_turn(self, data: Any) -> str:
            log.append("train")
            return "agent"

        def cost(self) -> AgentCost:
            return AgentCost("bc", ("a",), 9, 0.25, 3.0, 0.1)

    def act(agent: Any, info: Any, batch: int, seconds: float) -> list[float]:
        assert seconds == 2.0
        return [1.0 * batch, 2.0 * batch, 9.0 * batch]

    monkeypatch.setattr(device_costs, "made_up_data", lambda load: None)
    monkeypatch.setattr(device_costs, "forget_peak", lambda device: log.append(("forget", device)))
    monkeypatch.setattr(device_costs, "peak_bytes", lambda device: 3 * 2**20)
    monkeypatch.setattr(device_costs, "act_milliseconds", act)
    load: Any = Load()
    assert dict(figures_of(load, 20.0, [1, 8])) == {
        **{"updates/s": 4.0, "fixed s": 3.0, "MiB": 3.0, "ms at 1": 2.0, "ms at 8": 16.0}
    }
    assert log == [("forget", "cuda"), ("lengths", 20.0), "train"]
