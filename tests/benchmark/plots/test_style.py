from __future__ import annotations

from benchmark.agents.builtin import ROW_ORDER
from benchmark.plots import STYLE, agent_styles


def test_an_agent_has_the_same_style_in_any_company() -> None:
    alone, crowd = agent_styles(["bc"]), agent_styles(["zeta", "mage", "bc", "alpha"])
    assert alone["bc"] == crowd["bc"]
    assert len(set(crowd.values())) == len(crowd)


def test_many_agents_never_share_a_style() -> None:
    styles = agent_styles([f"agent-{n}" for n in range(64)])
    assert len(set(styles.values())) == len(styles) == 64 + len(ROW_ORDER)


def test_no_other_agent_has_the_colour_of_mage() -> None:
    styles = agent_styles([f"agent-{n}" for n in range(64)])
    color = styles.pop("mage")[0]
    assert all(color != other for other, _ in styles.values())


def test_text_is_legible_at_column_width() -> None:
    assert min(size for name, size in STYLE.items() if name.endswith("size")) >= 7
