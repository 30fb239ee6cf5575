"""What must be the same for training to go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import UserError
from benchmark.records.files import RunFiles, write_record
from benchmark.records.record import Record, RunSpec
from benchmark.running import continuation
from benchmark.running.checkpoint import save_checkpoint
from benchmark.running.continuation import (
    check_goes_on,
    checkpoint_to_go_on,
    differences,
    training_basis,
    training_part,
)
from tests.benchmark.counting import Counter

RUN = RunSpec("t", "a", 4, "smoke", steps=1000, episodes=1, settings={"scales": (1, 2)})


class Agent:
    pass


def test_a_basis_is_as_it_comes_back_from_json() -> None:
    basis = training_basis(RUN, Agent, "content")
    assert basis["settings"] == {"scales": [1, 2]}
    assert basis["dataset"] == "content" and len(basis["agent_file"]) == 16
    of_own_file = training_basis(replace(RUN, source_hash="all its files"), Agent, None)
    assert of_own_file["agent_file"] == "all its files"


def test_the_file_of_a_task_belongs_to_the_basis() -> None:
    basis = training_basis(RUN, Agent, "content")
    assert "task_file" not in basis, "as in what was begun before"
    of_file = training_basis(replace(RUN, task_hash="1"), Agent, "content")
    assert differences(of_file, of_file) == ""
    changed = training_basis(replace(RUN, task_hash="2"), Agent, "content")
    assert differences(of_file, changed) == "the file of its task"


def test_a_class_that_lies_in_no_file_has_no_hash() -> None:
    assert training_basis(RUN, int, None)["agent_file"] is None


def test_differences_are_told_in_words() -> None:
    before = training_basis(RUN, Agent, "content")
    assert differences(before, before) == ""
    now = training_basis(replace(RUN, seed=5), int, "other")
    told = "seed, the content of its dataset, the file of its agent"
    assert differences(before, now) == told
    assert differences({}, now).startswith("task, agent, seed"), "of an earlier version"


def test_more_steps_are_no_difference_but_fewer_are() -> None:
    before = training_basis(RUN, Agent, "content")
    assert differences(before, before | {"steps": 1001}) == ""
    assert differences(before, before | {"steps": 999}) == "steps"


def test_a_part_says_which_code_it_ran() -> None:
    part = training_part(7, 20)
    assert part["from"] == 7 and part["steps"] == 20
    assert part["versions"]["python"] and "commit" in part


LONGER = replace(RUN, steps=2000)


class Fixed(Counter):
    trains_longer = False


class Still(Agent):
    takes_gradient_steps = False


def leave(out: Path, run: RunSpec = RUN, agent: type[Any] = Counter, **about: Any) -> RunFiles:
    """The record and the checkpoint of a run that has ended."""
    files = RunFiles(out, run.name)
    write_record(out, Record(run, "completed", "maze2d"))
    metadata = {"basis": training_basis(run, agent, "content") | about, "step": run.steps}
    save_checkpoint(files.checkpoint, {"count": run.steps}, metadata)
    return files


def test_a_run_that_has_ended_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    files, notes = leave(tmp_path), []
    basis = training_basis(LONGER, Counter, "content")
    found = checkpoint_to_go_on(LONGER, Counter(), files, basis, notes.append)
    assert found is not None and found[0] == {"count": 1000} and notes == []


@pytest.mark.parametrize(
    ("agent", "dataset", "different"),
    [(Counter(), "other", "the content of its dataset"), (Fixed(), "content", "steps")],
)
def test_what_a_run_has_is_not_replaced_by_another_training(
    tmp_path: Path, agent: Counter, dataset: str, different: str
) -> None:
    files = leave(tmp_path, agent=type(agent))
    basis = training_basis(LONGER, type(agent), dataset)
    message = f"cannot go on: its checkpoint at gradient step 1,000 .* which {different} differed"
    with pytest.raises(UserError, match=message):
        checkpoint_to_go_on(LONGER, agent, files, basis, print)
    assert files.checkpoint.exists()
    files.record.unlink()  # Then there is nothing to lose.
    assert checkpoint_to_go_on(LONGER, agent, files, basis, print) is None
    assert not files.checkpoint.exists()


def test_without_a_checkpoint_it_does_not_start_anew_unless_that_is_all_it_does(
    tmp_path: Path,
) -> None:
    write_record(tmp_path, Record(RUN, "completed", "maze2d"))
    files = RunFiles(tmp_path, RUN.name)
    with pytest.raises(UserError, match="cannot go on: there is no checkpoint; put it back"):
        checkpoint_to_go_on(LONGER, Counter(), files, {"steps": 2000}, print)
    assert checkpoint_to_go_on(LONGER, Still(), files, {"steps": 2000}, print) is None


@pytest.mark.parametrize(
    ("agent", "about", "message"),
    [
        (
            Counter,
            {"agent_file": "a"},
            "in which the file of its agent differed; put",
        ),
        (Counter, {"steps": 3000}, "it was going on to 3,000; ask for --steps 3000 or more, or"),
        (Fixed, {}, "the class of a says trains_longer = False; leave it out of --agents, or"),
        (Agent, {}, "the class of a has no training_state and resume; leave it out"),
        (Counter, None, "there is no checkpoint of it, which older versions did not keep; choose"),
    ],
)
def test_what_cannot_go_on_is_refused_by_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    agent: type[Any],
    about: dict[str, Any] | None,
    message: str,
) -> None:
    monkeypatch.setattr(continuation, "class_of_run", lambda run: agent)
    if about is not None:
        leave(tmp_path, agent=agent, **about)
    whole = f"t/a/seed-4 in there has ended, and cannot go on to 2,000 gradient steps: .*{message}"
    with pytest.raises(UserError, match=whole):
        check_goes_on(LONGER, tmp_path, "there")


@pytest.mark.parametrize("agent", [Counter, Still])
def test_what_can_go_on_is_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: type[Any]
) -> None:
    monkeypatch.setattr(continuation, "class_of_run", lambda run: agent)
    if agent is Counter:
        leave(tmp_path)
    check_goes_on(LONGER, tmp_path, "there")
