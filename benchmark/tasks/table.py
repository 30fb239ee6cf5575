"""The table of tasks: what is to be learned, and how it is scored. No agent is named here."""

from __future__ import annotations

from benchmark.tasks.adroit import ADROIT
from benchmark.tasks.antmaze import ANTMAZE
from benchmark.tasks.kitchen import KITCHEN
from benchmark.tasks.locomotion import LOCOMOTION
from benchmark.tasks.ogbench import OGBENCH_ARMS, OGBENCH_MAZES
from benchmark.tasks.point_maze import MAZE2D, MULTI2D
from benchmark.tasks.task import Task

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        *(*ADROIT, *KITCHEN, *ANTMAZE, *MAZE2D, *MULTI2D, *LOCOMOTION),
        *(*OGBENCH_MAZES, *OGBENCH_ARMS),
    )
}
