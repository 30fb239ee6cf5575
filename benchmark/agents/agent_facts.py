"""What a record says of an agent: its size, its settings, and what it knows of the goal."""

from __future__ import annotations

import json
import operator
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from inspect import cleandoc
from typing import Any

import numpy as np

from benchmark.interface import Agent, TaskInfo

IN_PAINTED = "in-painted"
"""What is known of a goal that is fixed into the plans."""
_SHORT = re.compile(
    r"^Where [^.:]* falls short:.*?(?=\nChecked against|\Z)", re.MULTILINE | re.DOTALL
)


def parameter_count(agent: Agent) -> int | None:
    """How many weights an agent has; None where it does not tell: that costs no score."""
    try:
        count = operator.index(agent.parameter_count)  # type: ignore[attr-defined]
    except Exception:  # Other people's property may raise anything.
        return None
    return count if 0 <= count < 2**63 else None


def goal_knowledge(info: TaskInfo, agent: Any) -> str:
    """What an agent knows of the goal: `none` (there is none), `hidden`, `shown`, `in-painted`."""
    if not info.position_columns:
        return "none"
    if getattr(agent, "inpaints_goal", False):
        return IN_PAINTED
    return "shown" if info.goal_columns else "hidden"


def shortcoming(agent_cls: type) -> str:
    """What an agent's class, or the head of its file, says of where it falls short; empty if none.

    It is the paragraph, or the last lines of one, that begin with `Where` and go on with `falls
    short:`. In a file of several agents each says so in its class.
    """
    texts = cleandoc(agent_cls.__doc__ or ""), sys.modules[agent_cls.__module__].__doc__ or ""
    for paragraph in "\n\n".join(texts).split("\n\n"):
        if match := _SHORT.search(paragraph):
            return " ".join(match[0].split())
    return ""


def resolved_config(agent: Agent, settings: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of an agent as JSON has them; only those it was given if it has no config."""
    config = getattr(agent, "config", None)
    resolved = asdict(config) if is_dataclass(config) and not isinstance(config, type) else settings
    values: dict[str, Any] = json.loads(json.dumps(resolved, default=_as_json))
    return values


def _as_json(value: Any) -> Any:
    """Of what JSON does not know, numpy's numbers stay numbers."""
    return value.item() if isinstance(value, (np.bool_, np.number)) else str(value)
