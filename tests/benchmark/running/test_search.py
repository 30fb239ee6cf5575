"""What a search for settings is made of, which of its samples wins, and what is written."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import Mock

import pytest

from benchmark.agents import registry
from benchmark.agents.settings_file import SettingsFile
from benchmark.cli.options import parse_agents
from benchmark.data.loading import LoadedDataset
from benchmark.errors import DatasetError, UserError
from benchmark.interface import Dataset, TaskInfo, TaskSettings
from benchmark.records.record import RunSpec
from benchmark.running import search as searches
from benchmark.running.grid import Grid
from benchmark.running.search import (
    check_same_budget,
    merged_settings,
    plan_search,
    ranking,
    run_and_write_search,
    share_data,
    state_of,
    write_samples,
)
from benchmark.running.search_space import Sample, Search
from benchmark.tasks import TASKS

RUN = RunSpec("maze2d-umaze", "mine", 5, "quick", 30, 50, settings={"rate": 0.25, "more": 1})
SPACE = {"rate": ("uniform", 0.0, 1.0)}
SEARCH = Search(RUN, SPACE, {"rate": 0.25}, samples=4, episodes=10, device="cpu")
SESSION: Any = Mock()


def sample(number: int, score: float | None, status: str = "completed") -> Sample:
    return Sample(number, {"rate": number / 8}, status, 30, score, 60.0)


class Mine:
    """An agent with one setting that is searched."""

    presets: ClassVar[dict[str, Any]] = {"quick": {"steps": 30, "more": 1, "rate": 0.5}}
    search_space = SPACE

    def __init__(self, task: TaskInfo, settings: dict[str, Any], device: str) -> None:
        @dataclass
        class Config:
            rate: float = settings["rate"] / 2  # What it makes of it.

        self.config = Config()

    def fit(self) -> None: ...

    reset = act = save = load = fit


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch, tiny_task: TaskInfo) -> None:
    monkeypatch.setattr(registry, "_registered", {"mine": Mine})
    monkeypatch.setattr("benchmark.tasks.environments.task_info", lambda task: tiny_task)


@pytest.mark.parametrize(("preset", "episodes"), [("quick", 10), ("paper", 20)])
def test_a_search_has_twice_the_episodes_of_a_score_of_the_curve(
    monkeypatch: pytest.MonkeyPatch, preset: str, episodes: int
) -> None:
    monkeypatch.setattr(searches, "resolve_device", {"auto": "cuda"}.get)
    of_task = TaskSettings("maze2d", {"rate": 0.5, "more": 2}, "test")
    monkeypatch.setattr(Mine, "task_settings", [of_task], raising=False)
    grid = Grid([TASKS["maze2d-umaze"]], parse_agents("mine"), [105], preset, steps=7)
    search = plan_search(grid, 9, "auto")
    assert (search.episodes, search.samples, search.device) == (episodes, 9, "cuda")
    assert (search.run.seed, search.run.steps, search.trainings) == (105, 7, 1)
    thrice = plan_search(replace(grid, seeds=[105, 106, 107]), 9, "auto")
    assert (thrice.run.seed, thrice.trainings, thrice.steps) == (105, 3, 21)
    assert search.run.settings == {"rate": 0.5, "more": 2}
    assert (search.space, search.present) == (SPACE, {"rate": 0.25}), "as the agent resolves it"


def test_samples_train_as_long_unless_the_user_says_how_many_steps() -> None:
    grid = Grid([TASKS["maze2d-umaze"]], parse_agents("mine"), [105], "quick")
    assert plan_search(grid, 9, "cpu").training_text == "as long as with the present settings"
    user = SettingsFile(command={"mine": {"steps": 8}})
    for asked, steps in ((replace(grid, steps=7), 7), (replace(grid, settings_file=user), 8)):
        assert plan_search(asked, 9, "cpu").training_text == f"{steps} steps"
    published = replace(SEARCH, run=replace(RUN, preset="paper"))
    assert published.training_text == "30 steps"


def test_the_best_comes_first_and_equal_ones_in_their_order() -> None:
    samples = [sample(1, 2.0), sample(2, 0.0), sample(3, -1.0), sample(4, 2.0), sample(5, 3.0)]
    others = [sample(6, 9.0, "stopped"), sample(7, 8.0, "failed"), sample(8, None, "failed")]
    assert [each.number for each in ranking(others + samples)] == [5, 1, 4, 2, 3]
    assert ranking(others) == []


def test_zero_is_a_score_and_none_is_none() -> None:
    scores = [-1.0, None, 0.0, math.nan, -0.0, 1.0]
    samples = [sample(number, score) for number, score in enumerate(scores)]
    assert [each.number for each in ranking(samples)] == [5, 2, 4, 0]


def searching(monkeypatch: pytest.MonkeyPatch, dataset: Dataset, found: Sequence[Sample]) -> Any:
    """Puts these samples in the place of a real search; returns what that is asked for."""
    asked: list[Any] = []

    def run_search(
        search: Search, data: Path, session: Any, workers: int, keep: Callable[..., None]
    ) -> Sequence[Sample]:
        asked.append((search, sorted(path.name for path in data.iterdir()), session, workers))
        keep(found[:1])
        keep(found)
        return found

    monkeypatch.setattr("benchmark.running.ray_search.run_search", run_search)
    about = {"hash": "abcd"}
    monkeypatch.setattr(
        searches,
        "prepare",
        lambda task, info, data, report: asked.append(data) or LoadedDataset(dataset, about),
    )
    return asked


def search_and_write(folder: Path, workers: int) -> list[Sample]:
    """The search from its data to its files, in `out`."""
    known = share_data([SEARCH, SEARCH], folder / "data", lambda line: None)
    data = folder / "data" / "maze2d-umaze"
    return run_and_write_search(
        SEARCH, folder / "out", data, known["maze2d-umaze"], workers, SESSION
    )


def test_the_best_settings_are_written(
    monkeypatch: pytest.MonkeyPatch, tiny_dataset: Dataset, tmp_path: Path
) -> None:
    found = [sample(1, 2.0), sample(2, -3.0), sample(3, 9.0, "stopped"), sample(4, 3.0)]
    asked = searching(monkeypatch, tiny_dataset, found)
    assert search_and_write(tmp_path, 3) == found
    data, (search, shared, session, workers) = asked
    assert (data, search, workers, session) == ("auto", SEARCH, 3, SESSION)
    assert "about.json" in shared and "rewards.npy" in shared
    best = json.loads((tmp_path / "out" / "best.json").read_text())
    assert best == {
        "tasks": {"maze2d-umaze": {"mine": {"rate": 0.5}}},  # Of the fourth.
        "samples": {"maze2d-umaze": {"mine": 4}},
    }
    assert len((tmp_path / "out" / "trials.csv").read_text().splitlines()) == 5
    about = json.loads((tmp_path / "out" / "about.json").read_text())
    for name in ("versions", "commit", "machine"):
        about.pop(name)
    assert about == {
        **{"task": "maze2d-umaze", "agent": "mine", "preset": "quick"},
        **{"source_hash": None, "task_hash": None},
        **{"data": "auto", "seed": 5, "steps": 30, "settings": {"rate": 0.25, "more": 1}},
        **{"space": {"rate": ["uniform", 0.0, 1.0]}, "present": {"rate": 0.25}},
        **{"samples": 4, "trainings": 1, "tuning_episodes": 10, "dataset": {"hash": "abcd"}},
        **{"training": "as long as with the present settings", "steps_option": None},
        "finished": True,
    }


def test_steps_of_the_best_that_are_not_those_of_the_present_are_written_too(
    monkeypatch: pytest.MonkeyPatch, tiny_dataset: Dataset, tmp_path: Path
) -> None:
    found = [replace(sample(1, 2.0), budget=30), replace(sample(4, 3.0), budget=12)]
    searching(monkeypatch, tiny_dataset, found)
    search_and_write(tmp_path, 1)
    best = json.loads((tmp_path / "out" / "best.json").read_text())
    assert best["tasks"] == {"maze2d-umaze": {"mine": {"rate": 0.5}}}
    assert best["steps"] == {"maze2d-umaze": {"mine": {"quick": 12}}}


def test_a_search_in_which_nothing_completed_is_not_finished(
    monkeypatch: pytest.MonkeyPatch, tiny_dataset: Dataset, tmp_path: Path
) -> None:
    searching(monkeypatch, tiny_dataset, [sample(1, 5.0, "stopped")])
    out = tmp_path / "out"
    assert state_of(SEARCH, out) == ""
    out.mkdir()
    (out / "best.json").write_text("{}")  # Of a search that did not come to its end.
    search_and_write(tmp_path, 1)
    assert {path.name for path in out.iterdir()} == {"trials.csv", "about.json"}
    assert state_of(SEARCH, out) == "begun"
    with pytest.raises(UserError, match="holds a search with samples 4, now asked with 5; choose"):
        state_of(replace(SEARCH, samples=5), out)
    (out / "about.json").unlink()  # Older versions wrote it at the end.
    assert state_of(SEARCH, out) == "begun"


def test_winners_of_finished_searches_are_one_file_and_all_have_one_budget(tmp_path: Path) -> None:
    for task, finished in (("maze2d-umaze", True), ("maze2d-large", False)):
        folder = tmp_path / task / "mine"
        folder.mkdir(parents=True)
        run = replace(SEARCH.run, task=task)
        about = searches._metadata(replace(SEARCH, run=run), {})
        (folder / "about.json").write_text(json.dumps({**about, "finished": finished}))
        (folder / "best.json").write_text(json.dumps({"tasks": {task: {"mine": {"rate": 0.5}}}}))
    assert merged_settings(tmp_path)["tasks"] == {"maze2d-umaze": {"mine": {"rate": 0.5}}}
    check_same_budget(replace(SEARCH, space={}), tmp_path)
    with pytest.raises(UserError, match="holds a search with trainings 1, now asked with 3"):
        check_same_budget(replace(SEARCH, trainings=3), tmp_path)
    with pytest.raises(UserError, match="holds a search with steps_option None, now asked with 9"):
        check_same_budget(replace(SEARCH, steps_option=9), tmp_path)
    earlier = json.loads((folder / "about.json").read_text())
    del earlier["training"]
    (folder / "about.json").write_text(json.dumps(earlier))
    with pytest.raises(UserError, match="of an earlier version, whose samples had equal steps"):
        check_same_budget(SEARCH, tmp_path)


def test_a_search_without_data_ends_with_a_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def prepare(*arguments: object) -> None:
        raise DatasetError("it is gone", "look elsewhere")

    monkeypatch.setattr(searches, "prepare", prepare)
    with pytest.raises(UserError, match="maze2d-umaze: it is gone; look elsewhere"):
        search_and_write(tmp_path, 1)
    assert not (tmp_path / "out").exists()


def test_samples_are_a_table(tmp_path: Path) -> None:
    write_samples(tmp_path / "trials.csv", [sample(1, 5.0), sample(2, None, "failed")])
    assert (tmp_path / "trials.csv").read_text().splitlines() == [
        "sample,rate,status,steps,budget,score,seconds,reason",
        "1,0.125,completed,30,,5.0,60.0,",
        "2,0.25,failed,30,,,60.0,",
    ]


def test_settings_are_written_so_that_a_table_shows_them(tmp_path: Path) -> None:
    settings = {"sizes": (3, 4), "rate": 0.123456, "none": None}
    row = Sample(3, settings, "failed", 8, None, 1.26, "a, b", 60)
    write_samples(tmp_path / "table.csv", [row])
    assert (tmp_path / "table.csv").read_text().splitlines() == [
        "sample,sizes,rate,none,status,steps,budget,score,seconds,reason",
        '3,"[3, 4]",0.123456,null,failed,8,60,,1.3,"a, b"',
    ]
