"""Scores of one task on two reference scales: refused where they would come together."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.cli.report import app
from benchmark.errors import UserError
from benchmark.records.record import Record
from benchmark.statistics.reference_scales import check_scales, scale_use
from benchmark.statistics.score_frames import run_frame
from benchmark.tasks import TASKS
from tests.benchmark.synthetic_records import completed, failed, written

DOOR, PEN, KITCHEN = "adroit-door-expert", "adroit-pen-expert", "kitchen-complete"
OWN = {"id": "my/door-v0", "hash": "b", "reference_scores": [0.0, 4000.0]}
PLAIN = {"id": "D4RL/door/expert-v2", "hash": "a"}  # Brings none: the table's scale counts.
SAME = {**PLAIN, "reference_scores": [TASKS[DOOR].min_score, TASKS[DOOR].max_score]}


def door(agent: str, dataset: dict[str, object], returns: float = 1500.0) -> Record:
    """A run scored as its evaluation scores it."""
    own = dataset.get("reference_scores")
    score = TASKS[DOOR].scored_by(own).normalised(returns)  # type: ignore[arg-type]
    return completed(DOOR, agent, 0, score, dataset=dataset, scores=[score - 1, score + 1])


def check(*records: Record) -> None:
    check_scales(map(scale_use, records))


def test_a_dataset_with_a_scale_of_its_own_and_one_without_do_not_mix() -> None:
    with pytest.raises(UserError) as refusal:
        run_frame([door("mage", PLAIN), door("bc", PLAIN), door("dt", OWN)])
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
    check(door("mage", OWN), completed(PEN, "mage", 0, 1.0, dataset=PLAIN))
    # A run without a score is on none.
    assert len(run_frame([door("mage", PLAIN), failed(DOOR, "bc", 0, dataset=OWN)])) == 2


def test_where_rewards_are_given_anew_the_scale_of_a_dataset_says_nothing() -> None:
    check(*(completed(KITCHEN, "mage", 0, 1.0, dataset=data) for data in (PLAIN, OWN)))
    use = scale_use(completed(KITCHEN, "mage", 0, 1.0, dataset=OWN))
    assert (use.zero, use.hundred) == (0.0, 4.0)


def test_a_task_that_is_in_no_table_has_the_scale_of_its_data() -> None:
    own, other = ({**OWN, "reference_scores": [0.0, top]} for top in (1.0, 2.0))
    check(*(completed("own-task", "mage", seed, 1.0, dataset=own) for seed in (0, 1)))
    check(*(completed("own-task", "mage", seed, 1.0, dataset=PLAIN) for seed in (0, 1)))
    for data in (other, PLAIN):
        with pytest.raises(UserError, match="own-task has scores on different"):
            check(*(completed("own-task", "mage", 0, 1.0, dataset=each) for each in (own, data)))


@pytest.mark.usefixtures("undrawn")
def test_the_commands_refuse_with_both_scales_and_a_way_out(tmp_path: Path) -> None:
    old, new = (written(tmp_path / "old", door("mage", PLAIN)), tmp_path / "new")
    written(new, door("mage", OWN))
    both = written(tmp_path / "both", door("mage", PLAIN), door("bc", OWN))
    for arguments in (["--compare", str(old), str(new)], ["--runs", str(both)]):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 2, result.output
        told = " ".join(result.output.split())
        assert "2880.57 scores 100 in 1 run on D4RL/door/expert-v2" in told
        assert "4000 scores 100 in 1 run on my/door-v0" in told and "(--out)" in told
    assert not (both / "report").exists()
    same = CliRunner().invoke(app, ["--compare", str(old), str(old)])
    assert same.exit_code == 0, same.output
