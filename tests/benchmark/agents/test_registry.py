"""The registry: names, entry points, files, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.agents import registry
from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import (
    agent_class,
    agent_names,
    class_of_run,
    find_agent,
    register,
)
from benchmark.errors import UserError
from benchmark.records.record import RunSpec


@pytest.fixture(autouse=True)
def _clean_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_registered", {})


class Complete:
    """Has the verbs of an agent."""

    def fit(self) -> None: ...
    def reset(self) -> None: ...
    def act(self) -> None: ...
    def save(self) -> None: ...
    def load(self) -> None: ...


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A third party's installed package with an entry point for agents."""
    (tmp_path / "third_party.py").write_text(
        "from benchmark import register\n"
        "from tests.benchmark.agents.test_registry import Complete\n\n"
        "@register('third')\nclass Third(Complete):\n    pass\n",
        encoding="utf-8",
    )
    info = tmp_path / "third_party-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mage_bench.agents]\nthird = third_party:Third\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield info
    sys.modules.pop("third_party", None)


def test_names_are_listed_without_importing_an_agent() -> None:
    code = (
        "import sys; from benchmark.agents.registry import agent_names, find_agent; agent_names(); "
        "find_agent('mage'); print([m for m in ('torch', 'd3rlpy', 'ray') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_registered_class_is_found_by_name() -> None:
    own = register("own")(Complete)
    assert agent_class("own") is own
    assert agent_names()[: len(BUILTIN)] == [*BUILTIN], "the benchmark's own come first"
    assert agent_names().count("own") == 1


@pytest.mark.parametrize("name", ["mage", "own"])
def test_a_taken_name_is_refused(name: str) -> None:
    register("own")(Complete)
    with pytest.raises(
        UserError, match=f"agent name '{name}' of .*Other is taken by .*another name"
    ):
        register(name)(type("Other", (Complete,), {}))


@pytest.mark.parametrize("name", ["../up", "..", ".hidden", "a/b", "Caps", "", "with space", "-x"])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="is malformed; valid: small letters"):
        register(name)(Complete)


def test_no_agent_can_be_called_all(tmp_path: Path) -> None:
    message = "agent name 'all' stands for every registered agent; register it under another name"
    with pytest.raises(UserError, match=message):
        register("all")(Complete)
    (tmp_path / "file.py").write_text(
        "from tests.benchmark.agents.test_registry import Complete\n\n"
        "class All(Complete):\n    pass\n"
    )
    with pytest.raises(UserError, match=message):
        find_agent(f"{tmp_path}/file.py:All")


@pytest.mark.parametrize(
    ("name", "meant"),
    [("mgae", "mage"), ("IQL", "iql"), ("TD3+BC", "td3bc"), ("Diffuser", "diffuser")],
)
def test_an_unknown_name_leads_to_the_close_one_and_to_the_list(name: str, meant: str) -> None:
    message = f"unknown agent {name!r}; did you mean {meant!r}? (python -m benchmark.run --list"
    with pytest.raises(UserError, match=re.escape(message)):
        find_agent(name)


def test_a_file_with_one_agent_needs_no_class(tmp_path: Path) -> None:
    text = (
        "from tests.benchmark.agents.test_registry import Complete\n\nclass FlowQ(Complete): ...\n"
    )
    (tmp_path / "flow.py").write_text(text)
    choice = find_agent(f"{tmp_path}/flow.py")
    assert (choice.name, choice.source) == ("flowq", f"{tmp_path}/flow.py:FlowQ")


def test_an_entry_point_adds_an_agent(package: Path) -> None:
    assert "third" in agent_names()
    assert find_agent("third").source is None
    assert agent_class("third").__name__ == "Third"


def test_a_broken_entry_point_is_an_error_only_when_it_is_used(package: Path) -> None:
    (package / "entry_points.txt").write_text("[mage_bench.agents]\nthird = third_party:Gone\n")
    assert "third" in agent_names()
    with pytest.raises(
        UserError, match="'third' cannot be imported from third_party:Gone .*uninstall"
    ):
        agent_class("third")


def test_an_agent_from_a_file_takes_its_class_name(agent_file: Path) -> None:
    choice = find_agent(f"{agent_file}:Pusher")
    assert (choice.name, choice.source) == ("pusher", f"{agent_file}:Pusher")
    assert agent_class(str(choice.source)).__name__ == "Pusher"


def test_a_file_is_given_relative_to_where_the_user_is(
    agent_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(agent_file.parent)
    assert find_agent("my_agents.py:Pusher").source == f"{agent_file}:Pusher"


def test_an_agent_from_a_file_takes_its_registered_name(agent_file: Path) -> None:
    text = agent_file.read_text()
    text = "from benchmark import register\n" + text.replace(
        "class Pusher:", "@register('push')\nclass Pusher:"
    )
    agent_file.write_text(text)
    assert find_agent(f"{agent_file}:Pusher").name == "push"
    assert find_agent(f"{agent_file}:Pusher").name == "push"  # The file is not run twice.


def test_a_file_cannot_take_a_name(agent_file: Path) -> None:
    agent_file.write_text(agent_file.read_text().replace("Pusher", "BC"))
    with pytest.raises(UserError, match=r"agent name 'bc' of .* is taken; put @register"):
        find_agent(f"{agent_file}:BC")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no Python file .*gone\.py; expected path/to/file\.py:ClassName"
    ):
        find_agent(f"{tmp_path / 'gone.py'}:Agent")


def test_a_missing_class_lists_those_in_the_file(agent_file: Path) -> None:
    with pytest.raises(UserError, match="no class 'Pushr' in .*there are: Pusher, Broken"):
        find_agent(f"{agent_file}:Pushr")


def test_a_file_that_fails_says_why(agent_file: Path) -> None:
    agent_file.write_text("import not_there_at_all\n")
    with pytest.raises(UserError, match="cannot be imported .ModuleNotFoundError.*repair it"):
        find_agent(f"{agent_file}:Pusher")


@pytest.mark.parametrize(
    "broken",
    [
        "import not_there_at_all\n",
        "from benchmark.agents.registry import register\n\n@register('bc')\nclass Taken: ...\n",
    ],
)
def test_a_file_that_failed_is_read_anew_once_it_is_repaired(agent_file: Path, broken: str) -> None:
    whole = agent_file.read_text()
    agent_file.write_text(broken)
    with pytest.raises(UserError):
        find_agent(f"{agent_file}:Pusher")
    agent_file.write_text(whole)
    assert agent_class(f"{agent_file}:Pusher").__name__ == "Pusher"


def test_missing_methods_are_named(agent_file: Path) -> None:
    with pytest.raises(UserError, match="lacks reset, act, save, load; an agent is a class with"):
        find_agent(f"{agent_file}:Mute")


def test_a_run_is_not_trained_with_a_file_that_has_changed(agent_file: Path) -> None:
    choice = find_agent(f"{agent_file}:Pusher")
    run = RunSpec("maze2d-umaze", "pusher", 0, "smoke", 1, 1, source=choice.source)
    known = replace(run, source_hash=choice.source_hash)
    assert class_of_run(known) is class_of_run(run) is agent_class(str(choice.source))
    agent_file.write_text(agent_file.read_text() + "\n# Another one.\n")
    assert class_of_run(run).__name__ == "Pusher"
    with pytest.raises(UserError, match="py of Pusher has changed .* was .*, now .*again"):
        class_of_run(known)


def test_something_else_than_a_class_is_refused(agent_file: Path) -> None:
    agent_file.write_text(agent_file.read_text() + "\ntask = Pusher(None, {}, 'cpu')\n")
    with pytest.raises(UserError, match="is no class"):
        find_agent(f"{agent_file}:task")


def test_a_variant_is_its_agent_with_other_settings() -> None:
    assert find_agent("mage.k1").name == "mage.k1"
    assert agent_class("mage.k1") is agent_class("mage")
    assert registry.variant_settings("mage.k1") == {"scales": (16,)}
    assert registry.variant_settings("mage") == {}


def test_a_variants_name_begins_after_the_first_dot() -> None:
    assert registry.split_variant("mage.k1") == ("mage", "k1")
    assert registry.split_variant("mage") == ("mage", "")
    assert registry.split_variant("mage.a.b") == ("mage", "a.b")


def test_a_variants_settings_are_a_copy() -> None:
    registry.variant_settings("mage.k1")["scales"] = "changed"
    assert registry.variant_settings("mage.k1") == {"scales": (16,)}


def test_each_name_stands_for_its_own_class() -> None:
    assert {name: agent_class(name).__name__ for name in BUILTIN} == {
        "mage": "MAGEAgent",
        "dt": "DecisionTransformer",
        "diffuser": "Diffuser",
        "iql": "IQL",
        "cql": "CQL",
        "bc": "BehaviorCloning",
        "rvs": "RvS",
        "bc-filtered": "FilteredCloning",
        "bc10": "BestCloning",
        "td3bc": "TD3BC",
        "awac": "AWAC",
        "rebrac": "ReBRAC",
        "fql": "FQL",
        "idql": "IDQL",
        "gcbc": "GCBC",
        "gcivl": "GCIVL",
        "gciql": "GCIQL",
        "hiql": "HIQL",
        "dd": "DecisionDiffuser",
        "hd": "HierarchicalDiffuser",
        "dv": "DiffusionVeteran",
        "tt": "TrajectoryTransformer",
        "carp": "CARP",
        "adt": "AutotunedTransformer",
        "random": "RandomPolicy",
        "mean": "MeanAction",
    }
    assert agent_names()[:3] == ["mage", "dt", "diffuser"]


def test_an_unknown_variant_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"unknown variant of mage 'k9'.*k1"):
        find_agent("mage.k9")
    with pytest.raises(UserError, match=r"unknown agent 'mage\.'.*did you mean 'mage'"):
        find_agent("mage.")  # It would be trained twice, under two names.
    with pytest.raises(UserError, match="agent 'bc' has no variants, and no 'k1'; ask for bc"):
        find_agent("bc.k1")


def test_a_name_with_a_dot_may_be_an_agent_of_its_own() -> None:
    register("mage.own")(Complete)
    assert agent_class("mage.own") is Complete
    assert registry.variant_settings("mage.own") == {}


def test_an_agent_with_a_dot_in_its_name_has_variants_too() -> None:
    class Team(Complete):
        variants = {"big": {"width": 9}}  # noqa: RUF012

    register("team.sac")(Team)
    assert registry.split_variant("team.sac.big") == ("team.sac", "big")
    assert registry.variant_settings("team.sac.big") == {"width": 9}
