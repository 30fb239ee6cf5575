"""MAGE-bench: a fair, reproducible comparison of offline reinforcement learning agents.

At the top lie the contract, which is all that an agent has to know (`interface`, `errors`, and
`trainer` for who wants it), and commands that can be typed. Everything else is in a room, and
data takes one way through them::

    tasks --> data --> agents: agent.fit --> evaluation --> records
                       `--- running: many runs, on Ray ---'      |
                                                                 v
              reporting <-- plots <-- statistics: records as frames

    cli   what can be typed: options in, calls into the rooms, an exit code out
    api   the same for notebooks and programs; its functions are handed on from here

A room imports only rooms below it; `tests/test_layout.py` has the table.
"""

from __future__ import annotations

from importlib import import_module, metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmark.agents.registry import agent_class, register
    from benchmark.agents.saved import load_agent
    from benchmark.api.comparing import compare
    from benchmark.api.results import Results, load_results
    from benchmark.api.single_agent import evaluate, preset_settings, train
    from benchmark.api.task_parts import load_dataset, make_env, task_info
    from benchmark.errors import DatasetError, UserError
    from benchmark.tasks import Task, register_task

    __version__: str
else:
    _PLACES = {
        "DatasetError": "benchmark.errors",
        "Results": "benchmark.api.results",
        "Task": "benchmark.tasks",
        "UserError": "benchmark.errors",
        "agent_class": "benchmark.agents.registry",
        "compare": "benchmark.api.comparing",
        "evaluate": "benchmark.api.single_agent",
        "load_agent": "benchmark.agents.saved",
        "load_dataset": "benchmark.api.task_parts",
        "load_results": "benchmark.api.results",
        "make_env": "benchmark.api.task_parts",
        "preset_settings": "benchmark.api.single_agent",
        "register": "benchmark.agents.registry",
        "register_task": "benchmark.tasks",
        "task_info": "benchmark.api.task_parts",
        "train": "benchmark.api.single_agent",
    }

    def __getattr__(name: str) -> object:
        """Imports a name when it is asked for: `benchmark.doctor` needs to do without numpy."""
        if name == "__version__":  # pyproject.toml has it, and nothing else.
            try:
                return metadata.version("mage-bench")
            except metadata.PackageNotFoundError as error:
                raise AttributeError("a folder that is not installed has no version") from error
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_PLACES[name]), name)

    def __dir__() -> list[str]:
        """What a notebook offers after `benchmark.`; a plain list would leave these names out."""
        return sorted({*globals(), *__all__})


__all__ = [
    "DatasetError",
    "Results",
    "Task",
    "UserError",
    "agent_class",
    "compare",
    "evaluate",
    "load_agent",
    "load_dataset",
    "load_results",
    "make_env",
    "preset_settings",
    "register",
    "register_task",
    "task_info",
    "train",
]
