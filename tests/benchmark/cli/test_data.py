"""`python -m benchmark.datasets` in this process: output, error texts and exit codes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from matplotlib.image import imread
from typer.testing import CliRunner, Result

from benchmark.cli.data import app
from benchmark.tasks import TASKS
from benchmark.tasks.published_sets import PUBLISHED_SETS, Sizes
from tests.benchmark.data.synthetic_datasets import (
    DOOR,
    alter_metadata,
    door_episode,
    publish,
    remote_folder,
    write,
)

__all__ = ["remote_folder"]

UMAZE = "mage/maze2d/umaze-v0"
OK_UMAZE = (
    rf"^ok +maze2d-umaze +{UMAZE}  5 episodes, 5,000 steps, hash [0-9a-f]{{16}}; collected here, 5 "
)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def copied_umaze(small_umaze: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the collected dataset, beside which others can be put."""
    root = tmp_path / "copied"
    shutil.copytree(small_umaze, root)
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(root))
    return root


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_list_shows_every_task_and_changes_nothing(small_umaze: Path, tmp_path: Path) -> None:
    result = run("list")
    assert result.exit_code == 0
    table, folder = result.output.strip().split("\n\n")
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines()[2:]}
    assert list(rows) == list(TASKS)
    assert rows["adroit-pen-human"] == ["D4RL/pen/human-v2", "-", "download"]
    assert rows["multi2d-umaze"][:4] == ["D4RL/pointmaze/umaze-v2", UMAZE, "cached", "(local)"]
    assert 0.1 < float(rows["multi2d-umaze"][4]) < 10
    assert folder == f"in {small_umaze}"
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_a_suite_narrowed_down() -> None:
    result = run("list", "*-umaze", "--suite", "maze2d")
    assert "maze2d-umaze" in result.output
    assert "maze2d-medium" not in result.output and "antmaze" not in result.output


def test_check_goes_through_all_tasks_and_says_how_to_get_them(small_umaze: Path) -> None:
    result = run("check")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) == len(TASKS)
    assert re.search(OK_UMAZE, result.output, re.M)
    assert re.search(r"^ok +multi2d-umaze ", result.output, re.M)
    command = "python -m benchmark.datasets"
    for name, remedy in {
        "adroit-pen-human": f"D4RL/pen/human-v2 is not there; get it: {command} fetch NAME",
        "kitchen-mixed": "D4RL/kitchen/mixed-v2 is not there; "
        f"get it: {command} fetch NAME, or {command} collect NAME",
    }.items():
        remedy = remedy.replace("NAME", name)
        assert re.search(f"^not there +{name} +{remedy}$", result.output, re.M)


def test_check_of_local_data_where_there_can_be_none() -> None:
    result = run("check", "adroit-pen-human", "--data", "local")
    assert result.exit_code == 0
    assert "adroit-pen-human has no local recipe; use --data auto or minari" in result.output


def test_check_tells_bad_data_and_goes_on(copied_umaze: Path) -> None:
    bad = write(DOOR, door_episode(0))
    alter_metadata(bad, total_steps=99)
    result = run("check", "adroit-door-human", "maze2d-umaze")
    assert result.exit_code == 2
    first, second = result.output.splitlines()
    assert re.match(rf"bad +adroit-door-human +dataset {DOOR}, for adroit-door-human, ", first)
    assert "has 6 steps, but says that it has 99; put a sound copy there, or choose" in first
    assert re.match(OK_UMAZE, second)


def test_describe_prints_numbers_and_draws(small_umaze: Path, tmp_path: Path) -> None:
    result = run("describe", "maze2d-umaze", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    assert "recorded 5 episodes, 5,000 steps" in text
    assert "min 1000, median 1000, max 1000 steps; an evaluation has at most 300" in text
    metadata = json.loads((small_umaze / UMAZE / "data" / "metadata.json").read_text())
    assert " ".join(metadata["description"].split()) in text
    (picture,) = (tmp_path / "out").iterdir()
    assert picture.name == "maze2d-umaze.png"
    assert f"picture {picture}" in text
    assert imread(picture).std() > 0


def test_describe_without_the_data_goes_on_and_fails(small_umaze: Path) -> None:
    result = run("describe", "kitchen-mixed", "maze2d-umaze")
    assert result.exit_code == 1
    assert result.output.startswith("not there  kitchen-mixed ")
    assert Path("results/datasets/maze2d-umaze.png").exists()
    assert not Path("results/datasets/kitchen-mixed.png").exists()


def test_describe_needs_a_folder_it_can_write_to(small_umaze: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("describe", "maze2d-umaze", "--out", str(tmp_path / "file"))
    assert result.exit_code == 2
    assert "cannot be written" in result.output and "choose another with --out" in result.output


def test_fetch_takes_published_data_only(
    remote_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(remote_folder, door_episode(0), door_episode(1))
    result = run("fetch", "adroit-door-human")
    assert result.exit_code == 2
    assert f"dataset {DOOR}, for adroit-door-human, is not the published data (altered, 2" in (
        result.output
    )
    monkeypatch.setitem(PUBLISHED_SETS, DOOR, Sizes(2, 12))
    result = run("fetch", "adroit-door-human")
    assert result.exit_code == 0
    last = result.output.splitlines()[-1]
    assert re.match(rf"ok +adroit-door-human +{DOOR}  2 episodes, 12 steps, hash ", last)
    assert last.endswith("; published data")
    assert "adroit-door-human: downloading" not in run("fetch", "adroit-door-human").output


def test_the_list_says_what_is_not_published(remote_folder: Path) -> None:
    write(DOOR, door_episode(0))
    write("rebuilt/door/expert-v0", door_episode(0))
    (write("D4RL/pen/human-v2", door_episode(0)) / "data" / "metadata.json").write_text("{")
    rows = {line.split()[0]: line for line in run("list").output.splitlines() if line}
    assert "  cached (altered)  " in rows["adroit-door-human"]
    assert "  download, or else rebuilt/door/expert-v0  " in rows["adroit-door-expert"]
    assert "  cached (unreadable)  " in rows["adroit-pen-human"]


def test_a_task_can_be_looked_at_with_any_dataset_that_fits(tmp_path: Path) -> None:
    write("my/door-v0", door_episode(0, 4), author="me", description="Mine.")
    option = ("--dataset", "adroit-door-*=my/door-v0")
    result = run("check", "adroit-door-*", *option)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["ok", f"adroit-door-{quality}", "my/door-v0"] for quality in ("human", "cloned", "expert")
    ]
    assert lines[2].endswith("; own data, 1 episode; published set: 5,000 episodes")
    text = " ".join(run("describe", "adroit-door-human", *option, "--out", "out").output.split())
    assert "dataset my/door-v0, hash" in text
    assert "what it is own data, 1 episode; published set: 25 episodes author me in its" in text


@pytest.mark.parametrize("command", ["check", "describe"])
def test_a_dataset_that_is_not_there_is_a_usage_error(command: str, tmp_path: Path) -> None:
    result = run(command, "maze2d-umaze", "--dataset", "maze2d-umaze=my/maze-v0")
    assert result.exit_code == 2
    assert "error: dataset 'my/maze-v0' for maze2d-umaze is not in " in result.output
    assert result.output.endswith("; there: none\n") and list(tmp_path.iterdir()) == []


def test_a_dataset_that_cannot_be_had_is_asked_for_once() -> None:
    result = run("fetch", "maze2d-umaze", "multi2d-umaze")
    assert result.exit_code == 1
    assert result.output.count("downloading D4RL/pointmaze/umaze-v2") == 1
    for name in ("maze2d-umaze", "multi2d-umaze"):
        line = f"^not there +{name} +D4RL/pointmaze/umaze-v2 cannot be downloaded: no network"
        assert re.search(line, result.output, re.M)


def test_collect_tells_who_has_no_recipe_and_goes_on(small_umaze: Path) -> None:
    result = run("collect", "adroit-pen-human", "maze2d-umaze")
    assert result.exit_code == 1
    first, second = result.output.splitlines()
    assert first.startswith("not there  adroit-pen-human ")
    assert first.endswith(
        "adroit-pen-human has no local recipe; download the published data: "
        "python -m benchmark.datasets fetch adroit-pen-human"
    )
    assert re.match(OK_UMAZE, second)


def test_a_recreation_is_not_taken_for_what_is_to_be_collected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collected: list[str] = []
    write("rebuilt/pointmaze/umaze-v0", door_episode(0))
    monkeypatch.setattr(
        "benchmark.data.recipes.collect", lambda recipe, *_: collected.append(recipe.id)
    )
    assert run("collect", "maze2d-umaze").exit_code == 1
    assert collected == [UMAZE]


def test_each_task_is_told_its_own_fault_of_data_that_two_share() -> None:
    write("D4RL/pointmaze/umaze-v2", door_episode(0))
    result = run("fetch", "maze2d-umaze", "multi2d-umaze")
    assert result.exit_code == 2
    for line, name in zip(result.output.splitlines(), ("maze2d", "multi2d"), strict=True):
        assert f"dataset D4RL/pointmaze/umaze-v2, for {name}-umaze, is not the publ" in line


@pytest.mark.parametrize("command", ["fetch", "collect", "describe"])
def test_tasks_have_to_be_named(command: str) -> None:
    result = run(command)
    assert result.exit_code == 2
    assert result.output == (
        "error: no tasks named; name some (maze2d-umaze 'adroit-*') or a suite (--suite maze2d); "
        "`python -m benchmark.datasets list` prints every task\n"
    )


@pytest.mark.parametrize("command", ["list", "fetch", "collect", "check", "describe"])
def test_unknown_names(command: str) -> None:
    result = run(command, "maze2d-umaz")
    assert result.exit_code == 2
    assert (
        "error: unknown task 'maze2d-umaz'; did you mean 'maze2d-umaze'? (python" in result.output
    )
    result = run(command, "--suite", "mazes")
    assert result.exit_code == 2
    assert "error: unknown suite 'mazes'; valid: " in result.output


@pytest.mark.parametrize("command", ["check", "describe"])
def test_a_user_without_a_home_folder(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert "not there" in run("check", "maze2d-umaze").output
    monkeypatch.setenv("MINARI_DATASETS_PATH", "")
    result = run(command, "maze2d-umaze")
    assert result.exit_code == 2
    assert "error: Minari's folder ~/.minari/datasets cannot be found" in result.output
    assert "set MINARI_DATASETS_PATH to a folder, as a full path" in result.output


@pytest.mark.parametrize("command", ["check", "describe"])
def test_an_unknown_kind_of_data(command: str) -> None:
    result = run(command, "maze2d-umaze", "--data", "remote")
    assert result.exit_code == 2
    assert "unknown value of --data 'remote'; valid: auto, local, minari" in result.output


def test_the_list_is_made_without_loading_what_learns_or_draws() -> None:
    code = (
        "import sys; from benchmark.cli.data import app; "
        "app(['list'], standalone_mode=False); "
        "heavy = ('torch', 'd3rlpy', 'ray', 'pandas', 'matplotlib', 'minari'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
