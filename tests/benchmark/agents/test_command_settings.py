"""Settings of the command line: what is read, which come last, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmark.agents.command_settings import read_value, setting_of, with_settings
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.agents.settings_file import SettingsFile, read_settings_file
from benchmark.errors import UserError
from benchmark.tasks import TASKS

AGENTS = [AgentChoice("iql"), AgentChoice("mage.k1"), AgentChoice("own", "/a/b.py:Own", "1" * 64)]
UMAZE = TASKS["maze2d-umaze"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0.9", 0.9), ("1e-3", 1e-3), ("3", 3), ("true", True), ("None", None), ("null", None)),
        *(("[1, 2]", [1, 2]), ("(1, 2)", (1, 2)), ('{"a": 1}', {"a": 1}), ("'3'", "3")),
        *(('"3"', "3"), ("target", "target"), ("a = b", "a = b"), ("", ""), ("1 +", "1 +")),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_a_value_is_read_as_json_or_python_or_text(text: str, value: object) -> None:
    assert read_value(text) == value
    assert type(read_value(text)) is type(value)


def test_each_text_is_a_setting_of_an_agent() -> None:
    texts = ["iql.expectile=0.9", "mage.temperature = 0.5", "mage.k1.layers=3", "own.name=a=b"]
    user = with_settings(SettingsFile(), texts, AGENTS)
    assert user.command == {
        "iql": {"expectile": 0.9},
        "mage": {"temperature": 0.5},
        "mage.k1": {"layers": 3},
        "own": {"name": "a=b"},
    }
    assert with_settings(SettingsFile(), [], AGENTS) == SettingsFile()
    assert setting_of("mage.k1.layers = 3") == "layers"


def test_they_come_after_the_file_and_what_names_the_variant_comes_last(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(
        '{"agents": {"mage": {"layers": 5, "width": 8}, "mage.k1": {"heads": 3}},'
        ' "tasks": {"maze2d-umaze": {"mage": {"layers": 6, "steps": 70}}}}'
    )
    texts = ["mage.layers=7", "mage.scales=[1, 2]", "mage.heads=1", "mage.steps=90"]
    for more, layers in (([], 7), (["mage.k1.layers=9"], 9)):
        user = with_settings(read_settings_file(path), [*texts, *more], AGENTS)
        settings = resolve_settings(AgentChoice("mage.k1"), UMAZE, "smoke", user=user)
        values: dict[str, Any] = settings.values
        assert (settings.steps, values["layers"], values["width"]) == (90, layers, 8)
        assert values["scales"] == (16,), "which makes the variant what it is"
        assert values["heads"] == 3
        assert settings.sources["layers"] == "--set" and "own.json" in settings.sources["width"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "expectile=0.9",
            "--set 'expectile=0.9' is no setting; expected AGENT.SETTING=VALUE",
        ),
        *((bad, "is no setting; expected") for bad in ("iql.expectile", "iql.=3", ".a=3", "")),
        ("iql.a b=3", "is no setting; expected"),
        ("iqq.expectile=1", "unknown agent in --set iqq.expectile=1: 'iqq'; .* mean 'iql'"),
        (
            "bc.batch_size=3",
            r"--set bc.batch_size=3: agent 'bc' is not in this run; valid: iql, mage.k1, own, mage"
            "; name it in --agents too, or leave the setting out",
        ),
        ("mage.k2.layers=3", "agent 'mage.k2' is not in this run"),
    ],
)
def test_what_is_no_setting_of_the_run_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        with_settings(SettingsFile(), [text], AGENTS)


def test_a_setting_that_is_there_twice_is_refused() -> None:
    with pytest.raises(UserError, match=r"--set gives iql.tau twice; leave out one of the two"):
        with_settings(SettingsFile(), ["iql.tau=0.1", "iql.tau=0.1"], AGENTS)


def test_what_no_record_can_hold_is_refused_with_where_it_is_from() -> None:
    user = with_settings(SettingsFile(), ["iql.expectile=NaN"], AGENTS)
    with pytest.raises(UserError, match="settings of iql from --set: setting 'expectile' is nan"):
        resolve_settings(AgentChoice("iql"), UMAZE, "smoke", user=user)
