"""Parts of the pages that are made from the records of OGBench's tasks."""

from __future__ import annotations

from benchmark.agents.builtin import MAIN_AGENT, display_name
from benchmark.records.files import read_records
from benchmark.records.text import counted
from benchmark.reporting.published import ogbench_frame
from benchmark.reporting.tables import number
from benchmark.statistics.score_frames import AVERAGE, in_table_order
from benchmark.tasks import TASKS
from docs.markdown import code, table
from docs.parts_of_records import RESULTS, frames, verdicts

OGBENCH = "ogbench"


def sentence() -> str:
    """How far MAGE gets on every task, the best of the others, and what a test says of the two."""
    scores, seeds = frames(OGBENCH).scores, frames(OGBENCH).runs["seed"].nunique()
    # Variants of MAGE are no other agents.
    scores = scores[~scores["agent"].str.startswith(f"{MAIN_AGENT}.")]
    name, parts = display_name(MAIN_AGENT), []
    for task, cells in scores[scores["task"] != AVERAGE].groupby("task", sort=False):
        means = cells.set_index("agent")["mean"].dropna()
        others = means.drop(MAIN_AGENT, errors="ignore")
        if len(others) in (0, len(means)):  # Nothing to compare.
            continue
        best = others.idxmax()
        test = verdicts(OGBENCH).get((str(task), MAIN_AGENT, best)) if seeds > 1 else None
        words = [
            f"{display_name(best)} {number(means[best])}",
            *([f"test: {test}"] if test else []),
        ]
        parts.append(f"{code(str(task))} {number(means[MAIN_AGENT])} ({'; '.join(words)})")
    of_seeds = (
        "One training seed each tells no two agents apart."
        if seeds == 1
        else f"Up to {counted(seeds, 'training seed')}."
    )
    return (
        f"**OGBench.** Episodes that {name} solves, in percent, and in brackets the best other: "
        f"{', '.join(parts)}. {of_seeds}"
    )


def ogbench() -> str:
    """Agents on OGBench's data of the published size, beside the scores of their authors."""
    rows = []
    for record in in_table_order(read_records(RESULTS / OGBENCH)):
        task, agent = TASKS[record.run.task], record.run.agent
        known = ogbench_frame(task.benchmark)
        known = known[known["agent"].eq(agent) & known["task"].eq(task.published_as)]
        published = [f"{row.score:g} ± {row.std:g}" for row in known.itertuples()]
        rows.append(
            [
                *(code(task.name), display_name(agent), str(record.run.seed)),
                *(number(record.score), f"{len(record.scores)}", f"{record.steps:,}"),
                *(f"{record.seconds['fit'] / 60:.0f}", *(published[:1] or ["-"])),
            ]
        )
    header = [
        *("task", "agent", "training seed", "success in %", "episodes", "gradient steps"),
        *("minutes", "published, 1,000,000 steps"),
    ]
    return table(header, rows)


PARTS = {
    "ogbench": ogbench,
    "ogbench-sentence": sentence,
}
