"""The ablation: which variants of MAGE are compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        dimension: what is varied.
        label: what it is here.
        agent: name of the variant.
        published_as: how the published table calls it; None where it has no such line.
        is_reference: whether it is what the other rows of the dimension are compared with.
        is_gone: whether only records of earlier versions hold it: there is no such variant now.
    """

    dimension: str
    label: str
    agent: str
    published_as: str | None = None
    is_reference: bool = False
    is_gone: bool = False


ROWS = (
    Row("scales", "K = 1", "mage.k1", "K=1"),
    Row("scales", "K = 2", "mage.k2"),
    Row("scales", "K = 3", "mage.k3"),
    Row("scales", "K = 4", "mage.k4", is_gone=True),
    Row("scales", "K = 6", "mage.k6"),
    Row("scales", "K = 8", "mage.k8", "K=8 (full MAGE)", is_reference=True),
    Row("scales", "K = 12", "mage.k12"),
    Row("sequence", "(R, s)", "mage", "(R, S) (full MAGE)", is_reference=True),
    Row("sequence", "(s)", "mage.states"),
    Row("sequence", "(R, s, a)", "mage.returns-states-actions", "(R, S, A)"),
    Row("sequence", "actions", "mage.actions", "actions + CQL"),
    Row("return", "everywhere", "mage", "full MAGE", is_reference=True),
    Row("return", "not in the decoder", "mage.no-decoder-return", "without RTG in the decoder"),
    Row("return", "at the first scale only", "mage.no-finer-return", "without RTG at scales k > 1"),
    Row("return", "no L_cond", "mage.no-condition-loss", "without L_cond"),
    Row("return", "L_cond without adapter", "mage.no-adapter-condition-loss"),
    Row("action", "from the latent plan", "mage", is_reference=True),
    Row("action", "from the decoded plan", "mage.decoded-action", is_gone=True),
    Row("action", "from the latent plan alone", "mage.latent-alone"),
    Row("action", "in the decoded plan", "mage.decoded-actions"),
    Row("gradients", "through sampled tokens", "mage", is_reference=True),
    Row("gradients", "not through tokens", "mage.no-gumbel"),
    Row("this project's own", "all of it", "mage", is_reference=True),
    Row("this project's own", "R without its advantage", "mage.no-advantage"),
    Row("this project's own", "guided plans", "mage.guided"),
    Row("this project's own", "the best of 16 plans", "mage.chosen"),
    Row("this project's own", "plans of 64 steps", "mage.short-plans"),
    Row("this project's own", "all windows alike", "mage.all-windows"),
    Row("this project's own", "windows not relative", "mage.absolute-windows"),
)
ABLATION_AGENTS = tuple(dict.fromkeys(row.agent for row in ROWS))
ABLATION_VARIANTS = tuple(agent for agent in ABLATION_AGENTS if agent != "mage")
"""What the score tables leave to this one."""
OFFERED_AGENTS = tuple(dict.fromkeys(row.agent for row in ROWS if not row.is_gone))
"""What a comparison of variants trains."""
