from __future__ import annotations

import io
from itertools import pairwise

import pandas as pd

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


def test_long_names_one_above_another_do_not_overlap() -> None:
    agents = ["mage", *(f"{letter}-name-that-takes-its-lines" * 3 for letter in "abc")]
    runs = run_frame([completed("maze2d-umaze", agent, 0, 10.0) for agent in agents])
    styles = plots.agent_styles(agents)
    bands = pd.DataFrame({"group": "maze2d", "agent": agents, "iqm": 1.0})
    bands = bands.assign(iqm_low=0.0, iqm_high=2.0)
    for figure in (
        plots.score_figure(score_frame(runs), runs, styles),
        plots.interval_figure(bands, styles),
    ):
        figure.savefig(io.BytesIO(), format="png")
        boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
        assert len(boxes) == 4
        for above, below in pairwise(boxes):
            assert above.y0 >= below.y1, "counted from the bottom"


def test_a_legend_of_long_names_leaves_panels_their_height() -> None:
    def height(name: str) -> float:
        legend = plots.style.legend_lines([name], agent_styles([name]))
        figure = panels(["task"], lambda task, ax: None, height=1.6, legend=legend)
        figure.savefig(io.BytesIO(), format="png")
        return float(figure.axes[0].get_window_extent().height)

    assert height("long-name-" * 9) > 0.9 * height("mage")


def test_a_title_wider_than_its_panel_says_on_a_second_line_what_the_data_is() -> None:
    names = [
        "kitchen-mixed (re-creation)",
        "all tasks (re-creation, collected here)",
        "n" * 60,
    ]
    figure = panels(names, lambda name, ax: None, height=1.0)
    assert [ax.get_title() for ax in figure.axes] == [
        *(names[0], "all tasks\n(re-creation, collected here)", names[2])
    ]


def test_a_name_wider_than_its_panel_goes_on_after_a_hyphen() -> None:
    names = [
        f"ogbench-humanoidmaze-{size}-navigate (collected here)" for size in ("medium", "giant")
    ]
    figure = panels([*names, "maze2d-umaze"], lambda name, ax: None, height=1.0)
    assert [ax.get_title() for ax in figure.axes] == [
        *("ogbench-humanoidmaze-medium-\nnavigate\n(collected here)",),
        *("ogbench-humanoidmaze-giant-\nnavigate\n(collected here)", "maze2d-umaze"),
    ]
