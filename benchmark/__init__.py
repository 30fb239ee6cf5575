"""MAGE-bench: a fair, reproducible comparison of offline reinforcement learning agents.

At the top lie the contract, which is all that an agent has to know (`interface`, `errors`, and
`trainer` for who wants it), and commands that can be typed. Everything else is in a room, and
data takes one way through them::

    tasks --> data --> agents: agent.fit --> evaluation --> records
                       `--- running: many runs, on Ray ---'      |
                                                                 v
              reporting <-- plots <-- statistics: records as frames

    cli   what can be typed: options in, calls into the rooms, an exit code out

A room imports only rooms below it; `tests/test_layout.py` has the table.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.agents.registry import register
    from benchmark.tasks import Task, register_task
else:
    _PLACES = {
        "register": "benchmark.agents.registry",
        "Task": "benchmark.tasks",
        "register_task": "benchmark.tasks",
    }

    def __getattr__(name: str) -> object:
        """Imports a name when it is asked for: `benchmark.doctor` needs to do without numpy."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_PLACES[name]), name)


__all__ = ["Task", "register", "register_task"]
