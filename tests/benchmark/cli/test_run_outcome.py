"""What a command does with its options, what it trains, and the code with which it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmark.agents.registry import AgentChoice
from benchmark.cli import run
from benchmark.cli.options import check_options
from benchmark.cli.run import Extras, app, run_comparison
from benchmark.records.files import RunFiles, write_record
from benchmark.records.record import RunSpec
from benchmark.records.store import Store
from benchmark.running import experiment
from benchmark.running.compute import Compute, Outcome
from benchmark.running.grid import Grid
from benchmark.tasks import TASKS
from tests.benchmark.synthetic_records import record_of

GRID = Grid([TASKS["maze2d-umaze"]], [AgentChoice("random")], [0, 1, 2], "smoke")
NAMES = [f"maze2d-umaze/random/seed-{seed}" for seed in range(3)]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the command line asks for, in place of doing it; its exit code is 7."""
    found: list[Any] = []

    def note(*arguments: Any) -> int:
        found.extend(arguments)
        return 7

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "run_comparison", note)
    monkeypatch.setattr(run, "check_extras", lambda *arguments: None)
    monkeypatch.setattr("benchmark.cli.workers.usable_cores", lambda: 6)
    return found


def test_each_option_goes_to_its_place(asked: list[Any], tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"agents": {"bc": {"width": 3}}}')
    options = {
        **{"tasks": "maze2d-large,maze2d-umaze", "agents": "bc,iql", "seeds": "4,7"},
        **{"preset": "paper", "out": "there", "workers": "3", "device": "cuda:2"},
        **{"data": "local", "steps": "11", "episodes": "12", "max-minutes": "1.5"},
        **{"config": "own.json", "address": "host:5", "reference": "iql"},
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    result = CliRunner().invoke(
        app, [*words, "--resume", "--with-published", "--video", "--strict"]
    )
    assert result.exit_code == 7, result.output
    grid, location, resume, compute, more = asked
    assert [task.name for task in grid.tasks] == ["maze2d-large", "maze2d-umaze"]
    assert [agent.name for agent in grid.agents] == ["bc", "iql"]
    assert (grid.seeds, grid.preset, grid.data) == ([4, 7], "paper", "local")
    assert (grid.steps, grid.episodes, grid.max_minutes) == (11, 12, 1.5)
    assert grid.settings_file.agents == {"bc": {"width": 3}}
    assert (location, resume) == ("there", True)
    assert compute == Compute("cuda:2", 3, "host:5")
    assert more == Extras(with_published=True, reference="iql", video=True, strict=True)


def test_what_is_done_where_nothing_is_said(asked: list[Any]) -> None:
    result = CliRunner().invoke(app, ["--suite", "maze2d"])
    assert result.exit_code == 7, result.output
    grid, location, resume, compute, more = asked
    expected = ["mage", "dt", "diffuser", "iql", "cql", "bc", "rvs", "bc-filtered"]
    expected += ["bc10", "rebrac", "hd"]
    assert [agent.name for agent in grid.agents] == expected
    assert (grid.seeds, grid.preset, grid.data) == ([0], "quick", "auto")
    assert (grid.steps, grid.episodes, grid.max_minutes) == (None, None, None)
    assert grid.settings_file.for_agent("bc", "maze2d-umaze") == {}
    assert (location, resume) == ("results/maze2d-quick", False)
    assert compute == Compute("auto", 6, None), "as many workers as there are cores"
    assert more == Extras()


def test_a_debugger_needs_runs_in_this_process(asked: list[Any]) -> None:
    result = CliRunner().invoke(app, ["--suite", "maze2d", "--pdb"])
    assert result.exit_code == 7, result.output
    assert asked[3] == Compute("auto", 0, debugger=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "-1"], "--workers -1 is too few; valid: 0 to 1024"),
        (
            ["--workers", "0", "--address", "auto"],
            "--address auto runs on a Ray cluster, and --wor",
        ),
        (["--workers", "2", "--pdb"], "--pdb needs runs in this process, and --workers 2 puts"),
        (["--address", "auto", "--pdb"], "--address auto runs on a Ray cluster, and --pdb in"),
        (["--steps", "0"], "--steps 0 is too few"),
        (["--steps", f"{10**30}"], f"--steps {10**30} is too many; valid: 1 to 1000000000; leave"),
        (["--episodes", "-1"], "--episodes -1 is too few"),
        (["--episodes", "10001"], "--episodes 10001 is too many; valid: up to 10000"),
        (["--max-minutes", "0"], "--max-minutes 0 is no time; valid: a number above 0"),
        (["--max-minutes", "nan"], "--max-minutes nan is no time"),
        (["--data", "web"], "unknown value of --data 'web'; valid: auto, local, minari"),
        (["--device", "gpu"], "unknown device 'gpu'"),
        (["--preset", "huge"], "unknown preset 'huge'"),
        (["--seeds", "0"], "--seeds '0' is no number of seeds"),
        (["--suite", "maze"], "unknown suite 'maze'"),
    ],
)
def test_what_makes_no_sense_is_one_message_and_nothing_is_done(
    asked: list[Any], options: list[str], message: str
) -> None:
    result = CliRunner().invoke(app, ["--suite", "maze2d", *options])
    assert (result.exit_code, asked) == (2, [])
    assert message in result.stderr


def test_the_least_that_makes_sense() -> None:
    check_options(replace(GRID, steps=1, episodes=1, max_minutes=1e-3), "cpu")


@pytest.mark.parametrize("what", ["published", "video"])
def test_what_is_made_at_the_end_is_tried_at_the_start(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    tried: list[str] = []
    monkeypatch.setattr("benchmark.reporting.published.published_frame", tried.append)
    monkeypatch.setattr(
        "benchmark.evaluation.recording.check_video", lambda task: tried.append(task.name)
    )
    run.check_extras(GRID, Extras())
    assert tried == []
    run.check_extras(GRID, Extras(what == "published", video=what == "video"))
    assert tried == [{"published": "scores.csv", "video": "maze2d-umaze"}[what]]


class World:
    """Trains nothing: each run ends as it is told to.

    Attributes:
        trained: names of the runs that were to be trained.
        compute: with which.
        filmed: names of the runs of which a video was to be made.
    """

    def __init__(self, out: Path, ends: Sequence[str], **outcome: Any) -> None:
        self.out, self.outcome = out, outcome
        self.ends = dict(zip(NAMES, ends, strict=True))
        self.trained: list[str] = []
        self.filmed: list[str] = []

    def run_all(
        self, runs: Sequence[RunSpec], store: Store, shared: Path, compute: Compute
    ) -> Outcome:
        self.trained, self.compute = [each.name for each in runs], compute
        for each in runs:
            write_record(self.out, ended(each, self.ends[each.name]))
        return Outcome(**self.outcome)

    def film_runs(
        self, runs: Sequence[RunSpec], store: Store, device: str, tell: Callable[[str], None]
    ) -> None:
        self.filmed = [each.name for each in runs]


def ended(spec: RunSpec, status: str) -> Any:
    scored = status in ("completed", "capped")
    why = {"reason": f"it {status}", "remedy": "try again"}
    return record_of(spec, status, score=5.0 if scored else None, **why)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def make(*ends: str, **outcome: Any) -> World:
        made = World(tmp_path / "out", ends, **outcome)
        monkeypatch.setattr("benchmark.running.ray_runner.run_all", made.run_all)
        monkeypatch.setattr("benchmark.evaluation.recording.film_runs", made.film_runs)
        monkeypatch.setattr("benchmark.reporting.build.write_report", lambda *what, **more: None)
        monkeypatch.setattr(experiment, "prepare_datasets", lambda *what: [])
        monkeypatch.setattr("benchmark.records.system.commit", lambda: "abc")
        return made

    return make


def start(world: World, resume: bool = False, workers: int = 2, **options: Any) -> int:
    compute = Compute("cpu", workers)
    return run_comparison(GRID, str(world.out), resume, compute, Extras(**options))


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (("completed", "completed", "completed"), 0),
        (("completed", "capped", "no-dataset"), 0),
        (("completed", "failed", "completed"), 1),
        (("completed", "completed", "diverged"), 1),
    ],
)
def test_the_exit_code_says_whether_all_went_well(
    world: Callable[..., World],
    capsys: pytest.CaptureFixture[str],
    ends: tuple[str, ...],
    code: int,
) -> None:
    assert start(world(*ends)) == code
    told = [line for line in capsys.readouterr().out.splitlines() if ": it " in line]
    assert told == [
        f"{end}: {name}: it {end}; try again"
        for name, end in zip(NAMES, ends, strict=True)
        if end in ("failed", "diverged")
    ]


def test_with_strict_missing_data_counts_as_a_failure(world: Callable[..., World]) -> None:
    made = world("completed", "capped", "no-dataset")
    assert start(made, strict=True) == 1
    assert start(made, strict=False, resume=True) == 0


def test_a_record_that_could_not_be_written_is_a_failure(
    world: Callable[..., World], capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(world(*["completed"] * 3, unwritten={NAMES[1]: "disk full"})) == 1
    told = f"failed: {NAMES[1]}: its record could not be written (disk full)"
    assert told in capsys.readouterr().out


def test_a_stop_comes_before_all_else(world: Callable[..., World]) -> None:
    made = world("completed", "failed", "completed", stopped=True)
    assert start(made, video=True) == 130
    assert made.filmed == []


def test_no_more_workers_than_runs(world: Callable[..., World]) -> None:
    for workers, used in ((2, 2), (9, 3)):
        made = world(*["completed"] * 3)
        start(made, workers=workers, resume=True)
        assert (made.trained, made.compute) == (NAMES, Compute("cpu", used))
        for path in made.out.rglob("seed-*.json"):
            path.unlink()


def test_resuming_trains_what_is_missing_and_keeps_checkpoints(world: Callable[..., World]) -> None:
    made = world(*["completed"] * 3)
    checkpoint = RunFiles(made.out, NAMES[2]).checkpoint
    checkpoint.mkdir(parents=True)
    write_record(made.out, ended(run.plan_runs(GRID)[0], "completed"))
    assert start(made, resume=True, video=True) == 0
    assert (made.trained, made.filmed) == (NAMES[1:], NAMES)
    assert checkpoint.exists()


def test_runs_without_data_are_recorded_and_not_trained(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = world(*["completed"] * 3)
    asked = []

    def prepare(runs: Sequence[RunSpec], *more: object) -> list[Any]:
        asked.extend(each.name for each in runs)
        return [ended(runs[1], "no-dataset")]

    monkeypatch.setattr(experiment, "prepare_datasets", prepare)
    assert start(made) == 0
    assert (asked, made.trained) == (NAMES, [NAMES[0], NAMES[2]])
    assert RunFiles(made.out, NAMES[1]).record.exists()


def test_the_report_is_set_against_the_reference(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, seen = world(*["completed"] * 3), []
    write_record(made.out, ended(replace(run.plan_runs(GRID)[0], agent="bc"), "completed"))
    monkeypatch.setattr(
        "benchmark.reporting.build.write_report",
        lambda out, frames, **more: seen.append(frames.reference),
    )
    assert start(made, resume=True, reference="random") == 0
    assert seen == ["random"]
