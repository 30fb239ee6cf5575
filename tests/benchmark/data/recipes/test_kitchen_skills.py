"""Every sub-task alone, and what happens when one fails."""

from __future__ import annotations

from collections.abc import Callable

import gymnasium as gym
import numpy as np
import pytest

from benchmark.data.recipes import kitchen_skills
from benchmark.data.recipes.kitchen_arm import Arm, Style
from benchmark.data.recipes.kitchen_skills import RETRIES, SKILLS, is_done, perform
from benchmark.tasks import TASKS
from benchmark.tasks.environments import make_environment

MakeArm = Callable[[int], Arm]


@pytest.fixture(scope="module")
def kitchen() -> gym.Env:
    return make_environment(TASKS["kitchen-complete"]).unwrapped


@pytest.fixture
def make_arm(kitchen: gym.Env) -> MakeArm:
    def make(steps: int = 280) -> Arm:
        kitchen.reset(seed=0)
        left = iter(range(steps - 1))

        def step(action: np.ndarray) -> bool:
            kitchen.step(action)
            return next(left, None) is None

        return Arm(kitchen, step, Style(0.1, 0.012), np.random.default_rng(1))

    return make


@pytest.mark.parametrize("task", SKILLS)
def test_every_sub_task_is_done(task: str, make_arm: MakeArm) -> None:
    arm = make_arm(150)
    assert not is_done(arm, task)
    perform(arm, [task])
    assert [name for name in SKILLS if is_done(arm, name)] == [task], "it, and no other"


def test_what_fails_is_tried_again(make_arm: MakeArm, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, str | None]] = []

    def idle(arm: Arm, last: str | None) -> None:
        tried.append(("kettle", last))

    def switch(arm: Arm, last: str | None) -> None:
        tried.append(("light switch", last))
        if len(tried) == RETRIES + 3:
            arm.data.joint("light_switch").qpos = -0.69

    monkeypatch.setitem(kitchen_skills.SKILLS, "kettle", idle)
    monkeypatch.setitem(kitchen_skills.SKILLS, "light switch", switch)
    perform(make_arm(100), ["kettle", "light switch"])
    assert tried == [
        ("kettle", None),
        ("kettle", "again"),
        ("kettle", "again"),
        ("light switch", "kettle"),
        ("light switch", "again"),
    ]


def test_the_last_step_ends_it_without_an_error(make_arm: MakeArm) -> None:
    arm = make_arm(5)
    perform(arm, ["kettle", "microwave"])
    assert not is_done(arm, "kettle")
