"""OGBench (Park et al., ICLR 2025): mazes with a goal to reach, and a robot arm with a task to do.

In mazes the observation is the state and then the goal, which is a state as well; the episode ends
with a reward of 1 near it. Each maze has five goals, and an evaluation plays all of them equally
often. The arm's data was recorded at play, without a task; each of its five tasks has a reward of
minus the number of its parts that are left to do, and the episode ends when none is. The score is
the share of episodes that succeed, in percent. Environments, goals and rewards are those of the
package `ogbench`, which is an extra of this project.

Sizes, radii, discounts and goals in hindsight: the paper, section 7.1 and its appendix of
hyperparameters, and version 1.2.2 of the package.
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.interface import HindsightGoals
from benchmark.tasks.task import RecordedSpaces, Task

OGBENCH_MAZE, OGBENCH_ARM = "ogbench-maze", "ogbench-arm"

# Of the goals of data whose recordings are short pieces of ways, half are from anywhere.
_RANDOM_GOALS = {"navigate": 0.0, "stitch": 0.5}


@dataclass(frozen=True)
class _Body:
    """What moves in mazes.

    Attributes:
        sizes: maze -> steps of an episode.
        state_size: numbers of a state.
        action_size: numbers of an action.
        radius: distance from the goal at which it is reached, in metres.
        distant: mazes whose discount is 0.995 and not 0.99.
        scripted: whether a script that the package has can record the data.
    """

    sizes: dict[str, int]
    state_size: int
    action_size: int
    radius: float
    distant: tuple[str, ...] = ("giant",)
    scripted: bool = False


_BODIES = {
    "pointmaze": _Body(
        dict.fromkeys(("medium", "large", "giant", "teleport"), 1000), 2, 2, 1.0, scripted=True
    ),
    "antmaze": _Body(dict.fromkeys(("medium", "large", "giant"), 1000), 29, 8, 0.5),
    "humanoidmaze": _Body(
        {"medium": 2000, "large": 2000, "giant": 4000},
        *(69, 21, 0.5),
        distant=("medium", "large", "giant"),
    ),
}


@dataclass(frozen=True)
class _Scene:
    """What lies before the arm.

    Attributes:
        observation_size: numbers of an observation.
        max_steps: of an episode.
        default: number of the task on which papers choose their settings.
        target_returns: about what the package's scripts get on the five tasks, one part after
            another without noise.
    """

    observation_size: int
    max_steps: int
    default: int
    target_returns: tuple[float, ...]


_SCENES = {
    "cube-single": _Scene(28, 200, 2, (-65.0,) * 5),
    "cube-double": _Scene(37, 500, 2, (-65.0, -215.0, -215.0, -390.0, -215.0)),
    "scene": _Scene(40, 750, 2, (-85.0, -440.0, -450.0, -395.0, -925.0)),
    "puzzle-3x3": _Scene(55, 500, 4, (-215.0, -400.0, -1170.0, -1200.0, -900.0)),
    "puzzle-4x4": _Scene(83, 500, 4, (-1130.0, -740.0, -1235.0, -1055.0, -1070.0)),
}

DEFAULT_TASKS = tuple(f"ogbench-{name}-play-task{scene.default}" for name, scene in _SCENES.items())
"""Of each scene the task on which papers choose their settings for all five."""


def published_dataset(name: str) -> str:
    """The id under which a published dataset is kept, such as `ogbench/cube-single-play-v0`."""
    return f"ogbench/{name}-v0"


def collected_dataset(name: str, small: bool = False) -> str:
    """The id under which the same is collected on this machine, or a smaller part of it."""
    return f"mage/ogbench{'-small' * small}/{name}-v0"


def _maze(body_name: str, size: str, kind: str) -> Task:
    body, name = _BODIES[body_name], f"{body_name}-{size}-{kind}"
    state = tuple(range(body.state_size))
    goal = tuple(column + body.state_size for column in state)
    return Task(
        name=f"ogbench-{name}",
        benchmark=OGBENCH_MAZE,
        dataset=published_dataset(name),
        published_as=name,
        recipe=collected_dataset(name) if body.scripted else None,
        small_recipe=collected_dataset(name, small=True) if body.scripted else None,
        env_id=f"ogbench:{body_name}-{size}-v0",
        max_steps=body.sizes[size],
        score_is_success=True,
        relabel="hindsight",
        discount=0.995 if size in body.distant else 0.99,
        position_columns=state[:2],
        goal_columns=goal[:2],
        hindsight=HindsightGoals(goal, state, body.radius, _RANDOM_GOALS[kind]),
        spaces=_spaces(2 * body.state_size, body.action_size),
    )


def _arm(scene_name: str, number: int) -> Task:
    scene, name = _SCENES[scene_name], f"{scene_name}-play"
    return Task(
        name=f"ogbench-{name}-task{number}",
        benchmark=OGBENCH_ARM,
        dataset=published_dataset(name),
        published_as=f"{name}-singletask-{number}",
        recipe=collected_dataset(name),
        small_recipe=collected_dataset(name, small=True),
        env_id=f"ogbench:{scene_name}-singletask-task{number}-v0",
        max_steps=scene.max_steps,
        score_is_success=True,
        relabel="single-task",
        return_scale=100.0,
        target_return=scene.target_returns[number - 1],
        spaces=_spaces(scene.observation_size, 5),
    )


def _spaces(observation_size: int, action_size: int) -> RecordedSpaces:
    """So that nobody has to make the environment to know them, which takes seconds for the arm."""
    return RecordedSpaces(observation_size, (-1.0,) * action_size, (1.0,) * action_size)


OGBENCH_MAZES = [
    _maze(body, size, kind)
    for body, about in _BODIES.items()
    for size in about.sizes
    for kind in _RANDOM_GOALS
]
OGBENCH_ARMS = [_arm(scene, number) for scene in _SCENES for number in range(1, 6)]
