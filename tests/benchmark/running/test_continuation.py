"""What must be the same for training to go on."""

from __future__ import annotations

from dataclasses import replace

from benchmark.records.record import RunSpec
from benchmark.running.continuation import differences, training_basis, training_part

RUN = RunSpec("t", "a", 4, "smoke", steps=1000, episodes=1, settings={"scales": (1, 2)})


class Agent:
    pass


def test_a_basis_is_as_it_comes_back_from_json() -> None:
    basis = training_basis(RUN, Agent, "content")
    assert basis["settings"] == {"scales": [1, 2]}
    assert basis["dataset"] == "content" and len(basis["agent_file"]) == 16
    of_own_file = training_basis(replace(RUN, source_hash="all its files"), Agent, None)
    assert of_own_file["agent_file"] == "all its files"


def test_a_class_that_lies_in_no_file_has_no_hash() -> None:
    assert training_basis(RUN, int, None)["agent_file"] is None


def test_differences_are_told_in_words() -> None:
    before = training_basis(RUN, Agent, "content")
    assert differences(before, before) == ""
    now = training_basis(replace(RUN, seed=5), int, "other")
    told = "seed, the content of its dataset, the file of its agent"
    assert differences(before, now) == told
    assert differences({}, now).startswith("task, agent, seed"), "of an earlier version"


def test_a_part_says_which_code_it_ran() -> None:
    part = training_part(7, 20)
    assert part["from"] == 7 and part["steps"] == 20
    assert part["versions"]["python"] and "commit" in part
