"""The phases of a run: what each is given, how long it took, and on which seeds it was scored."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.agents.saved import load_agent
from benchmark.data import share
from benchmark.data.loading import LoadedDataset
from benchmark.errors import DatasetError
from benchmark.interface import Dataset
from benchmark.records.files import RunFiles, RunPlace
from benchmark.records.record import Record, RunSpec
from benchmark.running import trial
from benchmark.running.trial import run_trial
from benchmark.tasks import TASKS
from tests.benchmark.running.trial_world import Lasting, Noted, Plain, World, world

__all__ = ["world"]  # A fixture.

SETTINGS = {"width": 8, "scales": (1, 2)}
RUN = RunSpec("adroit-pen-human", "noted", 3, "smoke", 12, 4, data="local", settings=SETTINGS)


def done(place: RunPlace, run: RunSpec = RUN) -> Record:
    record = run_trial(run, place, "cpu")
    assert record is not None
    return record


def test_a_run_goes_through_its_phases_in_order(world: World, place: RunPlace) -> None:
    done(place)
    assert world.seen == [
        ("threads", 3),
        ("make", "tiny", "cpu"),
        ("load", "adroit-pen-human", "tiny", "local"),
        ("fit", 120, 12, 3),
        # The curve is scored on tuning seeds, half-way and at the end; what a return scores is the
        # dataset's own.
        ("evaluate", 6, 10.0, 30.0, 500_000),
        ("evaluate", 12, 10.0, 30.0, 500_000),
        ("save", 12),
        # The reported score is of seeds that nothing else has seen.
        ("evaluate", 12, 10.0, 30.0, 1_030_000, 1_030_001, 1_030_002, 1_030_003),
        ("latency", 12),
    ]


def test_the_record_holds_what_each_phase_found(world: World, place: RunPlace) -> None:
    record = done(place)
    assert (record.run, record.status, record.benchmark) == (RUN, "completed", "adroit")
    assert record.score == 10  # (1 + 3 + 9 + 27) / 4
    assert record.scores == [1, 3, 9, 27]
    assert record.returns == [2, 6, 18, 54]
    assert record.successes == [False, True, False, False]
    assert record.lengths == [7, 8, 9, 10]
    assert record.episode_seeds == [1_030_000, 1_030_001, 1_030_002, 1_030_003]
    assert record.latency_ms == [0.5, 0.25]
    assert (record.steps, record.resumed_at, record.parameters) == (12, [], 77)
    assert record.curve[5] == {"loss": 1 / 6, "step": 6, "score": 1.0}
    assert record.dataset == world.about
    assert record.goal == "hidden"
    assert record.config == {"width": 8, "depth": 2, "scales": [1, 2], "place": "here"}
    assert record.peak_memory_mb == 321.5
    assert record.machine["device"] == "cpu" and record.versions["python"]
    card = (RunFiles(place.out, RUN.name).agent / "README.md").read_text(encoding="utf-8")
    assert "normalised score 10.0, mean of 4 evaluation episodes" in card
    assert (record.reason, record.remedy, record.traceback) == (None, None, None)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", str(record.started))
    age = datetime.now(timezone.utc) - datetime.fromisoformat(str(record.started))
    assert timedelta(0) <= age < timedelta(hours=1)


@pytest.mark.parametrize(
    ("count", "kept"),
    [
        *((np.int64(5), 5), (2**63 - 1, 2**63 - 1), (0, 0)),
        *(("many", None), (1.5, None), (-1, None), (2**63, None)),
        (property(lambda agent: {}["boom"]), None),
    ],
)
def test_an_odd_number_of_weights_costs_no_score(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch, count: object, kept: object
) -> None:
    monkeypatch.setattr(Noted, "parameter_count", count)
    record = done(place)
    assert (record.status, record.parameters) == ("completed", kept)
    assert record.to_json()


def test_each_phase_has_its_own_time(world: World, place: RunPlace) -> None:
    assert done(place).seconds == {
        "data": 3,
        "fit": 24,  # Twelve steps of 2 s,
        "curve": 20,  # two scores of one episode,
        "evaluate": 45,  # four episodes, and 5 s for the latency;
        "total": 1 + 3 + 24 + 20 + 6 + 45,  # 1 s to make the agent, 6 s to save it.
    }


def test_a_score_of_the_curve_is_the_mean_of_the_presets_episodes(
    world: World, place: RunPlace
) -> None:
    record = done(place, replace(RUN, preset="quick"))
    # (1 + 3 + 9 + 27 + 81) / 5, four times.
    scores = [(point["step"], point["score"]) for point in record.curve if "score" in point]
    assert scores == [(step, pytest.approx(24.2)) for step in (3, 6, 9, 12)]
    assert world.seen[4][4:] == tuple(range(500_000, 500_005))


def test_an_agent_without_a_config_is_recorded_with_its_settings(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Plain, "__init__", lambda self, *args: setattr(self, "step", 0))
    assert done(place, replace(RUN, agent="plain")).config == {"width": 8, "scales": [1, 2]}


def test_the_arrays_that_the_command_shares_come_first(
    world: World, place: RunPlace, tiny_dataset: Dataset
) -> None:
    share(LoadedDataset(tiny_dataset, {"id": "shared"}), place.shared / "adroit-pen-human")
    assert done(place).dataset == {"id": "shared"}
    assert "load" not in [phase for phase, *_ in world.seen]
    # These data have no reference scores of their own: those of the task count.
    task = TASKS["adroit-pen-human"]
    assert world.seen[3] == ("evaluate", 6, task.min_score, task.max_score, 500_000)


def test_a_run_whose_time_is_spent_is_scored_as_it_is(world: World, place: RunPlace) -> None:
    record = done(place, replace(RUN, max_minutes=0.25))  # 15 s, after seven steps and a half.
    assert (record.status, record.steps, record.score) == ("capped", 8, 10)
    assert record.reason == (
        "stopped after 0.25 minutes at gradient step 8 of 12, and evaluated as it was"
    )
    assert "--max-minutes" in str(record.remedy)
    assert record.seconds["fit"] == 16
    assert ("save", 8) in world.seen


def test_a_run_that_was_interrupted_says_where_it_went_on(world: World, place: RunPlace) -> None:
    Lasting.stop = place.stop
    run = replace(RUN, agent="lasting")
    assert run_trial(run, place, "cpu") is None
    place.stop.unlink()
    record = done(place, run)
    assert (record.status, record.steps, record.resumed_at) == ("completed", 12, [4])
    assert record.seconds["fit"] == 24 and len(record.curve) == 12
    assert [part["from"] for part in record.trained_with] == [0, 4]
    assert record.trained_with[1]["versions"] == record.versions


def test_a_run_goes_on_with_no_other_data(world: World, place: RunPlace) -> None:
    Lasting.stop = place.stop
    run = replace(RUN, agent="lasting")
    world.about = {"id": "local", "hash": "1"}
    assert run_trial(run, place, "cpu") is None
    place.stop.unlink()
    world.about = {"id": "published", "hash": "2"}
    Lasting.stop = place.out / "elsewhere"
    record = done(place, run)
    assert (record.status, record.resumed_at, record.trained_with) == ("completed", [], [])
    assert record.dataset["hash"] == "2" and record.seconds["fit"] == 24


@pytest.mark.parametrize(
    ("raised", "status", "reason"),
    [
        (ValueError("two\n  lines"), "failed", "ValueError: two lines"),
        (SystemExit(3), "failed", "SystemExit: 3"),
        (DatasetError("it is gone", "look elsewhere"), "no-dataset", "it is gone"),
    ],
)
def test_whatever_ends_a_run_ends_in_its_record(
    world: World,
    place: RunPlace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: BaseException,
    status: str,
    reason: str,
) -> None:
    def load(*arguments: object) -> None:
        world.wait(4)
        raise raised

    monkeypatch.setattr(trial, "load", load)
    record = done(place)
    assert (record.status, record.reason, record.score) == (status, reason, None)
    assert record.seconds == {"data": 4, "total": 5}
    assert record.config["width"] == 8 and record.goal == "hidden"
    failed = status == "failed"
    assert (record.traceback is not None) == failed
    see = f"see runs/{RUN.name}.log in the output folder, then run again with --resume"
    assert record.remedy == (see if failed else "look elsewhere")
    assert ("Traceback" in capsys.readouterr().err) == failed, "it is for the log"


def test_a_run_that_fails_while_it_is_scored_keeps_what_it_has(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def latency(*arguments: object) -> None:
        raise ValueError("no idea")

    monkeypatch.setattr(trial, "measure_latency", latency)
    record = done(place)
    assert (record.status, record.score, record.scores) == ("failed", None, [])
    assert (record.steps, len(record.curve), record.seconds["evaluate"]) == (12, 12, 40)
    assert "not evaluated" in (RunFiles(place.out, RUN.name).agent / "README.md").read_text()
    assert load_agent(RunFiles(place.out, RUN.name).agent).step == 12  # type: ignore[attr-defined]


def test_an_error_whose_text_is_no_text_is_recorded_as_what_it_is(
    world: World, place: RunPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def latency(*arguments: object) -> None:
        raise ValueError("no idea \udcff")

    monkeypatch.setattr(trial, "measure_latency", latency)
    with (tmp_path / "errors").open("w", encoding="utf-8") as strict:  # As Ray's own.
        monkeypatch.setattr(sys, "stderr", strict)
        record = done(place)
    assert record.reason == r"ValueError: no idea \udcff"
    assert r"ValueError: no idea \udcff" in (tmp_path / "errors").read_text()


def test_a_diverged_run_keeps_its_curve(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Noted, "loss", lambda self, step: float("nan") if step == 8 else 1.0)
    record = done(place)
    assert (record.status, record.steps, len(record.curve)) == ("diverged", 8, 7)
    assert record.reason == "loss was nan at gradient step 8"
    assert record.seconds["fit"] == 16 and record.seconds["curve"] == 10
    assert f"see runs/{RUN.name}.log in the output folder; it would again" in str(record.remedy)
    assert "--resume" not in str(record.remedy), "which leaves it alone"
    assert record.machine["device"] == "cpu"


@pytest.mark.parametrize("sign", [1, -1])
def test_a_run_that_diverged_from_huge_rewards_names_them(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch, sign: int
) -> None:
    load = trial.load

    def load_huge_rewards(*arguments: Any) -> LoadedDataset:
        loaded = load(*arguments)
        rewards = np.where(np.arange(len(loaded.dataset)) == 7, sign * 1e30, 0).astype(np.float32)
        return replace(loaded, dataset=replace(loaded.dataset, rewards=rewards))

    monkeypatch.setattr(trial, "load", load_huge_rewards)
    monkeypatch.setattr(Noted, "loss", lambda self, step: float("inf"))
    record = done(place)
    assert record.status == "diverged"
    assert record.reason == (
        "loss was inf at gradient step 1, learning from rewards as large as 1e+30"
    )
    assert "divide the rewards of the dataset so that they are about 1" in str(record.remedy)
    assert "learning rate" not in str(record.remedy)


def test_a_run_that_fails_for_a_full_disk_says_how_much_room_there_is(
    world: World, place: RunPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(agent: Noted, folder: Path) -> None:
        (folder / "half").touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Noted, "save", save)
    record = done(place)
    assert record.reason == "OSError: [Errno 28] No space left on device"
    assert re.match(
        r"free some space, .*out: \d+ MiB left, .*; see runs/.* --resume", record.remedy
    )
    assert record.machine["device"] == "cpu", "failed runs have one too"
    assert not RunFiles(place.out, RUN.name).agent.exists(), "nothing half-written stays"


def test_a_run_that_is_not_to_be_evaluated_is_trained_and_kept(
    world: World, place: RunPlace
) -> None:
    record = done(place, replace(RUN, episodes=0))
    assert [what for what, *_ in world.seen] == ["threads", "make", "load", "fit", "save"]
    assert (record.status, record.score, record.scores) == ("completed", None, [])
    assert (record.latency_ms, record.parameters, record.steps) == ([], 77, 12)
    assert all("score" not in point for point in record.curve)
    assert (record.scale, record.references) == ("normalised", [10.0, 30.0])
