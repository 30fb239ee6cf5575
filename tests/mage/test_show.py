"""Pictures of plans: what is drawn, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmark.environments import task_info
from benchmark.errors import UserError
from benchmark.latency import noise
from benchmark.tasks import TASKS, Task
from mage.agent import MAGEAgent
from mage.show import Shown, app, figure, joint_names, watch
from tests.mage.conftest import TINY

UMAZE, DOOR = TASKS["maze2d-umaze"], TASKS["adroit-door-expert"]


def agent_for(task: Task, **settings: object) -> MAGEAgent:
    info = task_info(task)
    agent = MAGEAgent(info, {**TINY, **settings}, "cpu")
    agent.fit(noise(info, 300), steps=2, seed=0, progress=lambda step, losses: None)
    return agent


@pytest.fixture(scope="module")
def maze() -> Shown:
    return watch(agent_for(UMAZE), UMAZE, seed=1)


def test_the_plan_has_a_sketch_for_each_scale(maze: Shown) -> None:
    assert maze.plan.shape == (3, 8, 4)
    assert maze.steps.tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
    assert maze.path.shape == (301, 4)  # To the end of the episode.
    assert not np.allclose(maze.plan[0], maze.plan[2])


def test_the_action_comes_from_the_plan_that_was_sketched() -> None:
    agent = agent_for(UMAZE, temperature=1.0, persistence=0.9)
    observation, reward = np.ones((2, 4), np.float32), np.zeros(2, np.float32)
    agent.reset(2)
    sketch = agent.sketch(observation, reward)
    assert sketch.shape == (3, 2, 8, 4)
    np.testing.assert_array_equal(sketch, agent.sketch(observation, reward))
    actions = [agent.act(observation, reward) for _ in range(3)]
    agent.reset(2)
    np.testing.assert_array_equal(actions, [agent.act(observation, reward) for _ in range(3)])


def test_a_plan_can_be_made_later_in_the_episode() -> None:
    agent = agent_for(UMAZE)
    start, later = watch(agent, UMAZE, seed=1), watch(agent, UMAZE, seed=1, after=5)
    np.testing.assert_array_equal(later.path[0], start.path[5])
    with pytest.raises(UserError, match="the episode of seed 1 ended before step 300"):
        watch(agent, UMAZE, seed=1, after=300)


def test_a_maze_has_a_panel_for_each_scale(maze: Shown) -> None:
    drawn = figure(maze)
    titles = [panel.get_title() for panel in drawn.axes]
    assert titles == ["scale 1: 1 token", "scale 2: 2 tokens", "scale 3: 4 tokens"]
    plan, path = drawn.axes[2].lines[:2]
    np.testing.assert_allclose(plan.get_xdata(), maze.plan[2][:, 0])
    np.testing.assert_allclose(path.get_ydata(), maze.path[:, 1])


def test_a_hand_has_a_panel_for_each_of_two_joints() -> None:
    drawn = figure(watch(agent_for(DOOR), DOOR, seed=0))
    names = [panel.get_title().removeprefix("joint ") for panel in drawn.axes]
    assert len(names) == 2 and set(names) <= set(joint_names(DOOR).values())
    assert len(drawn.axes[0].lines) == 4  # Three scales and the path.


def test_joints_are_found_by_their_angles() -> None:
    names = joint_names(DOOR)
    assert names[0] == "ARRx" and "WRJ1" in names.values()
    assert len(names) >= 26


def test_joints_are_found_in_noisy_observations() -> None:
    names = joint_names(TASKS["kitchen-complete"])
    arm = [names[column] for column in range(9)]
    assert arm[:7] == [f"robot:panda0_joint{number}" for number in range(1, 8)]
    assert names[29] == "left_hinge_cabinet"  # None but itself hangs at its angle.


def test_plans_without_observations_cannot_be_drawn() -> None:
    agent = agent_for(UMAZE, sequence=("action",))
    with pytest.raises(UserError, match="the plans of this agent hold action; a picture needs"):
        watch(agent, UMAZE, seed=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none", "--out", "plan.txt"], "--out plan.txt is no picture; valid: a name that ends"),
        (["none"], "no agent can be loaded from none"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_a_goal_that_the_agent_sees_is_marked(maze: Shown) -> None:
    goal_shown = replace(maze, task=TASKS["multi2d-umaze"], path=np.ones((5, 6), np.float32))
    assert len(figure(goal_shown).axes[0].lines) == len(figure(maze).axes[0].lines) + 1
