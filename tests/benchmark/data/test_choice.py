"""Datasets that the user chose for tasks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from benchmark.data.choice import choose_datasets
from benchmark.errors import UserError
from benchmark.tasks import TASKS
from tests.benchmark.data.synthetic_datasets import door_episode, write

DOORS = ("adroit-door-human", "adroit-door-expert")


def _choose(
    *options: str, in_file: Mapping[str, str] | None = None, tasks: tuple[str, ...] = DOORS
) -> dict[str, str]:
    return choose_datasets([TASKS[name] for name in tasks], options, in_file or {})


@pytest.fixture(autouse=True)
def _two_datasets() -> None:
    write("my/door-v0", door_episode(0))
    write("my/door-v1", door_episode(0, 4))


def test_names_and_globs_of_which_the_last_counts() -> None:
    assert _choose() == {}
    assert _choose("adroit-door-human=my/door-v0") == {"adroit-door-human": "my/door-v0"}
    assert _choose("adroit-*=my/door-v0") == dict.fromkeys(DOORS, "my/door-v0")
    assert _choose("adroit-*=my/door-v0", " *-human = my/door-v1 ") == {
        **{"adroit-door-human": "my/door-v1", "adroit-door-expert": "my/door-v0"}
    }
    assert _choose("*-human=my/door-v1", "adroit-*=my/door-v0") == dict.fromkeys(
        DOORS, "my/door-v0"
    )


def test_the_command_line_wins_over_the_file_which_may_speak_of_other_tasks() -> None:
    in_file = {"adroit-door-*": "my/door-v0", "maze2d-umaze": "not/there-v0"}
    assert _choose(in_file=in_file) == dict.fromkeys(DOORS, "my/door-v0")
    assert _choose("adroit-door-human=my/door-v1", in_file=in_file) == {
        **{"adroit-door-human": "my/door-v1", "adroit-door-expert": "my/door-v0"}
    }


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("adroit-door-human", "--dataset 'adroit-door-human' is no TASK=DATASET; valid: --dataset"),
        ("=my/door-v0", "--dataset '=my/door-v0' is no TASK=DATASET"),
        ("adroit-door-human=", "--dataset 'adroit-door-human=' is no TASK=DATASET"),
        ("adroit-dor-human=my/door-v0", "unknown task in --dataset 'adroit-dor-human'; did you me"),
        ("rooms-*=my/door-v0", r"unknown task in --dataset 'rooms-\*' .*; valid: --dataset adroit"),
        (
            "maze2d-*=my/door-v0",
            r"--dataset maze2d-\*=my/door-v0 is for none of the tasks asked for: adroit-door",
        ),
        (
            "adroit-*=my/dor-v0",
            "dataset 'my/dor-v0' for .* is not in .*minari; did you mean my/door-v0.; there: "
            "my/door-v0, my/door-v1$",
        ),
        ("adroit-*=../../etc", "dataset '../../etc' for .* is not in .*; there: my/door-v0"),
        ("adroit-*=my/door-v0=x", "dataset 'my/door-v0=x' for .* is not in"),
    ],
)
def test_what_cannot_be_meant(option: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        _choose(option)


def test_without_an_evaluation_no_environment_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.tasks.environments.task_info", None)
    tasks, options = [TASKS["adroit-door-human"]], ["adroit-*=my/door-v0"]
    chosen = choose_datasets(tasks, options, {}, evaluated=False)
    assert chosen == {"adroit-door-human": "my/door-v0"}


def test_a_dataset_that_does_not_fit() -> None:
    write("my/hand-v0", door_episode(0, observations=np.zeros((7, 45))))
    with pytest.raises(UserError, match="my/hand-v0, for adroit-door-human, does not fit: its obs"):
        _choose("adroit-*=my/hand-v0")
    with pytest.raises(UserError, match="its actions are a vector of 28, and .* a vector of 24"):
        _choose("adroit-pen-human=my/hand-v0", tasks=("adroit-pen-human",))


def test_a_dataset_that_cannot_be_read() -> None:
    (write("my/bad-v0", door_episode(0)) / "data" / "metadata.json").write_text("{")
    with pytest.raises(UserError, match="dataset my/bad-v0, for adroit-door-human, is damaged"):
        _choose("adroit-*=my/bad-v0")


def test_where_there_is_much_not_all_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"my/set-v{number}" for number in range(30)]
    monkeypatch.setattr("benchmark.data.choice.installed", lambda: names)
    with pytest.raises(UserError, match="; there: my/set-v0, .*, my/set-v19 and 10 more$"):
        _choose("adroit-*=other/thing")
