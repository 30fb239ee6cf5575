"""The model card says what the record says, in a form that the Hub's own library reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from benchmark.agents.model_card import model_card, write_model_card
from benchmark.records.record import Record
from tests.benchmark.synthetic_records import completed, failed

DATA = {"id": "my/data-v0", "kind": "own data", "episodes": 1200, "steps": 34000, "hash": "aa"}


def row(card: str, name: str) -> str:
    (line,) = [line for line in card.splitlines() if line.startswith(f"| {name} |")]
    return line.removeprefix(f"| {name} | ").removesuffix(" |")


@pytest.fixture
def record() -> Record:
    values = {"returns": [3.0, 4.0], "config": {"width": 8}, "dataset": DATA, "parameters": 1234}
    return completed("maze2d-umaze", "mage.k1", 3, 41.25, steps_taken=90, **values)


def test_the_card_says_what_the_record_says(record: Record, tmp_path: Path) -> None:
    write_model_card(record, tmp_path)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert row(card, "data") == "`my/data-v0`, own data; 1,200 episodes, 34,000 steps"
    assert row(card, "score") == "normalised score 41.2, mean of 2 evaluation episodes"
    assert row(card, "mean return") == "3.5"
    assert row(card, "successes") == "1 of 2 episodes"
    assert row(card, "training") == "preset `quick`, 90 of 100 gradient steps, training seed 3"
    assert row(card, "weights") == "1,234"
    assert row(card, "commit") == "`abc`"
    assert '"width": 8' in card and "load_agent(" in card


def test_the_hub_reads_its_metadata(record: Record) -> None:
    data = ModelCard(model_card(record)).data
    assert (data.license, data.library_name) == ("unknown", "mage-bench")
    assert data.pipeline_tag == "reinforcement-learning"
    assert {"mage.k1", "maze2d-umaze", "offline-reinforcement-learning"} <= set(data.tags)
    (result,) = data.eval_results
    assert (result.metric_value, result.dataset_name) == (41.25, "maze2d-umaze")
    assert result.metric_name == "normalised score, mean of 2 episodes"


def test_returns_are_not_called_normalised() -> None:
    record = completed("maze2d-umaze", "bc", 0, 7.0, returns=[7.0, 7.0], scale="returns")
    assert row(model_card(record), "score").startswith("return 7.0, mean of 2")
    assert "normalised" not in model_card(record)


def test_scores_that_are_like_returns_are_still_scores() -> None:
    record = completed("antmaze-umaze", "bc", 0, 0.0, returns=[0.0, 0.0])
    assert row(model_card(record), "score").startswith("normalised score 0.0, mean of 2")


def test_successes_are_called_so() -> None:
    record = completed("maze2d-umaze", "bc", 0, 50.0, returns=[7.0, 7.0], scale="successes")
    assert row(model_card(record), "score").startswith("success in percent 50.0, mean of 2")
    assert "normalised" not in model_card(record)


def test_a_run_without_a_score_has_none_on_its_card() -> None:
    card = model_card(failed("maze2d-umaze", "bc", 0, score=3.0))
    assert row(card, "score") == "none: it was not evaluated to the end"
    assert row(card, "status") == "failed: RuntimeError: diverged"
    assert ModelCard(card).data.eval_results is None
    assert "| commit |" not in card and "| data |" not in card


def test_text_from_outside_leaves_the_table_whole() -> None:
    card = model_card(failed("maze2d-umaze", "bc", 0, reason="a | b\nc"))
    assert row(card, "status") == "failed: a \\| b c"
