"""Scores of one task on two reference scales: refused where they would come together."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmark.cli.report import app
from benchmark.errors import UserError
from benchmark.records.record import Record
from benchmark.reporting.captions import score_words
from benchmark.statistics.aggregates import groups
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.provenance import task_titles
from benchmark.statistics.reference_scales import (
    D4RL,
    OWN,
    RETURN,
    SUCCESS,
    check_scales,
    scale_use,
    score_decimals,
    task_scales,
)
from benchmark.statistics.score_frames import run_frame, score_frame
from benchmark.tasks import TASKS
from tests.benchmark.synthetic_records import completed, failed, written

DOOR, PEN, KITCHEN = "adroit-door-expert", "adroit-pen-expert", "kitchen-complete"
OWN_REFERENCES = {"id": "my/door-v0", "hash": "b", "reference_scores": [0.0, 4000.0]}
PLAIN = {"id": "D4RL/door/expert-v2", "hash": "a"}  # Brings none: the table's scale counts.
SAME = {**PLAIN, "reference_scores": [TASKS[DOOR].min_score, TASKS[DOOR].max_score]}


def door(agent: str, dataset: dict[str, object], returns: float = 1500.0) -> Record:
    """A run scored as its evaluation scores it."""
    own = dataset.get("reference_scores")
    score = TASKS[DOOR].scored_by(own).score_of(returns)  # type: ignore[arg-type]
    return completed(DOOR, agent, 0, score, dataset=dataset, scores=[score - 1, score + 1])


def check(*records: Record) -> None:
    check_scales(map(scale_use, records))


def test_a_dataset_with_a_scale_of_its_own_and_one_without_do_not_mix() -> None:
    with pytest.raises(UserError) as refusal:
        run_frame([door("mage", PLAIN), door("bc", PLAIN), door("dt", OWN_REFERENCES)])
    assert str(refusal.value) == (
        "adroit-door-expert has scores on different reference scales, which the datasets bring "
        "with them: a return of -56.5128 scores 0 and 2880.57 scores 100 in 2 runs on "
        "D4RL/door/expert-v2; 0 scores 0 and 4000 scores 100 in 1 run on my/door-v0. They have "
        "neither a mean nor a difference: keep runs of each scale in a folder of their own "
        "(--out), and compare runs on one dataset (--dataset)"
    )


def test_one_scale_from_two_places_is_one() -> None:
    check(door("mage", PLAIN), door("bc", SAME))
    # Each task has a scale of its own.
    check(door("mage", OWN_REFERENCES), completed(PEN, "mage", 0, 1.0, dataset=PLAIN))
    # A run without a score is on none.
    assert len(run_frame([door("mage", PLAIN), failed(DOOR, "bc", 0, dataset=OWN_REFERENCES)])) == 2


def test_where_rewards_are_given_anew_the_scale_of_a_dataset_says_nothing() -> None:
    check(*(completed(KITCHEN, "mage", 0, 1.0, dataset=data) for data in (PLAIN, OWN_REFERENCES)))
    use = scale_use(completed(KITCHEN, "mage", 0, 1.0, dataset=OWN_REFERENCES))
    assert (use.zero, use.hundred) == (0.0, 4.0)


def test_a_task_that_is_in_no_table_has_the_scale_of_its_data() -> None:
    own, other = ({**OWN_REFERENCES, "reference_scores": [0.0, top]} for top in (1.0, 2.0))
    check(*(completed("own-task", "mage", seed, 1.0, dataset=own) for seed in (0, 1)))
    check(*(completed("own-task", "mage", seed, 1.0, dataset=PLAIN) for seed in (0, 1)))
    for data in (other, PLAIN):
        with pytest.raises(UserError, match="own-task has scores on different"):
            check(*(completed("own-task", "mage", 0, 1.0, dataset=each) for each in (own, data)))


@pytest.mark.usefixtures("undrawn")
def test_the_commands_refuse_with_both_scales_and_a_way_out(tmp_path: Path) -> None:
    old, new = (written(tmp_path / "old", door("mage", PLAIN)), tmp_path / "new")
    written(new, door("mage", OWN_REFERENCES))
    both = written(tmp_path / "both", door("mage", PLAIN), door("bc", OWN_REFERENCES))
    for arguments in (["--compare", str(old), str(new)], ["--runs", str(both)]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 2, result.output
        told = " ".join(result.output.split())
        assert "2880.57 scores 100 in 1 run on D4RL/door/expert-v2" in told
        assert "4000 scores 100 in 1 run on my/door-v0" in told and "(--out)" in told
    assert not (both / "report").exists()
    same = CliRunner().invoke(app, ["--compare", str(old), str(old)])
    assert same.exit_code == 0, same.output


def own(task: str, agent: str, score: float, **changes: object) -> Record:
    """A run of a task that is in no table."""
    dataset = {"id": f"my/{task}", "kind": "own data"}
    return completed(task, agent, 0, score, benchmark="own-data", dataset=dataset, **changes)


def of_three_tasks() -> list[Record]:
    """Two tasks with references of their own and one without."""
    mine = {"references": [0.0, 10.0]}
    return [
        *(own("one-v0", agent, score, **mine) for agent, score in (("mage", 40.0), ("bc", 20.0))),
        *(own("two-v0", agent, score, **mine) for agent, score in (("mage", 60.0), ("bc", 10.0))),
        *(
            own("plain-v0", agent, score, scale="returns")
            for agent, score in (("mage", -0.0312), ("bc", -0.0456))
        ),
    ]


def test_what_scores_are_is_known_for_each_task() -> None:
    runs = run_frame([*of_three_tasks(), door("mage", PLAIN), door("bc", SAME)])
    assert task_scales(runs) == {**{DOOR: D4RL, "one-v0": OWN, "two-v0": OWN, "plain-v0": RETURN}}
    assert task_scales(run_frame([door("mage", OWN_REFERENCES)])) == {DOOR: OWN}
    titles = task_titles(runs)
    assert titles["plain-v0"] == "plain-v0 (own data; return)"
    assert task_titles(runs, of_scores=False)["plain-v0"] == "plain-v0 (own data)"


def test_nothing_is_worked_out_of_returns_and_other_tasks() -> None:
    runs = run_frame(of_three_tasks())
    scores = score_frame(runs)
    averages = scores[scores["task"] == "average"].set_index("agent")
    assert averages["mean"].to_dict() == {"mage": 50.0, "bc": 15.0}
    assert averages["tasks"].tolist() == [2, 2]
    differences = difference_frame(runs).set_index("task")
    assert differences.loc["average", "difference"] == 35.0
    assert differences.loc["plain-v0", "difference"] == pytest.approx(0.0144)
    (group,) = groups(runs, scores)
    assert group.tasks == ["one-v0", "two-v0"]
    assert group.left_out == [
        "task plain-v0 is left out: its scores are returns, and no normalised ones"
    ]
    returns = run_frame(of_three_tasks()[4:])
    (group,) = groups(returns, score_frame(returns))
    assert (group.tasks, group.scores) == ([], {})
    assert set(score_frame(returns)["task"]) == {"plain-v0"}


def test_small_returns_are_printed_with_digits_that_count() -> None:
    sizes = {850.0: 1, 85.0: 1, 8.5: 2, -0.85: 3, 0.0312: 4, 1e-9: 6, 0.0: 1}
    printed = {size: score_decimals(pd.Series([size, 0.0]), RETURN) for size in sizes}
    assert printed == sizes
    assert score_decimals(pd.Series([0.0312]), D4RL) == 1


def test_returns_and_scores_of_one_task_do_not_mix() -> None:
    with pytest.raises(UserError, match="any size is its own score, without references, in 1 run"):
        check(
            own("one-v0", "mage", 3.0, references=[0.0, 10.0]),
            own("one-v0", "bc", 3.0, scale="returns"),
        )


def test_successes_are_a_scale_of_their_own_which_has_averages() -> None:
    maze = "ogbench-pointmaze-medium-navigate"
    records = [
        completed(f"ogbench-pointmaze-{size}-navigate", "mage", 0, score, scale="successes")
        for size, score in (("medium", 80.0), ("giant", 40.0))
    ]
    runs = run_frame(records)
    assert set(task_scales(runs).values()) == {SUCCESS}
    assert score_words(runs) == "success in percent"
    scores = score_frame(runs).set_index("task")
    assert scores.loc["average", "mean"] == 60.0
    assert task_scales(run_frame([failed(maze, "mage", 0)])) == {maze: SUCCESS}
