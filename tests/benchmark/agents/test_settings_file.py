"""Files of settings: what is taken from them, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.agents.settings_file import SettingsFile, read_settings_file
from benchmark.errors import UserError
from benchmark.tasks import TASKS

CONTENT = """
{"agents": {"iql": {"expectile": 0.8, "gamma": 0.98}, "mage": {"scales": [1, 2]}},
 "tasks": {"maze2d-umaze": {"iql": {"expectile": 0.9}}}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "best.json"


@pytest.mark.parametrize(
    ("agent", "task", "settings"),
    [
        ("iql", "maze2d-umaze", {"expectile": 0.9, "gamma": 0.98}),
        ("iql", "maze2d-large", {"expectile": 0.8, "gamma": 0.98}),
        ("mage", "maze2d-umaze", {"scales": [1, 2]}),
        ("bc", "maze2d-umaze", {}),
    ],
)
def test_what_is_said_of_the_task_comes_last(
    file: Path, agent: str, task: str, settings: dict[str, object]
) -> None:
    file.write_text(CONTENT)
    assert read_settings_file(file).for_agent(agent, task) == settings


def test_both_parts_may_be_left_out(file: Path) -> None:
    file.write_text("{}")
    assert read_settings_file(file) == SettingsFile({}, {})
    assert read_settings_file(None) == SettingsFile({}, {}), "no file says nothing"


def test_how_many_settings_were_tried(file: Path) -> None:
    file.write_text('{"samples": {"maze2d-umaze": {"iql": 16}}}')
    assert read_settings_file(file).samples == {"maze2d-umaze": {"iql": 16}}


def test_steps_of_a_search_count_at_its_preset_alone(file: Path) -> None:
    file.write_text('{"steps": {"maze2d-umaze": {"bc": {"quick": 900}}}}')
    found = read_settings_file(file)
    assert found.steps_at("bc", "maze2d-umaze", "quick") == {"steps": 900}
    for other in (("bc", "maze2d-umaze", "standard"), ("bc", "maze2d-large", "quick")):
        assert found.steps_at(*other) == {}
    assert found.said_steps(["bc"], "maze2d-umaze") is None, "nobody asked for so many"
    settings = resolve_settings(AgentChoice("bc"), TASKS["maze2d-umaze"], "quick", user=found)
    assert settings.steps == 900 and settings.sources["steps"] == found.origin
    file.write_text('{"steps": {"maze2d-umaze": {"mage": {"quick": 900}}}}')
    of_mage = read_settings_file(file)
    for name, is_given in (("mage", True), ("mage.k1", True), ("mage.mlp", False)):
        of_name = resolve_settings(AgentChoice(name), TASKS["maze2d-umaze"], "quick", user=of_mage)
        assert (of_name.steps == 900) == is_given, "which is timed itself"


def test_steps_that_the_user_names_are_those_of_the_variant_and_the_command_line_last() -> None:
    file = SettingsFile({"mage": {"steps": 1}, "mage.k1": {"steps": 2}}, command={})
    assert file.said_steps(["mage", "mage"], "maze2d-umaze") == 1
    assert file.said_steps(["mage", "mage.k1"], "maze2d-umaze") == 2
    said = replace(file, command={"mage.k1": {"steps": 3}})
    assert said.said_steps(["mage", "mage.k1"], "maze2d-umaze") == 3


def test_a_missing_file_is_refused(file: Path) -> None:
    with pytest.raises(UserError, match="file of settings .*best.json cannot be read .No such"):
        read_settings_file(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"agents": {\n  "iql" 3}}', r"best.json, line 2, column 9: no valid JSON \(Expecting"),
        ("", "best.json, line 1, column 1: no valid JSON"),
        ("[1]", r"best.json: the file is \[1\], which is no table; expected {"),
        (
            '{"agent": {}}',
            "unknown part 'agent'; valid: agents, tasks, samples, steps, datasets; expected",
        ),
        ('{"agents": 3}', "best.json: agents is 3, which is no table"),
        ('{"agents": {"iql": 0.8}}', "best.json: agents.iql is 0.8, which is no table"),
        ('{"tasks": {"maze2d-umaze": 1}}', "best.json: tasks.maze2d-umaze is 1, which is no"),
        (
            '{"tasks": {"maze2d-umaze": {"bc": []}}}',
            r"best.json: tasks.maze2d-umaze.bc is \[\], which is no table; expected {",
        ),
        (
            '{"tasks": {"maze2d-umaz": {}}}',
            "unknown task below tasks in .*best.json: 'maze2d-umaz'; did you mean 'maze2d-umaze'",
        ),
        (
            '{"samples": {"maze2d-umaz": {}}}',
            "unknown task below samples in .*best.json: 'maze2d-umaz'; did you mean",
        ),
        (
            '{"samples": {"maze2d-umaze": {"bc": 0}}}',
            "samples.maze2d-umaze.bc is 0, which is no number of samples; valid: 1 or more",
        ),
        (
            '{"steps": {"maze2d-umaze": {"bc": {"quick": 0.5}}}}',
            "steps.maze2d-umaze.bc.quick is 0.5, which is no number of gradient steps",
        ),
        ('{"samples": {"maze2d-umaze": {"bc": true}}}', "is True, which is no number of samples"),
        ('{"datasets": ["a"]}', r"best.json: datasets is \['a'\], which is no table; expected {"),
        ('{"datasets": {"maze2d-*": 3}}', r"datasets.maze2d-\* is 3, which is no id of a dataset"),
        ('{"agents": {"bc": {}, "bc": {}}}', "best.json: 'bc' is there twice in one table"),
    ],
)
def test_another_form_is_refused(file: Path, content: str, message: str) -> None:
    file.write_text(content)
    with pytest.raises(UserError, match=message):
        read_settings_file(file)


def test_a_file_of_endless_depth_is_refused(file: Path) -> None:
    file.write_text("[" * 100_000)
    with pytest.raises(UserError, match="best.json: maximum recursion depth exceeded.*; expected"):
        read_settings_file(file)


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="best.json: .*decode.*expected {"):
        read_settings_file(file)


def test_agents_are_checked_where_they_are_given(file: Path) -> None:
    file.write_text('{"tasks": {"maze2d-umaze": {"pusher": {}, "bc": {}}}}')
    assert read_settings_file(file, ["pusher"]) == read_settings_file(file)
    message = "unknown agent below tasks.maze2d-umaze in .*: 'pusher' .*--list prints all"
    with pytest.raises(UserError, match=message):
        read_settings_file(file, [])
