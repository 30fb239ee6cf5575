"""Gradient steps a second, the budget of `quick` as it is made and checked, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmark.agents.builtin import LEARNING_AGENTS
from benchmark.agents.registry import AgentChoice
from benchmark.agents.training_costs import costs_path, parse_calibration, read_calibration
from benchmark.cli import updates
from benchmark.cli.updates import app, parse_benchmarks
from benchmark.evaluation import budget, training_time
from benchmark.evaluation.budget import TrainingLength
from benchmark.tasks import TASKS


def test_the_table_is_printed() -> None:
    options = ["--agents", "bc", "--preset", "smoke", "--steps", "8", "--rounds", "1"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "updates/s" in result.output and "bc" in result.output


def test_an_agent_without_batches_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fussy.py"
    file.write_text(
        "class Fussy:\n"
        "    def __init__(self, task, settings, device):\n"
        "        raise ValueError(f'unknown settings {sorted(settings)}')\n"
        "    def fit(self): ...\n"
        "    reset = act = save = load = fit\n"
    )
    result = CliRunner().invoke(app, ["--agents", f"{file}:Fussy", "--preset", "smoke"])
    assert result.exit_code == 2
    told = "agent 'fussy' cannot be made: unknown settings ['batch_size']; leave it out"
    assert told in result.output + result.stderr


def test_agents_that_do_not_learn_are_refused_before_any_is_timed() -> None:
    result = CliRunner().invoke(app, ["--agents", "bc,random,mean"])
    assert result.exit_code == 2
    assert (
        "--agents names what takes no gradient steps: random, mean; leave it out" in result.stderr
    )


def test_all_agents_are_those_that_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[str] = []

    def count_updates(agents: list[AgentChoice], *options: object) -> list[object]:
        timed.extend(one.name for one in agents)
        return []

    monkeypatch.setattr("benchmark.evaluation.throughput.count_updates", count_updates)
    assert CliRunner().invoke(app, ["--agents", "all"]).exit_code == 0
    assert sorted(timed) == sorted(LEARNING_AGENTS)


@pytest.fixture
def short_timing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real trainings and episodes, of few recorded steps and few actions."""
    monkeypatch.setitem(training_time.ROWS, "maze2d", 2_000)
    monkeypatch.setattr(training_time, "_ACTING_SECONDS", 0.01)
    monkeypatch.setattr(training_time, "_ENV_SECONDS", 0.01)


def test_what_an_agent_of_ones_own_costs_is_printed_and_nothing_written(
    agent_file: Path, tmp_path: Path, short_timing: None
) -> None:
    options = ["--calibrate", "--check", "--agents", f"{agent_file}:Pusher", "--suite", "maze2d"]
    short = ["--seconds", "0.01", "--rounds", "1", "--share", "0.001", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, [*options, *short])
    assert result.exit_code == 0, result.output
    rows = [line.split() for line in result.output.splitlines()]
    assert [row[:2] for row in rows if row[:1] == ["pusher"]] == [["pusher", "all"]] * 2
    assert any(row[:2] == ["mage", "all"] for row in rows), "as long as MAGE takes here"
    assert "nothing was written, since not all agents were timed together" in result.output
    assert "at most 0.0% from the median: within the 10% of the rule" in result.output
    assert not costs_path("quick", "maze2d", tmp_path).exists()


def test_all_agents_together_are_written(
    tmp_path: Path, short_timing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if there were no others: all of them take half a minute.
    few = ("mage", "iql", "gcbc")
    monkeypatch.setattr(updates, "TIMED_AGENTS", few)
    monkeypatch.setattr(budget, "TIMED_AGENTS", few)
    options = ["--calibrate", "--preset", "smoke", "--suite", "maze2d", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, [*options, "--seconds", "0.01", "--rounds", "1"])
    assert result.exit_code == 0, result.output
    path = costs_path("smoke", "maze2d", tmp_path)
    assert f"written: {path}" in result.output and list(tmp_path.iterdir()) == [path]
    measured = parse_calibration(path.read_text(encoding="utf-8"))
    # Maze2D shows no goal.
    assert {cost.agent for cost in measured.agents} == set(few) - {"gcbc"}
    assert all(cost.step_seconds > 0 and cost.act_seconds > 0 for cost in measured.agents)


def test_a_few_are_written_beside_those_that_are_kept(tmp_path: Path, short_timing: None) -> None:
    options = ["--calibrate", "--add", "--agents", "bc", "--preset", "smoke", "--suite", "maze2d"]
    short = ["--seconds", "0.01", "--rounds", "1", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, [*options, *short])
    assert result.exit_code == 0, result.output
    written = parse_calibration(costs_path("smoke", "maze2d", tmp_path).read_text(encoding="utf-8"))
    kept = read_calibration("smoke", "maze2d")
    assert kept
    others = [row for row in kept.agents if row.agent != "bc"]
    assert list(written.agents[:-1]) == others and written.agents[-1].agent == "bc"
    assert written.measured["added"][-1]["agents"] == ["bc"]
    options[options.index("bc")] = "iql"
    assert CliRunner().invoke(app, [*options, *short]).exit_code == 0
    written = parse_calibration(costs_path("smoke", "maze2d", tmp_path).read_text(encoding="utf-8"))
    assert [added["agents"] for added in written.measured["added"][-2:]] == [["bc"], ["iql"]]


def length(agent: str, of_median: float) -> TrainingLength:
    return TrainingLength(agent, ("maze2d-umaze",), 100, 300 * of_median, of_median)


def test_trainings_of_another_length_than_the_others_are_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lengths = [length("bc", 0.92), length("dt", 1.0), length("mage", 1.09)]
    monkeypatch.setattr(budget, "training_lengths", lambda *arguments: lengths)
    options = ["--check", "--suite", "kitchen"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0
    assert "at most 9.0% from the median: within the 10% of the rule" in result.output
    lengths[0] = length("bc", 0.89)
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 1
    assert "at most 11.0% from the median: beyond the 10% of the rule" in result.output
    row = next(line.split() for line in result.output.splitlines() if line.startswith("bc"))
    assert row == ["bc", "maze2d-umaze", "100", "267.0", "0.89"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--check", "--suite", "mazes"], "unknown benchmark in --suite 'mazes'; valid: adroit,"),
        (["--check", "--suite", ","], "unknown benchmark in --suite ','; valid: adroit,"),
        (["--calibrate", "--preset", "quik"], "unknown preset 'quik'"),
        (["--calibrate", "--agents", "nobody"], "unknown agent 'nobody'"),
        (["--calibrate", "--out", "/dev/null/costs"], "/dev/null/costs"),
        (["--calibrate", "--device", "cuda"], "--device cuda with --calibrate or --check, which"),
        (["--calibrate", "--seconds", "inf"], "Invalid value for '--seconds'"),
        (["--calibrate", "--minutes", "inf"], "Invalid value for '--minutes'"),
        (["--add", "--agents", "bc"], "--add goes with --calibrate, and without --minutes"),
        (["--calibrate", "--add", "--agents", "mage"], "--add with --agents mage; valid: built-in"),
        (["--calibrate", "--add", "--agents", "iql.x"], "agent 'iql' has no variants"),
        (["--calibrate", "--add", "--agents", "mage.k1,bc"], "--add with --agents mage.k1; valid"),
        (
            ["--calibrate", "--add", "--agents", "bc", "--preset", "paper"],
            "no costs are kept of kitchen at paper, beside which --add could write",
        ),
        (["--check", "--preset", "paper"], "--preset has no effect with --check; leave it out"),
        (["--check", "--minutes", "3"], "--minutes has no effect with --check; leave it out"),
        (["--calibrate", "--batch", "8"], "--batch has no effect with --calibrate; leave it out"),
        (["--suite", "adroit"], "--suite has no effect without --calibrate and --check; leave"),
        (["--steps", f"{10**30}"], "Invalid value for '--steps'"),
        (["--batch", f"{10**30}"], "Invalid value for '--batch'"),
        (["--rounds", f"{10**30}"], "Invalid value for '--rounds'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_timed(
    options: list[str], told: str
) -> None:
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 2
    assert told in result.stderr


def test_benchmarks_are_chosen_by_name() -> None:
    assert parse_benchmarks("kitchen, adroit") == ["kitchen", "adroit"]
    assert sorted(parse_benchmarks("all")) == sorted({t.benchmark for t in TASKS.values()})
