"""The table of built-in agents: how each is called, where its class is, and what a run costs."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.agents.ablation import ABLATION_AGENTS

GROUPS = ("comparison", "sequence", "value", "cloning", "reference")
_PRESETS = ("smoke", "quick", "paper")
_D3RLPY, _DIFFUSION = "baselines.d3rlpy_agents", "baselines.diffusion"
_YARDSTICKS = "baselines.yardsticks.reference_policies"


@dataclass(frozen=True)
class Builtin:
    """An agent that comes with the benchmark.

    Attributes:
        name: under which it is asked for and its results are filed.
        label: how tables and plots call it.
        group: one of `GROUPS`: `comparison` is what a comparison is made of unless its suite or
            the user says otherwise, `reference` learns next to nothing, and the others are kinds
            of methods.
        minutes: of one run, measured on one core at the presets `smoke`, `quick` and `paper`.
        path: `module:ClassName`.
    """

    name: str
    label: str
    group: str
    minutes: tuple[float, float, float]
    path: str


_TABLE = (
    Builtin("mage", "MAGE", "comparison", (0.3, 8, 1500), "mage.agent:MAGEAgent"),
    Builtin(
        *("dt", "DT", "comparison", (0.2, 4, 600)),
        f"{_D3RLPY}.decision_transformer:DecisionTransformer",
    ),
    Builtin(
        *("diffuser", "Diffuser", "comparison", (0.3, 6, 3000)),
        f"{_DIFFUSION}.diffuser:Diffuser",
    ),
    Builtin("iql", "IQL", "comparison", (0.2, 5, 300), f"{_D3RLPY}.iql:IQL"),
    Builtin("cql", "CQL", "comparison", (0.2, 8, 600), f"{_D3RLPY}.cql:CQL"),
    Builtin("bc", "BC", "comparison", (0.2, 2, 100), f"{_D3RLPY}.cloning:BehaviorCloning"),
    Builtin("bc10", "BC 10 %", "cloning", (0.2, 2, 100), f"{_D3RLPY}.cloning:BestCloning"),
    Builtin("td3bc", "TD3+BC", "value", (0.2, 4, 250), f"{_D3RLPY}.td3_bc:TD3BC"),
    Builtin("awac", "AWAC", "value", (0.2, 4, 900), f"{_D3RLPY}.awac:AWAC"),
    Builtin("rebrac", "ReBRAC", "value", (0.2, 4, 1200), f"{_D3RLPY}.rebrac:ReBRAC"),
    Builtin(
        *("dd", "DD", "sequence", (0.3, 6, 3000)),
        f"{_DIFFUSION}.decision_diffuser:DecisionDiffuser",
    ),
    Builtin(
        *("hd", "HD", "sequence", (0.3, 10, 3000)),
        f"{_DIFFUSION}.hierarchical_diffuser:HierarchicalDiffuser",
    ),
    Builtin(
        *("tt", "TT", "sequence", (0.3, 7, 900)),
        "baselines.trajectory_transformer.agent:TrajectoryTransformer",
    ),
    Builtin("carp", "CARP", "sequence", (0.2, 4, 200), "baselines.carp.agent:CARP"),
    Builtin("random", "random", "reference", (0.1, 0.3, 1), f"{_YARDSTICKS}:RandomPolicy"),
    Builtin("mean", "mean action", "reference", (0.1, 0.3, 1), f"{_YARDSTICKS}:MeanAction"),
)
BUILTIN = {agent.name: agent for agent in _TABLE}
ROW_ORDER = tuple(sorted(BUILTIN, key=lambda name: GROUPS.index(BUILTIN[name].group)))
"""Names in the order of tables, plots and their colours: group by group."""
LEARNING_AGENTS = tuple(agent.name for agent in _TABLE if agent.group != "reference")
MAIN_AGENT = "mage"  # The agent that the others are compared with.
# What must score about as well as an expert that it learns from, and what only imitates.
IMITATORS = ("bc", "iql", "dt")
CLONERS = ("bc", "bc10")


def display_name(agent: str) -> str:
    """How tables and plots call an agent; no two agents are called the same.

    One that is not built in keeps its own name, unless that is how another is called.
    """
    base, dot, variant = agent.partition(".")
    if base in BUILTIN:
        label = BUILTIN[base].label
    else:
        is_label = base in {builtin.label for builtin in _TABLE}
        label = f"agent {base}" if is_label else base
    return label + dot + variant


def minutes_of(agent: str, preset: str) -> float:
    """Estimated minutes of one run of an agent on one core, at one of the benchmark's presets.

    A variant costs about what its agent does, and an agent that is not built in at most the most.
    """
    column = _PRESETS.index(preset)
    base = agent.partition(".")[0]
    rows = [BUILTIN[base]] if base in BUILTIN else _TABLE
    return max(row.minutes[column] for row in rows)


def default_agents(suite: str | None) -> str:
    """The agents that a suite compares, with commas between."""
    if suite == "ablation":
        return ",".join(ABLATION_AGENTS)
    return ",".join(agent.name for agent in _TABLE if agent.group == "comparison")
