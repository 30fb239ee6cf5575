"""What each benchmark makes of a recorded episode."""

from __future__ import annotations

import numpy as np

from benchmark.datasets.views import GOALS_IN_HINDSIGHT, Episode, arrays_of, cell_centre
from benchmark.interface import Dataset
from benchmark.tasks import TASKS, Task


def _episode(rewards: list[float], positions: list[tuple[float, float]] | None = None) -> Episode:
    steps = len(rewards)
    observations = np.zeros((steps + 1, 4))
    if positions:
        observations[:, :2] = positions
    return Episode(observations, np.zeros((steps, 2)), np.array(rewards), terminated=False)


def _arrays(task: Task, *episodes: Episode) -> Dataset:
    return arrays_of(task, episodes, sum(len(each.actions) for each in episodes))


def test_kitchen_rewards_each_sub_task_once_and_ends_when_all_are_done() -> None:
    dataset = _arrays(TASKS["kitchen-complete"], _episode([0, 1, 1, 3, 2, 4, 4]))
    assert dataset.rewards.tolist() == [0, 1, 0, 2, 0, 1, 0]
    assert dataset.terminals[-1]


def test_antmaze_ends_at_the_goal() -> None:
    dataset = _arrays(TASKS["antmaze-umaze"], _episode([0, 0, 1, 1]), _episode([0, 0]))
    assert dataset.rewards.tolist() == [0, 0, 1, 0, 0]
    assert dataset.terminals.tolist() == [False, False, True, False, False]
    assert dataset.timeouts.tolist() == [False, False, False, False, True]


def test_maze2d_rewards_the_hidden_goal_after_the_step() -> None:
    task = TASKS["maze2d-umaze"]
    x, y = cell_centre(task, (1, 1))
    path = [(x + 2, y), (x + 0.46, y), (x + 0.44, y), (x, y)]
    dataset = _arrays(task, _episode([9, 9, 9], path))
    assert dataset.rewards.tolist() == [0, 1, 1]
    assert dataset.observations.shape == (3, 4)
    assert dataset.timeouts.tolist() == [False, False, True]


def test_multi2d_tells_each_piece_for_goals_that_were_reached() -> None:
    task = TASKS["multi2d-umaze"]
    path = [(float(step), 0.0) for step in range(701)]
    dataset = _arrays(task, _episode([0.0] * 700, path))
    lengths = (dataset.ends - dataset.starts).tolist()
    assert lengths == [*[300] * 2 * GOALS_IN_HINDSIGHT, *[100] * GOALS_IN_HINDSIGHT]
    assert dataset.timeouts.sum() == len(lengths)
    goals = dataset.observations[:, 4:]
    for start, end in zip(dataset.starts, dataset.ends, strict=True):
        assert len(np.unique(goals[start:end], axis=0)) == 1
        first, last = dataset.observations[[start, end - 1], 0]
        assert first <= goals[start, 0] <= last
    assert len(np.unique(goals[:, 0])) == 3 * GOALS_IN_HINDSIGHT
    assert set(dataset.rewards.tolist()) == {0.0, 1.0}


def test_the_same_data_twice() -> None:
    task, episode = TASKS["multi2d-umaze"], _episode([0.0] * 400, [(i, 0) for i in range(401)])
    first, second = _arrays(task, episode), _arrays(task, episode)
    assert np.array_equal(first.observations, second.observations)


def test_cell_centres_are_those_of_the_environment() -> None:
    from benchmark.environments import make_environment

    for name in ("maze2d-umaze", "maze2d-large"):
        task = TASKS[name]
        env = make_environment(task)
        for cell in ((1, 1), (1, 3), (3, 2)):
            expected = env.unwrapped.maze.cell_rowcol_to_xy(np.array(cell))
            assert np.allclose(cell_centre(task, cell), expected)
        env.close()
