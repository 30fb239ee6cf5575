"""Which class of a file is meant, and what is said where none is."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.agents.file_classes import import_class, only_class
from benchmark.errors import UserError

METHODS = ("fit", "act")
AGENT = "class {name}:\n    def fit(self): ...\n    def act(self): ...\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "flowq.py"


def test_the_one_agent_of_a_file_need_not_be_named(file: Path) -> None:
    others = "from dataclasses import dataclass\n\n@dataclass\nclass Config:\n    size: int = 3\n"
    file.write_text(
        others + AGENT.format(name="_Base") + "\nclass FlowQ(_Base): ...\nOld = FlowQ\n"
    )
    assert only_class(str(file), METHODS) == "FlowQ"


def test_of_several_one_has_to_be_named(file: Path) -> None:
    file.write_text(AGENT.format(name="One") + AGENT.format(name="Two"))
    message = rf"agent '{file}' is a file of several agents; valid: {file}:One, {file}:Two$"
    with pytest.raises(UserError, match=message):
        only_class(str(file), METHODS)


@pytest.mark.parametrize(
    ("text", "classes"), [("class Half:\n    fit = print\n", "Half"), ("", "none")]
)
def test_a_file_without_an_agent_says_what_one_is(file: Path, text: str, classes: str) -> None:
    file.write_text(text)
    message = (
        f"agent '{file}' is a file without an agent, which is a class with the methods fit, act .*"
        f"; its classes: {classes}$"
    )
    with pytest.raises(UserError, match=message):
        only_class(str(file), METHODS)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"agent 'gone.py': no Python file /.*/gone.py; expected"):
        only_class("gone.py", METHODS)


def test_a_class_that_is_not_there_is_named_with_those_that_are(file: Path) -> None:
    file.write_text(AGENT.format(name="FlowQ") + "import math\nSIZE = 3\ndef make(): ...\n")
    message = r"no class 'flowq' in .*/flowq.py; there are: FlowQ; did you mean 'FlowQ'\?$"
    with pytest.raises(UserError, match=message):
        import_class(f"{file}:flowq")
    assert import_class(f"{file}:SIZE") == 3
