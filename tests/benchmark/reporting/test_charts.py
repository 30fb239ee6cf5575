from __future__ import annotations

from benchmark import plots
from benchmark.reporting.charts import Chart, ChartLine, ChartPanel, curve_chart
from benchmark.statistics.curves import curve_frame, mean_curve_frame
from tests.benchmark.synthetic_records import completed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def test_a_panel_for_each_task_and_a_line_for_each_agent() -> None:
    points = [{"step": 100, "score": 4.0}, {"step": 50, "score": 1.0}]
    more = [{"step": 50, "score": 3.0}, {"step": 100, "score": 4.333333}]
    records = [
        completed(UMAZE, "bc", 0, 1.0, curve=points),
        completed(UMAZE, "mage", 0, 1.0, curve=points),
        completed(UMAZE, "mage", 1, 1.0, curve=more),
        completed(MEDIUM, "mage", 0, 1.0, curve=points[:1]),
    ]
    styles = plots.agent_styles(["mage", "bc"])
    mage, bc = styles["mage"][0], styles["bc"][0]
    means = mean_curve_frame(curve_frame(records))
    assert curve_chart(means, styles, decimals={UMAZE: 3}) == Chart(
        "gradient steps (% of budget)",
        "normalised score",
        [
            ChartPanel(
                UMAZE,
                3,
                [
                    ChartLine("MAGE", mage, [[50, 2, 1, 3], [100, 4.1667, 4, 4.3333]]),
                    ChartLine("BC", bc, [[50, 1, 1, 1], [100, 4, 4, 4]]),
                ],
            ),
            ChartPanel(MEDIUM, 1, [ChartLine("MAGE", mage, [[100, 4, 4, 4]])]),
        ],
    )
