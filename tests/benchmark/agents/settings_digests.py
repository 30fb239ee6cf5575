"""Digests of all settings: `python -m tests.benchmark.agents.settings_digests` writes them anew.

They are of every agent and many variants, on all tasks of the paper and of locomotion. Records hold
settings, in their order, and runs of the same name are compared by them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from benchmark.agents.builtin import BUILTIN
from benchmark.agents.registry import AgentChoice
from benchmark.agents.settings import resolve_settings
from benchmark.tasks import TASKS

FILE = Path(__file__).with_suffix(".json")
_BENCHMARKS = ("adroit", "kitchen", "antmaze", "maze2d", "multi2d", "locomotion")
_PRESETS = ("smoke", "quick", "paper")


def digest(agent: str, preset: str) -> str:
    """Of the settings that an agent gets in a preset, task after task."""
    choice = AgentChoice(agent)
    resolved = {
        name: resolve_settings(choice, task, preset)
        for name, task in TASKS.items()
        if task.benchmark in _BENCHMARKS
    }
    # Those of `quick` are measured (`test_training_costs.py`), and change with every calibration.
    steps = {name: None if preset == "quick" else got.steps for name, got in resolved.items()}
    listed = {name: [steps[name], list(got.values.items())] for name, got in resolved.items()}
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()[:12]


def write_digests(file: Path = FILE) -> None:
    """Of what the file that is kept has, and of all agents of the table."""
    agents = dict.fromkeys([*json.loads(FILE.read_text(encoding="utf-8")), *BUILTIN])
    lines = [
        f' "{agent}": {json.dumps({preset: digest(agent, preset) for preset in _PRESETS})}'
        for agent in agents
    ]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write_digests()
