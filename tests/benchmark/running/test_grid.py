"""The grid: options to runs, and what is left to do of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.agents.registry import AgentChoice
from benchmark.errors import UserError
from benchmark.records.files import RunFiles, write_record
from benchmark.records.record import Record, RunSpec
from benchmark.running.checkpoint import save_checkpoint
from benchmark.running.grid import Grid, pending_runs, plan_runs
from benchmark.tasks import TASKS

RUNS = [RunSpec("maze2d-umaze", "bc", seed, "smoke", steps=10, episodes=2) for seed in range(3)]


def record(run: RunSpec, status: str = "completed") -> Record:
    return Record(run, status, "maze2d")


def test_without_records_everything_is_pending(tmp_path: Path) -> None:
    assert pending_runs(RUNS, tmp_path, resume=False) == RUNS
    assert pending_runs(RUNS, tmp_path / "new", resume=True) == RUNS


def test_resuming_leaves_out_what_completed_and_repeats_what_did_not(tmp_path: Path) -> None:
    for run, status in zip(RUNS, ("completed", "failed", "no-dataset"), strict=True):
        write_record(tmp_path, record(run, status))
    assert pending_runs(RUNS, tmp_path, resume=True) == RUNS[1:]


@pytest.mark.parametrize("status", ["capped", "diverged"])
def test_what_would_end_the_same_again_is_not_repeated(tmp_path: Path, status: str) -> None:
    write_record(tmp_path, record(RUNS[0], status))
    assert pending_runs(RUNS, tmp_path, resume=True) == RUNS[1:]


@pytest.mark.parametrize(
    ("before", "now", "goes_on"),
    [(3.0, 6.0, True), (3.0, None, True), (3.0, 3.0, False), (None, None, False)],
)
def test_a_capped_run_goes_on_if_it_has_more_time(
    tmp_path: Path, before: float | None, now: float | None, goes_on: bool
) -> None:
    asked = replace(RUNS[0], max_minutes=now)
    write_record(tmp_path, record(replace(RUNS[0], max_minutes=before), "capped"))
    assert pending_runs([asked], tmp_path, resume=True) == [asked] * goes_on
    write_record(tmp_path, record(replace(RUNS[0], max_minutes=before)))
    assert pending_runs([asked], tmp_path, resume=True) == [], "what completed is done"


@pytest.mark.parametrize("status", ["capped", "completed"])
def test_less_time_than_a_run_had_is_refused(tmp_path: Path, status: str) -> None:
    write_record(tmp_path, record(replace(RUNS[0], max_minutes=3.0), status))
    with pytest.raises(UserError, match=r"run with max_minutes 3\.0, now asked with 2\.5; use"):
        pending_runs([replace(RUNS[0], max_minutes=2.5)], tmp_path, resume=True)


def test_any_rule_may_have_found_the_data_but_a_chosen_dataset_is_part_of_a_run(
    tmp_path: Path,
) -> None:
    write_record(tmp_path, record(replace(RUNS[0], data="local")))
    assert pending_runs(RUNS, tmp_path, resume=True) == RUNS[1:]
    write_record(tmp_path, record(replace(RUNS[0], data="my/maze-v0")))
    with pytest.raises(UserError, match="run with data 'my/maze-v0', now asked with 'auto'"):
        pending_runs(RUNS, tmp_path, resume=True)
    with pytest.raises(UserError, match="run with data 'my/maze-v0', now asked with 'my/maze-v1'"):
        pending_runs([replace(RUNS[0], data="my/maze-v1")], tmp_path, resume=True)
    assert not pending_runs([replace(RUNS[0], data="my/maze-v0")], tmp_path, resume=True)


def test_checkpoints_without_resume_are_refused(tmp_path: Path) -> None:
    checkpoint = RunFiles(tmp_path, RUNS[1].name).checkpoint
    checkpoint.mkdir(parents=True)
    with pytest.raises(UserError, match="holds 1 checkpoint already; add --resume"):
        pending_runs(RUNS, tmp_path, resume=False)
    assert pending_runs(RUNS, tmp_path, resume=True) == RUNS and checkpoint.exists()


def test_an_interrupted_run_is_not_begun_anew_with_other_options(tmp_path: Path) -> None:
    run = replace(RUNS[1], settings={"rate": 0.5, "sizes": (1, 2)})
    checkpoint = RunFiles(tmp_path, run.name).checkpoint
    basis = {"settings": {"rate": 0.5, "sizes": [1, 2]}, "preset": "smoke", "steps": 10}
    save_checkpoint(checkpoint, {}, {"basis": basis, "step": 7})
    for same in (run, replace(run, steps=20, episodes=5)):
        assert pending_runs([same], tmp_path, resume=True) == [same]
    for change, told in (
        ({"settings": {"rate": 0.25, "sizes": (1, 2)}}, r"settings {'rate': 0.5}, now asked with"),
        (
            {"steps": 5},
            r"with steps 10, now asked with 5; .* delete .*seed-1\.checkpoint",
        ),
        ({"preset": "quick"}, "with preset 'smoke', now asked with 'quick'"),
    ):
        with pytest.raises(UserError, match=r"was interrupted at gradient step 7 .*" + told):
            pending_runs([replace(run, **change)], tmp_path, resume=True)  # type: ignore[arg-type]
    assert checkpoint.exists()
    write_record(tmp_path, record(run, "failed"))  # One that failed may do better with others.
    other = replace(run, settings={})
    assert pending_runs([other], tmp_path, resume=True) == [other]


def test_records_without_resume_are_refused(tmp_path: Path) -> None:
    write_record(tmp_path, record(RUNS[0]))
    with pytest.raises(UserError, match="holds 1 record already; add --resume .* another --out"):
        pending_runs(RUNS, tmp_path, resume=False)
    write_record(tmp_path, record(RUNS[2], "failed"))
    with pytest.raises(UserError, match="holds 2 records already"):
        pending_runs(RUNS, tmp_path, resume=False)


def test_records_of_what_is_not_asked_for_are_left_alone(tmp_path: Path) -> None:
    write_record(tmp_path, record(replace(RUNS[0], agent="iql", steps=99)))
    assert pending_runs(RUNS, tmp_path, resume=True) == RUNS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_minutes": 3.0}, "with max_minutes None, now asked with 3.0"),
        ({"data": "minari"}, "with data 'auto', now asked with 'minari'"),
        ({"steps": 9}, "with steps 10, now asked with 9"),
        ({"episodes": 5}, "with episodes 2, now asked with 5"),
        ({"data": "local"}, "with data 'auto', now asked with 'local'"),
        ({"settings": {"a": 1}}, "with settings {}, now asked with {'a': 1}"),
    ],
)
def test_a_completed_run_with_other_options_is_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    write_record(tmp_path, record(RUNS[0]))
    asked = replace(RUNS[0], **change)  # type: ignore[arg-type]
    with pytest.raises(
        UserError, match=f"{message}; use the same options, or choose another --out"
    ):
        pending_runs([asked], tmp_path, resume=True)
    write_record(tmp_path, record(RUNS[0], "failed"))
    assert pending_runs([asked], tmp_path, resume=True) == [asked]


FROM_FILE = replace(RUNS[0], source="/old/a.py:B", source_hash="1" * 64)


def test_an_agents_file_may_lie_elsewhere_now(tmp_path: Path) -> None:
    write_record(tmp_path, record(FROM_FILE))
    moved = replace(FROM_FILE, source="/new/b.py:B")
    assert pending_runs([moved], tmp_path, resume=True) == []
    of_an_older_version = replace(FROM_FILE, source_hash=None)
    write_record(tmp_path, record(of_an_older_version))
    assert pending_runs([FROM_FILE], tmp_path, resume=True) == []


@pytest.mark.parametrize(
    ("recorded", "change"),
    [
        (FROM_FILE, {"source_hash": "2" * 64}),
        (FROM_FILE, {"source": "/old/a.py:C"}),
        (FROM_FILE, {"source": None, "source_hash": None}),
        (RUNS[0], {"source": "/old/a.py:B", "source_hash": "2" * 64}),
        (replace(FROM_FILE, source_hash=None), {"source": "/new/a.py:B"}),
    ],
)
def test_another_agents_file_is_refused_with_both_hashes(
    tmp_path: Path, recorded: RunSpec, change: dict[str, str | None]
) -> None:
    write_record(tmp_path, record(recorded))
    asked = replace(recorded, **change)  # type: ignore[arg-type]
    shown = [
        rf"{run.source or 'no file of its own'} \(hash {(run.source_hash or 'unknown')[:12]}\)"
        for run in (recorded, asked)
    ]
    message = f"agent of {shown[0]}, now asked with {shown[1]}; put the file, and those "
    with pytest.raises(UserError, match=message):
        pending_runs([asked], tmp_path, resume=True)


def test_a_tasks_file_is_known_by_its_content_too(tmp_path: Path) -> None:
    of_file = replace(RUNS[0], task_source="/old/tasks.py", task_hash="1" * 64)
    write_record(tmp_path, record(of_file))
    assert pending_runs([replace(of_file, task_source="/new.py")], tmp_path, resume=True) == []
    message = r"task of /old/tasks.py \(hash 111111111111\), now asked with {} \(hash {}\); put"
    for change, now in (
        ({"task_hash": "2" * 64}, ("/old/tasks.py", "222222222222")),
        ({"task_source": None, "task_hash": None}, ("no file of its own", "unknown")),
    ):
        with pytest.raises(UserError, match=message.format(*now)):
            pending_runs([replace(of_file, **change)], tmp_path, resume=True)


def test_auto_is_content_with_data_of_any_source(tmp_path: Path) -> None:
    write_record(tmp_path, record(replace(RUNS[0], data="local")))
    assert RUNS[0].data == "auto"
    assert pending_runs(RUNS, tmp_path, resume=True) == RUNS[1:]


def test_two_presets_never_share_a_folder(tmp_path: Path) -> None:
    write_record(tmp_path, record(RUNS[0]))
    asked = replace(RUNS[1], preset="quick")
    with pytest.raises(
        UserError, match="seed-0 in .* preset 'smoke', now asked with 'quick'.*another --out"
    ):
        pending_runs([asked], tmp_path, resume=True)


def test_tuples_in_settings_survive_being_recorded(tmp_path: Path) -> None:
    run = replace(RUNS[0], settings={"scales": (1, 2, 4)})
    write_record(tmp_path, record(run))
    assert pending_runs([run], tmp_path, resume=True) == []


def test_a_refusal_names_the_place_that_the_user_named(tmp_path: Path) -> None:
    write_record(tmp_path, record(RUNS[0]))
    with pytest.raises(UserError, match="output folder s3://mine/runs holds 1 record already"):
        pending_runs(RUNS, tmp_path, False, "s3://mine/runs")
    with pytest.raises(UserError, match="seed-0 in s3://mine/runs was run with steps 10, now"):
        pending_runs([replace(RUNS[0], steps=9)], tmp_path, True, "s3://mine/runs")


def test_a_run_that_completed_goes_on_with_more_steps_if_its_agent_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr("benchmark.running.grid.check_goes_on", lambda *given: asked.append(given))
    for run, status in zip(RUNS, ("completed", "failed", "completed"), strict=True):
        write_record(tmp_path, record(run, status))
    more = [replace(RUNS[0], steps=11), replace(RUNS[1], steps=11), RUNS[2]]
    assert pending_runs(more, tmp_path, True, "there") == more[:2]
    assert asked == [(more[0], tmp_path, "there")]
    for status in ("capped", "diverged"):
        write_record(tmp_path, record(RUNS[0], status))
        with pytest.raises(UserError, match="was run with steps 10, now asked with 11; use"):
            pending_runs(more, tmp_path, resume=True)


def test_of_many_settings_those_that_differ_are_named(tmp_path: Path) -> None:
    write_record(tmp_path, record(replace(RUNS[0], settings={"a": 1, "b": 2, "c": 3})))
    asked = replace(RUNS[0], settings={"a": 1, "b": 4, "c": 3, "d": 5})
    message = r"with settings {'b': 2}, now asked with {'b': 4, 'd': 5}; use the same options"
    with pytest.raises(UserError, match=message):
        pending_runs([asked], tmp_path, resume=True)


def test_presets_that_are_not_for_published_scores_take_the_smaller_dataset() -> None:
    plain = TASKS["maze2d-umaze"]
    task = replace(plain, name="own", small_recipe="mage/small/umaze-v0")
    for preset, source in {
        "smoke": task.small_recipe,
        "quick": task.small_recipe,
        "paper": "auto",
    }.items():
        grid = Grid([task, plain], [], [0], preset)
        assert grid.data_of(task) == source
        assert grid.data_of(plain) == "auto"
    chosen = Grid([task], [], [0], "quick", datasets={"own": "mage/maze2d/umaze-v0"})
    assert chosen.data_of(task) == "mage/maze2d/umaze-v0"
    assert Grid([task], [], [0], "quick", data="minari").data_of(task) == "minari"


def test_tasks_that_all_need_a_missing_package_are_refused_before_work_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmark.tasks.extras.find_spec", lambda name: None)
    maze, other = TASKS["ogbench-pointmaze-large-stitch"], TASKS["maze2d-umaze"]
    grid = Grid(tasks=[maze], agents=[AgentChoice("bc")], seeds=[0], preset="smoke", data="local")
    with pytest.raises(UserError, match=r"large-stitch needs the package ogbench.*\[ogbench\]"):
        plan_runs(grid)
    assert len(plan_runs(replace(grid, tasks=[maze, other]))) == 2
