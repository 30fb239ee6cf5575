"""Parts of the pages that are made from the records in `results/`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from benchmark.agents.agent_facts import IN_PAINTED
from benchmark.agents.builtin import MAIN_AGENT, ROW_ORDER, default_agents, display_name
from benchmark.agents.training_costs import budgeted_steps
from benchmark.records.files import read_records
from benchmark.records.text import counted, listed
from benchmark.reporting.ablation_table import ablation_table
from benchmark.reporting.claims import claims
from benchmark.reporting.tables import cell_text, number
from benchmark.statistics.costs import uneven_training
from benchmark.statistics.differences import difference_frame
from benchmark.statistics.frames import Frames, collate
from benchmark.statistics.provenance import PUBLISHED, seeds_text, task_titles
from benchmark.statistics.score_frames import AVERAGE, in_order
from benchmark.statistics.uncertainty import CANNOT_TELL, HIGHER, LOWER
from benchmark.tasks import TASKS
from benchmark.tasks.published_sets import PUBLISHED_SETS
from docs.markdown import bullets, code, table
from docs.parts_of_measurements import measured

RESULTS = Path(__file__).resolve().parent.parent / "results"
COMPARISON, ABLATION, SANITY = "quick", "ablation-quick", "sanity-quick"
YARDSTICKS = "yardsticks-quick"
_BOLD = "Bold: higher than every other agent by a tested difference, each for itself"
_OPPOSITE = {HIGHER: LOWER, LOWER: HIGHER, CANNOT_TELL: CANNOT_TELL}


@cache
def frames(folder: str = COMPARISON) -> Frames:
    """All that the records of a folder in `results/` hold."""
    return collate(read_records(RESULTS / folder))


@cache
def without_variants(folder: str = COMPARISON) -> Frames:
    """The same but for variants of MAGE, which have a table of their own."""
    return frames(folder).plain


@cache
def verdicts(folder: str = COMPARISON) -> dict[tuple[str, str, str], str]:
    """(task, agent, other) -> whether the agent scores higher than the other, by the test."""
    answers: dict[tuple[str, str, str], str] = {}
    tested = difference_frame(without_variants(folder).runs)
    for row in tested[tested["task"] != AVERAGE].itertuples():
        answers[row.task, row.agent, row.other] = row.verdict
        answers[row.task, row.other, row.agent] = _OPPOSITE[row.verdict]
    return answers


def compared(folder: str = COMPARISON) -> list[str]:
    """The agents, in the order of tables."""
    return in_order(without_variants(folder).runs["agent"], ROW_ORDER)


def against_all(task: str, agent: str, verdict: str, folder: str = COMPARISON) -> list[str]:
    """The other agents that a test calls an agent higher or lower than on a task."""
    pairs = ((other, verdicts(folder).get((task, agent, other))) for other in compared(folder))
    return [other for other, answer in pairs if answer == verdict]


def headline() -> str:
    """The result in one paragraph: the first sentences of its report, and what limits them."""
    runs = frames().runs
    words = ["**Result.**", *claims(frames())]
    if uneven_training(frames().costs):
        words.append("Training did not take all agents equally long.")
    if runs["kind"].ne(PUBLISHED).any():
        words.append("None of this may be set beside published scores.")
    return " ".join(words)


def scores() -> str:
    """Tasks by agents; bold where a test says higher than every other agent."""
    words = f"{_BOLD}; the sentences above correct for the number of tasks."
    return f"{_by_task(frames().scores)}\n\n{words}"


def yardsticks() -> str:
    """Scores of MAGE beside those of the agents that ask for returns as it does, and tests."""
    runs = without_variants(YARDSTICKS).runs
    words = f"{_BOLD}. {seeds_text(runs).capitalize()}, preset {listed(runs['preset'].unique())}."
    shown = _by_task(without_variants(YARDSTICKS).scores, folder=YARDSTICKS)
    return f"{shown}\n\n{words}\n\n{_tested(YARDSTICKS)}"


def success() -> str:
    """Tasks by agents: share of solved episodes."""
    shown = _by_task(frames().successes, tested=False)
    return f"Share of solved episodes in percent, mean ± standard error:\n\n{shown}"


def _by_task(frame: pd.DataFrame, tested: bool = True, folder: str = COMPARISON) -> str:
    titles, agents = task_titles(frames(folder).runs), compared(folder)
    cells = {(row.task, row.agent): row for row in frame.itertuples()}
    rows = [
        [_as_code(title), *(_cell(cells.get((task, agent)), tested, folder) for agent in agents)]
        for task, title in titles.items()
    ]
    return table(["task", *map(display_name, agents)], rows)


def _cell(row: Any, tested: bool, folder: str) -> str:
    if row is None:
        return "missing"
    text = cell_text(row).replace(" ± ", "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}")
    below = against_all(row.task, row.agent, HIGHER, folder)
    alone = len(below) == len(compared(folder)) - 1
    return f"**{text}**" if tested and alone else text


def _as_code(title: str) -> str:
    """`maze2d-umaze` (collected here), of what a task is called."""
    task, _, kind = title.partition(" ")
    return f"`{task}` {kind}".strip()


def differences() -> str:
    """Of MAGE on every task: which agents a test calls lower or higher, and which it cannot."""
    counts = pd.Series(list(verdicts().values())).value_counts()
    told = int(counts.get(HIGHER, 0))  # Each pair is there twice, once as higher.
    return (
        f"{_tested(COMPARISON)}\n\nOf all {len(verdicts()) // 2} pairs of agents on these tasks, "
        f"the test tells {told} apart. Where nothing differs, one interval in twenty leaves zero "
        "out by chance."
    )


def _tested(folder: str) -> str:
    rows = []
    for task, title in task_titles(frames(folder).runs).items():
        answers = (
            against_all(task, MAIN_AGENT, word, folder) for word in (HIGHER, LOWER, CANNOT_TELL)
        )
        rows.append(
            [_as_code(title), *(listed(map(display_name, some)) or "-" for some in answers)]
        )
    name = display_name(MAIN_AGENT)
    return table(
        ["task", f"{name} is higher than", f"{name} is lower than", "cannot tell from"], rows
    )


def data() -> str:
    """What every task was learned from, beside the published set."""
    about = {row["dataset"]: row for row in measured("datasets")}
    rows = []
    for record in _one_record_per_task():
        here, task = record.dataset, TASKS[record.run.task]
        row, published = about.get(here["id"], {}), PUBLISHED_SETS.get(task.dataset)
        words = "; ".join(filter(None, (row.get("what it is"), row.get("success"))))
        sizes = (here.get("recorded_episodes"), published.episodes if published else None)
        cells = (f"{size:,}" if size else "-" for size in sizes)
        kind = here.get("kind", "unknown")
        rows.append([code(record.run.task), code(here["id"]), kind, words or "-", *cells])
    header = ["task", "dataset", "kind", "what it is", "episodes", "episodes of the published set"]
    return table(header, rows)


def _one_record_per_task() -> list[Any]:
    by_task = {record.run.task: record for record in read_records(RESULTS / COMPARISON)}
    return [by_task[task] for task in in_order(by_task, TASKS)]


def caveats() -> str:
    """What a reader has to know before trusting the comparison, as far as records show it."""
    uneven = (f"Unequal training, {words}." for words in uneven_training(frames().costs))
    return bullets([*_data_caveats(), *_condition_caveats(), *uneven])


def _data_caveats() -> Iterator[str]:
    runs = frames().runs
    for kind, part in runs[runs["kind"] != PUBLISHED].groupby("kind", sort=False):
        yield f"Not learned from published data ({kind}): {listed(part['task'])}."
    knowing = runs[runs["goal"] == IN_PAINTED]
    for agent, part in knowing.groupby("agent", sort=False):
        hidden = runs.loc[runs["goal"] == "hidden", "task"]
        if told := listed(task for task in part["task"].unique() if task in set(hidden)):
            yield f"{display_name(agent)} is told the goal that is hidden from the others: {told}."


def _condition_caveats() -> Iterator[str]:
    runs = frames().runs
    absent = [name for name in default_agents(None).split(",") if name not in compared()]
    if absent:
        yield f"{code(*absent)} of today's default comparison are missing."
    cells = runs.groupby(["task", "agent", "preset"])["steps"].first()
    today = {key: budgeted_steps(key[1], TASKS[key[0]], key[2]) for key in cells.index}
    other = sum(steps not in (None, cells[key]) for key, steps in today.items())
    if other:
        yield (
            f"In {other} of {len(cells)} cells the gradient steps are not those of today's "
            "calibration: the runs were made with an earlier version."
        )
    by_task = runs.groupby(["task", "seed"])["episode_seeds"].first().groupby("task")
    if all(len({tuple(seeds) for seeds in each}) == 1 for _, each in by_task):
        yield (
            "All training seeds played the same episodes, so the variance of the episodes does "
            "not shrink with more seeds."
        )
    yield f"The runs were made from {counted(runs['commit'].nunique(), 'commit')}."


def ablation() -> str:
    """The variants that were run, beside what the paper reports."""
    part = frames(ABLATION).of_ablation()
    assert part is not None
    full = ablation_table(part.scores, part.runs)
    rows = [row for row in full.rows if "not run" not in row]
    seeds = part.runs["seed"].nunique()
    words = (
        "From one seed no two of these can be told apart."
        if seeds == 1
        else f"Means over {counted(seeds, 'seed')} ± standard error."
    )
    return f"{words} {full.caption}\n\n{table(full.header, rows)}"


def sanity() -> str:
    """Which expectations hold in the committed run of `mage-bench sanity`."""
    path = RESULTS / SANITY / "report" / "sanity.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["expected"]]
    tested = [row for row in rows if row["verdict"] != "not comparable"]
    holds = sum(row["verdict"] == "holds" for row in tested)
    shown = [
        [
            *(code(row["task"]), display_name(row["agent"]), number(float(row["score"]))),
            *(row["expected"], row["verdict"]),
        ]
        for row in tested
    ]
    seeds = counted(frames(SANITY).runs["seed"].nunique(), "seed")
    return (
        f"In `results/{SANITY}` ({seeds}, preset {listed(frames(SANITY).runs['preset'].unique())}, "
        f"no published data) {holds} of {len(tested)} expectations hold; {len(rows) - len(tested)} "
        "more compare with published scores, which this data does not allow.\n\n"
        + table(["task", "agent", "score", "expected", "verdict"], shown)
    )


PARTS = {
    "headline": headline,
    "scores": scores,
    "differences": differences,
    "yardsticks": yardsticks,
    "success": success,
    "data": data,
    "caveats": caveats,
    "ablation": ablation,
    "sanity": sanity,
}
