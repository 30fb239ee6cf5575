"""Measuring trained agents: what is kept of each, and what one that fails costs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.agents.saved import WEIGHTS
from benchmark.errors import UserError
from benchmark.evaluation import run_calibration
from benchmark.evaluation.perturbations import Perturbation
from benchmark.evaluation.run_calibration import (
    calibrate_run,
    calibrate_runs,
    check_nothing_is_lost,
    perturbed_scores,
)
from benchmark.interface import FloatArray
from benchmark.records.calibration_record import content_hash, is_of_record, read_calibrations
from benchmark.records.files import RunFiles
from benchmark.records.record import Record
from benchmark.tasks import TASKS
from tests.benchmark.evaluation.trained_runs import TASK, train

pytestmark = pytest.mark.usefixtures("short")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Episodes of six steps."""
    short = replace(TASKS[TASK], max_steps=6)
    monkeypatch.setattr(run_calibration, "trained_task", lambda folder: short)


def trained(folder: Path, *names: str) -> list[Record]:
    return [train(folder, folder / "agents.py", name) for name in names]


def test_all_that_is_needed_to_trace_it_is_kept(tmp_path: Path) -> None:
    (record,) = trained(tmp_path, "Planner")
    measured = calibrate_run(tmp_path, record, 3, "cpu")
    assert measured is not None
    files = RunFiles(tmp_path, record.run.name)
    assert measured.run == "maze2d-umaze/planner/seed-0"
    assert measured.record_hash == content_hash(files.record) and is_of_record(tmp_path, measured)
    assert measured.weights_hash == content_hash(files.agent / "weights")
    assert measured.episode_seeds == [600_000, 600_001, 600_002]
    assert (measured.asking_unit, measured.discount) == ("force", 1)
    assert [level.asked for level in measured.levels] == [[0.0] * 3, [1.0] * 3]
    assert list(measured.exchange_scores) == ["own", "episode", "state", "random"]
    assert all(len(scores) == 3 for scores in measured.exchange_scores.values())
    assert measured.plan_share == pytest.approx(1) and measured.states == 6
    assert "python" in measured.versions and measured.machine["device"] == "cpu"
    assert measured.started is not None


def test_perturbations_are_measured_of_every_agent_and_leave_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delay, start = Perturbation("delay", 1), Perturbation("start", 2)
    planner, silent = trained(tmp_path, "Planner", "Silent")
    (outcome,) = calibrate_runs(tmp_path, [planner], 3, "cpu", 1)
    assert outcome.status == "measured"
    for record in (planner, silent):
        list(calibrate_runs(tmp_path, [record], 3, "cpu", 1, [delay]))
    list(calibrate_runs(tmp_path, [planner], 3, "cpu", 1, [start]))
    of_planner, of_silent = read_calibrations(tmp_path)
    assert list(of_planner.perturbed_scores) == ["none", "delay=1", "start=2"]
    assert of_planner.levels and of_planner.exchange_scores, "what was measured before stays"
    assert list(of_silent.perturbed_scores) == ["none", "delay=1"] and not of_silent.levels
    list(calibrate_runs(tmp_path, [planner], 3, "cpu", 1))
    assert next(read_calibrations(tmp_path)).perturbed_scores == of_planner.perturbed_scores
    # Of other episodes, of an agent that was trained again, or by another version, nothing stays.
    with monkeypatch.context() as patch:
        patch.setattr(run_calibration.system, "commit", lambda: "another")
        list(calibrate_runs(tmp_path, [planner], 3, "cpu", 1, [delay]))
    (of_delay,) = (one for one in read_calibrations(tmp_path) if one.commit == "another")
    assert list(of_delay.perturbed_scores) == ["none", "delay=1"] and not of_delay.levels
    list(calibrate_runs(tmp_path, [planner], 2, "cpu", 1))
    assert not next(read_calibrations(tmp_path)).perturbed_scores


def test_what_was_measured_in_another_way_is_not_replaced_by_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delay = [Perturbation("delay", 1)]
    (planner,) = trained(tmp_path, "Planner")
    list(calibrate_runs(tmp_path, [planner], 3, "cpu", 1))
    path = RunFiles(tmp_path, planner.run.name).calibration
    check_nothing_is_lost(tmp_path, [planner], 3, "cpu", delay)
    check_nothing_is_lost(tmp_path, [planner], 2, "cpu")  # Replaced by what it is itself.
    with pytest.raises(UserError) as refused:
        check_nothing_is_lost(tmp_path, [planner], 2, "cpu", delay)
    assert str(refused.value) == (
        f"{path} has returns asked, plans, measured with --episodes 3, and would lose that; "
        "measure in the same way, or delete that file first"
    )
    list(calibrate_runs(tmp_path, [planner], 3, "cpu", 1, delay))
    monkeypatch.setattr(run_calibration.system, "commit", lambda: "another")
    for perturbations in ([], [Perturbation("start", 1)]):
        with pytest.raises(UserError, match=r"has .*delay=1, measured with the code of commit "):
            check_nothing_is_lost(tmp_path, [planner], 3, "cpu", perturbations)
    path.unlink()
    check_nothing_is_lost(tmp_path, [planner], 2, "cpu", delay)


def test_the_same_episodes_are_played_with_and_without(tmp_path: Path) -> None:
    starts: list[float] = []

    class Noting:
        def reset(self, n_envs: int) -> None:
            self.has_begun = False

        def act(self, observations: FloatArray, last_rewards: FloatArray) -> FloatArray:
            if not self.has_begun:
                starts.append(float(observations[0, 0]))
            self.has_begun = True
            return observations[:, :2] * 0

    task = replace(TASKS[TASK], max_steps=3)
    scores = perturbed_scores(Noting(), task, [600_000], [Perturbation("delay", 1)])  # type: ignore[arg-type]
    assert list(scores) == ["none", "delay=1"]
    assert len(starts) == 2 and starts[0] == starts[1]


@pytest.mark.parametrize("references", [{"reference_scores": [-1.0, 1.0]}, {}])
def test_scores_are_by_the_scale_of_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, references: dict[str, list[float]]
) -> None:
    plain = replace(TASKS[TASK], relabel="plain")  # Else rewards are not those of the data.
    monkeypatch.setattr(run_calibration, "trained_task", lambda _: plain)
    data = {"id": "own", "hash": "c", **references}
    record = train(tmp_path, tmp_path / "agents.py", "Asked", dataset=data)
    measured = calibrate_run(tmp_path, record, 2, "cpu")
    assert measured is not None
    # Nobody reaches a goal within six steps: 0 is 50 between -1 and 1.
    assert measured.levels[0].scores == [50.0 if references else plain.score_of(0.0)] * 2


def test_who_is_only_asked_has_no_plans_and_who_is_neither_has_nothing(tmp_path: Path) -> None:
    asked, silent = trained(tmp_path, "Asked", "Silent")
    measured = calibrate_run(tmp_path, asked, 2, "cpu")
    assert measured is not None and measured.levels and not measured.exchange_scores
    assert calibrate_run(tmp_path, silent, 2, "cpu") is None


def test_one_that_fails_costs_only_itself(tmp_path: Path) -> None:
    records = trained(tmp_path, "Failing", "Silent", "Asked")
    (tmp_path / "runs" / TASK / "silent" / "seed-0" / "weights" / "weights.txt").write_text("some")
    outcomes = list(calibrate_runs(tmp_path, records, 2, "cpu", jobs=1))
    assert [outcome.status for outcome in outcomes] == ["failed", "failed", "measured"]
    assert outcomes[0].text == "RuntimeError: lost its way"
    assert "no agent can be loaded from" in outcomes[1].text
    (kept,) = read_calibrations(tmp_path)
    assert kept.run == "maze2d-umaze/asked/seed-0"
    assert kept.seconds is not None and kept.seconds > 0


def test_side_by_side_they_give_the_same(tmp_path: Path) -> None:
    records = trained(tmp_path, "Asked", "Silent")
    # Other processes play whole episodes.
    outcomes = {each.run: each.status for each in calibrate_runs(tmp_path, records, 2, "cpu", 2)}
    assert outcomes == {
        "maze2d-umaze/asked/seed-0": "measured",
        "maze2d-umaze/silent/seed-0": "nothing to measure",
    }
    (kept,) = read_calibrations(tmp_path)
    assert [level.asked for level in kept.levels] == [[0.0] * 2, [1.0] * 2]


@pytest.mark.parametrize("what", ["versions", "machine", "weights"])
def test_nothing_stays_of_other_weights_libraries_or_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    (planner,) = trained(tmp_path, "Planner")
    list(calibrate_runs(tmp_path, [planner], 3, "cpu", 1))
    if what == "weights":
        monkeypatch.setattr(
            run_calibration,
            "content_hash",
            lambda path: "other" if path.name == WEIGHTS else content_hash(path),
        )
    else:
        monkeypatch.setattr(run_calibration.system, what, lambda *_: {"device": "other"})
    list(calibrate_runs(tmp_path, [planner], 3, "cpu", 1, [Perturbation("delay", 1)]))
    (kept,) = read_calibrations(tmp_path)
    assert list(kept.perturbed_scores) == ["none", "delay=1"] and not kept.levels
