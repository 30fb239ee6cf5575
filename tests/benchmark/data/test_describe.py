"""Statistics of made-up data, and the text made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.data.describe import figures_text, labelled, summarise, summary_text
from benchmark.data.recorded_figures import RecordedFigures, figures_of
from benchmark.interface import Dataset
from benchmark.tasks import TASKS, Task
from tests.baselines.synthetic_tasks import dataset_of

# Three episodes of 2, 3 and 5 steps, with returns 0, 4 and 2.
LENGTHS = (2, 3, 5)
REWARDS = [0, 0, 1, 1, 2, 0, 0, 0, 0, 2]
ABOUT = {
    **{"id": "some/data-v0", "kind": "own data", "author": "", "description": "", "hash": "abcd"},
    **{"recorded_episodes": 12, "recorded_steps": 40},
}


@pytest.fixture
def dataset() -> Dataset:
    ends = np.isin(np.arange(10), np.cumsum(LENGTHS) - 1)
    return Dataset(
        observations=np.zeros((10, 4), np.float32),
        actions=np.zeros((10, 2), np.float32),
        rewards=np.array(REWARDS, np.float32),
        terminals=np.zeros(10, np.bool_),
        timeouts=ends,
    )


@pytest.fixture
def task() -> Task:
    return replace(TASKS["kitchen-complete"], name="made-up", min_score=1.0, max_score=5.0)


def test_known_numbers(dataset: Dataset, task: Task) -> None:
    summary = summarise(dataset, task)
    assert (summary.observation_size, summary.action_size) == (4, 2)
    assert (summary.episodes, summary.steps) == (3, 10)
    assert summary.lengths == (2, 3, 5)
    # Between 0, 2 and 4 at 0, 50 and 100 % quantiles lie on a straight line.
    assert summary.returns == pytest.approx((0, 0.4, 1, 2, 3, 3.6, 4))
    assert summary.scores == pytest.approx((-25, -15, 0, 25, 50, 65, 75))
    assert summary.rewarded == pytest.approx(0.4)


def test_success_is_a_return_where_the_task_says_which(dataset: Dataset, task: Task) -> None:
    assert summarise(dataset, task).solved == pytest.approx(1 / 3)
    assert summarise(dataset, replace(task, success_return=2.0)).solved == pytest.approx(2 / 3)


def test_a_task_that_stays_solved_is_not_solved_again_in_every_step() -> None:
    # Solved in the second step, and in the next two; then never in three steps.
    dataset = dataset_of(
        *(np.zeros((7, 4)), np.zeros((7, 2)), np.array([-1.0, 0, 0, 0, -1, -1, -1])),
        {1: "terminal", 2: "terminal", 3: "terminal", 6: "timeout"},
    )
    summary = summarise(dataset, TASKS["ogbench-cube-single-play-task2"])
    assert summary.solved == pytest.approx(1 / 2)
    text = summary_text(summary, TASKS["ogbench-cube-single-play-task2"], ABOUT)
    words = "50.0% of the episodes end with the task solved, of those of two or more steps"
    assert words in text


@pytest.mark.parametrize("name", ["antmaze-umaze", "maze2d-umaze", "multi2d-umaze"])
def test_success_is_any_reward_in_mazes(dataset: Dataset, name: str) -> None:
    assert summarise(dataset, TASKS[name]).solved == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("name", "text"),
    [("adroit-pen-human", "not recorded"), ("hopper-medium", "n/a: the task has none")],
)
def test_success_is_not_guessed(dataset: Dataset, name: str, text: str) -> None:
    summary = summarise(dataset, TASKS[name])
    assert summary.solved is None
    assert f"success             {text}" in summary_text(summary, TASKS[name], ABOUT)


@pytest.mark.parametrize("task_row", TASKS.values(), ids=TASKS)
def test_every_task_can_be_described(dataset: Dataset, task_row: Task) -> None:
    assert summary_text(summarise(dataset, task_row), task_row, ABOUT)


def test_the_text_holds_the_numbers(dataset: Dataset, task: Task) -> None:
    lines = summary_text(
        summarise(dataset, task), task, {**ABOUT, "description": "Made up.", "author": "me"}
    ).splitlines()
    assert lines[0] == "made-up"
    values = {line[2:22].strip(): line[22:].split() for line in lines[1:]}
    assert values["quantiles"] == [
        "0",
        "%",
        "10",
        "%",
        "25",
        "%",
        "50",
        "%",
        "75",
        "%",
        "90",
        "%",
        "100",
        "%",
    ]
    assert values["return"] == ["0.00", "0.40", "1.00", "2.00", "3.00", "3.60", "4.00"]
    assert values["normalised score"] == ["-25.0", "-15.0", "0.0", "25.0", "50.0", "65.0", "75.0"]
    words = {name: " ".join(value) for name, value in values.items()}
    assert words["dataset"] == "some/data-v0, hash abcd"
    assert words["what it is"] == "own data, 12 episodes; published set: 19 episodes"
    assert words["author"] == "me"
    assert words["in its own words"] == "Made up."
    assert words["sizes"] == "observation 4, action 2"
    assert words["recorded"] == "3 episodes, 10 steps"
    assert words["episode length"] == (
        "min 2, median 3, max 5 steps; an evaluation has at most 280"
    )
    assert words["success"] == "33.3% of the episodes have a return of at least 4"
    assert words["reward"] == "not zero in 40.0% of the steps"
    assert words["reference scores"] == ("a return of 1 scores 0, 5 scores 100 (as the task says)")


def test_the_text_says_how_much_was_clipped_and_what_success_means(
    dataset: Dataset, task: Task
) -> None:
    summary = summarise(dataset, task)
    clipped = summary_text(summary, task, {**ABOUT, "clipped_actions": 0.254})
    assert "  actions             clipped to their bounds in 25.4% of the steps" in clipped
    plain = summary_text(summary, task, ABOUT)
    assert "  actions             within bounds" in plain
    assert "  in its own words    none" in plain
    meaning = {
        "antmaze-umaze": "reached the goal",
        "maze2d-umaze": "came to the hidden goal",
        "multi2d-umaze": "reached the goal, which was chosen in hindsight",
    }
    for name, words in meaning.items():
        text = summary_text(summarise(dataset, TASKS[name]), TASKS[name], ABOUT)
        assert f"  success             66.7% of the episodes {words}\n" in text


def test_a_cost_is_a_reward_that_is_not_zero_but_no_success(dataset: Dataset) -> None:
    costly = replace(dataset, rewards=np.array([-1.0] * 5 + [0, 0, 0, 0, 3], np.float32))
    summary = summarise(costly, TASKS["antmaze-umaze"])
    assert (summary.rewarded, summary.solved) == pytest.approx((0.6, 1 / 3))


def test_the_text_says_whose_reference_scores_count(dataset: Dataset, task: Task) -> None:
    about = {**ABOUT, "reference_scores": (0.0, 9.0)}
    hand = TASKS["adroit-pen-human"].scored_by((0.0, 9.0))
    text = summary_text(summarise(dataset, hand), hand, about)
    assert "a return of 0 scores 0, 9 scores 100 (the dataset says so)" in text
    # The kitchen's view gives rewards of its own.
    assert "(as the task says)" in summary_text(summarise(dataset, task), task, about)


def test_long_values_are_wrapped_below_themselves() -> None:
    lines = labelled("name", "word " * 40).splitlines()
    assert len(lines) > 1 and all(len(line) <= 100 for line in lines)
    assert lines[0].startswith("  name  ")
    assert lines[1].startswith(" " * 22 + "word")


def _figures(seed: int, wide: float = 1.0) -> RecordedFigures:
    rng = np.random.default_rng(seed)
    return figures_of(
        (rng.standard_normal((9, 1)), wide * rng.standard_normal((8, 2)), np.eye(1, 8)[0])
        for _ in range(30)
    )


def test_what_was_recorded_stands_beside_what_its_script_records() -> None:
    figures, reference = _figures(0), _figures(1)
    text = figures_text(figures, reference)
    words = " ".join(text.split())
    assert words.startswith(
        "as recorded 30 episodes; min 8, median 8, max 8 steps goals in an epis"
    )
    assert "episode 1.0 reached on average" in words
    assert "as by its script yes: beside 30 episodes that OGBench's own script recorded" in words
    table = [line.split() for line in text.splitlines()[-4:]]
    assert table[0] == ["column", "mean", "script's", "deviation", "script's"] + [
        part for share in (0, 25, 50, 75, 100) for part in (str(share), "%")
    ]
    assert [row[:2] for row in table[1:]] == [
        ["observation", "0"],
        ["action", "0"],
        ["action", "1"],
    ]
    assert float(table[3][2]) == pytest.approx(figures.actions.mean[1], rel=0.01)
    assert float(table[3][3]) == pytest.approx(reference.actions.mean[1], rel=0.01)
    assert float(table[3][4]) == pytest.approx(figures.actions.variance[1] ** 0.5, rel=0.01)
    assert float(table[3][10]) == pytest.approx(figures.actions.quantiles[4, 1], rel=0.01)
    assert "as by its script NO: beside" in " ".join(
        figures_text(_figures(0, 2), reference).split()
    )


def test_without_a_reference_the_figures_stand_alone() -> None:
    text = figures_text(replace(_figures(0), reached=None), None)
    words = " ".join(text.split())
    assert "goals in an episode not recorded" in words
    assert "as by its script not known: there are no figures to compare it with" in words
    assert text.splitlines()[-1].split()[3] == "-"
