"""Errors that are answered with one message."""

from __future__ import annotations

import errno
import pickle

import pytest

from benchmark.errors import (
    DatasetError,
    is_of_machine,
    nearest_names,
    one_line,
    shown,
    unknown_name,
    with_type,
)


def test_a_dataset_error_says_why_and_what_to_do_also_from_another_process() -> None:
    again = pickle.loads(pickle.dumps(DatasetError("it is gone", "look elsewhere")))
    assert type(again) is DatasetError
    assert (again.reason, again.remedy) == ("it is gone", "look elsewhere")
    assert str(again) == "it is gone; look elsewhere"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("iqll", "unknown agent 'iqll'; valid: bc, cql, iql; did you mean 'iql'?"),
        ("zzzz", "unknown agent 'zzzz'; valid: bc, cql, iql"),
        ("IQL", "unknown agent 'IQL'; valid: bc, cql, iql; did you mean 'iql'?"),
    ],
)
def test_an_unknown_name_tells_the_known_and_the_closest(name: str, message: str) -> None:
    assert str(unknown_name("agent", name, ["iql", "bc", "cql"], listing="ls")) == message


MANY = [f"task-{number}" for number in range(16)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Task_7", "unknown task 'Task_7'; did you mean 'task-7'? (ls prints all 16)"),
        ("zzzz", "unknown task 'zzzz' (ls prints all 16)"),
    ],
)
def test_of_many_names_the_closest_stand_with_what_prints_all(name: str, message: str) -> None:
    assert str(unknown_name("task", name, MANY, listing="ls")) == message
    assert "; valid: task-0, task-1, " in str(unknown_name("task", name, MANY))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("TD3+BC", ["td3bc"]),
        ("maze2d_umaze", ["maze2d-umaze"]),
        ("MAZE2D", ["maze2d-umaze", "maze2d-large"]),
        ("maze2d-*", ["maze2d-umaze", "maze2d-large"]),
        ("maze2d-umze", ["maze2d-umaze", "maze2d-large"]),
        ("zzz", []),
        ("*", []),
        ("", []),
    ],
)
def test_near_are_names_but_for_case_punctuation_and_slips(name: str, nearest: list[str]) -> None:
    assert nearest_names(name, ["td3bc", "maze2d-umaze", "maze2d-large", "bc"]) == nearest


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\n  lines ", "two lines"),
        ("", "ValueError"),
        ("\x1b[31mred\x00 \x7f é 中\udcff", r"\x1b[31mred\x00 \x7f é 中\udcff"),
        ("x" * 160, "x" * 160),
        ("x" * 161, "x" * 157 + "..."),
    ],
)
def test_an_error_fits_on_one_line(text: str, line: str) -> None:
    assert one_line(ValueError(text)) == line


def test_an_error_without_a_message_is_its_type() -> None:
    assert with_type(AssertionError()) == "AssertionError"
    assert with_type(KeyError("a\nb")) == r"KeyError: 'a\nb'"


@pytest.mark.parametrize(
    ("error", "of_machine"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (BlockingIOError(errno.EAGAIN, "unable to lock"), True),
        (OSError(errno.EIO, "Input/output error"), True),
        (MemoryError(), True),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory"), False),
        (OSError("truncated file"), False),
        (ValueError("no JSON"), False),
    ],
)
def test_what_the_machine_refuses_is_no_fault_of_a_file(error: Exception, of_machine: bool) -> None:
    assert is_of_machine(error) == of_machine


class _Shy:
    def __repr__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a\x1b": 1.5}, r"{'a\x1b': 1.5}"),
        ("x" * 200, "'" + "x" * 156 + "..."),
        (10**5000, "an object of type int that cannot be printed"),
        (_Shy(), "an object of type _Shy that cannot be printed"),
    ],
    ids=["control", "long", "digits", "shy"],
)
def test_a_value_of_others_is_shown_whatever_it_is(value: object, text: str) -> None:
    assert shown(value) == text
