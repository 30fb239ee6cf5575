"""What an agent costs: all that is told, on which task, and over which tasks it is added up."""

from __future__ import annotations

import pytest

from benchmark.agents.registry import AgentChoice
from benchmark.errors import UserError
from benchmark.evaluation.device_costs import gradient_steps, workload
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
