"""Pictures of plans and videos that lie in the folders of trained agents -> parts of a report.

Nothing is drawn or trained here: `mage.show` and `benchmark.video` have made them, if anybody has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from benchmark.markup import escape_markdown
from benchmark.output import RunFiles
from benchmark.statistics import display_name

MOST_PLANS = 6  # Pictures; more would hide the tables.
_PLANS = (
    "One plan as it grew, scale by scale from coarse to fine, and the path that was then taken, "
    "planned anew as the agent went on."
)


@dataclass(frozen=True)
class Plan:
    """The picture of a plan.

    Attributes:
        name: of its file in the report.
        title: what it shows, for those who do not see it.
        content: of the file.
    """

    name: str
    title: str
    content: bytes


def plans(out: Path, runs: pd.DataFrame) -> list[Plan]:
    """A picture `plan*.png` of the first seed of each task and agent with one, a few at most.

    Args:
        out: the folder that was `--out` of the runs.
        runs: from `statistics.run_frame`.
    """
    found = []
    for title, folder, files in _first_seeds(out, runs, "plan*.png"):
        path = files[0]
        found.append(Plan("-".join(["plan", *folder[:2]]) + ".png", title, path.read_bytes()))
    return found[:MOST_PLANS]


def plans_in_markdown(shown: list[Plan]) -> list[str]:
    """The section on plans; nothing if there are none."""
    if not shown:
        return []
    pictures = [
        f"![{escape_markdown(plan.title)}]({quote(plan.name)})\n\n{escape_markdown(plan.title)}.\n"
        for plan in shown
    ]
    return ["## Plans\n", f"{_PLANS}\n", *pictures]


def videos_in_markdown(out: Path, runs: pd.DataFrame) -> list[str]:
    """Links to the videos of the first seed of each task and agent; nothing if there are none."""
    links = [
        f"- [{escape_markdown(title)}]({quote('/'.join(['..', 'runs', *folder, files[0].name]))})"
        for title, folder, files in _first_seeds(out, runs, "episode-*.mp4")
    ]
    return ["## Videos\n", "\n".join(links) + "\n"] if links else []


def _first_seeds(
    out: Path, runs: pd.DataFrame, pattern: str
) -> Iterator[tuple[str, tuple[str, ...], list[Path]]]:
    """Title, folder below `runs/` and files of the first seed of each cell that has such files."""
    seen = set()
    for run in runs.sort_values(["task", "agent", "seed"]).itertuples():
        files = sorted(RunFiles(out, str(run.run)).agent.glob(pattern))
        if files and (run.task, run.agent) not in seen:
            seen.add((run.task, run.agent))
            title = f"{display_name(str(run.agent))} on {run.task}, seed {run.seed}"
            yield title, tuple(str(run.run).split("/")), files
