"""The check of a training that has ended and is given more steps; it can be run on any agent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.resumable import trains_longer
from benchmark.running.acting_checks import NotApplicableError, check, expect
from benchmark.running.checkpoint import load_checkpoint, save_checkpoint
from benchmark.running.synthetic_task import Subject, play, saved_files
from benchmark.running.training_checks import resumable_agent

_ENDED, _LONGER = 5, 11  # Averages of weights may take up only every tenth step.


@check(
    "goes on with more steps after its training has ended",
    "in `fit`, take what depends on the number of steps from `steps`, not from the resumed state; "
    "or say trains_longer = False in the class",
)
def goes_on_with_more_steps(subject: Subject, folder: Path) -> None:
    """As with `--resume` and more `--steps`: it takes those that are added, and learns by them."""
    ended = resumable_agent(subject)
    if not trains_longer(type(ended)):
        raise NotApplicableError("its class says trains_longer = False")

    def keep(step: int, metrics: Mapping[str, Any]) -> None:
        if step == _ENDED:
            save_checkpoint(folder / "checkpoint", ended.training_state(), {})

    subject.fit(ended, steps=_ENDED, progress=keep)
    longer, steps = resumable_agent(subject), []
    checkpoint = load_checkpoint(folder / "checkpoint")
    longer.resume(checkpoint[0] if checkpoint else {})
    subject.fit(longer, steps=_LONGER, progress=lambda step, _: steps.append(step))
    expect(
        steps == list(range(_ENDED + 1, _LONGER + 1)),
        f"after {_ENDED} steps, with {_LONGER}, it reported {steps}",
    )
    is_same = saved_files(ended, folder / "ended") == saved_files(longer, folder / "longer")
    expect(not is_same, "what it saves is what it had saved before")
    expect(bool(np.isfinite(play(longer, subject.task)).all()), "its actions are no numbers")


LONGER_CHECKS = (goes_on_with_more_steps,)
