"""`compare`: the same runs, scores and refusals as those of the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmark import UserError, compare, evaluate, load_agent, register, train
from benchmark.agents import registry
from benchmark.records.files import read_records
from benchmark.running.compute import Compute
from tests.agent_file import AGENT_FILE

HERE: dict[str, Any] = {"preset": "smoke", "data": "local", "device": "cpu", "workers": 0}


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    monkeypatch.chdir(tmp_path)


def typed(gain: float = 2.0) -> type[Any]:
    """A class as if a notebook had defined it."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(AGENT_FILE, names)
    agent: type[Any] = names["Pusher"]
    agent.presets = {"smoke": {"steps": 12, "gain": gain}}
    return agent


def test_names_files_and_classes_share_a_table(short_umaze: Path, agent_file: Path) -> None:
    lines: list[str] = []
    broken = f"{agent_file}:Broken"
    results = compare("maze2d-umaze", [typed(), "bc", broken], log=lines.append, **HERE)
    assert results.location == "results/maze2d-umaze-smoke"
    assert results.runs["status"].tolist() == ["completed", "failed", "completed"]
    assert results.scores["agent"].tolist() == ["bc", "broken", "pusher"]
    assert lines[0] == "3 runs, 0 done before; records go to results/maze2d-umaze-smoke"
    assert len([line for line in lines if line.startswith("failed: maze2d-umaze/broken")]) == 1
    agent = load_agent("results/maze2d-umaze-smoke/runs/maze2d-umaze/pusher/seed-0")
    assert type(agent).__name__ == "Pusher"


def test_the_same_call_returns_what_is_there(short_umaze: Path) -> None:
    first = compare("maze2d-umaze", typed(), settings={"pusher": {"gain": 0.5}}, **HERE)
    lines: list[str] = []
    options = {**HERE, "log": lines.append}
    # The cell is run again, which defines the class anew.
    again = compare("maze2d-umaze", typed(), settings={"pusher": {"gain": 0.5}}, **options)
    assert lines == ["1 run, 1 done before; records go to results/maze2d-umaze-smoke"]
    assert again.runs.equals(first.runs)
    with pytest.raises(UserError, match=r"was run with settings .*0\.5.*now asked with .*2\.0"):
        compare("maze2d-umaze", typed(), **HERE)
    with pytest.raises(UserError, match="holds 1 record already"):
        compare("maze2d-umaze", "bc", resume=False, **HERE)


def test_one_agent_alone_is_that_of_the_comparison(short_umaze: Path, tmp_path: Path) -> None:
    compare("maze2d-umaze", "bc", [3], out=tmp_path / "out", **HERE)
    (record,) = read_records(tmp_path / "out")
    seen: list[int] = []
    agent = train(
        "maze2d-umaze", "bc", seed=3, preset="smoke", data="local", device="cpu",
        progress=lambda step, losses: seen.append(step),
    )  # fmt: skip
    evaluation = evaluate(agent, "maze2d-umaze", 2, seed=3, data="local")
    assert evaluation.scores == record.scores and evaluation.seeds == record.episode_seeds
    assert seen == list(range(1, record.run.steps + 1))
    observation = agent.act([1.0, 1.0, 0.0, 0.0])  # It has begun another episode.
    assert observation.shape == (2,)


def test_options_are_those_of_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []

    def note(*arguments: Any) -> Any:
        asked.extend(arguments)
        raise InterruptedError

    monkeypatch.setattr("benchmark.api.comparing.trained", note)
    with pytest.raises(InterruptedError):
        compare(
            suite="maze2d", tasks=["*-large"], agents="iql,bc", seeds=[4, 7], preset="paper",
            steps=11, episodes=12, max_minutes=1.5, data="local", out="there", resume=False,
            workers=3, device="cuda:2", address="host:5", reference="iql",
            settings={"iql": {"expectile": 0.8}},
        )  # fmt: skip
    grid, location, resume, compute, reference, _ = asked
    assert [task.name for task in grid.tasks] == ["maze2d-large"]
    assert [agent.name for agent in grid.agents] == ["iql", "bc"]
    assert (grid.seeds, grid.preset, grid.data) == ([4, 7], "paper", "local")
    assert (grid.steps, grid.episodes, grid.max_minutes) == (11, 12, 1.5)
    assert grid.settings_file.for_agent("iql", "maze2d-large") == {"expectile": 0.8}
    assert (location, resume, reference) == ("there", False, "iql")
    assert compute == Compute("cuda:2", 3, "host:5")
    (tmp_path / "own.json").write_text(json.dumps({"agents": {"iql": {"expectile": 0.7}}}))
    asked.clear()
    with pytest.raises(InterruptedError):
        compare(suite="ablation", settings="own.json")
    assert asked[0].settings_file.agents == {"iql": {"expectile": 0.7}}
    assert asked[0].agents[0].name.startswith("mage") and asked[1] == "results/ablation-quick"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tasks": "maze2d-xl"}, "unknown task 'maze2d-xl'"),
        ({"agents": "bcc"}, "unknown agent 'bcc'"),
        ({"agents": []}, r"--agents \[\] names no agent"),
        ({"agents": [7]}, "agent 7 is neither a name nor a class"),
        ({"agents": [int]}, "'int' lacks fit, reset, act, save, load"),
        ({"seeds": 0}, "--seeds '0' is no number of seeds"),
        ({"seeds": []}, "--seeds '' is no number of seeds"),
        ({"seeds": [1.5]}, r"--seeds '1.5,' is no number of seeds"),
        ({"preset": "slow"}, "unknown preset 'slow'"),
        ({"steps": 0}, "--steps 0 is too few"),
        ({"data": "here"}, "unknown value of --data 'here'"),
        ({"device": "tpu"}, "unknown device 'tpu'"),
        ({"out": " "}, "--out ' ' is no place"),
        ({"datasets": {"maze2d-umaze": "my/d-v0"}}, "dataset 'my/d-v0' for .* is not in"),
        ({"settings": {"iqll": {}}}, "unknown agent in settings 'iqll'"),
        ({"settings": {"bc": 3}}, "settings of bc are 3; valid: a dict"),
        ({"settings": {"bc": {"x": 1}}}, "unknown setting 'x'.* from settings="),
        ({"track": "wandbb"}, "unknown tracker|wandbb"),
        ({"reference": "iql"}, "unknown agent in --reference 'iql'"),
    ],
)
def test_what_cannot_be_started_is_refused(
    options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=message):
        compare(**{"tasks": "maze2d-umaze", "agents": "bc", **HERE, **options})
    assert not (tmp_path / "results").exists()


def test_a_cell_may_register_its_class_again() -> None:
    for _ in range(2):
        register("pushing")(typed())
    with pytest.raises(UserError, match="agent name 'pushing' .* is taken"):
        register("pushing")(type("Another", (), {}))
