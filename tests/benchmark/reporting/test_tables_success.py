"""Success rates beside scores."""

from __future__ import annotations

from benchmark.reporting import tables
from benchmark.statistics.frames import collate
from tests.benchmark.synthetic_records import completed

UMAZE, MEDIUM = "maze2d-umaze", "maze2d-medium"


def test_success_rates_of_a_csv_are_those_of_its_row() -> None:
    # Two tasks of returns, which have no average score, stand before two that have one.
    own = {"dataset": {"id": "mine", "kind": "own data"}, "scale": "returns"}
    records = [
        *(completed(f"mine-{name}", "bc", 0, 3.0, **own) for name in "ab"),
        completed(UMAZE, "bc", 0, 1.0, successes=[True, True]),
        completed(MEDIUM, "bc", 0, 1.0, successes=[True, False]),
    ]
    frames = collate(records)
    (part,) = (part for name, part in frames.by_benchmark() if name == "maze2d")
    found = tables.score_csv_frame(part.scores, part.successes, part.provenance)
    assert dict(zip(found["task"], found["success_rate"], strict=True)) == {
        **{UMAZE: 100.0, MEDIUM: 50.0, "average": 75.0}
    }
