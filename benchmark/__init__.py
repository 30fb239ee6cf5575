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

from benchmark.agents.registry import register

__all__ = ["register"]
