"""An agent that is given as a class, as Python code and notebooks have it, and not by its name."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.plug_ins import agent_plug_ins
from benchmark.agents.registry import AgentChoice, find_agent, register, registered_name
from benchmark.errors import UserError, shown
from benchmark.plugins.class_files import is_in_own_file


def choose_class(agent: type[Any], *, as_it_is: bool = False) -> AgentChoice:
    """The agent of a class: known by a name, by its file, or else by this very class.

    A class that another process can import from a file is asked for by that file. One of a
    notebook or of the program that runs is registered here under its name; it has no file, and is
    known again by the code of its methods.

    Args:
        agent: the class.
        as_it_is: whether this very class is wanted in any case, as where it is used in this
            process alone: what is imported from its file would be another one.

    Raises:
        UserError: for what is no class, a name that is malformed or taken, or a file that gives no
            such agent.
    """
    if not isinstance(agent, type):
        raise UserError(
            f"agent {shown(agent)} is neither a name nor a class; valid: a name such as 'bc', "
            "'path/to/file.py:ClassName', or the class itself"
        )
    path = f"{agent.__module__}:{agent.__qualname__}"
    by_name = {builtin.path: name for name, builtin in BUILTIN.items()}
    by_name |= {one.point.value: one.name for one in agent_plug_ins() if one.point is not None}
    if path in by_name:
        return AgentChoice(by_name[path])
    if not as_it_is and is_in_own_file(agent):
        return find_agent(f"{inspect.getfile(agent)}:{agent.__name__}")
    name = registered_name(agent) or agent.__name__.lower()
    register(name)(agent)  # Anew, where a cell of a notebook has run again.
    return AgentChoice(name, source_hash=None if as_it_is else _code_hash(agent))


def _code_hash(agent: type[Any]) -> str | None:
    """SHA-256 of the methods of a class and of those it inherits; None where they are not kept."""
    bases = [base for base in agent.__mro__ if base is not object]
    methods = [one for base in bases for one in vars(base).values() if inspect.isfunction(one)]
    try:
        text = "\n".join(map(inspect.getsource, methods))
    except (OSError, TypeError):  # Typed at a prompt that keeps nothing.
        return None
    return hashlib.sha256(text.encode()).hexdigest()
