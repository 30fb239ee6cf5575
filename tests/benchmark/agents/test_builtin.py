"""The table of built-in agents."""

from __future__ import annotations

import baselines
from benchmark.agents.builtin import (
    BUILTIN,
    CLONERS,
    GOAL_AGENTS,
    GROUPS,
    IMITATORS,
    LEARNING_AGENTS,
    MAIN_AGENT,
    PLANNERS,
    ROW_ORDER,
    WITHOUT_PLANS,
    default_agents,
    display_name,
)
from benchmark.agents.registry import agent_class

LABELS = {
    **{"mage": "MAGE", "dt": "DT", "diffuser": "Diffuser", "iql": "IQL", "cql": "CQL"},
    **{"bc": "BC", "rvs": "RvS", "bc-filtered": "BC filtered", "bc10": "BC 10 %"},
    **{"rebrac": "ReBRAC", "hd": "HD", "dd": "DD", "dv": "DV", "tt": "TT", "carp": "CARP"},
    "adt": "ADT",
    **{"td3bc": "TD3+BC", "awac": "AWAC", "fql": "FQL", "idql": "IDQL", "gcbc": "GCBC"},
    **{"gcivl": "GCIVL", "gciql": "GCIQL", "hiql": "HIQL"},
    **{"random": "random", "mean": "mean action"},
}


def test_agents_are_called_as_in_their_papers() -> None:
    assert {name: agent.label for name, agent in BUILTIN.items()} == LABELS
    assert display_name("td3bc.small") == "TD3+BC.small"


def test_no_two_agents_are_called_the_same() -> None:
    assert [display_name(name) for name in ("mage", "dt", "my_agent")] == ["MAGE", "DT", "my_agent"]
    # An agent of one's own that is called like another's display name stays apart from it.
    assert display_name("MAGE") == "agent MAGE"
    assert display_name("mage.k1") != display_name("MAGE.k1")
    assert len(set(LABELS.values())) == len(LABELS)


def test_every_baseline_is_listed_where_they_lie() -> None:
    own = {name for name, row in BUILTIN.items() if row.path.startswith("baselines.")}
    assert {name for name in own if f"`{name}`" not in (baselines.__doc__ or "")} == set()


def test_agents_and_rows_have_an_order_each() -> None:
    assert list(ROW_ORDER) == list(LABELS)
    assert {agent.group for agent in BUILTIN.values()} == set(GROUPS)


def test_which_agents_are_asked_for_together() -> None:
    assert set(BUILTIN) - set(LEARNING_AGENTS) == {"random", "mean"}
    assert [name for name in BUILTIN if name in LEARNING_AGENTS] == list(LEARNING_AGENTS)
    assert MAIN_AGENT == "mage"
    assert GOAL_AGENTS == ("gcbc", "gcivl", "gciql", "hiql")
    planners = {name for name in BUILTIN if getattr(agent_class(name), "makes_plans", False)}
    assert planners == set(PLANNERS) == {"mage", "diffuser", "dd", "hd", "dv", "tt"}
    assert set(WITHOUT_PLANS) | set(PLANNERS) == set(LEARNING_AGENTS)
    assert (IMITATORS, CLONERS) == (("bc", "iql", "dt"), ("bc", "bc10"))


def test_the_ablation_brings_its_own_agents() -> None:
    assert default_agents("ablation").split(",") == [
        *("mage.k1", "mage.k2", "mage.k3", "mage.k6", "mage.k8", "mage.k12", "mage"),
        *("mage.states", "mage.returns-states-actions", "mage.actions", "mage.no-decoder-return"),
        *("mage.no-finer-return", "mage.no-condition-loss", "mage.no-adapter-condition-loss"),
        *("mage.latent-alone", "mage.decoded-actions", "mage.no-gumbel", "mage.no-advantage"),
        *("mage.guided", "mage.chosen", "mage.short-plans"),
        *("mage.all-windows", "mage.absolute-windows"),
    ]
    assert (
        default_agents("all")
        == default_agents(None)
        == ("mage,dt,diffuser,iql,cql,bc,rvs,bc-filtered,bc10,rebrac,hd")
    )
