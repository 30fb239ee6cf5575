from __future__ import annotations

import io

from benchmark import plots
from benchmark.agents.builtin import ROW_ORDER
from benchmark.plots import STYLE, agent_styles
from benchmark.plots.style import panels, picture_name
from benchmark.statistics.score_frames import run_frame, score_frame
from tests.benchmark.synthetic_records import completed


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


def test_a_long_name_takes_several_lines_and_leaves_room_for_what_is_drawn() -> None:
    assert picture_name("td3bc") == "TD3+BC"
    long = "x" * 50 + "-" + "y" * 49
    lines = picture_name(long).split("\n")
    assert "".join(lines) == long and max(map(len, lines)) <= 24
    records = [
        completed("maze2d-umaze", agent, seed, 10.0 * seed)
        for agent in ("mage", long)
        for seed in (0, 1)
    ]
    runs = run_frame(records)
    figure = plots.score_figure(score_frame(runs), runs, plots.agent_styles(runs["agent"]))
    figure.savefig(io.BytesIO(), format="png")
    (ax, *_) = figure.axes
    assert ax.get_position().width > 0.5, "of the picture"


def test_a_title_wider_than_its_panel_says_on_a_second_line_what_the_data_is() -> None:
    names = [
        "adroit-door-expert (re-creation)",
        "all tasks (re-creation, collected here)",
        "n" * 60,
    ]
    figure = panels(names, lambda name, ax: None, height=1.0)
    assert [ax.get_title() for ax in figure.axes] == [
        *(names[0], "all tasks\n(re-creation, collected here)", names[2])
    ]
