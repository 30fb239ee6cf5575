"""Pictures of plans and videos that lie in the folders of trained agents -> sections of a report.

Nothing is drawn or trained here: `mage.show` and `benchmark.video` have made them, if anybody has.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pandas as pd

from benchmark.agents.builtin import display_name
from benchmark.records.files import RunFiles
from benchmark.reporting.blocks import Block, FileLink, FileLinks, Image, Section

MOST_PLANS = 6  # Pictures; more would hide the tables.
MOST_ANIMATIONS = 3  # Each may take a megabyte of the page.
_PLANS = "Plans as they grew, scale by scale from coarse to fine, and the path that was then taken."


def media_sections(out: Path, runs: pd.DataFrame, report: Path) -> Iterator[Section]:
    """Sections on plans and videos; none of what nobody has made.

    Of each task and agent the first seed that has a picture `plan*.png` or an animation
    `plan*.gif`, a few at most, or a video `episode-*.mp4` is taken.

    Args:
        out: the folder that was `--out` of the runs.
        runs: from `score_frames.run_frame`.
        report: folder of the report, from which links lead to the videos.
    """
    plans: list[Block] = [
        *_images(out, runs, "plan", "png", MOST_PLANS),
        *_images(out, runs, "plan-animated", "gif", MOST_ANIMATIONS),
    ]
    if plans:
        yield Section("Plans", [_PLANS, *plans])
    videos = [
        FileLink(title, Path(os.path.relpath(path, report)).as_posix())
        for title, _, path in _first_seeds(out, runs, "episode-*.mp4")
    ]
    if videos:
        yield Section("Videos", [FileLinks(videos)])


def _images(out: Path, runs: pd.DataFrame, name: str, kind: str, most: int) -> Iterator[Image]:
    """The first pictures of plans of a kind."""
    for title, folder, path in islice(_first_seeds(out, runs, f"plan*.{kind}"), most):
        yield Image("-".join([name, *folder[:2]]), title, f"{title}.", path.read_bytes(), kind)


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
