"""The table of built-in agents: how each is called, and where its class is."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.agents.ablation import OFFERED_AGENTS

GROUPS = ("comparison", "sequence", "value", "goal", "reference")
_D3RLPY, _DIFFUSION = "baselines.d3rlpy_agents", "baselines.diffusion"
_CONDITIONED = "baselines.return_conditioned"
_GOALS, _FLOWS = "baselines.goal_conditioned", "baselines.flow_policies"
_YARDSTICKS = "baselines.yardsticks.reference_policies"


@dataclass(frozen=True)
class Builtin:
    """An agent that comes with the benchmark.

    Attributes:
        name: under which it is asked for and its results are filed.
        label: how tables and plots call it.
        group: one of `GROUPS`: `comparison` is what a comparison is made of unless its suite or
            the user says otherwise, `reference` learns next to nothing, `goal` learns only on tasks
            that show goals (`benchmark.hindsight`), and the others are kinds of methods.
        path: `module:ClassName`.
    """

    name: str
    label: str
    group: str
    path: str


_TABLE = (
    Builtin("mage", "MAGE", "comparison", "mage.agent:MAGEAgent"),
    Builtin("dt", "DT", "comparison", f"{_D3RLPY}.decision_transformer:DecisionTransformer"),
    Builtin("diffuser", "Diffuser", "comparison", f"{_DIFFUSION}.diffuser:Diffuser"),
    Builtin("iql", "IQL", "comparison", f"{_D3RLPY}.iql:IQL"),
    Builtin("cql", "CQL", "comparison", f"{_D3RLPY}.cql:CQL"),
    Builtin("bc", "BC", "comparison", f"{_D3RLPY}.cloning:BehaviorCloning"),
    Builtin("rvs", "RvS", "comparison", f"{_CONDITIONED}.rvs:RvS"),
    Builtin(
        *("bc-filtered", "BC filtered", "comparison"),
        f"{_CONDITIONED}.filtered_cloning:FilteredCloning",
    ),
    Builtin("bc10", "BC 10 %", "comparison", f"{_D3RLPY}.cloning:BestCloning"),
    Builtin("rebrac", "ReBRAC", "comparison", f"{_D3RLPY}.rebrac:ReBRAC"),
    Builtin("hd", "HD", "comparison", f"{_DIFFUSION}.hierarchical_diffuser:HierarchicalDiffuser"),
    Builtin("td3bc", "TD3+BC", "value", f"{_D3RLPY}.td3_bc:TD3BC"),
    Builtin("awac", "AWAC", "value", f"{_D3RLPY}.awac:AWAC"),
    Builtin("fql", "FQL", "value", f"{_FLOWS}.fql:FQL"),
    Builtin("idql", "IDQL", "value", f"{_FLOWS}.idql:IDQL"),
    Builtin("gcbc", "GCBC", "goal", f"{_GOALS}.gcbc:GCBC"),
    Builtin("gcivl", "GCIVL", "goal", f"{_GOALS}.gcivl:GCIVL"),
    Builtin("gciql", "GCIQL", "goal", f"{_GOALS}.gciql:GCIQL"),
    Builtin("hiql", "HIQL", "goal", f"{_GOALS}.hiql:HIQL"),
    Builtin("dd", "DD", "sequence", f"{_DIFFUSION}.decision_diffuser:DecisionDiffuser"),
    Builtin("dv", "DV", "sequence", f"{_DIFFUSION}.diffusion_veteran:DiffusionVeteran"),
    Builtin("tt", "TT", "sequence", "baselines.trajectory_transformer.agent:TrajectoryTransformer"),
    Builtin("carp", "CARP", "sequence", "baselines.carp.agent:CARP"),
    Builtin(
        "adt",
        "ADT",
        "sequence",
        "baselines.d3rlpy_agents.autotuned_transformer:AutotunedTransformer",
    ),
    Builtin("random", "random", "reference", f"{_YARDSTICKS}:RandomPolicy"),
    Builtin("mean", "mean action", "reference", f"{_YARDSTICKS}:MeanAction"),
)
BUILTIN = {agent.name: agent for agent in _TABLE}
ROW_ORDER = tuple(sorted(BUILTIN, key=lambda name: GROUPS.index(BUILTIN[name].group)))
"""Names in the order of tables, plots and their colours: group by group."""
LEARNING_AGENTS = tuple(agent.name for agent in _TABLE if agent.group != "reference")
# Variants that stand beside all agents, and not in an ablation, whose rows have equal steps.
TIMED_VARIANTS = ("mage.mlp", "mage.paper", "dt.state")
TIMED_AGENTS = (*LEARNING_AGENTS, *TIMED_VARIANTS)
GOAL_AGENTS = tuple(agent.name for agent in _TABLE if agent.group == "goal")
# They act by a plan of future steps; HIQL names one state to reach, and CARP a chunk of actions.
PLANNERS = ("mage", "diffuser", "dd", "hd", "dv", "tt")
WITHOUT_PLANS = tuple(name for name in LEARNING_AGENTS if name not in PLANNERS)
MAIN_AGENT = "mage"  # The agent that the others are compared with.
# What must score about as well as an expert that it learns from, and what only imitates.
IMITATORS = ("bc", "iql", "dt")
CLONERS = ("bc", "bc10")
GOAL_CLONER = "gcbc"  # Where a goal is shown.


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


def default_agents(suite: str | None) -> str:
    """The agents that a suite compares, with commas between."""
    if suite == "ablation":
        return ",".join(OFFERED_AGENTS)
    return ",".join(agent.name for agent in _TABLE if agent.group == "comparison")
