"""What the records in `results/` say of their data: every label follows the data's own sizes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.records.files import read_records
from benchmark.statistics.provenance import PUBLISHED, task_titles
from benchmark.statistics.score_frames import run_frame
from benchmark.tasks import TASKS
from benchmark.tasks.published_sets import PUBLISHED_SETS, Sizes, kind_of

RESULTS = Path(__file__).resolve().parent.parent / "results"
FOLDERS = sorted(path.parent for path in RESULTS.glob("*/runs"))

# Content hash -> dataset. What a re-creation is called does not change what is in it.
REBUILT = {
    "0a4ab790e2523c1d": "rebuilt/door/expert-v0",
    "1ffffcc08e78353b": "rebuilt/pen/expert-v0",
    "ba6003acfc77ce05": "rebuilt/door/cloned-v0",
    "c7d560beb4cd5448": "rebuilt/antmaze/umaze-v0",
    "cefa7a0c5bfeca2b": "rebuilt/kitchen/complete-v0",
    "dc447eb2c1ce8103": "rebuilt/door/human-v0",
}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_no_record_is_called_published_that_is_not(folder: Path) -> None:
    records = list(read_records(folder))
    for record in records:
        data = record.dataset
        sizes = Sizes(data["recorded_episodes"], data["recorded_steps"])
        kind = kind_of(TASKS[record.run.task], data["id"], sizes, data)
        assert data["kind"] == kind, record.run.name
        assert (data["id"] in PUBLISHED_SETS) == (kind in ("published", "altered"))
        assert data["id"] == REBUILT.get(data["hash"], data["id"])
        assert "source" not in data
    runs = run_frame(records)
    published = runs.groupby("task")["kind"].agg(lambda kinds: kinds.eq(PUBLISHED).all())
    for task, title in task_titles(runs).items():
        assert (title == task) == published[task], "a task's name alone stands for published data"
