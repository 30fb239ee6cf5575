"""The trackers that a text names."""

from __future__ import annotations

import re

import pytest

from benchmark.errors import UserError
from benchmark.running.curves import tracker_choice
from benchmark.running.curves.run_curve import TRACKER_CLASSES
from benchmark.running.curves.tracker_choice import TRACKERS, parse_trackers


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        ([], ()),
        (["wandb"], ("wandb",)),
        (["mlflow, wandb"], ("mlflow", "wandb")),
        (["wandb", "mlflow,wandb,"], ("wandb", "mlflow")),
    ],
)
def test_a_list_and_repeated_options_are_one(
    monkeypatch: pytest.MonkeyPatch, texts: list[str], names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(tracker_choice, "find_spec", lambda package: package)
    assert parse_trackers(texts) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wand", "unknown tracker in --track 'wand'; valid: mlflow, wandb; did you mean 'wandb'?"),
        (" ,", "--track ' ,' names no tracker; valid: wandb, mlflow"),
        ("tensorboard", "--track tensorboard is not needed: every run writes its curve"),
    ],
)
def test_what_is_no_tracker_is_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        parse_trackers([text])


def test_a_missing_package_is_refused_with_the_way_to_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tracker_choice, "find_spec", lambda package: package == "mlflow" or None)
    message = (
        "--track mlflow needs what is not installed: sqlalchemy, alembic; install it with "
        "`python -m pip install -c constraints.txt -e '.[mlflow]'`"
    )
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        parse_trackers(["mlflow"])


def test_every_tracker_can_be_made() -> None:
    assert set(TRACKERS) == set(TRACKER_CLASSES)
