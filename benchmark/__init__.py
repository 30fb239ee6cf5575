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

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.agents.registry import register
else:

    def __getattr__(name: str) -> object:
        """Imports `register` when it is asked for: `benchmark.doctor` needs to do without numpy."""
        if name != "register":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from benchmark.agents.registry import register  # See above.

        return register


__all__ = ["register"]
