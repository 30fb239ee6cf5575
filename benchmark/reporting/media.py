"""Pictures of plans and videos that lie in the folders of trained agents -> sections of a report.

Nothing is drawn or trained here: `mage.show` and `benchmark.video` have made them, if anybody has.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmark.agents.builtin import display_name
from benchmark.records.files import RunFiles
from benchmark.reporting.blocks import Block, FileLink, FileLinks, Image, Section

MOST_PLANS = 6  # Pictures; more would hide the tables.
_PLANS = (
    "One plan as it grew, scale by scale from coarse to fine, and the path that was then taken, "
    "planned anew as the agent went on."
)


def media_sections(out: Path, runs: pd.DataFrame) -> Iterator[Section]:
    """Sections on plans and videos; none of what nobody has made.

    Of each task and agent the first seed that has a picture `plan*.png`, a few at most, or a video
    `episode-*.mp4` is taken.

    Args:
        out: the folder that was `--out` of the runs.
        runs: from `score_frames.run_frame`.
    """
    plans: list[Block] = [
        Image("-".join(["plan", *folder[:2]]), title, f"{title}.", path.read_bytes())
        for title, folder, path in _first_seeds(out, runs, "plan*.png")
    ]
    if plans:
        yield Section("Plans", [_PLANS, *plans[:MOST_PLANS]])
    videos = [
        FileLink(title, "/".join(["..", "runs", *folder, path.name]))
        for title, folder, path in _first_seeds(out, runs, "episode-*.mp4")
    ]
    if videos:
        yield Section("Videos", [FileLinks(videos)])


def _first_seeds(
    out: Path, runs: pd.DataFrame, pattern: str
) -> Iterator[tuple[str, tuple[str, ...], Path]]:
    """Title, folder below `runs/` and file of the first seed of each cell that has such a file."""
    seen = set()
    for run in runs.sort_values(["task", "agent", "seed"]).itertuples():
        files = sorted(RunFiles(out, str(run.run)).agent.glob(pattern))
        if files and (run.task, run.agent) not in seen:
            seen.add((run.task, run.agent))
            title = f"{display_name(str(run.agent))} on {run.task}, seed {run.seed}"
            yield title, tuple(str(run.run).split("/")), files[0]
