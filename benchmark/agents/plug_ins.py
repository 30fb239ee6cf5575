"""Agents that installed packages bring along, by the entry points of the group `mage_bench.agents`.

An entry point has the name of its agent, which is imported when it is asked for.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from benchmark.agents.builtin import BUILTIN
from benchmark.errors import UserError
from benchmark.plugins.entry_points import PlugIn, plug_ins
from benchmark.plugins.names import check_name

ENTRY_POINT_GROUP = "mage_bench.agents"


def agent_plug_ins() -> list[PlugIn]:
    """All of them, in the order of their names; imports none."""
    listed = [_named(one) for one in plug_ins(ENTRY_POINT_GROUP)]
    count = Counter(one.name for one in listed if one.point)
    checked = [one if count[one.name] < 2 else _clashing(one, listed) for one in listed]
    return sorted(checked, key=lambda one: (one.name, one.package))


def _named(plug_in: PlugIn) -> PlugIn:
    """The plug-in, with what is wrong with its name."""
    if plug_in.point is None:
        return plug_in
    try:
        check_name(plug_in.name)
    except UserError as error:
        return replace(plug_in, point=None, problem=str(error))
    if plug_in.name not in BUILTIN:
        return plug_in
    problem = (
        f"its name is taken by {BUILTIN[plug_in.name].path}, which comes with the benchmark; "
        "rename it in its package, or uninstall that"
    )
    return replace(plug_in, point=None, problem=problem)


def _clashing(plug_in: PlugIn, listed: list[PlugIn]) -> PlugIn:
    packages = sorted({other.package for other in listed if other.name == plug_in.name})
    problem = f"its name is that of {' and '.join(packages)}; uninstall one of the packages"
    return replace(plug_in, point=None, problem=problem)
