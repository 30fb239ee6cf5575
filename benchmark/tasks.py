"""The table of tasks: everything that differs from one task to the next stands here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmark.mazes import Cell, maze_map


@dataclass(frozen=True)
class Task:
    """One row of the table.

    Attributes:
        name: such as `adroit-door-expert`.
        benchmark: the table of the paper it belongs to.
        dataset: id of the published Minari dataset.
        env_id: gymnasium id of the evaluation environment.
        env_kwargs: its arguments.
        max_steps: steps of one evaluation episode.
        min_score: return that scores 0 (D4RL's reference for a random policy).
        max_score: return that scores 100 (D4RL's reference for an expert).
        recipe: id of the dataset that can be collected on this machine instead, if any.
        view: how recorded episodes become the agents' arrays, a name in `benchmark.views`.
        observation_keys: parts of a dict observation, in the order they are put together.
        goal_cell: (row, column) of the one goal that is kept from the agents, if there is one.
        success_return: return from which an episode counts as solved; None where the
            environment says so itself.
        discount: factor per step of the return a planner conditions on.
        return_scale: what an undiscounted return is divided by before a network sees it.
        target_return: undiscounted return asked of an agent conditioned on one.
        position_columns: columns of the observation that tell where the agent is, in mazes.
        goal_columns: columns that tell where it should be.
        settings: what an agent does differently on this task: agent -> setting -> value.
    """

    name: str
    benchmark: str
    dataset: str
    env_id: str
    max_steps: int
    min_score: float
    max_score: float
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    recipe: str | None = None
    view: str = "plain"
    observation_keys: tuple[str, ...] = ()
    goal_cell: Cell | None = None
    success_return: float | None = None
    discount: float = 0.99
    return_scale: float = 1.0
    target_return: float = 1.0
    position_columns: tuple[int, ...] = ()
    goal_columns: tuple[int, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def settings_for(self, agent: str) -> dict[str, Any]:
        """What an agent does differently on this task."""
        return dict(self.settings.get(agent, {}))

    def normalised(self, returns: float) -> float:
        """D4RL's score: 0 for a random policy, 100 for its expert."""
        return 100.0 * (returns - self.min_score) / (self.max_score - self.min_score)


def _adroit() -> list[Task]:
    # name: environment, steps, reference scores, undiscounted return an expert reaches.
    rows = {
        "pen": ("AdroitHandPen-v1", 100, 96.262799, 3076.8331017826877, 3000.0),
        "door": ("AdroitHandDoor-v1", 200, -56.512833, 2880.5693087298737, 3000.0),
        "hammer": ("AdroitHandHammer-v1", 200, -274.856578, 12794.134825156867, 13000.0),
        "relocate": ("AdroitHandRelocate-v1", 200, -6.425911, 4233.877797728884, 4300.0),
    }
    return [
        Task(
            name=f"adroit-{hand}-{quality}",
            benchmark="adroit",
            dataset=f"D4RL/{hand}/{quality}-v2",
            env_id=env_id,
            max_steps=max_steps,
            min_score=low,
            max_score=high,
            return_scale=1000.0,
            target_return=target,
            # The hands leave what was recorded when guided, or when a plan is followed for long.
            settings={"diffuser": {"guide_scale": 0.0, "replan_every": 4}},
        )
        for hand, (env_id, max_steps, low, high, target) in rows.items()
        for quality in ("human", "cloned", "expert")
    ]


def _kitchen() -> list[Task]:
    first = ["microwave", "kettle"]
    goals = {
        "complete": [*first, "light switch", "slide cabinet"],
        "partial": [*first, "light switch", "slide cabinet"],
        "mixed": [*first, "bottom burner", "light switch"],
    }
    return [
        Task(
            name=f"kitchen-{quality}",
            benchmark="kitchen",
            dataset=f"D4RL/kitchen/{quality}-v2",
            recipe=f"mage/kitchen/{quality}-v0",
            env_id="FrankaKitchen-v1",
            env_kwargs={"tasks_to_complete": goals[quality]},
            max_steps=280,
            min_score=0.0,
            max_score=4.0,
            view="kitchen",
            observation_keys=("observation",),
            success_return=4.0,
            target_return=4.0,
        )
        for quality in goals
    ]


# Evaluation maps of D4RL: one start r, one goal g. The u-shaped one follows the map that the
# published data was recorded in, of which Farama's own evaluation map is the mirror image.
_ANT_MAPS: dict[str, tuple[Cell, Cell]] = {
    "umaze": ((3, 1), (1, 1)),
    "medium": ((1, 1), (6, 6)),
    "large": ((1, 1), (7, 9)),
}


def _antmaze() -> list[Task]:
    variants = {
        "umaze": ("", "-diverse"),
        "medium": ("-play", "-diverse"),
        "large": ("-play", "-diverse"),
    }
    names = {
        "umaze": "AntMaze_UMaze-v4",
        "medium": "AntMaze_Medium-v4",
        "large": "AntMaze_Large-v4",
    }
    return [
        Task(
            name=f"antmaze-{size}{variant}",
            benchmark="antmaze",
            dataset=f"D4RL/antmaze/{size}{variant}-v1",
            recipe=f"mage/antmaze/{size}-v0",
            env_id=names[size],
            env_kwargs={
                "maze_map": maze_map(size, {_ANT_MAPS[size][0]: "r", _ANT_MAPS[size][1]: "g"}),
                "continuing_task": False,
                "reset_target": False,
            },
            max_steps=700 if size == "umaze" else 1000,
            min_score=0.0,
            max_score=1.0,
            view="antmaze",
            observation_keys=("achieved_goal", "observation", "desired_goal"),
            discount=0.995,
            position_columns=(0, 1),
            goal_columns=(29, 30),
        )
        for size in names
        for variant in variants[size]
    ]


@dataclass(frozen=True)
class _PointMaze:
    """What the two benchmarks in point mazes share."""

    env_id: str
    goal_cell: Cell
    max_steps: int
    min_score: float
    max_score: float


_POINT_MAZES = {
    "umaze": _PointMaze("PointMaze_UMaze-v3", (1, 1), 300, 23.85, 161.86),
    "medium": _PointMaze("PointMaze_Medium-v3", (6, 6), 600, 13.13, 277.39),
    "large": _PointMaze("PointMaze_Large-v3", (7, 9), 800, 6.7, 273.99),
}

# The recorded agents hold a goal for at most 100 steps. With 0.98 that is nearly all there is to
# get; with 0.99 the best recorded returns are those of lucky second visits, and going for them
# means to leave.
_POINT_MAZE_DISCOUNT = 0.98

# Few of the recorded ways lead to the goal, so what is good from a state is far above what is
# usual there: with an expectile of 0.97 plans follow the crowd. In the larger mazes 0.999 is luck.
# Tokens drawn at a low temperature get an agent out of where the likeliest plan is to stay.
_MAGE_IN_POINT_MAZES = {
    "umaze": {"expectile": 0.999, "temperature": 0.3},
    "medium": {"expectile": 0.995, "temperature": 0.3},
    "large": {"expectile": 0.995, "temperature": 0.3},
}

# IQL: what its paper uses in mazes; rewards scaled so that the weights of actions stay in range.
# DT: the state tells all, and with a longer context it scores like cloning, perhaps because recent
# steps give away where the recorded agent was going. Diffuser: the best of eight pairs.
_POINT_MAZE_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "dt": {"context_size": 1, "batch_size": 256},
    "iql": {"expectile": 0.9, "weight_temp": 10.0, "reward_scale": 0.1},
    "diffuser": {"guide_scale": 10.0},
}

# What the best recorded stretches of an evaluation's length reach in the u-shaped maze.
_POINT_MAZE_TARGET = 250.0


def _point_maze_task(benchmark: str, size: str, **columns: Any) -> Task:
    maze = _POINT_MAZES[size]
    goals = {maze.goal_cell: "c"} if benchmark == "maze2d" else {}
    return Task(
        name=f"{benchmark}-{size}",
        benchmark=benchmark,
        dataset=f"D4RL/pointmaze/{size}-v2",
        recipe=f"mage/maze2d/{size}-v0",
        env_id=maze.env_id,
        env_kwargs={
            "maze_map": maze_map(size, goals, free="r" if goals else "c"),
            "continuing_task": True,
            "reset_target": False,
        },
        max_steps=maze.max_steps,
        min_score=maze.min_score,
        max_score=maze.max_score,
        view=benchmark,
        discount=_POINT_MAZE_DISCOUNT,
        return_scale=100.0,
        position_columns=(0, 1),
        target_return=_POINT_MAZE_TARGET,
        settings={"mage": _MAGE_IN_POINT_MAZES[size], **_POINT_MAZE_SETTINGS},
        **columns,
    )


def _maze2d() -> list[Task]:
    return [
        _point_maze_task(
            "maze2d",
            size,
            observation_keys=("observation",),
            goal_cell=maze.goal_cell,
        )
        for size, maze in _POINT_MAZES.items()
    ]


def _multi2d() -> list[Task]:
    return [
        _point_maze_task(
            "multi2d",
            size,
            observation_keys=("observation", "desired_goal"),
            goal_columns=(4, 5),
        )
        for size in _POINT_MAZES
    ]


TASKS: dict[str, Task] = {
    task.name: task for task in [*_adroit(), *_kitchen(), *_antmaze(), *_maze2d(), *_multi2d()]
}
