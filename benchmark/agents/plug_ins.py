"""Agents that installed packages bring along, by the entry points of the group `mage_bench.agents`.

What is wrong with one of them, be it a name that is taken or a file that cannot be read, is kept
with it: commands that ask for other agents are not disturbed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, EntryPoint, distributions

from benchmark.agents.builtin import BUILTIN
from benchmark.errors import UserError, one_line
from benchmark.plugins.names import check_name

ENTRY_POINT_GROUP = "mage_bench.agents"


@dataclass(frozen=True)
class PlugIn:
    """An agent of an installed package.

    Attributes:
        name: under which it is to be asked for.
        package: that brings it.
        point: where its class is; None where it cannot be used.
        problem: why it cannot, and what to do; None where it can, as far as is known without
            importing it.
    """

    name: str
    package: str
    point: EntryPoint | None
    problem: str | None = None


def plug_ins() -> list[PlugIn]:
    """All of them, in the order of their names; imports none."""
    listed = [plug_in for package in distributions() for plug_in in _of_package(package)]
    # A package installed for editing can be listed twice; that is no clash.
    distinct = {(one.name, one.point.value if one.point else one): one for one in listed}.values()
    count = Counter(one.name for one in distinct if one.point)
    checked = [one if count[one.name] < 2 else _clashing(one, listed) for one in distinct]
    return sorted(checked, key=lambda one: (one.name, one.package))


def _of_package(package: Distribution) -> Iterator[PlugIn]:
    text = package.read_text("entry_points.txt") or ""
    if ENTRY_POINT_GROUP not in text:
        return
    name = package.metadata["Name"] or "without a name"
    try:
        points = list(package.entry_points.select(group=ENTRY_POINT_GROUP))
    except Exception as error:  # Whatever a file of a wrong form makes the reader raise.
        problem = f"its entry_points.txt cannot be read ({one_line(error)}); repair or uninstall it"
        yield PlugIn("?", name, None, problem)
        return
    for point in points:
        try:
            check_name(point.name)
        except UserError as error:
            yield PlugIn(point.name, name, None, str(error))
            continue
        if point.name in BUILTIN:
            problem = (
                f"its name is taken by {BUILTIN[point.name].path}, which comes with the benchmark; "
                "rename it in its package, or uninstall that"
            )
            yield PlugIn(point.name, name, None, problem)
        else:
            yield PlugIn(point.name, name, point)


def _clashing(plug_in: PlugIn, listed: list[PlugIn]) -> PlugIn:
    packages = sorted({other.package for other in listed if other.name == plug_in.name})
    problem = f"its name is that of {' and '.join(packages)}; uninstall one of the packages"
    return replace(plug_in, point=None, problem=problem)
