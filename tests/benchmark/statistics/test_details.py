from __future__ import annotations

from dataclasses import replace

from benchmark.statistics.details import Shared, details_frame
from tests.benchmark.synthetic_records import completed, failed

UMAZE = "maze2d-umaze"


def test_equal_values_share_one_place() -> None:
    shared = Shared()
    assert shared({"a": [1]}) is shared({"a": [1]})
    assert shared({"a": 1}) == {"a": 1}
    assert shared(None) is None


def test_one_row_per_record_in_table_order() -> None:
    records = [failed(UMAZE, "bc", 0, traceback="boom"), completed(UMAZE, "mage", 1, 2.0)]
    frame = details_frame(records)
    assert list(frame["run"]) == [f"{UMAZE}/mage/seed-1", f"{UMAZE}/bc/seed-0"]
    assert list(frame["traceback"]) == [None, "boom"]
    assert "--agents mage --seeds 1, " in frame["command"][0]
    assert frame["dataset"][0]["hash"] == "aaaa"


def test_every_column_is_its_own() -> None:
    told = {
        **{"traceback": "a trace", "config": {"a": 1}, "parameters": 77, "seconds": {"fit": 2.5}},
        **{"dataset": {"id": "an id"}, "peak_memory_mb": 12.5, "versions": {"python": "3"}},
        **{"commit": "a commit", "machine": {"gpu": "a card"}, "started": "a date"},
        "resumed_at": [30],
    }
    record = completed(UMAZE, "mage", 4, 1.0, steps=200, steps_taken=40, episodes=7, **told)
    spec = replace(record.run, data="local", max_minutes=1.5, source="a.py:A", settings={"b": 2})
    (row,) = details_frame([replace(record, run=spec)]).to_dict("records")
    assert "--steps 200" in row.pop("command")
    assert '"b": 2' in row.pop("settings_line")
    assert row == {
        **told,
        **{"run": f"{UMAZE}/mage/seed-4", "budget": 200, "steps_taken": 40, "episodes": 7},
        **{"data": "local", "max_minutes": 1.5, "source": "a.py:A"},
    }


def test_whole_numbers_stay_whole_beside_missing_ones() -> None:
    records = [completed(UMAZE, "mage", 0, 1.0, parameters=10), failed(UMAZE, "bc", 0)]
    parameters = details_frame(records)["parameters"]
    assert parameters[0] == 10
    assert isinstance(parameters[0], int)
    assert parameters[1] is None


def test_no_records_give_an_empty_frame() -> None:
    frame = details_frame([])
    assert frame.empty
    assert "command" in frame.columns
