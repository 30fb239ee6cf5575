"""Names that an agent may have."""

from __future__ import annotations

import pytest

from benchmark.errors import UserError
from benchmark.plugins.names import check_name


@pytest.mark.parametrize("name", ["mage", "my_agent", "2d", "a.b-c", "x" * 100])
def test_names_of_files_are_names_of_agents(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("../up", "..", ".hidden", "a/b", "Caps", "", "with space", "-x"),
        *("new\nline", "tab\t", "\x1b[31m", "é", "x" * 101),
    ],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="is malformed; valid: small letters.*at most 100"):
        check_name(name)


def test_no_agent_can_be_called_all() -> None:
    with pytest.raises(UserError, match="'all' stands for every registered agent; register it"):
        check_name("all")
