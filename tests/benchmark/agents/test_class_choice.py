"""An agent given as a class: by which name or file it is known."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmark.agents import registry
from benchmark.agents.class_choice import choose_class
from benchmark.agents.registry import AgentChoice, agent_class, classes_of_session, register
from benchmark.errors import UserError
from benchmark.plugins.source_files import source_hash
from tests.agent_file import AGENT_FILE


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


def in_notebook(text: str = AGENT_FILE) -> type[Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(text, names)
    agent: type[Any] = names["Pusher"]
    return agent


def imported(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    return module


def test_a_class_of_the_benchmark_is_known_by_its_name() -> None:
    assert choose_class(agent_class("iql")) == AgentChoice("iql")
    assert choose_class(agent_class("mage"), as_it_is=True) == AgentChoice("mage")


def test_a_class_in_a_file_is_asked_for_by_the_file(
    agent_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = imported(agent_file, monkeypatch).Pusher
    expected = AgentChoice("pusher", f"{agent_file}:Pusher", source_hash(agent_file))
    assert choose_class(own) == expected
    assert choose_class(own, as_it_is=True) == AgentChoice("pusher")
    assert agent_class("pusher") is own
    # Registered by now, it is still the class of its file.
    assert choose_class(own) == expected and classes_of_session(["bc"]) == {}


def test_a_registered_class_in_a_file_keeps_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "from benchmark import register\n" + AGENT_FILE.replace(
        "class Pusher:", '@register("pushing")\nclass Pusher:'
    )
    (tmp_path / "own.py").write_text(text)
    own = imported(tmp_path / "own.py", monkeypatch).Pusher
    assert choose_class(own).name == "pushing"


def test_a_class_of_a_notebook_is_registered_and_goes_to_other_processes() -> None:
    first, second = in_notebook(), in_notebook()
    assert choose_class(first) == AgentChoice("pusher")
    assert agent_class("pusher") is first
    choose_class(second)  # The cell has run again.
    assert agent_class("pusher") is second
    assert classes_of_session(["bc", "pusher", "pusher.wide"]) == {"pusher": second}


def test_one_that_is_registered_keeps_its_name() -> None:
    register("pushing")(in_notebook())
    assert choose_class(in_notebook()).name == "pushing"


def test_it_is_known_again_by_the_code_of_its_methods() -> None:
    def made(push: int) -> type[Any]:
        class Local:
            def fit(self) -> int:
                return push

            reset = act = save = load = fit

        return Local

    class Heir(made(1)):  # type: ignore[misc]
        def fit(self) -> int:
            return 3

    one, same, other = (choose_class(agent) for agent in (made(1), made(2), Heir))
    assert one.source is None and one.source_hash is not None
    assert one.source_hash == same.source_hash != other.source_hash


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        (7, "agent 7 is neither a name nor a class; valid: a name such as 'bc'"),
        (type("_Hidden", (), {}), "agent name '_hidden' is malformed"),
        (type("BC", (), {}), "agent name 'bc' of .*BC is taken by baselines"),
    ],
)
def test_what_cannot_be_an_agent_is_refused(agent: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        choose_class(agent)
